package dashboard

import (
	"fmt"
	"regexp"
	"strings"

	"mainstay/internal/platform/metricstore"
)

// reference is a variable in a text: $name, ${name}, ${name:format} or [[name]].
var reference = regexp.MustCompile(`\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)(?:[.:]\w*)?\}|\[\[([A-Za-z_]\w*)(?:[.:]\w*)?\]\]`)

// builtin are the variables every dashboard has, with a value each may take.
func builtin(name string) (string, bool) {
	switch name {
	case "__interval", "__rate_interval":
		return "1m", true
	case "__range":
		return "1h", true
	case "__interval_ms", "__rate_interval_ms", "__range_ms", "__range_s", "__from", "__to":
		return "1000", true
	}
	return "", false
}

// references lists the variables a text names.
func references(text string) []string {
	var out []string
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+m[2]+m[3])
	}
	return out
}

// filled puts value into every reference that is not built in.
func filled(text string, value func(name string) string) string {
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		name := m[1] + m[2] + m[3]
		if v, ok := builtin(name); ok {
			return v
		}
		return value(name)
	})
}

// expression checks that PromQL with variables can be meant: every variable is
// known, and with some values it parses.
func (f *faults) expression(text string, known map[string]Variable, field string) {
	for _, name := range references(text) {
		_, declared := known[name]
		if _, ok := builtin(name); !ok && !declared {
			f.add(field, fmt.Sprintf("$%s is not a variable of this dashboard", name))
			return
		}
	}
	var first error
	// What a value is depends on its place: a text within quotes, a number, a
	// duration, a part of a name. One of these fits in each place.
	for _, usual := range []string{"", "1", "a", "5m"} {
		tried := filled(text, func(name string) string {
			v := known[name]
			switch {
			case usual != "":
				return usual
			case len(v.Default) > 0:
				return v.Default[0]
			case len(v.Options) > 0:
				return v.Options[0]
			}
			return "a"
		})
		err := metricstore.CheckExpr(field, tried)
		if err == nil {
			return
		}
		if first == nil {
			first = err
		}
		if !strings.ContainsAny(text, "$[") {
			break
		}
	}
	f.add(field, ruleOf(first))
}
