package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// write turns entries into observations and shows the result on their items.
func (r *reconciliation) write(ctx context.Context, entries []*entry) error {
	if len(entries) == 0 {
		return nil
	}
	existing, order := make([]string, 0, len(entries)), make([]string, 0, len(entries))
	fresh := make(map[string][]*observation, len(entries))
	observed := make([]*observation, len(entries))
	stored := make(map[string]int, len(entries))
	for n, e := range entries {
		r.p.check(e)
		e.rewritten, r.altered = true, true
		if e.action != Created && len(fresh[e.item]) == 0 {
			existing = append(existing, e.item)
		}
		if len(fresh[e.item]) == 0 {
			order = append(order, e.item)
		}
		if e.stored {
			stored[e.item]++
		}
		observed[n] = r.observe(e)
		fresh[e.item] = append(fresh[e.item], observed[n])
	}
	before, err := holdings(ctx, r.tx, existing)
	if err != nil {
		return err
	}
	var shared []string // others say something of them too
	for item, h := range before {
		if h.observations > stored[item] {
			shared = append(shared, item)
		}
	}
	slices.Sort(shared)
	others, err := observationsBeside(ctx, r.tx, shared, fresh)
	if err != nil {
		return err
	}
	held, err := r.identitiesBefore(ctx, before, entries, others)
	if err != nil {
		return err
	}
	w := &wardrobe{change: r.change, before: make(map[string]*record, len(order)), changed: make(map[string]bool, len(order))}
	for _, item := range order {
		kept, obsolete := r.combine(others[item], fresh[item])
		w.drop = append(w.drop, obsolete...)
		w.dress(item, before[item].record, held[item], kept)
	}
	if err := w.write(ctx, r.p.report.Source); err != nil {
		return err
	}
	for _, e := range entries {
		if e.action != Created && w.changed[e.item] {
			e.action = Changed
		} else if e.action == "" {
			e.action = Unchanged
		}
	}
	var steady, rows [][]any
	for n, e := range entries {
		if e.steady {
			steady = append(steady, observed[n].row())
		} else {
			rows = append(rows, observed[n].row())
		}
	}
	return errors.Join(r.putObservations(ctx, rows), r.putSteady(ctx, steady))
}

// identitiesBefore returns the identities of items. Those of an item of which
// as much is said as before, under the same identifiers, are not read when
// their number is right: an item holds nothing but what is said of it.
func (r *reconciliation) identitiesBefore(ctx context.Context, items map[string]holding, entries []*entry, others map[string][]*observation) (map[string]known, error) {
	expected := make(map[string]known, len(items))
	unlike := map[string]bool{}
	for _, e := range entries {
		if !e.same || len(others[e.item]) > 0 {
			unlike[e.item] = true
			continue
		}
		k := expected[e.item]
		if k == nil {
			k = known{}
			expected[e.item] = k
		}
		for _, i := range e.identities {
			k.add(i)
		}
	}
	var read []string
	for item, h := range items {
		if unlike[item] || h.identities != expected[item].size() {
			delete(expected, item)
			read = append(read, item)
		}
	}
	slices.Sort(read)
	held, err := identitiesOf(ctx, r.tx, read)
	maps.Copy(expected, held)
	return expected, err
}

// putSteady writes observations of which neither the class nor the item
// differs, nor that they were seen: their indexes are not touched.
func (ch *change) putSteady(ctx context.Context, rows [][]any) error {
	return sqldb.Insert(ctx, ch.tx, "INSERT INTO graph_observation ("+observationColumns+") VALUES", 14, rows,
		`ON CONFLICT (source, scope, key) DO UPDATE SET name = excluded.name, team = excluded.team, attributes = excluded.attributes,
		redundancy = excluded.redundancy, hash = excluded.hash, observed_at = excluded.observed_at`)
}

func (ch *change) putObservations(ctx context.Context, rows [][]any) error {
	return sqldb.Insert(ctx, ch.tx, "INSERT INTO graph_observation ("+observationColumns+") VALUES", 14, rows,
		`ON CONFLICT (source, scope, key) DO UPDATE SET item = excluded.item, class = excluded.class, name = excluded.name, team = excluded.team, identities = excluded.identities,
		attributes = excluded.attributes, redundancy = excluded.redundancy, hash = excluded.hash, observed_at = excluded.observed_at,
		seen_at = excluded.seen_at, stale = excluded.stale`)
}

func (r *reconciliation) observe(e *entry) *observation {
	o := &observation{
		key: e.key, item: e.item, source: r.p.report.Source, scope: r.p.report.Scope, class: e.class.Name, name: e.name, team: e.team,
		identities: e.identities, values: e.values, redundancy: e.redundancy, hash: e.hash, observedAt: core.Micros(r.p.report.ObservedAt), seenAt: r.at,
	}
	if o.observedAt == 0 || o.observedAt > r.at {
		o.observedAt = r.at
	}
	if e.faulty {
		o.hash = "" // looked at again each time, so that the fault is named each time
	}
	return o
}

// combine adds what others said to what is reported now. Earlier words of the
// same source and scope under identifiers that the report does not use any more are obsolete.
func (r *reconciliation) combine(others, fresh []*observation) (kept []*observation, obsolete []said) {
	for _, o := range others {
		_, inReport := r.observations[o.key]
		if !inReport && o.source == r.p.report.Source && o.scope == r.p.report.Scope {
			obsolete = append(obsolete, o.said())
		} else {
			kept = append(kept, o)
		}
	}
	return append(kept, fresh...), obsolete
}

// wardrobe collects what items show after their observations changed.
type wardrobe struct {
	*change
	drop    []said // observations to remove
	before  map[string]*record
	after   []*record
	claims  []claim
	gained  []identity
	changed map[string]bool
}

// dress works out what an item shows. before is nil for a new item.
func (w *wardrobe) dress(item string, before *record, held known, observations []*observation) {
	if w.changed == nil {
		w.changed, w.before = map[string]bool{}, map[string]*record{}
	}
	s := show(w.catalogue, observations)
	next := &record{id: item, state: Active, createdAt: w.at}
	if before != nil {
		*next = *before
		w.before[item] = before
	}
	differs := next.wear(s)
	if next.attend(observations, w.at) {
		differs = true
	}
	class, _ := w.catalogue.Class(s.class)
	w.claims = append(w.claims, claim{item, class.Family, held, s.identities})
	if before != nil && !differs {
		return
	}
	w.changed[item] = true
	w.after = append(w.after, next)
}

// attend makes an item missing when every source that watches it fell silent,
// and active when one speaks again. People and documents do not watch.
func (r *record) attend(observations []*observation, now int64) (differs bool) {
	watched, seen := false, false
	for _, o := range observations {
		if !lasting(o.source) {
			watched = true
			seen = seen || !o.stale
		}
	}
	switch {
	case (seen || !watched) && r.state != Active:
		r.state, r.missingAt = Active, 0
		return true
	case watched && !seen && r.state == Active:
		r.state, r.missingAt = Missing, now
		return true
	}
	return false
}

// write puts items and identities into the store and tells of the changes.
func (w *wardrobe) write(ctx context.Context, by string) error {
	for _, next := range w.after {
		next.changedBy = by
	}
	if err := w.put(ctx, w.after, w.before); err != nil {
		return err
	}
	if err := dropObservations(ctx, w.tx, w.drop); err != nil {
		return err
	}
	gained, err := w.setIdentities(ctx, w.claims)
	if err != nil {
		return err
	}
	for _, next := range w.after {
		if err := w.tellItem(ctx, w.before[next.id], next, by); err != nil {
			return err
		}
	}
	for _, next := range w.after {
		if old := w.before[next.id]; old == nil || old.name != next.name {
			gained = append(gained, identity{"name", next.name})
		}
	}
	return w.connectPending(ctx, gained)
}

func dropObservations(ctx context.Context, tx *sqldb.Tx, words []said) error {
	for _, w := range words {
		if _, err := tx.Exec(ctx, "DELETE FROM graph_observation WHERE source = $1 AND scope = $2 AND key = $3", w.source, w.scope, w.key); err != nil {
			return err
		}
	}
	return nil
}

// ItemChange is the data of graph.item entries.
type ItemChange struct {
	ID     string          `json:"id"`
	Class  string          `json:"class"`
	Name   string          `json:"name"`
	State  string          `json:"state"`
	Source string          `json:"source,omitempty"`
	Fields []string        `json:"fields,omitempty"` // what differs
	Before json.RawMessage `json:"before,omitempty"` // object of values; absent in the largest reports
	After  json.RawMessage `json:"after,omitempty"`
}

// encode writes the change with before and after spliced in as they are: they
// were written by us, and checking them again costs more than the rest.
func (i ItemChange) encode() json.RawMessage {
	b := make([]byte, 0, 192+len(i.Name)+len(i.Source)+16*len(i.Fields)+len(i.Before)+len(i.After))
	b = appendText(append(b, `{"id":`...), i.ID)
	b = appendText(append(b, `,"class":`...), i.Class)
	b = appendText(append(b, `,"name":`...), i.Name)
	b = appendText(append(b, `,"state":`...), i.State)
	if i.Source != "" {
		b = appendText(append(b, `,"source":`...), i.Source)
	}
	for n, field := range i.Fields {
		if n == 0 {
			b = append(b, `,"fields":[`...)
		} else {
			b = append(b, ',')
		}
		b = appendText(b, field)
	}
	if len(i.Fields) > 0 {
		b = append(b, ']')
	}
	if len(i.Before) > 0 {
		b = append(append(b, `,"before":`...), i.Before...)
	}
	if len(i.After) > 0 {
		b = append(append(b, `,"after":`...), i.After...)
	}
	return append(b, '}')
}

func (ch *change) tellItem(ctx context.Context, before, after *record, by string) error {
	data := ItemChange{ID: after.id, Class: after.class, Name: after.name, State: after.state, Source: by}
	if before == nil {
		if !ch.summarised() {
			data.After = json.RawMessage(after.text())
		}
		return ch.tell(ctx, "graph.item.created", after, "Created "+after.class+" "+after.name, data.encode())
	}
	data.Fields, data.Before, data.After = compareRecords(before, after)
	if ch.summarised() {
		data.Before, data.After = nil, nil
	}
	kind, summary := "graph.item.changed", "Changed "+after.name
	switch {
	case before.state != after.state && after.state == Deleted:
		kind, summary = "graph.item.deleted", "Deleted "+after.name
	case before.state != after.state:
		summary = fmt.Sprintf("%s is %s", after.name, after.state)
	case len(data.Fields) > 0:
		summary += ": " + shorten(data.Fields)
	}
	return ch.tell(ctx, kind, after, summary, data.encode())
}

func shorten(fields []string) string {
	const most = 5
	text := ""
	for n, f := range fields {
		switch {
		case n == most:
			return text + fmt.Sprintf(" and %d more", len(fields)-most)
		case n > 0:
			text += ", "
		}
		text += f
	}
	return text
}

// compareRecords lists what differs, with the values of both sides as JSON objects.
func compareRecords(before, after *record) (fields []string, was, is json.RawMessage) {
	old, new := values{}, values{}
	note := func(field, a, b string) {
		if a != b {
			fields = append(fields, field)
			old[field], _ = canonical(a) // texts
			new[field], _ = canonical(b)
		}
	}
	note("class", before.class, after.class)
	note("name", before.name, after.name)
	note("state", before.state, after.state)
	note("team", before.team, after.team)
	note("redundancy", before.redundancy, after.redundancy)
	note("survivor", before.survivor, after.survivor)
	for _, name := range differences(before.values, after.values) {
		fields = append(fields, name)
		if raw, ok := before.values[name]; ok {
			old[name] = raw
		}
		if raw, ok := after.values[name]; ok {
			new[name] = raw
		}
	}
	return fields, json.RawMessage(old.text()), json.RawMessage(new.text())
}
