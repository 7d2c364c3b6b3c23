package graph

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Duplicate is a task for a person: items that may be one.
type Duplicate struct {
	ID         string     `json:"id"`
	Items      []ItemRef  `json:"items"`
	Reason     string     `json:"reason"`
	State      string     `json:"state" enum:"open,merged,dismissed"`
	OpenedAt   time.Time  `json:"openedAt"`
	ResolvedAt *time.Time `json:"resolvedAt,omitempty"`
	ResolvedBy string     `json:"resolvedBy,omitempty"`

	ids []string
}

var duplicateFields = listing.Fields{
	"state":    {Column: "d.state"},
	"reason":   {Column: "d.reason"},
	"openedAt": {Column: "d.opened_at", Kind: listing.Time},
}

const duplicateColumns = "d.id, d.items, d.reason, d.state, d.opened_at, d.resolved_at, d.resolved_by"

func scanDuplicate(scan func(...any) error) (d Duplicate, err error) {
	var items string
	var opened, resolved int64
	err = scan(&d.ID, &items, &d.Reason, &d.State, &opened, &resolved, &d.ResolvedBy)
	d.ids, d.OpenedAt = strings.Split(items, ","), core.FromMicros(opened)
	if resolved > 0 {
		at := core.FromMicros(resolved)
		d.ResolvedAt = &at
	}
	return d, err
}

// Duplicates returns a page of the tasks; open ones unless a condition asks otherwise.
func (c *Component) Duplicates(ctx context.Context, p listing.Params) (listing.Page[Duplicate], error) {
	base := listing.Base{Select: duplicateColumns, From: "graph_duplicate d", Search: []string{"d.reason"}, Default: "-openedAt", Key: "d.id", Now: c.clock.Now()}
	if !slices.ContainsFunc(p.Where, func(w string) bool { return strings.HasPrefix(w, "state") }) {
		base.Where = []string{"d.state = 'open'"}
	}
	statement, err := duplicateFields.Build(p, base)
	if err != nil {
		return listing.Page[Duplicate]{}, err
	}
	page, err := listing.Read(ctx, c.db, p, statement, scanDuplicate)
	if err != nil {
		return page, err
	}
	return page, c.nameDuplicates(ctx, page.Items)
}

func (c *Component) nameDuplicates(ctx context.Context, list []Duplicate) error {
	var ids []string
	for _, d := range list {
		ids = append(ids, d.ids...)
	}
	found, err := records(ctx, c.db, ids)
	for n := range list {
		list[n].Items = []ItemRef{}
		for _, id := range list[n].ids {
			if r := found[id]; r != nil {
				list[n].Items = append(list[n].Items, r.ref())
			}
		}
	}
	return err
}

// Duplicate returns one task.
func (c *Component) Duplicate(ctx context.Context, id string) (Duplicate, error) {
	d, err := scanDuplicate(c.db.QueryRow(ctx, "SELECT "+duplicateColumns+" FROM graph_duplicate d WHERE d.id = $1", id).Scan)
	if err == sqldb.ErrNoRows {
		return d, core.NotFound("duplicate", id)
	}
	if err != nil {
		return d, err
	}
	list := []Duplicate{d}
	err = c.nameDuplicates(ctx, list)
	return list[0], err
}

// ResolveDuplicate merges the items of a task into one of them, or dismisses
// the task when into is "": it is not opened again for the same items.
func (c *Component) ResolveDuplicate(ctx context.Context, id, into string) (Duplicate, error) {
	d, err := c.Duplicate(ctx, id)
	if err != nil {
		return d, err
	}
	if d.State != "open" {
		return d, core.Errorf(core.CodeConflict, "the task is %s already", d.State)
	}
	if into != "" && !slices.Contains(d.ids, into) {
		return d, core.Invalid("into", "must be one of the items of the task")
	}
	err = c.db.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		state := "dismissed"
		if into != "" {
			state = "merged"
			for _, other := range d.ids {
				if other == into {
					continue
				}
				if _, err := ch.merge(ctx, into, other, ""); err != nil {
					return err
				}
			}
		}
		if err := ch.forgetReports(ctx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE graph_duplicate SET state = $1, resolved_at = $2, resolved_by = $3 WHERE id = $4", state, ch.at, ch.actor.ID, id)
		if err != nil {
			return err
		}
		return ch.tell(ctx, "graph.duplicate."+state, &record{id: d.ids[0]}, "Possible duplicate "+state+": "+d.Reason, map[string]any{"id": id, "items": d.ids}, d.ids[1:]...)
	})
	if err != nil {
		return d, err
	}
	return c.Duplicate(ctx, id)
}

// settleDuplicates closes the task that a merge answers.
func (ch *change) settleDuplicates(ctx context.Context, a, b string) error {
	pair := []string{a, b}
	slices.Sort(pair)
	_, err := ch.tx.Exec(ctx, "UPDATE graph_duplicate SET state = 'merged', resolved_at = $1, resolved_by = $2 WHERE items = $3 AND state = 'open'",
		ch.at, ch.actor.ID, strings.Join(pair, ","))
	return err
}
