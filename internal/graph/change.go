package graph

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/graph/index"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// forever is the end of what still holds.
const forever = int64(1) << 62

// summariseAbove is how many changes a transaction tells with their values;
// further ones are told with the names of fields alone.
const summariseAbove = 1000

// change is one transaction's work on the graph. It holds the version lock, so
// nothing else changes the graph until the commit.
type change struct {
	c         *Component
	tx        *sqldb.Tx
	catalogue *classes.Catalogue
	version   int64
	at        int64 // strictly later than every earlier change
	actor     ledger.Actor

	delta     index.Delta
	touched   []identity // identities that were given or taken
	redirects map[string]string
	redefined bool
	restated  bool // items came, went or were merged: answers about identities may differ
	entries   int
	suspected int // duplicate tasks opened
}

type changeKey struct{ c *Component }

// change returns the work of a transaction, beginning it at the first call.
func (c *Component) change(ctx context.Context, tx *sqldb.Tx) (*change, error) {
	ch := tx.Value(changeKey{c}, func() any { return &change{c: c, tx: tx} }).(*change)
	if ch.version > 0 {
		return ch, nil
	}
	now := core.Micros(c.clock.Now())
	if _, err := tx.Exec(ctx, `UPDATE graph_version SET version = version + 1,
		at = CASE WHEN at >= $1 THEN at + 1 ELSE $2 END WHERE id = 1`, now, now); err != nil {
		return nil, err
	}
	var defined int64
	if err := tx.QueryRow(ctx, "SELECT version, definitions, at FROM graph_version WHERE id = 1").Scan(&ch.version, &defined, &ch.at); err != nil {
		return nil, err
	}
	d := c.definitions.Load()
	if d.version != defined { // another replica defined something
		var err error
		if d, err = c.readDefinitions(ctx, tx); err != nil {
			return nil, err
		}
		ch.redefined = true
	}
	ch.catalogue = d.catalogue
	ch.actor = actorOf(ctx)
	tx.OnCommit(func() { c.committed(ch) })
	return ch, nil
}

func actorOf(ctx context.Context) ledger.Actor {
	p := auth.From(ctx)
	if p == nil {
		return ledger.System("graph")
	}
	return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
}

// tell appends a ledger entry.
func (ch *change) tell(ctx context.Context, kind string, item *record, summary string, data any, related ...string) error {
	text, encoded := data.(json.RawMessage)
	if !encoded {
		var err error
		if text, err = json.Marshal(data); err != nil {
			return err
		}
	}
	ch.entries++
	_, err := ch.c.ledger.Append(ctx, ch.tx, ledger.Entry{
		At: core.FromMicros(ch.at), Actor: ch.actor, Module: "graph", Type: kind,
		Subject: core.Ref{Kind: "item", ID: item.id}, Item: item.id, Related: related, Team: item.team, Summary: summary, Data: text,
	})
	return err
}

// tellRecord appends an entry about something that is no item.
func (ch *change) tellRecord(ctx context.Context, kind string, subject core.Ref, summary string) error {
	_, err := ch.c.ledger.Append(ctx, ch.tx, ledger.Entry{
		At: core.FromMicros(ch.at), Actor: ch.actor, Module: "graph", Type: kind, Subject: subject, Summary: summary,
	})
	return err
}

// summarised says that the transaction changes so much that values are left out of the ledger.
func (ch *change) summarised() bool { return ch.entries >= summariseAbove }

// indexItem notes what the index has to know of an item.
func (ch *change) indexItem(r *record) {
	ch.delta.Items = append(ch.delta.Items, ch.c.indexed(ch.catalogue, r.id, r.class, r.state, r.criticality, r.redundancy))
}

func (ch *change) indexRelation(from, kind, to, group string, removed bool) {
	ch.delta.Relations = append(ch.delta.Relations, index.Relation{From: from, To: to, Type: ch.c.numbers.ofRelation(kind), Group: group, Removed: removed})
}

// indexed is the index's view of an item.
func (c *Component) indexed(catalogue *classes.Catalogue, id, class, state string, criticality int64, redundancy string) index.Item {
	item := index.Item{ID: id, Class: c.numbers.ofClass(class), Criticality: uint8(criticality)}
	if r, ok := catalogue.Class(class); ok && r.BusinessFacing {
		item.Flags |= index.BusinessFacing
	}
	if gone(state) {
		item.Flags |= index.Gone
	}
	if redundancy != "" {
		_ = json.Unmarshal([]byte(redundancy), &item.Needs) // written by us
	}
	return item
}
