package processing

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/logs/extract"
	"mainstay/internal/logs/grok"
	"mainstay/internal/logs/masking"
	"mainstay/internal/platform/expression"
	"mainstay/internal/platform/logstore"
)

// Reasons why steps fail. They are shown and logged: nothing of a record is in them.
var (
	errFormat   = errors.New("the text does not have the format")
	errAbsent   = errors.New("the field is not there")
	errLevel    = errors.New("the value is no severity")
	errTime     = errors.New("the value is no time")
	errEval     = errors.New("the expression cannot be evaluated with this record")
	errMissing  = errors.New("the expression asks for a field that is not there")
	errNotBool  = errors.New("the expression is neither true nor false")
	errTooNames = errors.New("there are too many names of fields; the rest stays in the message")
)

// evaluated hides the words of an error: they may have parts of the record.
func evaluated(err error) error {
	if expression.Absent(err) {
		return errMissing
	}
	return errEval
}

// condition is false when it asks for what is not there.
func condition(t *trial, l *expression.Language, text string) (bool, error) {
	v, err := l.Eval(t.ctx, text, t.variables())
	if expression.Absent(err) {
		return false, nil
	}
	if err != nil {
		return false, evaluated(err)
	}
	yes, ok := v.(bool)
	if !ok {
		return false, errNotBool
	}
	return yes, nil
}

type parseStep struct {
	Parse
	grok  *grok.Pattern
	regex *regexp.Regexp
	names *names // of automatic extraction; nil: no bound
}

func (p parseStep) do(t *trial) error {
	text := t.get(p.From)
	if text == "" {
		if p.From == "" || p.Format == "auto" {
			return nil
		}
		return errAbsent
	}
	fields, ok, auto := p.read(text)
	switch {
	case !ok && p.Format == "auto":
		return nil
	case !ok:
		return errFormat
	}
	var err error
	if auto && p.names != nil {
		before := len(fields)
		if fields = p.names.keep(t.record.App, fields); len(fields) < before {
			err = errTooNames
		}
	}
	t.own(len(fields))
	// The message gives way to the one within it only if nothing of it is lost.
	whole := auto && p.From == "" && err == nil && len(fields) < extract.Most
	for _, f := range fields {
		p.add(t, f, whole)
	}
	return err
}

// read gives the fields of the text, and whether they were found by looking what it is.
func (p parseStep) read(text string) (fields []logstore.Field, ok, auto bool) {
	switch p.Format {
	case "json":
		fields, ok = extract.JSON(nil, text)
	case "logfmt":
		fields, ok = extract.Logfmt(nil, text)
	case "pairs":
		fields, ok = extract.Pairs(nil, text, p.Between, p.Equals)
	case "grok":
		fields, ok = p.grok.Match(nil, text)
	case "regex":
		m := p.regex.FindStringSubmatch(text)
		for i, name := range p.regex.SubexpNames() {
			if m != nil && name != "" && m[i] != "" {
				fields = append(fields, logstore.Field{Name: name, Value: m[i]})
			}
		}
		ok = m != nil
	default:
		switch {
		case text[0] == '{':
			fields, ok = extract.JSON(nil, text)
		case pairsLikely(text):
			fields, ok = extract.Logfmt(nil, text)
		}
		return fields, ok, true
	}
	return fields, ok, false
}

// pairsLikely is a glance at whether a text begins as logfmt does: name=.
func pairsLikely(text string) bool {
	i := strings.IndexByte(text[:min(len(text), 40)], '=')
	return i > 0 && strings.IndexByte(text[:i], ' ') < 0
}

// add puts a field of the text into the record. What the text says of itself as
// a whole, its message and severity, takes the place of what the record has,
// where the record has only the text.
func (p parseStep) add(t *trial, f logstore.Field, whole bool) {
	if whole {
		switch f.Name {
		case "msg", "message":
			t.record.Message = f.Value
			return
		case "level", "severity", "lvl":
			if level := levelOf(f.Value); level != "" {
				t.record.Level = level
				return
			}
		}
	}
	name := p.Prefix + f.Name
	if p.Prefix == "" {
		switch name {
		case logstore.AppField, logstore.HostField, logstore.LevelField, "message":
			if p.Format == "auto" {
				name = "field." + name
			} else if name == "message" {
				t.record.Message = f.Value
				return
			}
		}
	}
	t.put(name, f.Value)
}

type setStep struct {
	language *expression.Language
	Set
}

func (s setStep) do(t *trial) error {
	v, err := s.language.Eval(t.ctx, s.Value, t.variables())
	if err != nil {
		return evaluated(err)
	}
	text, err := plain(v)
	if err != nil {
		return errEval
	}
	t.put(s.Field, text)
	return nil
}

// plain is a value of an expression as a field has it.
func plain(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}

type renameStep Rename

func (s renameStep) do(t *trial) error {
	value := t.get(s.From)
	if value == "" {
		return nil // it has none: there is nothing to rename
	}
	t.put(s.From, "")
	t.put(s.To, value)
	return nil
}

type dropFieldsStep []glob

func (s dropFieldsStep) do(t *trial) error {
	t.own(0)
	t.record.Fields = slices.DeleteFunc(t.record.Fields, func(f logstore.Field) bool { return matches(s, f.Name) })
	return nil
}

type dropStep struct {
	language *expression.Language
	when     string
}

func (s dropStep) do(t *trial) (err error) {
	t.dropped = true
	if s.when != "" {
		t.dropped, err = condition(t, s.language, s.when)
	}
	return err
}

type levelStep Level

func (s levelStep) do(t *trial) error {
	value := strings.TrimSpace(t.get(s.From))
	if value == "" {
		return errAbsent
	}
	level := s.Map[value]
	if level == "" {
		level = levelOf(value)
	}
	if level == "" {
		return errLevel
	}
	t.record.Level = level
	t.changed()
	return nil
}

// levelOf is a word of severity in OpenTelemetry's scale, or one of syslog's
// numbers (RFC 5424, 6.2.1).
func levelOf(text string) string {
	switch strings.ToLower(text) {
	case "trace", "finest", "finer", "verbose":
		return "trace"
	case "debug", "dbg", "fine", "7", "d":
		return "debug"
	case "info", "information", "informational", "notice", "note", "log", "6", "5", "i":
		return "info"
	case "warn", "warning", "wrn", "4", "w":
		return "warn"
	case "error", "err", "eror", "severe", "alert", "crit", "critical", "failure", "3", "2", "1", "e":
		return "error"
	case "fatal", "emerg", "emergency", "panic", "0", "f":
		return "fatal"
	}
	return ""
}

type timeStep struct {
	Timestamp
	zone *time.Location
}

func (s timeStep) do(t *trial) error {
	value := strings.TrimSpace(t.get(s.From))
	if value == "" {
		return errAbsent
	}
	at := readTime(value, s.Format, s.zone, t.now)
	if at.IsZero() {
		return errTime
	}
	t.record.Time = at
	t.changed()
	return nil
}

// readTime is the zero time for what is none.
func readTime(value, format string, zone *time.Location, now time.Time) time.Time {
	layouts := []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999"}
	switch format {
	case "":
		layouts = append(layouts, "02/Jan/2006:15:04:05 -0700")
		if at := unix(value); !at.IsZero() {
			return at
		}
		if at := withoutYear(value, zone, now); !at.IsZero() {
			return at
		}
	case "rfc3339":
	case "unix":
		return unix(value)
	case "http":
		layouts = []string{"02/Jan/2006:15:04:05 -0700"}
	case "syslog":
		return withoutYear(value, zone, now)
	default:
		layouts = []string{format}
	}
	value = strings.Replace(value, ",", ".", 1) // decimals as Python and Java write them
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, value, zone); err == nil && at.Year() > 1970 {
			return at.UTC()
		}
	}
	return time.Time{}
}

// unix tells the unit by the size of the number.
func unix(value string) time.Time {
	whole, part, _ := strings.Cut(value, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 1e8 {
		return time.Time{}
	}
	switch {
	case n < 1e11:
		nanos, err := strconv.ParseInt((part + "000000000")[:9], 10, 64)
		if err != nil || nanos < 0 {
			return time.Time{}
		}
		return time.Unix(n, nanos).UTC()
	case n < 1e14:
		return time.UnixMilli(n).UTC()
	case n < 1e17:
		return time.UnixMicro(n).UTC()
	}
	return time.Unix(0, n).UTC()
}

// withoutYear reads syslog's old form, of which the year is the one that makes
// it nearest to now (RFC 3164, 4.1.2).
func withoutYear(value string, zone *time.Location, now time.Time) time.Time {
	at, err := time.ParseInLocation("Jan _2 15:04:05", value, zone)
	if err != nil {
		return time.Time{}
	}
	best := time.Time{}
	for year := now.Year() - 1; year <= now.Year()+1; year++ {
		guess := time.Date(year, at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), zone)
		if best.IsZero() || guess.Sub(now).Abs() < best.Sub(now).Abs() {
			best = guess
		}
	}
	return best.UTC()
}

type datasetStep string

func (s datasetStep) do(t *trial) error {
	t.record.Dataset = string(s)
	t.changed()
	return nil
}

type maskStep struct {
	masker *masking.Masker
	fields []glob
}

func (s maskStep) do(t *trial) error {
	message, n := s.masker.Mask(t.record.Message)
	if n > 0 {
		t.record.Message = message
	}
	if matches(s.fields, "message") && len(s.fields) > 0 && message != "" {
		t.record.Message, n = s.masker.Tag("value", message), n+1
	}
	for i := range t.record.Fields {
		f := &t.record.Fields[i]
		value, found := s.masker.Value(f.Name, f.Value)
		if len(s.fields) > 0 && matches(s.fields, f.Name) && found == 0 {
			value, found = s.masker.Tag("value", f.Value), 1
		}
		if found > 0 {
			t.own(0)
			t.record.Fields[i].Value = value
			n += found
		}
	}
	if n > 0 {
		t.changed()
		t.masked += n
	}
	return nil
}
