package graph

import (
	"context"
	"slices"
	"strings"

	"mainstay/internal/platform/sqldb"
)

// complete does what is due when all entries are taken, as far as size allows:
// relations that waited, what a whole list does not name, the end.
func (r *reconciliation) complete(ctx context.Context, size int) error {
	n := min(size, len(r.owing))
	due := r.owing[:n]
	r.owing, size = r.owing[n:], size-n
	m := min(size, len(r.loose))
	loose := r.loose[:m]
	r.loose, size = r.loose[m:], size-m
	if err := r.relate(ctx, due, loose, true); err != nil {
		return err
	}
	if err := r.settleHashes(ctx, due); err != nil {
		return err
	}
	if size == 0 {
		return nil
	}
	named, err := r.silenceRest(ctx, size)
	if err != nil || !named {
		return err
	}
	r.sumUp()
	r.finished = true
	return nil
}

// settleHashes stores the hashes of entries whose relations are written now.
func (r *reconciliation) settleHashes(ctx context.Context, entries []*entry) error {
	for _, e := range entries {
		if e.faulty || slices.Contains(r.unsure, e.key) {
			continue
		}
		if _, err := r.tx.Exec(ctx, "UPDATE graph_observation SET hash = $1 WHERE source = $2 AND scope = $3 AND key = $4",
			e.hash, r.p.report.Source, r.p.report.Scope, e.key); err != nil {
			return err
		}
	}
	return nil
}

// markUnsure has entries looked at again with the next report.
func (r *reconciliation) markUnsure(ctx context.Context) error {
	return r.ofReport(1, r.unsure, func(where string, args []any) error {
		_, err := r.tx.Exec(ctx, "UPDATE graph_observation SET hash = '' WHERE "+where, args...)
		return err
	})
}

// silenceRest marks what a whole list does not name any more: the source's
// word is stale, and an item nobody else sees is missing. It says whether that
// is done.
func (r *reconciliation) silenceRest(ctx context.Context, most int) (done bool, err error) {
	if len(r.p.report.Complete) == 0 || len(r.p.entries) < len(r.p.report.Items)+r.p.unread {
		return true, nil // a list with a refused entry is not whole
	}
	for _, e := range r.p.entries {
		if e.item == "" {
			return true, nil
		}
	}
	var list []string
	for _, class := range r.p.report.Complete {
		resolved, _ := r.catalogue.Class(class)
		list = append(list, resolved.Descendants...)
	}
	slices.Sort(list)
	set, classes := r.tx.Dialect().Set(3, slices.Compact(list))
	rows, err := r.tx.Query(ctx, "SELECT key FROM graph_observation WHERE source = $1 AND scope = $2 AND NOT stale AND class IN "+set,
		append([]any{r.p.report.Source, r.p.report.Scope}, classes...)...)
	keys, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (key string, err error) { return key, rows.Scan(&key) })
	if err != nil {
		return false, err
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { _, named := r.observations[key]; return named })
	n := min(most, len(keys))
	silent := make([]said, n)
	for i, key := range keys[:n] {
		silent[i] = said{r.p.report.Source, r.p.report.Scope, key}
	}
	missing, err := r.silence(ctx, silent)
	r.outcome.Missing += missing
	r.altered = r.altered || n > 0
	return n == len(keys), err
}

// remind forgets that earlier reports of the source changed nothing, when this
// one did change something, before it remembers itself.
func (r *reconciliation) remind(ctx context.Context) error {
	if r.altered {
		if _, err := r.tx.Exec(ctx, "DELETE FROM graph_report WHERE source = $1 AND scope = $2", r.p.report.Source, r.p.report.Scope); err != nil {
			return err
		}
	}
	if !r.finished || len(r.outcome.Errors) > 0 || r.outcome.RelationsPending > 0 || r.disturbed || len(r.outcome.Items) < len(r.p.entries) {
		return nil
	}
	var ids strings.Builder
	for _, e := range r.p.entries {
		if e.faulty {
			return nil
		}
		ids.WriteString(e.item)
	}
	_, err := r.tx.Exec(ctx, `INSERT INTO graph_report (hash, source, scope, seen_at, items) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hash) DO UPDATE SET seen_at = excluded.seen_at, items = excluded.items`,
		r.p.hash, r.p.report.Source, r.p.report.Scope, r.at, ids.String())
	return err
}

// sumUp counts what became of the entries.
func (r *reconciliation) sumUp() {
	o := &r.outcome
	for _, e := range r.p.entries {
		if e.item == "" {
			continue
		}
		switch e.action {
		case Created:
			o.Created++
		case Changed:
			o.Changed++
		default:
			o.Unchanged++
		}
		o.Items = append(o.Items, OutcomeItem{Ref: e.ref, ID: e.item, Action: e.action})
	}
	o.Errors = r.p.errors
}
