// Package grok compiles patterns of the form %{NAME:field:type}, as many log
// tools know them, to regular expressions of RE2, whose cost grows with the
// length of the text and nothing else. Names that are used without a field match
// and are forgotten. A Pattern does not change and is safe for concurrent use.
package grok

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"mainstay/internal/platform/logstore"
)

// Bounds: of what a pattern may become, how deep names may be nested, and how
// much of a text is matched.
const (
	longest   = 16 << 10
	deepest   = 20
	mostInput = 16 << 10
	mostGroup = 200
)

// Pattern is a compiled pattern.
type Pattern struct {
	re    *regexp.Regexp
	names []string // by group; "" is none
}

var reference = regexp.MustCompile(`%\{([A-Za-z0-9_]+)(?::([A-Za-z_@\[][A-Za-z0-9_.@\[\]-]*))?(?::[a-z]+)?\}`)

// named is a group that people name in RE2's or Oniguruma's way.
var named = regexp.MustCompile(`\(\?P?<([A-Za-z_][A-Za-z0-9_.]*)>`)

// Compile reads a pattern; own are more names, which go before the standard ones.
func Compile(text string, own map[string]string) (*Pattern, error) {
	c := compiler{own: own}
	out, err := c.expand(text, 0)
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(out)
	if err != nil {
		return nil, fmt.Errorf("is not a regular expression: %w", err)
	}
	if re.NumSubexp() > mostGroup {
		return nil, fmt.Errorf("has more than %d groups", mostGroup)
	}
	p := &Pattern{re: re, names: make([]string, re.NumSubexp()+1)}
	found := false
	for i, group := range re.SubexpNames() {
		if n, err := strconv.Atoi(strings.TrimPrefix(group, "f_")); err == nil && strings.HasPrefix(group, "f_") && n < len(c.fields) {
			p.names[i], found = c.fields[n], true
		}
	}
	if !found {
		return nil, fmt.Errorf("names no field: %%{IP:client}")
	}
	return p, nil
}

type compiler struct {
	own    map[string]string
	fields []string // of the groups called f_0, f_1 ...
}

// field makes a group's name, which RE2 wants to be of letters and digits.
func (c *compiler) field(name string) string {
	name = strings.Trim(strings.NewReplacer("][", ".", "[", "", "]", "").Replace(name), ".")
	c.fields = append(c.fields, name)
	return "f_" + strconv.Itoa(len(c.fields)-1)
}

func (c *compiler) expand(text string, depth int) (string, error) {
	if depth > deepest {
		return "", fmt.Errorf("nests names more than %d deep", deepest)
	}
	var out strings.Builder
	text = named.ReplaceAllStringFunc(text, func(group string) string {
		return "(?P<" + c.field(named.FindStringSubmatch(group)[1]) + ">"
	})
	at := 0
	for _, m := range reference.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(text[at:m[0]])
		at = m[1]
		name := text[m[2]:m[3]]
		body, ok := c.own[name]
		if !ok {
			if body, ok = standard(name); !ok {
				return "", fmt.Errorf("there is no pattern called %s", name)
			}
		}
		group := "(?:"
		if m[4] >= 0 {
			group = "(?P<" + c.field(text[m[4]:m[5]]) + ">"
		}
		inner, err := c.expand(body, depth+1)
		if err != nil {
			return "", err
		}
		out.WriteString(group + inner + ")")
		if out.Len() > longest {
			return "", fmt.Errorf("becomes longer than %d bytes", longest)
		}
	}
	out.WriteString(text[at:])
	if out.Len() > longest {
		return "", fmt.Errorf("becomes longer than %d bytes", longest)
	}
	return out.String(), nil
}

// Match adds the fields that are found in the text to out; no says that it does
// not match.
func (p *Pattern) Match(out []logstore.Field, text string) ([]logstore.Field, bool) {
	if len(text) > mostInput {
		text = text[:mostInput]
	}
	m := p.re.FindStringSubmatchIndex(text)
	if m == nil {
		return out, false
	}
	for i, name := range p.names {
		if name != "" && m[2*i] >= 0 && m[2*i] < m[2*i+1] {
			out = append(out, logstore.Field{Name: name, Value: text[m[2*i]:m[2*i+1]]})
		}
	}
	return out, true
}
