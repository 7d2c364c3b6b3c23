package traps

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

// RuleSpec says what a notification means, as a document declares it.
type RuleSpec struct {
	Trap     string            `json:"trap" minLength:"1" maxLength:"300" doc:"A name such as linkDown, an identifier, or the beginning of identifiers and .*"`
	Where    map[string]string `json:"where,omitempty" doc:"Values that must match regular expressions, by the name or identifier of the variable"`
	Action   string            `json:"action,omitempty" enum:"problem,clear,notice,ignore" doc:"What it does to the alert of its key; problem when not said"`
	Severity string            `json:"severity,omitempty" enum:"info,warning,minor,major,critical" doc:"Of the problem or notice; warning when not said"`
	Key      string            `json:"key,omitempty" maxLength:"200" doc:"What tells alerts of one sender apart; a problem and its clear have the same. {ifIndex} stands for a variable. The name of the trap when not said"`
	Title    string            `json:"title,omitempty" maxLength:"500" doc:"With {variables}, {trap} and {from}"`
}

// rule is a spec that is ready to match.
type rule struct {
	RuleSpec
	name     string
	severity core.Severity
	where    map[string]*regexp.Regexp
}

const maxWhere = 20

// ParseRule reads and checks a spec.
func ParseRule(text json.RawMessage) (*RuleSpec, error) {
	r, err := parseRule("", text)
	if err != nil {
		return nil, err
	}
	return &r.RuleSpec, nil
}

func parseRule(name string, text json.RawMessage) (*rule, error) {
	r := &rule{name: name, where: map[string]*regexp.Regexp{}}
	if err := declare.Decode(text, &r.RuleSpec); err != nil {
		return nil, err
	}
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule}) }
	r.Trap = strings.TrimPrefix(r.Trap, ".")
	if r.Trap == "" {
		add("trap", "must be a name, an identifier, or the beginning of identifiers and .*")
	}
	if r.Action == "" {
		r.Action = string(core.Problem)
	}
	if !slices.Contains([]string{"problem", "clear", "notice", "ignore"}, r.Action) {
		add("action", "must be problem, clear, notice or ignore")
	}
	r.severity = core.Warning
	if r.Severity != "" {
		s, err := core.ParseSeverity(r.Severity)
		if err != nil || s == core.Clear {
			add("severity", "must be info, warning, minor, major or critical")
		}
		r.severity = s
	}
	if len(r.Where) > maxWhere {
		add("where", fmt.Sprintf("must be at most %d", maxWhere))
	}
	for variable, pattern := range r.Where {
		compiled, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			add("where."+variable, "must be a regular expression: "+err.Error())
			continue
		}
		r.where[strings.TrimPrefix(variable, ".")] = compiled
	}
	for field, template := range map[string]string{"key": r.Key, "title": r.Title} {
		if strings.Count(template, "{") != strings.Count(template, "}") {
			add(field, "must close each { with }")
		}
	}
	return r, core.InvalidAll(bad)
}

// standard are the rules for what SNMP defines (RFC 3418, RFC 2863, RFC 1215).
func standard() []*rule {
	of := func(trap, action, severity, key, title string) *rule {
		s, _ := core.ParseSeverity(severity)
		return &rule{RuleSpec: RuleSpec{Trap: trap, Action: action, Severity: severity, Key: key, Title: title}, name: "standard " + trap, severity: s}
	}
	return []*rule{
		of("linkDown", "problem", "major", "link {ifIndex}", "Interface {interface} of {from} is down"),
		of("linkUp", "clear", "clear", "link {ifIndex}", "Interface {interface} of {from} is up"),
		of("coldStart", "notice", "warning", "", "{from} started, and may have lost its configuration"),
		of("warmStart", "notice", "info", "", "{from} started again"),
		of("authenticationFailure", "problem", "warning", "", "{from} refused an SNMP message that was not authentic"),
		of("egpNeighborLoss", "problem", "minor", "egp {egpNeighAddr}", "{from} lost its EGP neighbour {egpNeighAddr}"),
		of(".*", "problem", "warning", "", "{trap} from {from}"),
	}
}

func (r *rule) fits(t *Trap) bool {
	switch prefix, open := strings.CutSuffix(r.Trap, "*"); {
	case open && !strings.HasPrefix(t.OID, strings.TrimPrefix(prefix, ".")):
		return false
	case !open && r.Trap != t.OID && !strings.EqualFold(r.Trap, t.Name):
		return false
	}
	for variable, pattern := range r.where {
		if !slices.ContainsFunc(t.Variables, func(v Variable) bool { return v.is(variable) && pattern.MatchString(v.Value) }) {
			return false
		}
	}
	return true
}

// is says that a rule means this variable: by name, by identifier, or by the
// identifier without its instance.
func (v *Variable) is(name string) bool {
	return v.Name != "" && strings.EqualFold(v.Name, name) || v.OID == name || strings.HasPrefix(v.OID, name) && v.OID[len(name)] == '.'
}

// fill puts values in the place of {variables}; what is not there is empty.
func (t *Trap) fill(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		b.WriteString(t.value(name))
		template = after
	}
}

func (t *Trap) value(name string) string {
	switch name {
	case "trap":
		return t.Title()
	case "from":
		return t.Agent.String()
	case "interface": // the best name there is for people
		for _, candidate := range []string{"ifName", "ifDescr", "ifAlias", "ifIndex"} {
			if v := t.value(candidate); v != "" {
				return v
			}
		}
		return ""
	}
	for i := range t.Variables {
		if t.Variables[i].is(name) {
			return t.Variables[i].Value
		}
	}
	// An index is often said by the instances alone.
	if name == "ifIndex" {
		for i := range t.Variables {
			if v := &t.Variables[i]; strings.HasPrefix(v.Name, "if") && v.Instance != "" {
				return v.Instance
			}
		}
	}
	return ""
}
