package probe

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	placeholder  = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
)

// variables are the values that the steps of a journey use as ${name}.
type variables map[string]string

func (v variables) clone() variables {
	out := make(variables, len(v))
	for name, value := range v {
		out[name] = value
	}
	return out
}

// quoted are the values as regular expressions that match them.
func (v variables) quoted() variables {
	out := make(variables, len(v))
	for name, value := range v {
		out[name] = regexp.QuoteMeta(value)
	}
	return out
}

// expand puts values in place. What was put in is not looked through again.
func (v variables) expand(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		if value, known := v[p[2:len(p)-1]]; known {
			return value
		}
		return p
	})
}

// unknown returns the first name in the text that has no value.
func (v variables) unknown(text string) string {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if _, known := v[m[1]]; !known {
			return m[1]
		}
	}
	return ""
}

func (v variables) validate(f *fields) {
	for name := range v {
		f.check(variableName.MatchString(name), "variables."+name, "must be letters, digits and _, not beginning with a digit")
	}
}

// uses checks that the variables of a text are there.
func (v variables) uses(f *fields, field, text string) {
	name := v.unknown(text)
	f.check(name == "", field, fmt.Sprintf("uses ${%s}, which no variable and no step before it gives", name))
}
