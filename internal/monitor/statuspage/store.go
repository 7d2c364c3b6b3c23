package statuspage

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "statuspage".
func Migrations() fs.FS { return migrations }

func (c *Component) pages(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]Page, error) {
	rows, err := q.Query(ctx, "SELECT name, spec, version, updated_at FROM statuspage_page WHERE "+where+" ORDER BY name", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (p Page, err error) {
		var spec string
		var updated int64
		if err := r.Scan(&p.Name, &spec, &p.Version, &updated); err != nil {
			return p, err
		}
		p.Updated = core.FromMicros(updated)
		return p, json.Unmarshal([]byte(spec), &p.Spec)
	})
}

// page reads one that the caller may do something with.
func (c *Component) page(ctx context.Context, q sqldb.Querier, name string, permission auth.Permission) (*Page, error) {
	list, err := c.pages(ctx, q, "name = $1", name)
	if err != nil {
		return nil, err
	}
	p := auth.From(ctx)
	if len(list) == 0 || !p.Scope("statuspages:read").Allows(list[0].Spec.Team) {
		return nil, core.NotFound("status page", name)
	}
	if !p.Scope(permission).Allows(list[0].Spec.Team) {
		return nil, core.Errorf(core.CodeForbidden, "this status page belongs to another team")
	}
	return &list[0], nil
}

// incidents reads those of a page that are not over or were created since, newest first.
func (c *Component) incidents(ctx context.Context, q sqldb.Querier, page string, since time.Time) ([]Incident, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, title, status, components, starts_at, ends_at, created_at, resolved_at FROM statuspage_incident
		WHERE page = $1 AND (resolved_at = 0 OR resolved_at >= $2) ORDER BY created_at DESC, id DESC LIMIT 500`, page, core.Micros(since))
	list, err := sqldb.Collect(rows, err, scanIncident)
	if err != nil {
		return nil, err
	}
	return list, c.addUpdates(ctx, q, list)
}

func scanIncident(r *sqldb.Rows) (inc Incident, err error) {
	var components string
	var starts, ends, created, resolved int64
	if err := r.Scan(&inc.ID, &inc.Kind, &inc.Title, &inc.Status, &components, &starts, &ends, &created, &resolved); err != nil {
		return inc, err
	}
	inc.Created, inc.Updates = core.FromMicros(created), []Update{}
	inc.Starts, inc.Ends, inc.Resolved = core.Moment(starts), core.Moment(ends), core.Moment(resolved)
	return inc, json.Unmarshal([]byte(components), &inc.Components)
}

func (c *Component) addUpdates(ctx context.Context, q sqldb.Querier, list []Incident) error {
	if len(list) == 0 {
		return nil
	}
	args := make([]any, len(list))
	place := map[string]int{}
	for i, inc := range list {
		args[i], place[inc.ID] = inc.ID, i
	}
	rows, err := q.Query(ctx, "SELECT incident, id, at, status, body, author FROM statuspage_update WHERE incident IN "+sqldb.Values(1, len(args), 1)+" ORDER BY at DESC, id DESC", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var incident string
		var u Update
		var at int64
		if err := rows.Scan(&incident, &u.ID, &at, &u.Status, &u.Body, &u.Author); err != nil {
			return err
		}
		u.At = core.FromMicros(at)
		inc := &list[place[incident]]
		inc.Updates = append(inc.Updates, u)
	}
	return rows.Err()
}

// Post makes a draft a new incident of a page, or an update of one, and queues
// the mail about it.
func (c *Component) Post(ctx context.Context, name, id string, d Draft) (*Incident, error) {
	var inc *Incident
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		page, err := c.page(ctx, tx, name, "statuspages:write")
		if err != nil {
			return err
		}
		inc = &Incident{Updates: []Update{}}
		if id != "" {
			rows, err := tx.Query(ctx, "SELECT id, kind, title, status, components, starts_at, ends_at, created_at, resolved_at FROM statuspage_incident WHERE page = $1 AND id = $2", name, id)
			list, err := sqldb.Collect(rows, err, scanIncident)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return core.NotFound("incident of the page", id)
			}
			if err := c.addUpdates(ctx, tx, list); err != nil {
				return err
			}
			inc = &list[0]
		}
		now := core.FromMicros(core.Micros(c.deps.Clock.Now()))
		if err := inc.post(d, &page.Spec, now); err != nil {
			return err
		}
		u := Update{ID: c.deps.IDs.New(), At: now, Status: d.Status, Body: d.Body, Author: actor(ctx).Name}
		if err := c.save(ctx, tx, page, inc, u); err != nil {
			return err
		}
		inc.Updates = append([]Update{u}, inc.Updates...)
		tx.OnCommit(c.poke)
		if d.Quiet || !c.deps.Mail.Configured() || page.Spec.NoSubscribe {
			return nil
		}
		return c.queueNotice(ctx, tx, name, inc.ID, u.ID)
	})
	if err != nil {
		return nil, err
	}
	return inc, nil
}

func (c *Component) save(ctx context.Context, tx *sqldb.Tx, page *Page, inc *Incident, u Update) error {
	components, err := json.Marshal(inc.Components)
	if err != nil {
		return err
	}
	verb := "updated"
	if inc.ID == "" {
		verb, inc.ID = "opened", c.deps.IDs.New()
		if inc.Kind == kindMaintenance {
			verb = "planned"
		}
	}
	if inc.Resolved != nil {
		verb = "resolved"
	}
	_, err = tx.Exec(ctx, `INSERT INTO statuspage_incident (id, page, kind, title, status, components, starts_at, ends_at, created_at, resolved_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, status = excluded.status, components = excluded.components, starts_at = excluded.starts_at, ends_at = excluded.ends_at, resolved_at = excluded.resolved_at`,
		inc.ID, page.Name, inc.Kind, inc.Title, inc.Status, string(components), core.MicrosOf(inc.Starts), core.MicrosOf(inc.Ends), core.Micros(inc.Created), core.MicrosOf(inc.Resolved))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "INSERT INTO statuspage_update (id, incident, at, status, body, author) VALUES ($1,$2,$3,$4,$5,$6)", u.ID, inc.ID, core.Micros(u.At), u.Status, u.Body, u.Author); err != nil {
		return err
	}
	return c.tell(ctx, tx, "incident-"+verb, core.Ref{Kind: "status-incident", ID: inc.ID}, page.Spec.Team, page.Spec.Title+": "+inc.Title+" is "+inc.Status, map[string]any{"page": page.Name, "status": inc.Status, "body": u.Body})
}

func actor(ctx context.Context) ledger.Actor {
	if p := auth.From(ctx); p != nil {
		return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return ledger.System("status pages")
}

// told is how the types of this room's entries begin.
const told = "monitor.statuspage."

func (c *Component) tell(ctx context.Context, tx *sqldb.Tx, verb string, subject core.Ref, team, summary string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor(ctx), Module: "monitor", Type: told + verb, Subject: subject, Team: team, Summary: summary, Data: text})
	return err
}
