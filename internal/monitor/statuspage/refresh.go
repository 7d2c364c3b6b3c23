package statuspage

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// poke has pages rendered anew soon.
func (c *Component) poke() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// Changed has pages rendered anew soon, because states may have moved.
func (c *Component) Changed() { c.poke() }

// listen hears of what other processes did.
func (c *Component) listen(ctx context.Context) {
	for ctx.Err() == nil {
		head, err := c.deps.Ledger.Head(ctx)
		if err == nil {
			err = c.deps.Ledger.Follow(ctx, head, func(e *ledger.Entry) bool {
				return strings.HasPrefix(e.Type, told) || strings.HasPrefix(e.Type, "monitor.maintenance.")
			}, func(ledger.Entry) error { c.poke(); return nil })
		}
		if err != nil && ctx.Err() == nil {
			c.pause(ctx, c.cfg.Refresh)
		}
	}
}

func (c *Component) pause(ctx context.Context, d time.Duration) {
	timer := c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	}
}

// calm is the shortest time between two renderings.
const calm = 300 * time.Millisecond

func (c *Component) keepFresh(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.refresh(ctx); err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("status pages stay as they were", "error", err)
		}
		c.pause(ctx, calm)
		timer := c.deps.Clock.NewTimer(c.cfg.Refresh)
		select {
		case <-ctx.Done():
		case <-timer.C():
		case <-c.news:
		}
		timer.Stop()
	}
}

// refresh renders every page; one that fails stays as it was. It waits for a
// refresh under way, which may have read what is older.
func (c *Component) refresh(ctx context.Context) error {
	c.refreshing.Lock()
	defer c.refreshing.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	list, err := c.pages(ctx, c.deps.DB, "1 = 1")
	if err != nil {
		return err
	}
	former := *c.served.Load()
	next := make(map[string]*rendered, len(list))
	c.known.forget(c.deps.Clock.Now())
	for _, p := range list {
		shown, err := c.show(ctx, &p, nil)
		var r *rendered
		if err == nil {
			r, err = c.render(shown, p.Spec.public())
		}
		if err != nil {
			c.deps.Log.Warn("a status page stays as it was", "page", p.Name, "error", err)
			if r = former[p.Spec.Slug]; r == nil {
				continue
			}
		}
		r.page = p.Name
		next[p.Spec.Slug] = r
	}
	c.served.Store(&next)
	c.forget(ctx)
	return nil
}

// forget drops addresses that were never confirmed.
func (c *Component) forget(ctx context.Context) {
	now := c.deps.Clock.Now()
	if now.Sub(c.forgot) < time.Hour {
		return
	}
	c.forgot = now
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM statuspage_subscriber WHERE confirmed_at = 0 AND asked_at < $1", core.Micros(now.Add(-unconfirmedFor)))
		return err
	})
	if err != nil {
		c.deps.Log.Warn("addresses that were not confirmed are still kept", "error", err)
	}
}

// show makes what a page shows now; draft, which may be nil, is shown as if it
// had been posted.
func (c *Component) show(ctx context.Context, p *Page, draft *Incident) (*Shown, error) {
	now := c.deps.Clock.Now()
	zone, err := p.Spec.zone()
	if err != nil {
		return nil, err
	}
	s := &Shown{Title: p.Spec.Title, Slug: p.Spec.Slug, Description: p.Spec.Description, Status: Operational, Updated: now.UTC().Truncate(time.Second), TimeZone: zone.String(),
		Groups: []ShownGroup{}, Subscribe: p.Spec.public() && !p.Spec.NoSubscribe && c.deps.Mail.Configured()}
	posted, err := c.incidents(ctx, c.deps.DB, p.Name, now.AddDate(0, 0, -pastDays))
	if err != nil {
		return nil, err
	}
	if draft != nil {
		posted = slices.DeleteFunc(posted, func(i Incident) bool { return i.ID == draft.ID })
		posted = append([]Incident{*draft}, posted...)
	}
	of, states, err := c.look(ctx, &p.Spec)
	if err != nil {
		return nil, err
	}
	for _, g := range p.Spec.Groups {
		shown := ShownGroup{Name: g.Name, Components: []ShownPart{}}
		for _, part := range g.Components {
			sp, err := c.showPart(ctx, &p.Spec, part, of[part.Name], states, now)
			if err != nil {
				return nil, err
			}
			for _, inc := range posted {
				sp.Status = worse(sp.Status, inc.says(part.Name, now))
			}
			s.Status = worse(s.Status, sp.Status)
			shown.Components = append(shown.Components, sp)
		}
		s.Groups = append(s.Groups, shown)
	}
	s.arrange(posted, now)
	return s, nil
}

// look finds the items of every component, and what they are.
func (c *Component) look(ctx context.Context, spec *Spec) (of map[string]found, states map[string]figures.State, err error) {
	of = map[string]found{}
	var all []string
	for _, g := range spec.Groups {
		for _, part := range g.Components {
			f, err := c.known.of(ctx, c, spec, part)
			if err != nil {
				return nil, nil, err
			}
			of[part.Name] = f
			all = append(all, f.items...)
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > 0 {
		states, err = c.deps.Availability.States(ctx, all)
	}
	return of, states, err
}

func (c *Component) showPart(ctx context.Context, spec *Spec, part Part, of found, states map[string]figures.State, now time.Time) (ShownPart, error) {
	shown := ShownPart{Name: part.Name, Description: part.Description, Status: Operational}
	if len(of.items) == 0 {
		if len(part.Identities) > 0 || part.Selector != "" {
			shown.Status = Unclear
		}
		return shown, nil
	}
	var known []figures.State
	for _, item := range of.items {
		state := states[item]
		if state == figures.Down || state == figures.Degraded {
			if on, _ := c.deps.Maintenance.InMaintenance(ctx, item, now); on {
				shown.Status = worse(shown.Status, Maintained)
				continue
			}
		}
		known = append(known, state)
	}
	shown.Status = worse(shown.Status, statusOf(known))
	if !spec.NoHistory {
		shown.Days, shown.Uptime = of.days, of.uptime
	}
	return shown, nil
}

// statusOf is what states of a component's items come to: some of several that
// are down are a part of it.
func statusOf(states []figures.State) Status {
	down, out := 0, Operational
	for _, s := range states {
		switch s {
		case figures.Down:
			down++
		case figures.Degraded:
			out = worse(out, Degraded)
		case figures.Unknown, figures.None:
			out = worse(out, Unclear)
		}
	}
	switch {
	case down == 0:
		return out
	case down < len(states):
		return Partial
	}
	return Outage
}

// maxHistory bounds the items whose history one component adds up.
const maxHistory = 50

// history is the worst of the items on each day, and the mean of what is known.
func (c *Component) history(ctx context.Context, items []string, zone *time.Location, now time.Time) ([]ShownDay, *float64, error) {
	local := now.In(zone)
	tomorrow := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)
	from := time.Date(local.Year(), local.Month(), local.Day()+1-historyDays, 0, 0, 0, 0, zone)
	var out []ShownDay
	for _, item := range items[:min(len(items), maxHistory)] {
		days, err := c.deps.Availability.Days(ctx, item, zone, from, tomorrow)
		if err != nil {
			return nil, nil, err
		}
		if out == nil {
			out = make([]ShownDay, len(days))
		}
		for i, d := range days {
			day := ShownDay{Date: d.Date, Status: dayStatus(d), Uptime: d.Availability}
			if known := out[i].Uptime; known != nil && (day.Uptime == nil || *known < *day.Uptime) {
				day.Uptime = known
			}
			if out[i].Status != "" && day.Status.rank() < out[i].Status.rank() {
				day.Status = out[i].Status
			}
			out[i] = day
		}
	}
	sum, known := 0.0, 0
	for _, d := range out {
		if d.Uptime != nil {
			sum, known = sum+*d.Uptime, known+1
		}
	}
	if known == 0 {
		return out, nil, nil
	}
	mean := sum / float64(known)
	return out, &mean, nil
}

// partly is the percentage of a day below which it is shown as an outage.
const partly = 95

func dayStatus(d figures.Day) Status {
	switch {
	case d.Down > 0 && d.Availability != nil && *d.Availability < partly:
		return Outage
	case d.Down > 0:
		return Partial
	case d.Degraded > 0:
		return Degraded
	case d.Availability != nil:
		return Operational
	case d.Maintenance > 0:
		return Maintained
	}
	return Unclear
}

func (c *Component) itemsOf(ctx context.Context, p Part) ([]string, error) {
	out := slices.Clone(p.Items)
	for _, identity := range p.Identities {
		id, err := c.deps.Items.ItemOf(ctx, []core.Identity{identity})
		if code := core.CodeOf(err); code == core.CodeNotFound || code == core.CodeConflict {
			continue
		} else if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	if p.Selector != "" {
		ids, err := c.deps.Items.Select(ctx, p.Selector)
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
