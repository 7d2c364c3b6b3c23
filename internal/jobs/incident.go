package jobs

import (
	"context"
	"time"

	"mainstay/internal/platform/sqldb"
)

// A remediation and the desk answer the same news, in either order: a run
// waits this long for the incident, so that its scripts can name it.
const (
	incidentWait = 2 * time.Second
	incidentLook = 100 * time.Millisecond
)

func (c *Component) incidentOf(ctx context.Context, situation string) (string, error) {
	if c.deps.Incidents == nil || situation == "" {
		return "", nil
	}
	return c.deps.Incidents.OfSituation(ctx, situation)
}

// learnIncident looks for the incident of a run that has none. It is asked
// before the first step and after the last: a script's environment, which
// holds the incident, stays the same however often it is sent.
func (c *Component) learnIncident(ctx context.Context, run *Run) (err error) {
	if run.Incident == "" && run.Decision != "" {
		run.Incident, err = c.incidentOf(ctx, run.Situation)
	}
	return err
}

// awaitIncident puts the start of a run off until its incident is there.
func (c *Component) awaitIncident(ctx context.Context, tx *sqldb.Tx, run *Run) (waits bool, err error) {
	if err := c.learnIncident(ctx, run); err != nil {
		return false, err
	}
	now := c.deps.Clock.Now()
	if run.Incident != "" || run.Decision == "" || run.Situation == "" || c.deps.Incidents == nil || now.Sub(run.CreatedAt) >= incidentWait {
		return false, nil
	}
	again := advanceTask(run.ID)
	again.RunAt = now.Add(incidentLook)
	return true, c.deps.Tasks.Enqueue(ctx, tx, again)
}
