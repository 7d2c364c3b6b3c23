package syslog

import (
	"strings"
	"time"
)

const (
	// aheadOfYear is how far ahead a stamp without a year may be before it is of
	// the year before.
	aheadOfYear = 31 * 24 * time.Hour
	// clockError is how far ahead a clock may be before its zone is another one
	// than was taken.
	clockError = 5 * time.Minute
	zoneStep   = 15 * time.Minute
	zonesMost  = 26 * time.Hour // from UTC-12 to UTC+14
)

// clockFace reads hh:mm:ss with a fraction after . or , and returns how many
// bytes that took, 0 when it is none.
func clockFace(s string) (hour, minute, second, nanos, n int, exact bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return
	}
	hour, minute, second = two(s), two(s[3:]), two(s[6:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return 0, 0, 0, 0, 0, false
	}
	second = min(second, 59) // a leap second
	n = 8
	if n+1 < len(s) && (s[n] == '.' || s[n] == ',') && isDigit(s[n+1]) {
		n++
		for scale := int(1e8); n < len(s) && isDigit(s[n]); n, scale = n+1, scale/10 {
			nanos += int(s[n]-'0') * scale
		}
		exact = true
	}
	return hour, minute, second, nanos, n, exact
}

// two reads two digits, or a space and one; -1 when they are none.
func two(s string) int {
	if !isDigit(s[1]) || !isDigit(s[0]) && s[0] != ' ' {
		return -1
	}
	if s[0] == ' ' {
		return int(s[1] - '0')
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

func four(s string) int {
	if len(s) < 4 || !isDigit(s[0]) || !isDigit(s[1]) || !isDigit(s[2]) || !isDigit(s[3]) {
		return -1
	}
	return two(s)*100 + two(s[2:])
}

func valid(year, month, day int) bool {
	return year >= 1970 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)
}

func daysOf(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// iso reads 2024-03-01T18:46:11.123+01:00 and its relatives (RFC 3339; a space
// for the T, a comma for the point, a zone without colon or none) and returns
// how many bytes it took, 0 when it is none.
func (p Parser) iso(s string, now time.Time, m *Message) int {
	if len(s) < 19 || s[4] != s[7] || s[4] != '-' && s[4] != '/' || s[10] != 'T' && s[10] != 't' && s[10] != ' ' {
		return 0
	}
	year, month, day := four(s), two(s[5:]), two(s[8:])
	if !valid(year, month, day) {
		return 0
	}
	hour, minute, second, nanos, n, exact := clockFace(s[11:])
	if n == 0 {
		return 0
	}
	n += 11
	zone, more := offset(s[n:])
	m.Exact, m.Guessed = exact, zone == nil
	if zone == nil {
		zone = p.Zone
	}
	m.Time = time.Date(year, time.Month(month), day, hour, minute, second, nanos, zone)
	m.settle(now)
	return n + more
}

// offset reads Z, +01:00, +0100 or the like; nil when there is none.
func offset(s string) (*time.Location, int) {
	if s == "" {
		return nil, 0
	}
	if s[0] == 'Z' || s[0] == 'z' {
		return time.UTC, 1
	}
	n := 0
	if len(s) > 1 && s[0] == ' ' && (s[1] == '+' || s[1] == '-') {
		n = 1
	}
	if len(s) < n+5 || s[n] != '+' && s[n] != '-' {
		return nil, 0
	}
	hour, rest := two(s[n+1:]), n+3
	if s[rest] == ':' {
		rest++
	}
	if hour < 0 || hour > 14 || len(s) < rest+2 {
		return nil, 0
	}
	minute := two(s[rest:])
	if minute < 0 || minute > 59 {
		return nil, 0
	}
	seconds := hour*3600 + minute*60
	if s[n] == '-' {
		seconds = -seconds
	}
	if seconds == 0 {
		return time.UTC, rest + 2
	}
	return time.FixedZone("", seconds), rest + 2
}

// settle makes a time without zone that lies ahead one of the zone that the
// sender most likely is in: it cannot have sent it later than now.
func (m *Message) settle(now time.Time) {
	ahead := m.Time.Sub(now)
	if !m.Guessed || ahead <= clockError || ahead > zonesMost {
		return
	}
	steps := (ahead + zoneStep/2).Truncate(zoneStep)
	if off := ahead - steps; off <= clockError && off >= -clockError {
		m.Time = m.Time.Add(-steps)
	}
}

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// monthOf reads the name of a month; 0 when it is none.
func monthOf(s string) int {
	if len(s) < 3 {
		return 0
	}
	a, b, c := s[0]|0x20, s[1]|0x20, s[2]|0x20
	for i := 0; i < len(months); i += 3 {
		if months[i] == a && months[i+1] == b && months[i+2] == c {
			return i/3 + 1
		}
	}
	return 0
}

// bsd reads Mmm dd hh:mm:ss (RFC 3164, 4.1.2) with what devices add: a day of
// the week, the year before, after the day or at the end, a fraction, a zone.
func (p Parser) bsd(s string, now time.Time, m *Message) int {
	i := weekday(s)
	year := -1
	if len(s) > i+5 && s[i+4] == ' ' && four(s[i:]) > 0 {
		year, i = four(s[i:]), i+5
	}
	month := monthOf(s[i:])
	if month == 0 || len(s) < i+14 || s[i+3] != ' ' {
		return 0
	}
	i += 4
	for i < len(s) && s[i] == ' ' {
		i++
	}
	day, digits := number(s[i:], 2)
	i += digits
	if digits == 0 || i >= len(s) || s[i] != ' ' {
		return 0
	}
	i++
	if len(s) > i+5 && s[i+4] == ' ' && four(s[i:]) > 0 {
		year, i = four(s[i:]), i+5
	}
	if i < len(s) && s[i] == ' ' {
		i++
	}
	hour, minute, second, nanos, n, exact := clockFace(s[i:])
	if n == 0 {
		return 0
	}
	i += n
	if len(s) >= i+5 && s[i] == ' ' && year < 0 && four(s[i+1:]) > 1969 && ends(strings.TrimPrefix(s[i+5:], ":")) {
		year, i = four(s[i+1:]), i+5
	}
	zone, more := p.named(s[i:])
	i += more
	m.Exact, m.Guessed = exact, zone == nil
	if zone == nil {
		zone = p.Zone
	}
	at := func(year int) time.Time {
		return time.Date(year, time.Month(month), day, hour, minute, second, nanos, zone)
	}
	if year < 0 {
		// The latest that is not ahead; a 29 February is of a leap year.
		latest := now.In(zone).Year() + 1
		for year = latest; year > latest-10; year-- {
			if valid(year, month, day) && !at(year).After(now.Add(aheadOfYear)) {
				break
			}
		}
	}
	if !valid(year, month, day) {
		return 0
	}
	m.Time = at(year)
	m.settle(now)
	return i
}

func ends(s string) bool { return s == "" || s[0] == ' ' }

func weekday(s string) int {
	if len(s) < 5 || !isUpper(s[0]) || !isLower(s[1]) || !isLower(s[2]) || !strings.Contains("MonTueWedThuFriSatSun", s[:3]) {
		return 0
	}
	i := 3
	if s[i] == ',' {
		i++
	}
	if s[i] != ' ' {
		return 0
	}
	return i + 1
}

func number(s string, most int) (value, digits int) {
	for digits < most && digits < len(s) && isDigit(s[digits]) {
		value = value*10 + int(s[digits]-'0')
		digits++
	}
	return value, digits
}

// named reads the zone that Cisco's devices put between the time and a colon
// (" UTC:"), or an offset. A word before a space is a host's name instead.
func (p Parser) named(s string) (*time.Location, int) {
	if zone, n := offset(s); zone != nil {
		return zone, n
	}
	if len(s) < 4 || s[0] != ' ' {
		return nil, 0
	}
	end := 1
	for end < len(s) && isUpper(s[end]) && end < 6 {
		end++
	}
	if end < 3 || end >= len(s) || s[end] != ':' {
		return nil, 0
	}
	hours, known := zoneHours(s[1:end])
	switch {
	case !known:
		return p.Zone, end
	case hours == 0:
		return time.UTC, end
	}
	return time.FixedZone(s[1:end], hours*3600), end
}

// zoneHours knows the names that are not ambiguous in practice.
func zoneHours(name string) (hours int, known bool) {
	switch name {
	case "UTC", "GMT", "WET":
		return 0, true
	case "CET", "BST", "WEST":
		return 1, true
	case "CEST", "EET":
		return 2, true
	case "EEST", "MSK":
		return 3, true
	case "JST", "KST":
		return 9, true
	case "AEST":
		return 10, true
	case "AEDT":
		return 11, true
	case "EDT":
		return -4, true
	case "EST", "CDT":
		return -5, true
	case "CST", "MDT":
		return -6, true
	case "MST", "PDT":
		return -7, true
	case "PST":
		return -8, true
	}
	return 0, false
}

// epoch reads seconds since 1970 with a fraction.
func epoch(s string) (time.Time, bool) {
	point := strings.IndexByte(s, '.')
	if point != 10 || len(s) < 12 || len(s) > 20 {
		return time.Time{}, false
	}
	seconds, nanos := int64(0), int64(0)
	for i := range 10 {
		if !isDigit(s[i]) {
			return time.Time{}, false
		}
		seconds = seconds*10 + int64(s[i]-'0')
	}
	scale := int64(1e8)
	for _, c := range []byte(s[11:]) {
		if !isDigit(c) {
			return time.Time{}, false
		}
		nanos += int64(c-'0') * scale
		scale /= 10
	}
	return time.Unix(seconds, nanos).UTC(), true
}
