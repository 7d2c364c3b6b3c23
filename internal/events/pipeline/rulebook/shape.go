package rulebook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"mainstay/internal/core"
	"mainstay/internal/platform/expression"
)

// Limits of what rules may make; the same that senders have.
const (
	maxText        = 1000 // keys, titles
	maxDescription = 64 << 10
	maxLabelValue  = 4 << 10
	maxLabels      = 200
	maxClears      = 100
)

// shaping is one event on its way through a set.
type shaping struct {
	ctx     context.Context
	set     *Set
	now     time.Time
	verdict Verdict
	event   map[string]any // as expressions see it; nil when it has to be made anew
	item    map[string]any
	asked   bool // the graph was asked for the item
	vars    map[string]any
	owned   [2]bool // labels, annotations are copies
	tell    func(*Rule, Stage)
}

// Stage is what one rule did with an event, for those who look.
type Stage struct {
	Matched bool
	Before  Event
	After   Event
	Failure string
}

// Shape lets the rules act on an event, in order.
func (s *Set) Shape(ctx context.Context, e Event, now time.Time) Verdict {
	return s.shape(ctx, e, now, nil)
}

// Follow is Shape that tells what each rule did.
func (s *Set) Follow(ctx context.Context, e Event, now time.Time, tell func(*Rule, Stage)) Verdict {
	return s.shape(ctx, e, now, tell)
}

func (s *Set) shape(ctx context.Context, e Event, now time.Time, tell func(*Rule, Stage)) Verdict {
	h := &shaping{ctx: ctx, set: s, now: now, verdict: Verdict{Event: e}, vars: make(map[string]any, 3), tell: tell}
	candidates := newRuleSet(len(s.rules))
	s.index.candidates(h, candidates)
	for i := candidates.next(0); i >= 0; i = candidates.next(i + 1) {
		r := s.rules[i]
		if !h.matches(r) {
			continue
		}
		changed := h.act(r)
		h.verdict.Changed = h.verdict.Changed || changed
		if h.verdict.Dropped != nil || r.Spec.Stop {
			break
		}
		if changed {
			h.event = nil
			s.index.candidates(h, candidates)
		}
	}
	h.order()
	return h.verdict
}

// order puts what acts on alerts behind what holds events back.
func (h *shaping) order() {
	steps := h.verdict.Steps
	if len(steps) < 2 {
		return
	}
	var first, last []Step
	for _, step := range steps {
		if step.Does == Escalate {
			last = append(last, step)
		} else {
			first = append(first, step)
		}
	}
	h.verdict.Steps = append(first, last...)
}

// textAt is the text at a place of the event or its item.
func (h *shaping) textAt(group, name string) (string, bool) {
	e := &h.verdict.Event
	switch group {
	case "labels":
		v, ok := e.Labels[name]
		return v, ok
	case "annotations":
		v, ok := e.Annotations[name]
		return v, ok
	case "item":
		v, ok := h.itemFacts()[name].(string)
		return v, ok
	}
	switch name {
	case "source":
		return e.Source, true
	case "kind":
		return string(e.Kind), true
	case "severity":
		return e.Severity.String(), true
	case "key":
		return e.Key, true
	case "title":
		return e.Title, true
	case "description":
		return e.Description, true
	case "item":
		return e.Item, true
	case "check":
		return e.Check, true
	case "url":
		return e.URL, true
	case "team":
		return e.Team, true
	}
	return "", false
}

func (h *shaping) itemFacts() map[string]any {
	if !h.asked {
		h.asked = true
		if h.verdict.Event.Item != "" {
			h.item = h.set.items(h.verdict.Event.Item)
		}
	}
	return h.item
}

// variables are what an expression may ask for.
func (h *shaping) variables(p *expression.Program) map[string]any {
	if h.event == nil {
		h.event = h.verdict.Event.variables()
		h.vars["event"] = h.event
	}
	if p.Uses("item") {
		if facts := h.itemFacts(); facts != nil {
			h.vars["item"] = facts
		} else {
			h.vars["item"] = map[string]any{}
		}
	}
	if h.vars["row"] == nil {
		h.vars["row"] = map[string]string(nil)
	}
	return h.vars
}

func (h *shaping) matches(r *Rule) bool {
	yes := true
	if r.when != nil {
		var err error
		yes, err = r.when.Match(h.ctx, h.variables(r.when))
		if err != nil && !expression.Absent(err) {
			h.fail(r, "when", err)
		}
	}
	if !yes {
		return false
	}
	r.Counts.Matched.Add(1)
	r.Counts.LastMatch.Store(core.Micros(h.now))
	h.verdict.Matched = append(h.verdict.Matched, r)
	return true
}

func (h *shaping) fail(r *Rule, what string, err error) {
	err = fmt.Errorf("%s: %w", what, err)
	r.Counts.Fail(err)
	if h.tell != nil {
		h.tell(r, Stage{Before: h.verdict.Event, After: h.verdict.Event, Failure: expression.Line(err)})
	}
}

// act does what a rule says and tells whether that changed the event.
func (h *shaping) act(r *Rule) bool {
	before := h.verdict.Event
	h.owned = [2]bool{} // a rule's expressions see the event as it was before the rule
	if h.tell != nil {
		defer func() { h.tell(r, Stage{Matched: true, Before: before, After: h.verdict.Event}) }()
	}
	h.lookUp(r)
	changed := h.enrich(r)
	changed = h.assign(r) || changed
	changed = h.label(r) || changed
	e := &h.verdict.Event
	if at := r.expiry(e.At); !at.IsZero() && e.Kind == core.Problem {
		e.ExpiresAt = at
	}
	if r.clears != nil {
		h.clear(r)
	}
	for _, does := range r.steps {
		h.remember(r, does)
	}
	if (r.Spec.Drop || r.Spec.Discard) && e.Kind != core.Cleared {
		h.verdict.Dropped = r
		r.Counts.Dropped.Add(1)
	}
	return changed
}

func (h *shaping) lookUp(r *Rule) {
	if len(r.lookups) == 0 {
		return
	}
	row := map[string]string{}
	for i, p := range r.lookups {
		name := r.Spec.Lookup[i].Table
		table, known := h.set.tables[name]
		if !known {
			h.fail(r, "lookup", errors.New("there is no table "+name))
			continue
		}
		key, err := h.text(p)
		if err != nil {
			if !expression.Absent(err) {
				h.fail(r, "lookup", err)
			}
			continue
		}
		maps.Copy(row, table[key])
	}
	h.vars["row"] = row
}

// text evaluates an expression that gives a text; numbers and truth are written as such.
func (h *shaping) text(p *expression.Program) (string, error) {
	v, err := p.Eval(h.ctx, h.variables(p))
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", nil
	case int64, uint64, float64, bool:
		return fmt.Sprint(v), nil
	}
	return "", errors.New("must give a text")
}

func (h *shaping) enrich(r *Rule) bool {
	changed := false
	for _, what := range r.Spec.Enrich {
		facts := h.itemFacts()
		value, _ := facts[what].(string)
		if value != "" && h.verdict.Event.Labels[what] != value {
			h.setLabel(what, value)
			changed = true
		}
	}
	return changed
}

func (h *shaping) setLabel(name, value string) {
	e := &h.verdict.Event
	if !h.owned[0] {
		e.Labels, h.owned[0] = copied(e.Labels), true
	}
	setOrDelete(e.Labels, name, value)
}

func copied(m map[string]string) map[string]string {
	out := make(map[string]string, len(m)+2)
	maps.Copy(out, m)
	return out
}

func setOrDelete(m map[string]string, name, value string) {
	if value == "" {
		delete(m, name)
	} else {
		m[name] = value
	}
}

// assign sets the fields; all expressions of a rule see the event as it was before it.
func (h *shaping) assign(r *Rule) bool {
	type result struct{ field, value string }
	var results []result
	for _, one := range r.set {
		value, err := h.text(one.program)
		if err == nil {
			err = fits(one.field, value)
		}
		if err != nil {
			if !expression.Absent(err) {
				h.fail(r, "set."+one.field, err)
			}
			continue
		}
		results = append(results, result{one.field, value})
	}
	e := &h.verdict.Event
	changed := false
	take := func(field *string, value string) {
		changed = changed || *field != value
		*field = value
	}
	if r.severity > core.Clear && e.Kind != core.Cleared && e.Severity != r.severity {
		e.Severity, changed = r.severity, true
	}
	for _, one := range results {
		switch one.field {
		case "severity":
			severity, err := core.ParseSeverity(one.value)
			if err == nil && severity == core.Clear && e.Kind == core.Problem {
				err = errors.New("clear is no severity of a problem: set kind to clear")
			}
			if err != nil {
				h.fail(r, "set.severity", err)
			} else if e.Kind != core.Cleared && e.Severity != severity {
				e.Severity, changed = severity, true
			}
		case "kind":
			changed = h.setKind(core.EventKind(one.value)) || changed
		case "key":
			take(&e.Key, one.value)
		case "title":
			take(&e.Title, one.value)
		case "description":
			take(&e.Description, one.value)
		case "url":
			take(&e.URL, one.value)
		case "team":
			take(&e.Team, one.value)
		}
	}
	return changed
}

func (h *shaping) setKind(kind core.EventKind) bool {
	e := &h.verdict.Event
	if e.Kind == kind {
		return false
	}
	e.Kind = kind
	switch {
	case kind == core.Problem && e.Severity == core.Clear:
		e.Severity = core.Warning // a problem has a severity
	case kind == core.Cleared:
		e.Severity, e.ExpiresAt = core.Clear, time.Time{}
	}
	return true
}

// fits says whether a field may hold a value.
func fits(field, value string) error {
	most := maxText
	switch field {
	case "description":
		most = maxDescription
	case "kind":
		switch core.EventKind(value) {
		case core.Problem, core.Cleared, core.Notice:
		default:
			return errors.New("must be problem, clear or notice")
		}
	case "key", "title":
		if value == "" {
			return errors.New("must not be empty")
		}
	case "url":
		if value != "" && !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://") {
			return errors.New("must begin with http:// or https://")
		}
	case "team":
		most = 100
	}
	return storable(value, most)
}

func storable(value string, most int) error {
	if len(value) > most {
		return fmt.Errorf("must give at most %d bytes", most)
	}
	if !utf8.ValidString(value) || strings.IndexByte(value, 0) >= 0 {
		return errors.New("must give valid UTF-8 without NUL")
	}
	return nil
}

func (h *shaping) label(r *Rule) bool {
	changed := false
	for _, one := range r.labels {
		value, err := h.text(one.program)
		if err == nil {
			err = storable(value, maxLabelValue)
		}
		if err == nil && len(h.verdict.Event.Labels) >= maxLabels && h.verdict.Event.Labels[one.name] == "" {
			err = fmt.Errorf("must be at most %d", maxLabels)
		}
		if err != nil {
			if !expression.Absent(err) {
				h.fail(r, "labels."+one.name, err)
			}
			continue
		}
		if h.verdict.Event.Labels[one.name] != value {
			h.setLabel(one.name, value)
			changed = true
		}
	}
	e := &h.verdict.Event
	for _, one := range r.annotations {
		value, err := h.text(one.program)
		if err == nil {
			err = storable(value, maxDescription)
		}
		if err != nil {
			if !expression.Absent(err) {
				h.fail(r, "annotations."+one.name, err)
			}
			continue
		}
		if e.Annotations[one.name] == value {
			continue
		}
		if !h.owned[1] {
			e.Annotations, h.owned[1] = copied(e.Annotations), true
		}
		setOrDelete(e.Annotations, one.name, value)
		changed = true
	}
	return changed
}

// clear notes the keys that the event clears.
func (h *shaping) clear(r *Rule) {
	v, err := r.clears.Eval(h.ctx, h.variables(r.clears))
	if err != nil {
		if !expression.Absent(err) {
			h.fail(r, "clears", err)
		}
		return
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, one := range list {
		key, ok := one.(string)
		if !ok || storable(key, maxText) != nil || len(h.verdict.Clears) >= maxClears {
			h.fail(r, "clears", fmt.Errorf("must give at most %d keys of at most %d bytes", maxClears, maxText))
			return
		}
		if key != "" && key != h.verdict.Event.Key {
			h.verdict.Clears = append(h.verdict.Clears, key)
		}
	}
}

// remember notes what a rule that remembers has to do with the event. Only
// problems reach it; what clears a condition finds by its key what was remembered.
func (h *shaping) remember(r *Rule, does Does) {
	e := &h.verdict.Event
	if e.Kind != core.Problem {
		return
	}
	group := ""
	if p := r.groups[does]; p != nil {
		var err error
		h.event = nil // it sees what the rule has set
		if group, err = h.text(p); err == nil {
			err = storable(group, maxText)
		}
		if err != nil {
			if !expression.Absent(err) {
				h.fail(r, string(does)+".by", err)
			}
			return
		}
	} else if does == Storm {
		group = e.Source
	}
	h.verdict.Steps = append(h.verdict.Steps, Step{Rule: r.ID, Does: does, Group: group, rule: r})
}
