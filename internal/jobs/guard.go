package jobs

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/platform/sqldb"
)

// The guards, in the order they are asked.
const (
	guardKillSwitch  = "killSwitch"
	guardMaintenance = "maintenance"
	guardAttempts    = "maxAttempts"
	guardCoolDown    = "coolDown"
	guardBlast       = "blastRadius"
	guardRunbook     = "runbook"   // it is not there, or does not take the parameters
	guardCondition   = "condition" // it cannot be evaluated
)

// objection is a guard that holds a remediation back. A retry time says when
// to ask again if the subject is still there.
type objection struct {
	guard string
	why   string
	retry time.Time
}

// maintenancePoll is how often a remediation held back by maintenance asks again.
const maintenancePoll = time.Minute

// object asks the guards; nil lets the remediation pass. What a guard needs to
// know and cannot find out holds the remediation back.
func (c *Component) object(ctx context.Context, q sqldb.Querier, name string, r *Remediation, s subject) (*objection, error) {
	now := c.deps.Clock.Now()
	if on, by, err := killSwitch(ctx, q); err != nil || on {
		return &objection{guard: guardKillSwitch, why: "remediation was switched off by " + by}, err
	}
	if o := c.objectMaintenance(ctx, r, s, now); o != nil {
		return o, nil
	}
	done, err := decisionsOn(ctx, q, name, s.id)
	if err != nil {
		return nil, err
	}
	attempts := 0
	for _, d := range done {
		if d.Run != "" {
			attempts++
		}
	}
	if attempts >= r.maxAttempts() {
		return &objection{guard: guardAttempts, why: fmt.Sprintf("it was tried %d times for this %s", attempts, s.kind)}, nil
	}
	last, err := lastRunOn(ctx, q, name, s.item)
	if err != nil {
		return nil, err
	}
	if end := last.Add(r.Guards.CoolDown.or(defaultCoolDown)); !last.IsZero() && end.After(now) {
		return &objection{guardCoolDown, fmt.Sprintf("it ran for this item at %s and cools down until %s",
			last.Format(time.RFC3339), end.Format(time.RFC3339)), end}, nil
	}
	return c.objectBlast(ctx, r, s), nil
}

func (c *Component) objectMaintenance(ctx context.Context, r *Remediation, s subject, now time.Time) *objection {
	if r.Guards.InMaintenance || s.item == "" || c.deps.Maintenance == nil {
		return nil
	}
	window, in, err := c.deps.Maintenance.InMaintenance(ctx, s.item, now)
	switch {
	case err != nil:
		return &objection{guardMaintenance, "whether the item is in maintenance is not known: " + err.Error(), now.Add(maintenancePoll)}
	case in:
		return &objection{guardMaintenance, "the item is in maintenance: " + window, now.Add(maintenancePoll)}
	}
	return nil
}

func (c *Component) objectBlast(ctx context.Context, r *Remediation, s subject) *objection {
	limit := r.Guards.BlastRadius
	if limit == 0 {
		return nil
	}
	if c.deps.Impact == nil || s.item == "" {
		return &objection{guard: guardBlast, why: "how many items depend on it is not known"}
	}
	n, err := c.deps.Impact.Impact(ctx, s.item)
	switch {
	case err != nil:
		return &objection{guardBlast, "how many items depend on it is not known: " + err.Error(), c.deps.Clock.Now().Add(maintenancePoll)}
	case n > limit:
		return &objection{guard: guardBlast, why: fmt.Sprintf("%d items depend on it, more than the %d allowed", n, limit)}
	}
	return nil
}
