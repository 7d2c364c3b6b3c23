package agents

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// alarm raises the alert of every agent that has stayed away, and ends it when
// the agent is back. Nobody counts as away before the server itself has been
// there for as long, since settled.
//
// An event is accepted before the registry says so: after a crash between the
// two it is sent again, which changes nothing.
func (c *Component) alarm(ctx context.Context, settled time.Time) error {
	if c.deps.Events == nil {
		return nil
	}
	now := c.deps.Clock.Now()
	back, err := c.agentsWhere(ctx, "a.alarmed_at > 0 AND a.connected")
	if err == nil && len(back) > 0 {
		err = c.calm(ctx, back)
	}
	if err != nil || c.cfg.AlertAs == core.Clear || now.Sub(settled) < c.cfg.AlertAfter {
		return err
	}
	away, err := c.agentsWhere(ctx, "a.alarmed_at = 0 AND NOT a.connected AND a.seen_at > 0 AND a.seen_at < $1", core.Micros(now.Add(-c.cfg.AlertAfter)))
	if err != nil || len(away) == 0 {
		return err
	}
	return c.raise(ctx, away, now)
}

func (c *Component) agentsWhere(ctx context.Context, where string, args ...any) ([]Agent, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+agentColumns+" FROM agents_agent a WHERE "+where, args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Agent, error) { return scanAgent(r.Scan) })
}

func (c *Component) raise(ctx context.Context, away []Agent, now time.Time) error {
	events := make([]core.Event, len(away))
	for i, a := range away {
		events[i] = c.event(a, core.Problem, now)
		events[i].Severity = c.cfg.AlertAs
		events[i].Description = fmt.Sprintf("No sign of life since %s. Checks and steps of runbooks that need this agent do not run until it is back. "+
			"A host that is gone for good: remove its agent.", a.SeenAt.Format(time.RFC3339))
	}
	if err := c.deps.Events.Accept(ctx, events); err != nil {
		return fmt.Errorf("raise the alerts of lost agents: %w", err)
	}
	gone, err := c.setAlarm(ctx, away, core.Micros(now))
	if err != nil || len(gone) == 0 {
		return err
	}
	return c.calm(ctx, gone)
}

// calm ends the alerts of agents.
func (c *Component) calm(ctx context.Context, back []Agent) error {
	events := make([]core.Event, len(back))
	for i, a := range back {
		at := c.deps.Clock.Now()
		if at.Before(a.alarmedAt) {
			at = a.alarmedAt // another replica's clock: older than the problem it would be ignored
		}
		events[i] = c.event(a, core.Cleared, at)
	}
	if err := c.deps.Events.Accept(ctx, events); err != nil {
		return fmt.Errorf("end the alerts of agents: %w", err)
	}
	_, err := c.setAlarm(ctx, back, 0)
	return err
}

// setAlarm writes down since when the agents have alerts, and returns those
// that were removed in the meantime.
func (c *Component) setAlarm(ctx context.Context, list []Agent, at int64) (gone []Agent, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		gone = nil
		for _, a := range list {
			n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE agents_agent SET alarmed_at = $1 WHERE id = $2", at, a.ID))
			if err != nil {
				return err
			}
			if n == 0 {
				gone = append(gone, a)
			}
		}
		return nil
	})
	return gone, err
}

// event is what is told of an agent: about its host, as far as the graph knows it.
func (c *Component) event(a Agent, kind core.EventKind, at time.Time) core.Event {
	e := core.Event{ID: c.deps.IDs.New(), At: at, Source: "agents", Kind: kind, Key: "agent:" + a.ID, Title: "Agent " + a.Name + " is lost",
		Item: a.Item, Labels: map[string]string{"agent": a.Name, "host": a.Hostname}}
	if a.Item == "" && a.Hostname != "" {
		e.Identities = []core.Identity{{Kind: "hostname", Value: a.Hostname}}
	}
	return e
}
