package events

import (
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
)

// countInMemory counts as Groups does, from the view. It reports false for what
// only the store can tell. The view has caught up with the store.
func (c *Component) countInMemory(scope auth.Scope, p listing.Params, by string) ([]groupCount, bool) {
	group, ok := groupingBy(by)
	if !ok {
		return nil, false
	}
	c.view.mu.RLock()
	defer c.view.mu.RUnlock()
	tests, ok := c.testsInMemory(scope, p)
	if !ok {
		return nil, false
	}
	return c.view.rows.count(group, tests), true
}

// idsMost is how many alerts a list is told by their ids: among so few the
// store need not look for what matches.
const idsMost = 1000

// matchInMemory finds the active alerts of a list: how many there are and, when
// these are few, which. members are the items of a group that the graph tells.
// The view has caught up with the store.
func (c *Component) matchInMemory(scope auth.Scope, p listing.Params, g Grouped, members []string) (ids []string, total int, ok bool) {
	c.view.mu.RLock()
	defer c.view.mu.RUnlock()
	tests, ok := c.testsInMemory(scope, p)
	if !ok {
		return nil, 0, false
	}
	rows := &c.view.rows
	switch by, known := groupingBy(g.By); {
	case g.By == "":
	case placed(g.By):
		tests = append(tests, rows.among(fieldItem, members, true))
	case !known:
		return nil, 0, false
	case by.text != nil:
		tests = append(tests, func(a *registered) bool { return by.text(a) == g.Value })
	default:
		tests = append(tests, rows.among(by.field, []string{g.Value}, true))
	}
	ids, total = rows.matching(tests, idsMost)
	return ids, total, true
}

// testsInMemory are the conditions and words of a list as tests. The caller has
// locked the view.
func (c *Component) testsInMemory(scope auth.Scope, p listing.Params) (tests []func(*registered) bool, ok bool) {
	rows := &c.view.rows
	if !scope.All {
		if scope.Empty() {
			return []func(*registered) bool{func(*registered) bool { return false }}, true
		}
		tests = append(tests, rows.among(fieldTeam, append([]string{""}, scope.Teams...), true))
	}
	for _, text := range p.Where {
		test, ok := rows.condition(text)
		if !ok {
			return nil, false
		}
		if test != nil {
			tests = append(tests, test)
		}
	}
	for _, word := range strings.Fields(p.Q) {
		word = lowered(strings.ToLower(word))
		tests = append(tests, func(a *registered) bool { return strings.Contains(a.searched, word) })
	}
	return tests, true
}

// groupingBy is how rows are counted by what a caller names.
func groupingBy(by string) (grouping, bool) {
	if placed(by) {
		return grouping{field: fieldItem}, true
	}
	if field, ok := registerField(by); ok {
		return grouping{field: field}, true
	}
	switch by {
	case "state":
		return grouping{text: func(a *registered) string { return string(a.state) }}, true
	case "severity":
		return grouping{text: func(a *registered) string { return a.severity.String() }}, true
	}
	if name, ok := strings.CutPrefix(by, "labels."); ok && name != "" {
		return grouping{text: func(a *registered) string { return a.labels[name] }}, true
	}
	return grouping{}, false
}

// among tests whether a field has one of the values, or has none of them.
func (r *register) among(field int, values []string, want bool) func(*registered) bool {
	var numbers []uint32
	for _, v := range values {
		if n, known := r.byText[v]; known {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) > 8 {
		set := make(map[uint32]bool, len(numbers))
		for _, n := range numbers {
			set[n] = true
		}
		return func(a *registered) bool { return set[a.fields[field]] == want }
	}
	return func(a *registered) bool { return slices.Contains(numbers, a.fields[field]) == want }
}

// condition is a condition of a list as a test, nil for one that all rows
// pass; false for one that the store has to decide, or refuse.
func (r *register) condition(text string) (func(*registered) bool, bool) {
	c, err := listing.ParseCondition(text)
	if err != nil {
		return nil, false
	}
	if c.Field == "active" && c.Op == "=" && len(c.Values) == 1 && c.Values[0] == "true" {
		return nil, true
	}
	if c.Field == "severity" {
		if len(c.Values) != 1 {
			return nil, false
		}
		return severityCondition(c.Op, c.Values[0])
	}
	if c.Op != "=" && c.Op != "!=" {
		return nil, false
	}
	want := c.Op == "="
	if field, ok := registerField(c.Field); ok {
		return r.among(field, c.Values, want), true
	}
	if c.Field == "state" {
		return func(a *registered) bool { return slices.Contains(c.Values, string(a.state)) == want }, true
	}
	if name, ok := strings.CutPrefix(c.Field, "labels."); ok && name != "" {
		return func(a *registered) bool { return slices.Contains(c.Values, a.labels[name]) == want }, true
	}
	return nil, false
}

func severityCondition(op, name string) (func(*registered) bool, bool) {
	want, err := core.ParseSeverity(name)
	if err != nil {
		return nil, false
	}
	switch op {
	case "=":
		return func(a *registered) bool { return a.severity == want }, true
	case "!=":
		return func(a *registered) bool { return a.severity != want }, true
	case ">=":
		return func(a *registered) bool { return a.severity >= want }, true
	case ">":
		return func(a *registered) bool { return a.severity > want }, true
	case "<=":
		return func(a *registered) bool { return a.severity <= want }, true
	case "<":
		return func(a *registered) bool { return a.severity < want }, true
	}
	return nil, false
}

// narrow are fields with an index of their own, which finds few alerts.
func narrow(where []string) bool {
	return slices.ContainsFunc(where, func(text string) bool {
		c, err := listing.ParseCondition(text)
		return err == nil && c.Op == "=" && slices.Contains([]string{"id", "key", "situation", "item"}, c.Field)
	})
}

// named are conditions, in the words of the indexes of alerts that have a
// situation or an item, that follow from those of a list.
func named(where []string) (out []string) {
	for _, text := range where {
		c, err := listing.ParseCondition(text)
		if err == nil && c.Op == "=" && (c.Field == "situation" || c.Field == "item") && !slices.Contains(c.Values, "") {
			out = append(out, c.Field+" <> ''")
		}
	}
	return out
}

// activeOnly says that the conditions leave nothing but active alerts: said to
// the store in its words, they are found by an index of these alone. Where
// another index finds few, that would lead the store astray.
func activeOnly(where []string) bool {
	if narrow(where) {
		return false
	}
	return slices.ContainsFunc(where, func(text string) bool {
		c, err := listing.ParseCondition(text)
		if err != nil || c.Op != "=" {
			return false
		}
		switch c.Field {
		case "active":
			return len(c.Values) == 1 && c.Values[0] == "true"
		case "state":
			return !slices.ContainsFunc(c.Values, func(state string) bool {
				return !slices.Contains([]string{string(StateOpen), string(StateAcknowledged), string(StateSuppressed)}, state)
			})
		}
		return false
	})
}
