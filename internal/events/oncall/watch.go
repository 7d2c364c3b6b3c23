package oncall

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// watch looks at all rotas: who takes over and who hands over is told, gaps
// ahead are alerted, and what is old is removed. It never ends: it comes again.
func (c *Component) watch(ctx context.Context, _ tasks.Task) error {
	list, err := documents(ctx, c.deps.DB, "kind = $1", kindRota)
	if err != nil {
		return err
	}
	var failed error
	for _, d := range list {
		if err := c.watchRota(ctx, d); err != nil {
			failed = errors.Join(failed, fmt.Errorf("rota %s: %w", d.Name, err))
		}
	}
	failed = errors.Join(failed, c.forgetRotas(ctx), c.forget(ctx))
	if failed != nil && ctx.Err() == nil {
		c.deps.Log.Warn("on call: rotas could not all be looked at", "error", failed)
	}
	return tasks.Snooze(c.cfg.Watch)
}

// forgetRotas clears the alerts of rotas that are gone.
func (c *Component) forgetRotas(ctx context.Context) error {
	gone := "rota NOT IN (SELECT name FROM oncall_document WHERE kind = 'Rota')"
	rows, err := c.deps.DB.Query(ctx, "SELECT rota FROM oncall_watch WHERE gap = 1 AND "+gone)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (name string, err error) { return name, r.Scan(&name) })
	for _, name := range list {
		if err == nil {
			err = c.deps.Events.Accept(ctx, []core.Event{c.gapEvent(name)})
		}
	}
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM oncall_watch WHERE "+gone)
		return err
	})
}

// gapEvent clears the alert of a rota.
func (c *Component) gapEvent(rota string) core.Event {
	return core.Event{ID: c.deps.IDs.New(), At: c.deps.Clock.Now(), Source: "oncall", Kind: core.Cleared, Key: "oncall/gap/" + rota, Title: "Nobody is on call by " + rota,
		Labels: map[string]string{"rota": rota}}
}

func (c *Component) watchRota(ctx context.Context, d document) error {
	r, err := rotaOf(d)
	if err != nil {
		return err
	}
	now := c.deps.Clock.Now()
	var seen, alerted int64
	err = c.deps.DB.QueryRow(ctx, "SELECT seen_at, gap FROM oncall_watch WHERE rota = $1", d.Name).Scan(&seen, &alerted)
	if err != nil && !absent(err) {
		return err
	}
	gap, err := c.alertGap(ctx, d, r, now, alerted != 0)
	if err != nil {
		return err
	}
	gapped := 0
	if gap {
		gapped = 1
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if seen != 0 {
			if err := c.handOvers(ctx, tx, d, r, core.FromMicros(seen), now); err != nil {
				return err
			}
		}
		// Who was faster has told it: the row says up to when.
		n, err := sqldb.Affected(tx.Exec(ctx, `INSERT INTO oncall_watch (rota, seen_at, gap) VALUES ($1, $2, $3)
			ON CONFLICT (rota) DO UPDATE SET seen_at = excluded.seen_at, gap = excluded.gap WHERE oncall_watch.seen_at = $4`, d.Name, core.Micros(now), gapped, seen))
		if err == nil && n == 0 {
			err = core.Errorf(core.CodeConflict, "another process looked at it")
		}
		return err
	})
}

// longestMissed is how far back hand-overs are told after an outage.
const longestMissed = 2 * time.Hour

// handOvers tells both sides of each change of duty since seen.
func (c *Component) handOvers(ctx context.Context, tx *sqldb.Tx, d document, r *roster.Rota, seen, now time.Time) error {
	if now.Sub(seen) > longestMissed {
		seen = now.Add(-longestMissed)
	}
	over, _, err := forRoster(ctx, tx, d.Name, seen.Add(-time.Minute), now.AddDate(0, 0, 60))
	if err != nil {
		return err
	}
	before, had := r.At(seen, over)
	for _, s := range append(r.Final(seen, now.Add(time.Microsecond), over), roster.Shift{From: now}) {
		if !s.From.After(seen) && s.Person != "" {
			continue
		}
		at := s.From
		after, has := r.At(at, over)
		if had == has && before.Person == after.Person {
			continue
		}
		if err := c.handOver(ctx, tx, d, r, at, over, before, had, after, has); err != nil {
			return err
		}
		before, had = after, has
	}
	return nil
}

func (c *Component) handOver(ctx context.Context, tx *sqldb.Tx, d document, r *roster.Rota, at time.Time, over []roster.Override, before roster.Shift, had bool, after roster.Shift, has bool) error {
	name := d.Name
	if r.Title != "" {
		name = r.Title
	}
	from, to := "nobody", "nobody"
	if had {
		from = c.nameOf(ctx, before.Person)
	}
	if has {
		to = c.nameOf(ctx, after.Person)
	}
	if err := c.note(ctx, tx, telling{verb: "rota.handedover", subject: core.Ref{Kind: "rota", ID: d.Name}, team: d.Team, summary: fmt.Sprintf("%s: %s hands over to %s", name, from, to),
		data: map[string]any{"from": before.Person, "to": after.Person, "at": at}}); err != nil {
		return err
	}
	if has {
		until := at
		for _, s := range r.Final(at, at.AddDate(0, 0, 60), over) {
			if s.Person != after.Person || s.From.After(until) {
				break
			}
			until = s.To
		}
		text := fmt.Sprintf("Until %s. %s", until.In(r.Zone()).Format("Mon 2 Jan 15:04 MST"), map[bool]string{true: from + " hands over to you.", false: "Nobody was on call before."}[had])
		if err := c.tellOfDuty(ctx, tx, after.Person, "You are on call: "+name, text); err != nil {
			return err
		}
	}
	if had {
		return c.tellOfDuty(ctx, tx, before.Person, "Your duty is over: "+name, map[bool]string{true: to + " takes over.", false: "Nobody takes over: there is a gap."}[has])
	}
	return nil
}

// tellOfDuty uses the first of a person's ways for what is not urgent.
func (c *Component) tellOfDuty(ctx context.Context, tx *sqldb.Tx, username, title, text string) error {
	who, err := c.deps.People.ByUsername(ctx, username)
	if core.CodeOf(err) == core.CodeNotFound || err == nil && !who.Active {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := c.preferences(ctx, tx, who.ID)
	if err != nil {
		return err
	}
	rules := p.Low
	if len(rules) == 0 {
		rules = p.High
	}
	d, err := c.addressed(ctx, tx, Page{Title: title}, who, p, rules[0].Channel, purposeHandOver, "hand-over")
	if err != nil {
		return err
	}
	d.body = text
	return c.queue(ctx, tx, d)
}

// alertGap opens or clears the alert of a rota and says whether it is open.
func (c *Component) alertGap(ctx context.Context, d document, r *roster.Rota, now time.Time, alerted bool) (bool, error) {
	until := now.Add(c.cfg.GapsAhead)
	over, _, err := forRoster(ctx, c.deps.DB, d.Name, now, until)
	if err != nil {
		return alerted, err
	}
	var gaps []roster.Span
	if !r.AllowGaps && now.Before(until) {
		gaps = roster.Gaps(r.Final(now, until, over), now, until)
	}
	if len(gaps) == 0 && !alerted {
		return false, nil
	}
	event := c.gapEvent(d.Name)
	if len(gaps) > 0 {
		if alerted {
			return true, nil
		}
		event.Kind, event.Severity = core.Problem, core.Warning
		event.Description = fmt.Sprintf("From %s to %s; %d gaps within %s. Add somebody to the rota or an override, or allow gaps.",
			gaps[0].From.In(r.Zone()).Format("Mon 2 Jan 15:04 MST"), gaps[0].To.In(r.Zone()).Format("Mon 2 Jan 15:04 MST"), len(gaps), c.cfg.GapsAhead)
	}
	return len(gaps) > 0, c.deps.Events.Accept(ctx, []core.Event{event})
}

// forgetBatch bounds what one look removes.
const forgetBatch = 500

// forget removes what is older than it is kept.
func (c *Component) forget(ctx context.Context) error {
	before := core.Micros(c.deps.Clock.Now().Add(-c.cfg.Keep))
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		old := "SELECT id FROM oncall_delivery WHERE created_at < $1 AND state <> 'waiting' ORDER BY created_at LIMIT $2"
		for _, statement := range []string{"DELETE FROM oncall_try WHERE delivery IN (" + old + ")", "DELETE FROM oncall_delivery WHERE id IN (" + old + ")",
			"DELETE FROM oncall_page WHERE id IN (SELECT id FROM oncall_page WHERE opened_at < $1 AND state = 'resolved' ORDER BY opened_at LIMIT $2)",
			"DELETE FROM oncall_used WHERE link IN (SELECT link FROM oncall_used WHERE at < $1 LIMIT $2)",
			"DELETE FROM oncall_override WHERE name IN (SELECT name FROM oncall_override WHERE ends_at < $1 LIMIT $2)"} {
			if _, err := tx.Exec(ctx, statement, before, forgetBatch); err != nil {
				return err
			}
		}
		return nil
	})
}
