package events

import (
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// countInMemory counts as Groups does, from the view: where one process owns
// the store, the view has all that is asked for. It reports false for what
// only the store can tell, such as words to search for.
func (c *Component) countInMemory(scope auth.Scope, p listing.Params, by string) ([]groupCount, bool) {
	if c.deps.DB.Dialect() != sqldb.SQLite || strings.TrimSpace(p.Q) != "" {
		return nil, false
	}
	read, ok := reader(by)
	if placed(by) {
		read, ok = func(a *seenAlert) string { return a.item }, true
	}
	if !ok {
		return nil, false
	}
	var tests []func(*seenAlert) bool
	for _, text := range p.Where {
		test, ok := condition(text)
		if !ok {
			return nil, false
		}
		tests = append(tests, test)
	}
	type key struct {
		value    string
		severity core.Severity
		state    State
	}
	type tally struct {
		n     int
		since time.Time
	}
	counts := map[key]*tally{}
	c.view.mu.RLock()
	for _, a := range c.view.alerts {
		if !scope.Allows(a.team) || slices.ContainsFunc(tests, func(fits func(*seenAlert) bool) bool { return !fits(&a) }) {
			continue
		}
		k := key{read(&a), a.severity, a.state}
		t := counts[k]
		if t == nil {
			t = &tally{since: a.onset}
			counts[k] = t
		}
		t.n++
		if a.onset.Before(t.since) {
			t.since = a.onset
		}
	}
	c.view.mu.RUnlock()
	out := make([]groupCount, 0, len(counts))
	for k, t := range counts {
		out = append(out, groupCount{value: k.value, state: string(k.state), severity: int64(k.severity), since: core.Micros(t.since), alerts: t.n})
	}
	return out, true
}

// reader reads a field as text.
func reader(field string) (func(*seenAlert) string, bool) {
	switch field {
	case "state":
		return func(a *seenAlert) string { return string(a.state) }, true
	case "severity":
		return func(a *seenAlert) string { return a.severity.String() }, true
	case "item":
		return func(a *seenAlert) string { return a.item }, true
	case "team":
		return func(a *seenAlert) string { return a.team }, true
	case "source":
		return func(a *seenAlert) string { return a.source }, true
	case "assignee":
		return func(a *seenAlert) string { return a.assignee }, true
	case "situation":
		return func(a *seenAlert) string { return a.situation }, true
	}
	if name, ok := strings.CutPrefix(field, "labels."); ok && name != "" {
		return func(a *seenAlert) string { return a.labels[name] }, true
	}
	return nil, false
}

// condition is a condition of a list as a test; false for one that the store
// has to decide, or refuse.
func condition(text string) (func(*seenAlert) bool, bool) {
	c, err := listing.ParseCondition(text)
	if err != nil {
		return nil, false
	}
	if c.Field == "active" && c.Op == "=" && len(c.Values) == 1 && c.Values[0] == "true" {
		return func(*seenAlert) bool { return true }, true
	}
	if c.Field == "severity" && len(c.Values) == 1 {
		return severityCondition(c.Op, c.Values[0])
	}
	read, ok := reader(c.Field)
	if !ok || c.Field == "severity" {
		return nil, false
	}
	switch c.Op {
	case "=":
		return func(a *seenAlert) bool { return slices.Contains(c.Values, read(a)) }, true
	case "!=":
		return func(a *seenAlert) bool { return !slices.Contains(c.Values, read(a)) }, true
	}
	return nil, false
}

func severityCondition(op, name string) (func(*seenAlert) bool, bool) {
	want, err := core.ParseSeverity(name)
	if err != nil {
		return nil, false
	}
	switch op {
	case "=":
		return func(a *seenAlert) bool { return a.severity == want }, true
	case "!=":
		return func(a *seenAlert) bool { return a.severity != want }, true
	case ">=":
		return func(a *seenAlert) bool { return a.severity >= want }, true
	case ">":
		return func(a *seenAlert) bool { return a.severity > want }, true
	case "<=":
		return func(a *seenAlert) bool { return a.severity <= want }, true
	case "<":
		return func(a *seenAlert) bool { return a.severity < want }, true
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
