package declare

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of versions; migrate them under the name "declare".
func Migrations() fs.FS { return migrations }

// versionsKept bounds the versions of one document; the oldest go first.
const versionsKept = 200

// Found is the action of a version that was there before versions were kept,
// or that something else than a document has made.
const Found Action = "found"

// Version is what a document was from one time on.
type Version struct {
	Version int64           `json:"version"`
	At      time.Time       `json:"at"`
	By      Author          `json:"by"`
	Action  Action          `json:"action" enum:"created,changed,deleted,found" doc:"found: it was so, whoever made it: it was changed otherwise than by a document"`
	Why     string          `json:"why,omitempty"`
	Spec    json.RawMessage `json:"spec"`
	Current bool            `json:"current" doc:"The document is so now"`
	Diff    []Difference    `json:"diff" nullable:"false" doc:"What differs from the version before"`
}

// Author is who made a version; nobody of one that was found.
type Author struct {
	Kind string `json:"kind,omitempty"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// KeepVersions makes the set keep what documents were, from now on. Call it
// before the set is used; the tables must be migrated.
func (s *Set) KeepVersions(clock core.Clock) { s.clock = clock }

type reason struct{}

// WithReason returns a context whose changes have been made for a reason.
func WithReason(ctx context.Context, why string) context.Context {
	return context.WithValue(ctx, reason{}, why)
}

// record keeps a new version, in the transaction of the change.
func (s *Set) record(ctx context.Context, tx *sqldb.Tx, kind, name string, action Action, before, after json.RawMessage) error {
	if s.clock == nil {
		return nil
	}
	var last int64
	var spec, was string
	err := tx.QueryRow(ctx, "SELECT version, spec, action FROM declare_version WHERE kind = $1 AND name = $2 ORDER BY version DESC LIMIT 1", kind, name).Scan(&last, &spec, &was)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return err
	}
	insert := func(action Action, by Author, why string, spec json.RawMessage) error {
		last++
		_, err := tx.Exec(ctx, "INSERT INTO declare_version (kind, name, version, at, by_kind, by_id, by_name, action, why, spec) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
			kind, name, last, core.Micros(s.clock.Now()), by.Kind, by.ID, by.Name, string(action), why, string(spec))
		return err
	}
	if before != nil && (last == 0 || was == string(Deleted) || !Equal(json.RawMessage(spec), before)) {
		if err := insert(Found, Author{}, "", before); err != nil {
			return err
		}
	}
	var by Author
	if p := auth.From(ctx); p != nil {
		by = Author{p.Kind, p.ID, p.Name}
	}
	why, _ := ctx.Value(reason{}).(string)
	if err := insert(action, by, why, after); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "DELETE FROM declare_version WHERE kind = $1 AND name = $2 AND version <= $3", kind, name, last-versionsKept)
	return err
}

// Versions lists what a document was, the latest first.
func (s *Set) Versions(ctx context.Context, kind, name string) ([]Version, error) {
	k, err := s.named(kind)
	if err == nil {
		err = allowed(ctx, k, auth.Read)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, "SELECT version, at, by_kind, by_id, by_name, action, why, spec FROM declare_version WHERE kind = $1 AND name = $2 ORDER BY version DESC", k.Name, name)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (v Version, err error) {
		var at int64
		var action, spec string
		err = r.Scan(&v.Version, &at, &v.By.Kind, &v.By.ID, &v.By.Name, &action, &v.Why, &spec)
		v.At, v.Action, v.Spec, v.Diff = core.FromMicros(at), Action(action), json.RawMessage(spec), []Difference{}
		return v, err
	})
	if err != nil {
		return nil, err
	}
	now, exists, err := k.Get(ctx, s.db, name)
	for i := range list {
		if i+1 < len(list) {
			list[i].Diff = append(list[i].Diff, Differences(list[i+1].Spec, list[i].Spec)...)
		}
		if i == 0 {
			list[i].Current = exists && list[i].Action != Deleted && Equal(now, list[i].Spec)
		}
	}
	return list, err
}

// Restore makes a document what a version of it was.
func (s *Set) Restore(ctx context.Context, kind, name string, version int64) (Outcome, error) {
	k, err := s.named(kind)
	if err == nil {
		err = allowed(ctx, k, auth.Write)
	}
	if err != nil {
		return Outcome{}, err
	}
	var spec string
	err = s.db.QueryRow(ctx, "SELECT spec FROM declare_version WHERE kind = $1 AND name = $2 AND version = $3", k.Name, name, version).Scan(&spec)
	if errors.Is(err, sqldb.ErrNoRows) {
		return Outcome{}, core.NotFound("version of "+k.Name, name)
	}
	if err != nil {
		return Outcome{}, err
	}
	doc := Parsed{Document: Document{Kind: k.Name, Name: name, Spec: json.RawMessage(spec)}}
	return s.Apply(ctx, []Parsed{doc}, false)[0], nil
}
