package matching

import (
	"fmt"
	"log/slog"
	"unicode/utf8"

	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/alertmanager/pkg/labels"
)

// Parse reads one or more matchers, such as a="b" or {a="b", c=~"d|e"}: in
// UTF-8 syntax, and what only the older syntax can read in that one, as
// Alertmanager does (matcher/compat).
func Parse(text string) (labels.Matchers, error) {
	if err := readable(text); err != nil {
		return nil, err
	}
	ms, err := compat.FallbackMatchersParser(slog.New(slog.DiscardHandler))(text, "mainstay")
	if err == nil {
		err = named(text, ms...)
	}
	if err != nil {
		return nil, err
	}
	return ms, nil
}

// ParseOne reads one matcher.
func ParseOne(text string) (*labels.Matcher, error) {
	if err := readable(text); err != nil {
		return nil, err
	}
	m, err := compat.FallbackMatcherParser(slog.New(slog.DiscardHandler))(text, "mainstay")
	if err == nil {
		err = named(text, m)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// readable refuses what could not be written down again as it was.
func readable(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("the matcher %q is not valid UTF-8", text)
	}
	return nil
}

// named refuses matchers of no label; no label has an empty name.
func named(text string, ms ...*labels.Matcher) error {
	for _, m := range ms {
		if m.Name == "" {
			return fmt.Errorf("the matcher %q has an empty label name", text)
		}
	}
	return nil
}

// ParseAll reads a list of matchers, all of which have to fit.
func ParseAll(list []string) (labels.Matchers, error) {
	var all labels.Matchers
	for _, text := range list {
		some, err := Parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// ClassicName says whether a label's name is one that Prometheus knew before
// names could be any text: letters, digits and underscores.
func ClassicName(name string) bool {
	for i, b := range name {
		if !(b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || i > 0 && b >= '0' && b <= '9') {
			return false
		}
	}
	return name != ""
}

// Name says whether text may be a label's name.
func Name(text string) bool { return text != "" && utf8.ValidString(text) }
