package rulebook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/expression"
)

// Language returns the language of the expressions: event, item and row.
func Language() (*expression.Language, error) { return expression.Objects("event", "item", "row") }

// Options is what a Set is compiled with. All of it may be left out.
type Options struct {
	Language *expression.Language
	Tables   map[string]Table
	Counts   func(id string) *Counts          // of a rule; fresh ones when nil
	Items    func(item string) map[string]any // what the graph knows of an item, from memory
	Drafts   bool                             // documents and rules that are switched off count as well
}

// Counts is what a rule did since it was first compiled.
type Counts struct {
	Matched, Dropped, Held, Summarised, Raised, Failed atomic.Int64
	LastMatch                                          atomic.Int64 // microseconds
	LastFailure                                        atomic.Pointer[string]
}

// Fail counts a failure.
func (c *Counts) Fail(err error) {
	c.Failed.Add(1)
	text := expression.Line(err)
	c.LastFailure.Store(&text)
}

// Rule is a rule ready for use.
type Rule struct {
	ID       string // document/name
	Document string
	Name     string
	Spec     RuleSpec
	Counts   *Counts

	at          int // in the set
	when        *expression.Program
	lookups     []*expression.Program
	severity    core.Severity // when Set.Severity is a name
	set         []setting
	labels      []named
	annotations []named
	clears      *expression.Program
	groups      map[Does]*expression.Program
	steps       []Does
}

type setting struct {
	field   string
	program *expression.Program
}

type named struct {
	name    string
	program *expression.Program
}

// Set is the rules of an installation, in order. It does not change and is safe
// for concurrent use.
type Set struct {
	rules     []*Rule
	byID      map[string]*Rule
	tables    map[string]Table
	items     func(string) map[string]any
	index     *index
	remembers bool
}

// Rules lists the rules that act, in order.
func (s *Set) Rules() []*Rule { return s.rules }

// Remembers says whether any rule remembers events, or changes their keys.
func (s *Set) Remembers() bool { return s != nil && s.remembers }

// Rule finds a rule by its id.
func (s *Set) Rule(id string) *Rule { return s.byID[id] }

// Compile makes a set of documents. Its error names the expressions at fault.
func Compile(docs []Document, o Options) (*Set, error) {
	if o.Language == nil {
		var err error
		if o.Language, err = Language(); err != nil {
			return nil, err
		}
	}
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b Document) int {
		return cmp.Or(cmp.Compare(a.Spec.Order, b.Spec.Order), cmp.Compare(a.Name, b.Name))
	})
	s := &Set{byID: map[string]*Rule{}, tables: o.Tables, items: o.Items}
	if s.items == nil {
		s.items = func(string) map[string]any { return nil }
	}
	var f faults
	for _, doc := range docs {
		if !o.Drafts && !doc.Spec.On() {
			continue
		}
		for i, spec := range doc.Spec.Rules {
			if !o.Drafts && !spec.On() {
				continue
			}
			c := compiler{o.Language, fmt.Sprintf("spec.rules[%d].", i), &f}
			r := c.rule(doc.Name, spec)
			if r.Counts = fresh(o.Counts, r.ID); r.Counts == nil {
				r.Counts = &Counts{}
			}
			r.at = len(s.rules)
			s.rules = append(s.rules, r)
			s.byID[r.ID] = r
			s.remembers = s.remembers || len(r.steps) > 0 || r.clears != nil || r.Spec.Set != nil && r.Spec.Set.Key != ""
		}
	}
	if err := core.InvalidAll(f); err != nil {
		return nil, err
	}
	s.index = newIndex(s.rules)
	return s, nil
}

func fresh(counts func(string) *Counts, id string) *Counts {
	if counts == nil {
		return nil
	}
	return counts(id)
}

// compiler compiles the expressions of one rule.
type compiler struct {
	language *expression.Language
	at       string
	faults   *faults
}

func (c compiler) value(field, text string) *expression.Program {
	p, err := c.language.Compile(text)
	if err != nil {
		*c.faults = append(*c.faults, core.Detail{Field: c.at + field, Rule: err.Error()})
	}
	return p
}

func (c compiler) rule(document string, spec RuleSpec) *Rule {
	r := &Rule{ID: document + "/" + spec.Name, Document: document, Name: spec.Name, Spec: spec, groups: map[Does]*expression.Program{}}
	if strings.TrimSpace(spec.When) != "" {
		p, err := c.language.CompileCondition(spec.When)
		if err != nil {
			*c.faults = append(*c.faults, core.Detail{Field: c.at + "when", Rule: err.Error()})
		}
		r.when = p
	}
	for i, l := range spec.Lookup {
		r.lookups = append(r.lookups, c.value(fmt.Sprintf("lookup[%d].key", i), l.Key))
	}
	if set := spec.Set; set != nil {
		c.settings(r, set)
	}
	for _, name := range sortedKeys(spec.Labels) {
		r.labels = append(r.labels, named{name, c.value("labels."+name, spec.Labels[name])})
	}
	for _, name := range sortedKeys(spec.Annotations) {
		r.annotations = append(r.annotations, named{name, c.value("annotations."+name, spec.Annotations[name])})
	}
	if spec.Clears != "" {
		r.clears = c.value("clears", spec.Clears)
	}
	group := func(does Does, text string) {
		r.steps = append(r.steps, does)
		if text != "" {
			r.groups[does] = c.value(string(does)+".by", text)
		}
	}
	if spec.Threshold != nil {
		group(Threshold, spec.Threshold.By)
	}
	if spec.Hold > 0 {
		group(Hold, "")
	}
	if spec.Flapping != nil {
		group(Flapping, "")
	}
	if spec.Storm != nil {
		group(Storm, spec.Storm.By)
	}
	if len(spec.Escalate) > 0 {
		group(Escalate, "")
	}
	return r
}

func (c compiler) settings(r *Rule, set *SetSpec) {
	if severity, err := core.ParseSeverity(set.Severity); err == nil && severity > core.Clear {
		r.severity = severity
	} else if set.Severity != "" {
		r.set = append(r.set, setting{"severity", c.value("set.severity", set.Severity)})
	}
	for _, one := range []struct{ field, text string }{
		{"kind", set.Kind}, {"key", set.Key}, {"title", set.Title}, {"description", set.Description}, {"url", set.URL}, {"team", set.Team},
	} {
		if one.text == "" {
			continue
		}
		if one.field == "kind" && slices.Contains([]string{string(core.Problem), string(core.Cleared), string(core.Notice)}, one.text) {
			one.text = `"` + one.text + `"`
		}
		r.set = append(r.set, setting{one.field, c.value("set."+one.field, one.text)})
	}
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// expiry is when an alert of an event ends by the rule, zero for never.
func (r *Rule) expiry(at time.Time) time.Time {
	if r.Spec.Expire <= 0 {
		return time.Time{}
	}
	return at.Add(r.Spec.Expire.Std())
}
