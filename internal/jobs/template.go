package jobs

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// placeholder is ${name} for a parameter, or ${secret:name}.
var placeholder = regexp.MustCompile(`\$\{(secret:)?([a-zA-Z0-9_./@-]+)\}`)

// asItIs, inURL and inHeader say how a value is written at its place.
func asItIs(v string) string { return v }

func inURL(v string) string { return strings.ReplaceAll(url.QueryEscape(v), "+", "%20") }

func inHeader(v string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return -1
		}
		return r
	}, v)
}

// expand replaces the placeholders of s by values; one that has no value
// stays as it is written.
func expand(s string, values map[string]string, write func(string) string) string {
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		if v, ok := values[p[2:len(p)-1]]; ok {
			return write(v)
		}
		return p
	})
}

// expandBody replaces placeholders in the strings of a structured body; a
// body that is a string is sent as it is written.
func expandBody(body json.RawMessage, values map[string]string) ([]byte, bool, error) {
	var tree any
	if len(body) == 0 {
		return nil, false, nil
	}
	if err := json.Unmarshal(body, &tree); err != nil {
		return nil, false, err
	}
	if text, ok := tree.(string); ok {
		return []byte(text), false, nil
	}
	out, err := json.Marshal(expandTree(tree, values))
	return out, true, err
}

func expandTree(node any, values map[string]string) any {
	switch n := node.(type) {
	case string:
		return expand(n, values, asItIs)
	case []any:
		for i := range n {
			n[i] = expandTree(n[i], values)
		}
	case map[string]any:
		for k := range n {
			n[k] = expandTree(n[k], values)
		}
	}
	return node
}

// secretNames lists the secrets that texts refer to.
func secretNames(texts ...string) []string {
	var names []string
	for _, t := range texts {
		for _, m := range placeholder.FindAllStringSubmatch(t, -1) {
			if m[1] != "" {
				names = append(names, m[2])
			}
		}
	}
	return names
}

// checkTemplate refuses placeholders that nothing stands behind.
func checkTemplate(r *Runbook, s, field string, secrets bool, add func(field, rule string)) {
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		switch {
		case m[1] != "" && !secrets:
			add(field, "must not hold a secret")
		case m[1] == "" && r.parameter(m[2]) == nil:
			add(field, fmt.Sprintf("${%s} is not a parameter of the runbook", m[2]))
		}
	}
}
