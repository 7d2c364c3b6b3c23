package oncall

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// notice is the argument of the task of one rule of one person.
type notice struct {
	Page       string `json:"page"`
	Generation int64  `json:"generation"`
	Person     string `json:"person"`
	Channel    string `json:"channel"`
	Why        string `json:"why"`
}

// tellPerson sets a timer for each of a person's rules.
func (c *Component) tellPerson(ctx context.Context, tx *sqldb.Tx, page Page, who Person, why string) error {
	preferences, err := c.preferences(ctx, tx, who.ID)
	if err != nil {
		return err
	}
	rules := preferences.rules(page.Urgency)
	if len(rules) == 0 {
		return c.notePage(ctx, tx, page, "unreached", who.Name+" wants no notice of "+page.Urgency+" urgency: "+page.Title, "")
	}
	list := make([]tasks.Task, len(rules))
	for i, r := range rules {
		n := notice{page.ID, page.generation, who.ID, r.Channel, why}
		list[i] = tasks.Task{Queue: queue, Kind: taskNotify, Key: fmt.Sprintf("%s/%d/%d/%d/%s/%d", page.ID, page.generation, page.Round, page.Step, who.ID, i), Args: n,
			RunAt: c.deps.Clock.Now().Add(time.Duration(r.After)), MaxFailures: -1, Priority: 10}
	}
	return c.deps.Tasks.Enqueue(ctx, tx, list...)
}

// notify carries out one rule: the message is written, or gathered for later.
func (c *Component) notify(ctx context.Context, t tasks.Task) error {
	var n notice
	if err := t.Decode(&n); err != nil {
		return err
	}
	who, err := c.deps.People.ByID(ctx, n.Person)
	if core.CodeOf(err) == core.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		page, err := pageByID(ctx, tx, n.Page)
		switch {
		case core.CodeOf(err) == core.CodeNotFound:
			return t.Complete(ctx, tx)
		case err != nil:
			return err
		}
		// Once all steps are through, what people's own rules still hold goes on.
		if who.Active && page.State == stateOpen && page.generation == n.Generation {
			if err := c.write(ctx, tx, page, who, n); err != nil {
				return err
			}
		}
		return t.Complete(ctx, tx)
	})
}

// write makes the delivery now, or gathers it when it is to wait.
func (c *Component) write(ctx context.Context, tx *sqldb.Tx, page Page, who Person, n notice) error {
	preferences, err := c.preferences(ctx, tx, who.ID)
	if err != nil {
		return err
	}
	now := c.deps.Clock.Now()
	var until time.Time
	reason := ""
	if page.Urgency == Low {
		if until = preferences.quietUntil(now); !until.IsZero() {
			reason = "quiet hours"
		} else if preferences.BatchLow > 0 {
			until, reason = now.Add(time.Duration(preferences.BatchLow)), "gathered"
		}
	}
	if until.IsZero() {
		var recent int
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM oncall_delivery WHERE person = $1 AND created_at > $2 AND channel = $3 AND purpose = 'page'", who.ID,
			core.Micros(now.Add(-c.cfg.BurstTime)), n.Channel).Scan(&recent); err != nil {
			return err
		}
		if recent >= c.cfg.Burst {
			until, reason = now.Add(c.cfg.BurstTime), fmt.Sprintf("more than %d within %s", c.cfg.Burst, c.cfg.BurstTime)
		}
	}
	if !until.IsZero() {
		return c.gather(ctx, tx, page, n, until, reason)
	}
	return c.queueFor(ctx, tx, page, who, preferences, n.Channel, purposePage, n.Why)
}

// gathered is the argument of the task that tells what was gathered.
type gathered struct {
	Person  string `json:"person"`
	Channel string `json:"channel"`
	Due     int64  `json:"due"`
}

// gather keeps a page for later. What waits already says when it is told.
func (c *Component) gather(ctx context.Context, tx *sqldb.Tx, page Page, n notice, until time.Time, reason string) error {
	var due int64
	err := tx.QueryRow(ctx, "SELECT COALESCE(MIN(due_at), 0) FROM oncall_waiting WHERE person = $1 AND channel = $2 AND due_at > $3", n.Person, n.Channel,
		core.Micros(c.deps.Clock.Now())).Scan(&due)
	if err != nil {
		return err
	}
	if due == 0 || due > core.Micros(until) {
		due = core.Micros(until)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO oncall_waiting (person, channel, page, due_at, why) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`,
		n.Person, n.Channel, page.ID, due, n.Why+"; "+reason); err != nil {
		return err
	}
	g := gathered{n.Person, n.Channel, due}
	return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Queue: queue, Kind: taskGather, Key: fmt.Sprintf("%s/%s/%d", g.Person, g.Channel, g.Due), Args: g,
		RunAt: core.FromMicros(due), MaxFailures: -1})
}

// tellGathered writes one message about everything that waited and still matters.
func (c *Component) tellGathered(ctx context.Context, t tasks.Task) error {
	var g gathered
	if err := t.Decode(&g); err != nil {
		return err
	}
	who, err := c.deps.People.ByID(ctx, g.Person)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		pages, err := pagesWhere(ctx, tx, `id IN (SELECT page FROM oncall_waiting WHERE person = $1 AND channel = $2 AND due_at <= $3) AND state = 'open'
			ORDER BY severity DESC, opened_at LIMIT 200`, g.Person, g.Channel, g.Due)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM oncall_waiting WHERE person = $1 AND channel = $2 AND due_at <= $3", g.Person, g.Channel, g.Due); err != nil {
			return err
		}
		if who.Active && len(pages) > 0 {
			if err := c.tellTogether(ctx, tx, who, g.Channel, pages); err != nil {
				return err
			}
		}
		return t.Complete(ctx, tx)
	})
}

func (c *Component) tellTogether(ctx context.Context, tx *sqldb.Tx, who Person, channel string, pages []Page) error {
	preferences, err := c.preferences(ctx, tx, who.ID)
	if err != nil {
		return err
	}
	if len(pages) == 1 {
		return c.queueFor(ctx, tx, pages[0], who, preferences, channel, purposePage, "it waited")
	}
	all := pages[0]
	all.ID, all.Situation, all.Title = "", "", fmt.Sprintf("%d situations wait for you", len(pages))
	body := ""
	for _, p := range pages {
		body += fmt.Sprintf("%s: %s\n%s\n\n", p.Severity, p.Title, c.address()+"/situations/"+p.Situation)
	}
	d, err := c.addressed(ctx, tx, all, who, preferences, channel, purposePage, "gathered")
	if err != nil {
		return err
	}
	d.body = body
	return c.queue(ctx, tx, d)
}

// night says whether it is night where the person is.
func night(p Preferences, at time.Time) bool {
	zone, err := p.zone()
	return err == nil && roster.Night(at, zone)
}
