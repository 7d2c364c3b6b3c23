package ledger

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Migrations returns the tables of the ledger.
func Migrations() fs.FS { return migrations }

const entryColumns = "seq, id, at, actor_kind, actor_id, actor_name, module, type, subject_kind, subject_id, item, related, team, summary, data, cause, hash"

func scanEntry(rows *sqldb.Rows) (e Entry, err error) {
	var at int64
	var related, data string
	err = rows.Scan(&e.Seq, &e.ID, &at, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Module, &e.Type,
		&e.Subject.Kind, &e.Subject.ID, &e.Item, &related, &e.Team, &e.Summary, &data, &e.Cause, &e.Hash)
	if err != nil {
		return e, err
	}
	e.At = core.FromMicros(at)
	if data != "" {
		e.Data = json.RawMessage(data)
	}
	return e, e.readRelated(related)
}

// scanConcerned reads what says which items an entry concerns.
func scanConcerned(rows *sqldb.Rows) (e Entry, err error) {
	var related string
	if err := rows.Scan(&e.Seq, &e.Subject.Kind, &e.Subject.ID, &e.Item, &related); err != nil {
		return e, err
	}
	return e, e.readRelated(related)
}

func (e *Entry) readRelated(text string) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), &e.Related)
}

func entryRow(e *Entry) ([]any, error) {
	related := ""
	if len(e.Related) > 0 {
		b, err := json.Marshal(e.Related)
		if err != nil {
			return nil, err
		}
		related = string(b)
	}
	return []any{e.Seq, e.ID, core.Micros(e.At), e.Actor.Kind, e.Actor.ID, e.Actor.Name, e.Module, e.Type, e.Subject.Kind, e.Subject.ID,
		e.Item, related, e.Team, e.Summary, string(e.Data), e.Cause, e.Hash}, nil
}

// Query selects entries; empty fields do not restrict.
type Query struct {
	Items   []string  // about or related to any of these items
	Subject core.Ref  // about this record
	Types   []string  // types or their prefixes ("desk.", "desk.incident.opened")
	Actor   string    // actor id
	Since   time.Time // at or after
	Until   time.Time // before
	Before  int64     // position below this one: the next page
	After   int64     // position above this one
	Limit   int       // 1 to 1000; 0 is 100
	Oldest  bool      // oldest first; otherwise newest first
	Teams   []string  // with Scoped: entries of these teams and of none
	Scoped  bool
}

// List returns the entries a query selects.
func (l *Ledger) List(ctx context.Context, q Query) ([]Entry, error) {
	var where []string
	var args []any
	bind := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	bindAll := func(values []string) string {
		first := len(args) + 1
		for _, v := range values {
			args = append(args, v)
		}
		return sqldb.In(len(values), first)
	}
	about := func(items []string) {
		query, ids := l.db.Dialect().ByKey("seq", "ledger_item", "TRUE", "item", len(args)+1, items)
		args = append(args, ids...)
		if l.db.Dialect() == sqldb.PostgreSQL { // an array, or the whole ledger is read from its end until enough is found
			where = append(where, "seq = ANY(ARRAY("+query+"))")
		} else {
			where = append(where, "seq IN ("+query+")")
		}
	}
	if len(q.Items) > 0 {
		about(q.Items)
	}
	if !q.Subject.IsZero() {
		where = append(where, "subject_kind = "+bind(q.Subject.Kind)+" AND subject_id = "+bind(q.Subject.ID))
		if q.Subject.Kind == itemKind { // not in the index of subjects
			about([]string{q.Subject.ID})
		} else {
			where = append(where, "subject_kind <> '"+itemKind+"'")
		}
	}
	if len(q.Types) > 0 {
		var any []string
		for _, t := range q.Types {
			low, high := prefixRange(t)
			any = append(any, "(type >= "+bind(low)+" AND type < "+bind(high)+")")
		}
		where = append(where, "("+strings.Join(any, " OR ")+")")
	}
	if q.Actor != "" {
		where = append(where, "actor_id = "+bind(q.Actor))
	}
	if !q.Since.IsZero() {
		where = append(where, "at >= "+bind(core.Micros(q.Since)))
	}
	if !q.Until.IsZero() {
		where = append(where, "at < "+bind(core.Micros(q.Until)))
	}
	if q.Before > 0 {
		where = append(where, "seq < "+bind(q.Before))
	}
	if q.After > 0 {
		where = append(where, "seq > "+bind(q.After))
	}
	if q.Scoped {
		where = append(where, "team IN ("+bindAll(append([]string{""}, q.Teams...))+")")
	}
	text := "SELECT " + entryColumns + " FROM ledger_entry"
	if len(where) > 0 {
		text += " WHERE " + strings.Join(where, " AND ")
	}
	order := " DESC"
	if q.Oldest {
		order = ""
	}
	limit := min(max(q.Limit, 0), 1000)
	if limit == 0 {
		limit = 100
	}
	rows, err := l.db.Query(ctx, text+" ORDER BY seq"+order+" LIMIT "+bind(limit), args...)
	return sqldb.Collect(rows, err, scanEntry)
}

// prefixRange returns the half-open range of texts that begin with prefix.
func prefixRange(prefix string) (low, high string) { return prefix, prefix + "\U0010ffff" }

// Entry returns the entry with an id.
func (l *Ledger) Entry(ctx context.Context, id string) (Entry, error) {
	rows, err := l.db.Query(ctx, "SELECT "+entryColumns+" FROM ledger_entry WHERE id = $1", id)
	found, err := sqldb.Collect(rows, err, scanEntry)
	if err != nil {
		return Entry{}, err
	}
	if len(found) == 0 {
		return Entry{}, core.NotFound("ledger entry", id)
	}
	return found[0], nil
}
