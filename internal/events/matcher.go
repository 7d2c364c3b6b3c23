package events

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/alertmanager/pkg/labels"

	"mainstay/internal/core"
)

// Matcher is one condition of a silence on a label, as in Alertmanager.
type Matcher struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	IsRegex bool   `json:"isRegex"`
	IsEqual bool   `json:"isEqual"`
	pattern *regexp.Regexp
}

const maxPattern = 1000

// compile checks the matcher and makes it ready. Patterns are anchored
// (Alertmanager, "Matcher": regular expressions are fully anchored).
func (m *Matcher) compile() error {
	if m.Name == "" || !plain(m.Name) || !plain(m.Value) || len(m.Value) > maxPattern {
		return core.Invalid("matchers", "a matcher needs a name, and a value of at most 1000 bytes")
	}
	if !m.IsRegex {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + m.Value + ")$")
	if err != nil {
		return core.Invalid("matchers", fmt.Sprintf("%q is not a regular expression", m.Value))
	}
	m.pattern = pattern
	return nil
}

// matches reports whether a label's value fits; that of one that is not there is empty.
func (m *Matcher) matches(v string) bool {
	if m.IsRegex {
		return m.pattern.MatchString(v) == m.IsEqual
	}
	return (v == m.Value) == m.IsEqual
}

// String writes the matcher the way ParseMatcher reads it.
func (m *Matcher) String() string {
	op := map[[2]bool]string{{false, true}: "=", {false, false}: "!=", {true, true}: "=~", {true, false}: "!~"}[[2]bool{m.IsRegex, m.IsEqual}]
	return m.Name + op + strconv.Quote(m.Value)
}

// ParseMatcher reads name="value", name!="value", name=~"pattern" or
// name!~"pattern"; the quotes may be left out.
func ParseMatcher(text string) (Matcher, error) {
	text = strings.TrimSpace(text)
	at := strings.IndexAny(text, "=!")
	bad := core.Invalid("filter", fmt.Sprintf("%q must be name, then =, !=, =~ or !~, then a value", text))
	if at <= 0 || !plain(text) {
		return Matcher{}, bad
	}
	m := Matcher{Name: strings.Trim(strings.TrimSpace(text[:at]), `"`), IsEqual: true}
	rest := text[at:]
	switch {
	case strings.HasPrefix(rest, "=~"):
		m.IsRegex, rest = true, rest[2:]
	case strings.HasPrefix(rest, "!~"):
		m.IsRegex, m.IsEqual, rest = true, false, rest[2:]
	case strings.HasPrefix(rest, "!="):
		m.IsEqual, rest = false, rest[2:]
	case rest[0] == '=':
		rest = rest[1:]
	default:
		return Matcher{}, bad
	}
	m.Value = strings.TrimSpace(rest)
	if strings.HasPrefix(m.Value, `"`) {
		value, err := strconv.Unquote(m.Value)
		if err != nil {
			return Matcher{}, bad
		}
		m.Value = value
	}
	return m, m.compile()
}

// ready is the matcher as the indexes take it.
func (m *Matcher) ready() (*labels.Matcher, error) {
	kind := map[[2]bool]labels.MatchType{{false, true}: labels.MatchEqual, {false, false}: labels.MatchNotEqual,
		{true, true}: labels.MatchRegexp, {true, false}: labels.MatchNotRegexp}[[2]bool{m.IsRegex, m.IsEqual}]
	return labels.NewMatcher(kind, m.Name, m.Value)
}

// compileAll makes matchers ready, or says which one is wrong.
func compileAll(matchers []Matcher) error {
	var bad []core.Detail
	for i := range matchers {
		if err := matchers[i].compile(); err != nil {
			bad = append(bad, core.Detail{Field: fmt.Sprintf("matchers[%d]", i), Rule: err.Error()})
		}
	}
	return core.InvalidAll(bad)
}

// matchAll says whether all matchers fit.
func matchAll(matchers []Matcher, set map[string]string) bool {
	for i := range matchers {
		if !matchers[i].matches(set[matchers[i].Name]) {
			return false
		}
	}
	return true
}
