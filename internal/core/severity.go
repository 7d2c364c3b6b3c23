package core

import (
	"encoding/json"
	"strings"
)

// Severity is the one scale of Mainstay: the perceived severities of ITU-T
// X.733, with "info" for what is only worth knowing. Higher is worse.
type Severity int8

// The severities. Clear means the condition has ended.
const (
	Clear Severity = iota
	Info
	Warning
	Minor
	Major
	Critical
)

var severityNames = [...]string{"clear", "info", "warning", "minor", "major", "critical"}

// String returns the severity's name in lower case.
func (s Severity) String() string {
	if s < Clear || s > Critical {
		return "unknown"
	}
	return severityNames[s]
}

// ParseSeverity is the inverse of String.
func ParseSeverity(name string) (Severity, error) {
	for i, n := range severityNames {
		if n == name {
			return Severity(i), nil
		}
	}
	return Clear, Invalid("severity", "must be one of clear, info, warning, minor, major, critical")
}

// SeverityOf reads the words that senders use; ok is false for none of them.
func SeverityOf(word string) (s Severity, ok bool) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "critical", "crit", "page", "emergency", "emerg", "fatal", "disaster", "down", "p1", "sev1":
		return Critical, true
	case "major", "error", "err", "high", "unreachable", "alert", "p2", "sev2":
		return Major, true
	case "minor", "average", "medium", "p3", "sev3":
		return Minor, true
	case "warning", "warn", "unknown", "p4", "sev4":
		return Warning, true
	case "info", "information", "informational", "none", "low", "notice", "debug", "p5", "sev5":
		return Info, true
	case "clear", "ok", "up", "resolved", "recovery", "cleared", "normal":
		return Clear, true
	}
	return Clear, false
}

// SeverityNames lists the names from clear to critical.
func SeverityNames() []string { return append([]string(nil), severityNames[:]...) }

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *Severity) UnmarshalText(text []byte) error {
	parsed, err := ParseSeverity(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// MarshalJSON writes the name as a string.
func (s Severity) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }
