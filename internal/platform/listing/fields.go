package listing

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Kind is what the values of a field are.
type Kind int

// The kinds of field.
const (
	Text Kind = iota
	Int
	Float
	Bool
	Time
	Severity
)

// Field is a column, or an SQL expression, that callers may filter and sort
// by. Sorting needs an expression that is never NULL.
type Field struct {
	Column   string
	Kind     Kind
	Unsorted bool // may not be sorted by
}

// Fields maps the names callers use to columns.
type Fields map[string]Field

// A value begins right behind the operator, unless there are blanks on both sides of that.
var condition = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_.-]*)(?:(>=|<=|!=|=|>|<|~)| +(>=|<=|!=|=|>|<|~) +)(.*)$`)

// Condition is one parsed where parameter.
type Condition struct {
	Field  string
	Op     string   // = != < <= > >= ~
	Values []string // more than one only with = and !=
}

// ParseCondition reads field, operator and value. A comma separates values of
// = and !=; "\," is a comma.
func ParseCondition(text string) (Condition, error) {
	m := condition.FindStringSubmatch(text)
	if m == nil {
		return Condition{}, core.Invalid("where", strconv.Quote(text)+" must be a field, one of = != < <= > >= ~, and a value")
	}
	c := Condition{Field: m[1], Op: m[2] + m[3], Values: []string{m[4]}}
	if c.Op == "=" || c.Op == "!=" {
		c.Values = splitValues(m[4])
	}
	return c, nil
}

func splitValues(text string) []string {
	var values []string
	var current strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == ',':
			current.WriteByte(',')
			i++
		case text[i] == ',':
			values = append(values, current.String())
			current.Reset()
		default:
			current.WriteByte(text[i])
		}
	}
	return append(values, current.String())
}

// value reads a text as the kind's SQL value.
func (k Kind) value(field, text string, now time.Time) (any, error) {
	bad := func(rule string) error { return core.Invalid("where."+field, rule) }
	switch k {
	case Int:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, bad("must be a whole number")
		}
		return n, nil
	case Float:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, bad("must be a number")
		}
		return n, nil
	case Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, bad("must be true or false")
		}
		return b, nil
	case Severity:
		s, err := core.ParseSeverity(text)
		if err != nil {
			return nil, bad("must be one of " + strings.Join(core.SeverityNames(), ", "))
		}
		return int64(s), nil
	case Time:
		at, err := parseTime(text, now)
		if err != nil {
			return nil, bad("must be an RFC 3339 time, or now with a duration such as now-24h")
		}
		return core.Micros(at), nil
	}
	return text, nil
}

func parseTime(text string, now time.Time) (time.Time, error) {
	offset, relative := strings.CutPrefix(text, "now")
	if !relative {
		return time.Parse(time.RFC3339Nano, text)
	}
	if offset == "" {
		return now, nil
	}
	d, err := time.ParseDuration(offset)
	return now.Add(d), err
}
