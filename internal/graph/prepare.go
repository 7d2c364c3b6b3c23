package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
)

// entry is one item of a report on its way into the graph.
type entry struct {
	at         int // position in the report, for errors
	ref        string
	class      *classes.Resolved
	name, team string
	given      []identity // normalised, sorted
	identities []identity // given, and the parent's item id once that is settled
	parent     Endpoint   // "" when the entry has none
	values     values
	input      map[string]any
	redundancy string
	relations  []int  // relations of the report that start here
	digest     string // of all that is said, and of the relations alone
	faulty     bool   // an attribute was refused: never taken as unchanged
	rewritten  bool   // its payload differs, whatever came of it

	stored  bool // something is, under its key
	same    bool // stored, with the same identifiers
	settled bool // stored, with the same relations
	steady  bool // same, and neither its class nor that it was seen has to be written

	item   string // set once identified
	action Action
	key    string
	hash   string
}

// prepared is a report that passed the checks that need no store.
type prepared struct {
	report  Report
	places  Places
	entries []*entry
	byRef   map[string]*entry
	errors  []core.Detail
	hash    string
	unread  int // entries that could not be read at all
}

var sourceForm = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,63}(:[A-Za-z0-9_.:/@-]{1,120})?$`)

// prepare checks, normalises and sums up a report.
func (c *Component) prepare(r Report, places Places) (*prepared, error) {
	if !sourceForm.MatchString(r.Source) {
		return nil, core.Invalid("source", `must be a word, or a word, ":" and a name: "agent", "cloud:aws"`)
	}
	if len(r.Items)+len(r.Relations) > c.cfg.MaxReport {
		return nil, core.Errorf(core.CodeTooLarge, "the report has %d entries; send at most %d at a time", len(r.Items)+len(r.Relations), c.cfg.MaxReport)
	}
	catalogue := c.Catalogue()
	for i, class := range r.Complete {
		if _, ok := catalogue.Class(class); !ok {
			return nil, core.Invalid(fmt.Sprintf("complete[%d]", i), fmt.Sprintf("there is no class %q", class))
		}
	}
	p := &prepared{report: r, places: places, byRef: make(map[string]*entry, len(r.Items))}
	p.entries = make([]*entry, 0, len(r.Items))
	for i := range r.Items {
		at := func() string { return fmt.Sprintf("items[%d]", places.item(i)) }
		e, detail := prepareItem(catalogue, &r.Items[i], at)
		if detail == nil && e.ref != "" && p.byRef[e.ref] != nil {
			detail = &core.Detail{Field: at() + ".ref", Rule: fmt.Sprintf("%q is used twice", e.ref)}
		}
		if detail != nil {
			p.errors = append(p.errors, *detail)
			continue
		}
		e.at = places.item(i)
		p.entries = append(p.entries, e)
		if e.ref != "" {
			p.byRef[e.ref] = e
		}
	}
	for i, relation := range r.Relations {
		if e := p.byRef[string(relation.From)]; e != nil {
			e.relations = append(e.relations, i)
		}
	}
	p.sum()
	return p, nil
}

func prepareItem(catalogue *classes.Catalogue, in *ReportItem, at func() string) (*entry, *core.Detail) {
	class, ok := catalogue.Class(in.Class)
	if !ok {
		return nil, &core.Detail{Field: at() + ".class", Rule: fmt.Sprintf("there is no class %q", in.Class)}
	}
	if class.Abstract {
		return nil, &core.Detail{Field: at() + ".class", Rule: fmt.Sprintf("%q only groups classes: name one of them", in.Class)}
	}
	e := &entry{ref: in.Ref, class: class, name: strings.TrimSpace(in.Name), team: in.Team, input: in.Attributes}
	if len(e.name) > 500 {
		return nil, &core.Detail{Field: at() + ".name", Rule: "must be at most 500 bytes"}
	}
	if detail := e.identify(catalogue, in.Identities, at); detail != nil {
		return nil, detail
	}
	e.values = make(values, len(in.Attributes))
	text := make([]byte, 0, 24*len(in.Attributes))
	for name, value := range in.Attributes {
		if value == nil {
			continue
		}
		from := len(text) // the values of an item share their memory
		var err error
		if text, err = appendCanonical(text, value); err != nil {
			return nil, &core.Detail{Field: at() + ".attributes." + name, Rule: "cannot be written as JSON"}
		}
		e.values[name] = text[from:len(text):len(text)]
	}
	if len(in.Redundancy) > 0 {
		for group, need := range in.Redundancy {
			if need < 0 || group == "" {
				return nil, &core.Detail{Field: at() + ".redundancy." + group, Rule: "must be a group and a number that is not negative"}
			}
		}
		text, _ := json.Marshal(in.Redundancy) // a map of numbers
		e.redundancy = string(text)
	}
	return e, nil
}

// identify normalises the identifiers. A name alone also identifies, where the
// class has a rule for names.
func (e *entry) identify(catalogue *classes.Catalogue, in []core.Identity, at func() string) *core.Detail {
	named := false
	e.given = make([]identity, 0, len(in)+1)
	for i, given := range in {
		kind, ok := catalogue.Identifier(given.Kind)
		if !ok {
			return &core.Detail{Field: fmt.Sprintf("%s.identities[%d].kind", at(), i), Rule: fmt.Sprintf("there is no identifier kind %q", given.Kind)}
		}
		if len(given.Value) > 1000 {
			return &core.Detail{Field: fmt.Sprintf("%s.identities[%d].value", at(), i), Rule: "must be at most 1,000 bytes"}
		}
		if given.Kind == classes.ParentKind {
			e.parent = Endpoint(given.Value)
			continue
		}
		if value := kind.Normalise(given.Value); value != "" {
			e.given = append(e.given, identity{given.Kind, value})
			named = named || given.Kind == "name"
		}
	}
	if !named && e.name != "" {
		e.given = append(e.given, identity{"name", e.name})
	}
	if len(e.given) == 0 {
		return &core.Detail{Field: at() + ".identities", Rule: "must hold at least one usable identifier, or the item a name"}
	}
	slices.SortFunc(e.given, compareIdentity)
	e.given = slices.Compact(e.given)
	return nil
}

func compareIdentity(a, b identity) int {
	if c := strings.Compare(a.kind, b.kind); c != 0 {
		return c
	}
	return strings.Compare(a.value, b.value)
}

// sum computes the hash of each entry with its relations, and of the whole.
// What an entry says of its relations is summed up once more by itself, so that
// they are left alone when something else of it changed.
func (p *prepared) sum() {
	var whole, d digest
	var related digest
	whole.add(p.report.Source, p.report.Scope)
	whole.add(p.report.Complete...)
	taken := make([]bool, len(p.report.Relations))
	for _, e := range p.entries {
		d.b = d.b[:0]
		d.add(e.class.Name, e.name, e.team, string(e.parent), e.redundancy, strconv.Itoa(len(e.given)))
		for _, i := range e.given {
			d.add(i.kind, i.value)
		}
		d.addValues(e.values)
		related.b = related.b[:0]
		for _, n := range e.relations {
			related.addRelation(p.target(p.report.Relations[n].To), &p.report.Relations[n])
			taken[n] = true
		}
		d.b = append(d.b, related.b...)
		e.digest = d.sum()
		whole.add(e.ref, e.digest)
		e.digest += related.short()
	}
	for n := range p.report.Relations {
		if !taken[n] {
			r := &p.report.Relations[n]
			whole.add(string(r.From))
			whole.addRelation(string(r.To), r)
		}
	}
	whole.add(strconv.Itoa(len(p.errors)))
	p.hash = whole.sum()
}

func (d *digest) addRelation(to string, r *ReportRelation) {
	d.add(r.Type, to, r.Group)
	if len(r.Attributes) > 0 {
		raw, _ := canonical(r.Attributes) // refused later when it cannot be written
		d.b = append(d.b, raw...)
	}
}

// target describes the other end of a relation by what identifies it, because
// a ref means nothing outside its report.
func (p *prepared) target(to Endpoint) string {
	e := p.byRef[string(to)]
	if e == nil {
		return string(to)
	}
	var b strings.Builder
	b.WriteString(e.class.Name)
	b.WriteString(string(e.parent))
	for _, i := range e.given {
		b.WriteString("\x00" + i.kind + "=" + i.value)
	}
	return b.String()
}

// check validates the attributes of an entry that is about to be written: those
// that break a rule are left out and named.
func (p *prepared) check(e *entry) {
	for name, value := range e.input {
		if value == nil {
			continue
		}
		details := e.class.CheckAttribute(name, plainValue(value, e.values[name]))
		if len(details) == 0 {
			continue
		}
		e.values = maps.Clone(e.values)
		delete(e.values, name)
		e.faulty = true
		for _, d := range details {
			p.errors = append(p.errors, core.Detail{Field: fmt.Sprintf("items[%d].attributes.%s", e.at, d.Field), Rule: d.Rule})
		}
	}
}

// plainValue gives the form encoding/json decodes to, which schemas are checked against.
func plainValue(value any, raw json.RawMessage) any {
	switch value.(type) {
	case string, bool, float64, int, int64:
		return value
	}
	var decoded any
	_ = json.Unmarshal(raw, &decoded) // raw was written by canonical
	return decoded
}
