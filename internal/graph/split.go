package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// MergeRecord is one merge of an item.
type MergeRecord struct {
	ID       string    `json:"id"`
	Survivor string    `json:"survivor"`
	Merged   string    `json:"merged"`
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at"`
	Undone   bool      `json:"undone,omitempty"`

	SurvivorName string `json:"survivorName"`
	MergedName   string `json:"mergedName"`
}

// Split takes a merge back: the merged item lives again with what was its own.
// What sources said since stays with the survivor, until they speak again.
func (c *Component) Split(ctx context.Context, merge string) (Item, error) {
	var id string
	err := c.db.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		if id, err = ch.split(ctx, merge); err != nil {
			return err
		}
		return ch.forgetReports(ctx)
	})
	if err != nil {
		return Item{}, err
	}
	return c.Item(ctx, id)
}

func (ch *change) split(ctx context.Context, merge string) (string, error) {
	var keep, lose, text string
	var undone int64
	err := ch.tx.QueryRow(ctx, "SELECT survivor, merged, undo, undone_at FROM graph_merge WHERE id = $1", merge).Scan(&keep, &lose, &text, &undone)
	if err == sqldb.ErrNoRows {
		return "", core.NotFound("merge", merge)
	}
	if err != nil {
		return "", err
	}
	if undone > 0 {
		return "", core.Errorf(core.CodeConflict, "the merge was taken back already")
	}
	var u undo
	if err := json.Unmarshal([]byte(text), &u); err != nil {
		return "", err
	}
	found, err := records(ctx, ch.tx, []string{keep, lose})
	if err != nil {
		return "", err
	}
	if found[keep] == nil || found[lose] == nil || found[keep].survivor != "" {
		return "", core.Errorf(core.CodeConflict, "the survivor was merged itself: take that back first")
	}
	for _, child := range slices.Backward(u.Children) {
		if _, err := ch.split(ctx, child); err != nil && core.CodeOf(err) != core.CodeConflict {
			return "", err
		}
	}
	if err := ch.revive(ctx, found[keep], found[lose], u); err != nil {
		return "", err
	}
	if _, err := ch.tx.Exec(ctx, "UPDATE graph_merge SET undone_at = $1 WHERE id = $2", ch.at, merge); err != nil {
		return "", err
	}
	return lose, ch.tell(ctx, "graph.item.split", found[keep], fmt.Sprintf("Split %s off %s", found[lose].name, found[keep].name),
		map[string]string{"merge": merge, "survivor": keep, "split": lose}, lose)
}

func (ch *change) revive(ctx context.Context, keep, lose *record, u undo) error {
	err := inChunks(ch.tx, 3, u.Observations, func(set string, part []any) error {
		_, err := ch.tx.Exec(ctx, "UPDATE graph_observation SET item = $1, hash = '' WHERE item = $2 AND key IN "+set, append([]any{lose.id, keep.id}, part...)...)
		return err
	})
	if err != nil {
		return err
	}
	for _, s := range u.Speakers {
		if _, err := ch.tx.Exec(ctx, "UPDATE graph_observation SET item = $1, hash = '' WHERE item = $2 AND source = $3 AND scope = $4", lose.id, keep.id, s[0], s[1]); err != nil {
			return err
		}
	}
	next := *lose
	next.state, next.survivor = u.State, ""
	back := &wardrobe{change: ch, before: map[string]*record{lose.id: lose}, after: []*record{&next}}
	if err := back.write(ctx, SourcePerson); err != nil {
		return err
	}
	if err := ch.returnParts(ctx, keep.id, lose.id, u); err != nil {
		return err
	}
	if _, err := ch.redress(ctx, []string{keep.id}, SourcePerson); err != nil {
		return err
	}
	if _, err := ch.redress(ctx, []string{lose.id}, SourcePerson); err != nil {
		return err
	}
	ch.redirect(lose.id, "")
	return ch.returnRelations(ctx, keep.id, lose.id, u)
}

// returnParts gives parts back that came with the merged item: those joined to
// it by a relation then.
func (ch *change) returnParts(ctx context.Context, keep, lose string, u undo) error {
	var ends []string
	for _, r := range u.Relations {
		if r.To == lose {
			ends = append(ends, r.From)
		}
	}
	facts, err := identitiesOf(ctx, ch.tx, ends)
	if err != nil {
		return err
	}
	var parts []string
	for _, item := range ends {
		if slices.Contains(facts[item]["parent"], keep) {
			parts = append(parts, item)
		}
	}
	return ch.reparent(ctx, parts, keep, lose)
}

func (ch *change) returnRelations(ctx context.Context, keep, lose string, u undo) error {
	w := &edges{change: ch, held: map[edgeKey]*edge{}}
	for _, item := range []string{keep, lose} {
		if err := w.loadAround(ctx, item); err != nil {
			return err
		}
	}
	var ends []string
	for _, e := range w.held {
		ends = append(ends, e.from)
	}
	for _, r := range u.Relations {
		moved := edgeKey{r.From, r.Type, r.To}
		if moved.from == lose {
			moved.from = keep
		}
		if moved.to == lose {
			moved.to = keep
		}
		if e := w.held[moved]; e != nil && r.Only {
			w.end(e)
		}
		for _, who := range r.Sources {
			w.assert(edgeKey{r.From, r.Type, r.To}, r.Group, r.Attributes, who)
		}
	}
	return errors.Join(w.write(ctx), ch.doubt(ctx, ends))
}

// Merges lists the merges an item took part in, newest first.
func (c *Component) Merges(ctx context.Context, item string) ([]MergeRecord, error) {
	rows, err := c.db.Query(ctx, "SELECT id, survivor, merged, by_whom, at, undone_at FROM graph_merge WHERE survivor = $1 OR merged = $2 ORDER BY at DESC LIMIT 200", item, item)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (m MergeRecord, err error) {
		var at, undone int64
		err = rows.Scan(&m.ID, &m.Survivor, &m.Merged, &m.By, &at, &undone)
		m.At, m.Undone = core.FromMicros(at), undone > 0
		return m, err
	})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range list {
		ids = append(ids, m.Survivor, m.Merged)
	}
	found, err := records(ctx, c.db, ids)
	for n, m := range list {
		if r := found[m.Survivor]; r != nil {
			list[n].SurvivorName = r.name
		}
		if r := found[m.Merged]; r != nil {
			list[n].MergedName = r.name
		}
	}
	return list, err
}
