package oncall

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// Override is one that is kept.
type Override struct {
	Name string `json:"name"`
	OverrideSpec
	CreatedBy string    `json:"createdBy"`
	CreatedAt time.Time `json:"createdAt"`
}

// overrides reads some in the order they were made, which is the order they count in.
func overrides(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]Override, error) {
	rows, err := q.Query(ctx, "SELECT name, rota, person, starts_at, ends_at, reason, created_by, created_at FROM oncall_override WHERE "+where+" ORDER BY created_at, name", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (o Override, err error) {
		var from, to, created int64
		err = r.Scan(&o.Name, &o.Rota, &o.Person, &from, &to, &o.Reason, &o.CreatedBy, &created)
		o.From, o.To, o.CreatedAt = core.FromMicros(from), core.FromMicros(to), core.FromMicros(created)
		return o, err
	})
}

// forRoster are the overrides of a rota that touch from..to.
func forRoster(ctx context.Context, q sqldb.Querier, rota string, from, to time.Time) ([]roster.Override, []Override, error) {
	list, err := overrides(ctx, q, "rota = $1 AND ends_at > $2 AND starts_at < $3", rota, core.Micros(from), core.Micros(to))
	out := make([]roster.Override, len(list))
	for i, o := range list {
		out[i] = roster.Override{Name: o.Name, Person: o.Person, From: o.From, To: o.To}
	}
	return out, list, err
}

// putOverride keeps an override and says whether that changed anything. Who is
// on call swaps duty without changing the rota: it needs oncall:act.
func (c *Component) putOverride(ctx context.Context, tx *sqldb.Tx, name string, spec OverrideSpec, prefix string) (bool, error) {
	if err := spec.validate(prefix); err != nil {
		return false, err
	}
	rota, err := c.see(ctx, tx, kindRota, spec.Rota, "oncall:act")
	if core.CodeOf(err) == core.CodeNotFound {
		return false, core.Invalid(prefix+"rota", "there is no rota "+spec.Rota)
	}
	if err != nil {
		return false, err
	}
	if err := c.known(ctx, prefix+"person", Target{Person: spec.Person}); err != nil {
		return false, err
	}
	old, err := overrides(ctx, tx, "name = $1", name)
	if err != nil {
		return false, err
	}
	if len(old) > 0 {
		o := old[0].OverrideSpec
		if o.Rota == spec.Rota && o.Person == spec.Person && o.From.Equal(spec.From) && o.To.Equal(spec.To) && o.Reason == spec.Reason {
			return false, nil
		}
		if _, err := c.see(ctx, tx, kindRota, o.Rota, "oncall:act"); err != nil {
			return false, err
		}
	}
	by := "on call"
	if p := auth.From(ctx); p != nil {
		by = p.Name
	}
	if _, err := tx.Exec(ctx, `INSERT INTO oncall_override (name, rota, person, starts_at, ends_at, reason, created_by, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (name) DO UPDATE SET rota = excluded.rota, person = excluded.person, starts_at = excluded.starts_at, ends_at = excluded.ends_at, reason = excluded.reason`,
		name, spec.Rota, spec.Person, core.Micros(spec.From), core.Micros(spec.To), spec.Reason, by, core.Micros(c.deps.Clock.Now())); err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, telling{verb: "override.set", subject: core.Ref{Kind: "rota", ID: spec.Rota}, team: rota.Team, data: spec,
		summary: spec.Person + " is on call by " + spec.Rota + " from " + spec.From.UTC().Format(time.RFC3339) + " to " + spec.To.UTC().Format(time.RFC3339)})
}

func (c *Component) deleteOverride(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	list, err := overrides(ctx, tx, "name = $1", name)
	if err != nil || len(list) == 0 {
		return false, err
	}
	rota, err := c.see(ctx, tx, kindRota, list[0].Rota, "oncall:act")
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM oncall_override WHERE name = $1", name); err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, telling{verb: "override.deleted", subject: core.Ref{Kind: "rota", ID: list[0].Rota}, team: rota.Team,
		summary: "override of " + list[0].Rota + " by " + list[0].Person + " taken back"})
}

// SetOverride makes an override and returns it.
func (c *Component) SetOverride(ctx context.Context, spec OverrideSpec) (Override, error) {
	name := spec.Rota + "-" + c.deps.IDs.New()
	var out Override
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := c.putOverride(ctx, tx, name, spec, ""); err != nil {
			return err
		}
		list, err := overrides(ctx, tx, "name = $1", name)
		if err == nil {
			out = list[0]
		}
		return err
	})
	return out, err
}
