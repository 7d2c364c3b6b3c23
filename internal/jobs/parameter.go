package jobs

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mainstay/internal/core"
)

// Parameter is one value a run is started with.
type Parameter struct {
	Name        string          `json:"name"`
	Type        string          `json:"type,omitempty" doc:"string (the default), int, bool or enum"`
	Description string          `json:"description,omitempty"`
	Required    bool            `json:"required,omitempty"`
	Default     json.RawMessage `json:"default,omitempty"`
	Pattern     string          `json:"pattern,omitempty" doc:"Regular expression the whole of a string must match"`
	Values      []string        `json:"values,omitempty" doc:"Of an enum"`
}

var parameterName = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,62}$`)

// longestValue bounds a parameter's value in bytes.
const longestValue = 8 << 10

func (p *Parameter) kind() string {
	if p.Type == "" {
		return "string"
	}
	return p.Type
}

func (p *Parameter) validate(field string, add func(field, rule string)) {
	if !parameterName.MatchString(p.Name) {
		add(field+".name", "must begin with a small letter and hold letters, digits and _ only")
	}
	switch p.kind() {
	case "string", "int", "bool":
		if len(p.Values) > 0 {
			add(field+".values", "belongs to an enum")
		}
	case "enum":
		if len(p.Values) == 0 {
			add(field+".values", "an enum needs its values")
		}
	default:
		add(field+".type", "must be string, int, bool or enum")
		return
	}
	if p.Pattern != "" {
		if p.kind() != "string" {
			add(field+".pattern", "belongs to a string")
		}
		if _, err := p.whole(); err != nil {
			add(field+".pattern", err.Error())
			return
		}
	}
	if p.Default != nil {
		if _, rule := p.read(p.Default); rule != "" {
			add(field+".default", rule)
		}
	}
}

// whole is the pattern for the whole of a value. By itself it must be one too:
// "a)|(b" would not be held by the brackets.
func (p *Parameter) whole() (*regexp.Regexp, error) {
	if _, err := regexp.Compile(p.Pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(`^(?:` + p.Pattern + `)$`)
}

// read turns a JSON value into the text the parameter has in a run; rule says
// what is wrong with it.
func (p *Parameter) read(raw json.RawMessage) (text, rule string) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", "must be a JSON value"
	}
	return p.text(v)
}

func (p *Parameter) text(v any) (text, rule string) {
	switch p.kind() {
	case "int":
		return integer(v)
	case "bool":
		switch b := v.(type) {
		case bool:
			return strconv.FormatBool(b), ""
		case string:
			if b == "true" || b == "false" {
				return b, ""
			}
		}
		return "", "must be true or false"
	}
	s, ok := v.(string)
	switch {
	case !ok:
		return "", "must be a string"
	case len(s) > longestValue:
		return "", fmt.Sprintf("must not be longer than %d bytes", longestValue)
	case strings.ContainsRune(s, 0):
		return "", "must not hold a zero byte"
	case p.kind() == "enum" && !slices.Contains(p.Values, s):
		return "", "must be one of " + strings.Join(p.Values, ", ")
	case p.Pattern != "":
		if pattern, err := p.whole(); err != nil || !pattern.MatchString(s) {
			return "", "must match " + p.Pattern
		}
	}
	return s, ""
}

func integer(v any) (text, rule string) {
	switch n := v.(type) {
	case float64:
		if n == math.Trunc(n) && math.Abs(n) <= 1<<53 {
			return strconv.FormatInt(int64(n), 10), ""
		}
	case int64:
		return strconv.FormatInt(n, 10), ""
	case uint64:
		return strconv.FormatUint(n, 10), ""
	case string:
		if i, err := strconv.ParseInt(n, 10, 64); err == nil {
			return strconv.FormatInt(i, 10), ""
		}
	}
	return "", "must be a whole number"
}

func (r *Runbook) parameter(name string) *Parameter {
	for i := range r.Parameters {
		if r.Parameters[i].Name == name {
			return &r.Parameters[i]
		}
	}
	return nil
}

// Bind checks the values a run is started with and fills in defaults. Every
// parameter has a text in the result, also one that was left empty.
func (r *Runbook) Bind(values map[string]any) (map[string]string, error) {
	bound := make(map[string]string, len(r.Parameters))
	var wrong []core.Detail
	for name := range values {
		if r.parameter(name) == nil {
			wrong = append(wrong, core.Detail{Field: "parameters." + name, Rule: "the runbook has no such parameter"})
		}
	}
	for i := range r.Parameters {
		p := &r.Parameters[i]
		var text, rule string
		switch v, given := values[p.Name]; {
		case given && v != nil:
			text, rule = p.text(v)
		case p.Default != nil:
			text, rule = p.read(p.Default)
		case p.Required:
			rule = "is required"
		}
		if rule != "" {
			wrong = append(wrong, core.Detail{Field: "parameters." + p.Name, Rule: rule})
		}
		bound[p.Name] = text
	}
	slices.SortFunc(wrong, func(a, b core.Detail) int { return strings.Compare(a.Field, b.Field) })
	return bound, core.InvalidAll(wrong)
}

// variable is the name of the environment variable of a parameter:
// serviceName is PARAM_SERVICE_NAME.
func variable(parameter string) string {
	var b strings.Builder
	b.WriteString("PARAM_")
	for i, r := range parameter {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
