package oncall

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// mayAct reads a page that the caller may work on.
func (c *Component) mayAct(ctx context.Context, q sqldb.Querier, id string) (Page, error) {
	page, err := pageByID(ctx, q, id)
	if err != nil {
		return page, err
	}
	p := auth.From(ctx)
	if !p.Scope("oncall:read").Allows(page.Team) {
		return page, core.NotFound("page", id)
	}
	if !p.Scope("oncall:act").Allows(page.Team) {
		return page, core.Errorf(core.CodeForbidden, "this page belongs to another team, or needs the permission oncall:act")
	}
	return page, nil
}

// change does something to a page that is not over, in one transaction.
func (c *Component) change(ctx context.Context, id string, do func(tx *sqldb.Tx, page Page) error) (out Page, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		page, err := c.mayAct(ctx, tx, id)
		if err != nil {
			return err
		}
		if page.State == stateResolved {
			return core.Errorf(core.CodeConflict, "the page is over")
		}
		if err := do(tx, page); err != nil {
			return err
		}
		out, err = pageByID(ctx, tx, id)
		return err
	})
	return out, err
}

// caller is the name of who acts.
func caller(ctx context.Context) string {
	if p := auth.From(ctx); p != nil {
		return p.Name
	}
	return "on call"
}

// Acknowledge says that the caller has the situation, and stops the page.
func (c *Component) Acknowledge(ctx context.Context, id, note string) (Page, error) {
	page, err := c.mayAct(ctx, c.deps.DB, id)
	if err != nil {
		return page, err
	}
	if page.State == stateResolved {
		return page, core.Errorf(core.CodeConflict, "the page is over")
	}
	// The situation first: after a crash between, the ledger brings the page there.
	if err := c.deps.Situations.Acknowledge(ctx, page.Situation, note); err != nil && core.CodeOf(err) != core.CodeConflict {
		return page, err
	}
	return c.change(ctx, id, func(tx *sqldb.Tx, page Page) error { return c.acknowledge(ctx, tx, page, caller(ctx), "") })
}

// Resolve closes the situation, and with it the page.
func (c *Component) Resolve(ctx context.Context, id, note string) (Page, error) {
	page, err := c.mayAct(ctx, c.deps.DB, id)
	if err != nil {
		return page, err
	}
	if page.State == stateResolved {
		return page, core.Errorf(core.CodeConflict, "the page is over")
	}
	if err := c.deps.Situations.Close(ctx, page.Situation, note); err != nil && core.CodeOf(err) != core.CodeConflict {
		return page, err
	}
	page, err = c.change(ctx, id, func(tx *sqldb.Tx, page Page) error { return c.end(ctx, tx, page, "") })
	if core.CodeOf(err) == core.CodeConflict { // the ledger was faster
		return c.mayAct(ctx, c.deps.DB, id)
	}
	return page, err
}

const longestSnooze = 30 * 24 * time.Hour

// Snooze silences a page until a time; then it begins anew unless somebody
// acknowledged or it is over.
func (c *Component) Snooze(ctx context.Context, id string, until time.Time) (Page, error) {
	now := c.deps.Clock.Now()
	if !until.After(now) || until.Sub(now) > longestSnooze {
		return Page{}, core.Invalid("until", "must be in the next 30 days")
	}
	return c.change(ctx, id, func(tx *sqldb.Tx, page Page) error {
		page.generation++
		page.State, page.SnoozedUntil = stateSnoozed, &until
		if err := c.savePage(ctx, tx, page); err != nil {
			return err
		}
		if err := c.notePage(ctx, tx, page, "snoozed", fmt.Sprintf("%s snoozed it until %s: %s", caller(ctx), until.UTC().Format(time.RFC3339), page.Title), ""); err != nil {
			return err
		}
		at := timer{Page: page.ID, Generation: page.generation}
		return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Queue: queue, Kind: taskWake, Key: at.key(), Args: at, RunAt: until, MaxFailures: -1})
	})
}

// reassignWait is how long a person to whom a page was given has before the
// policy goes on with it.
const reassignWait = 15 * time.Minute

// Reassign gives a page to one person, or to another policy.
func (c *Component) Reassign(ctx context.Context, id, person, policy string) (Page, error) {
	if (person == "") == (policy == "") {
		return Page{}, core.Invalid("person", "give either a person or a policy")
	}
	var who Person
	if person != "" {
		var err error
		if who, err = c.deps.People.ByUsername(ctx, person); core.CodeOf(err) == core.CodeNotFound || err == nil && !who.Active {
			return Page{}, core.Invalid("person", "there is no person "+person)
		} else if err != nil {
			return Page{}, err
		}
	}
	return c.change(ctx, id, func(tx *sqldb.Tx, page Page) error {
		if policy != "" {
			if _, err := c.see(ctx, tx, kindPolicy, policy, "oncall:read"); err != nil {
				return core.Invalid("policy", "there is no policy "+policy)
			}
			page.Policy, page.Assigned = policy, ""
			return c.again(ctx, tx, page, caller(ctx)+" gave it to "+policy+": "+page.Title, "")
		}
		page.generation++
		page.State, page.Assigned, page.SnoozedUntil, page.Exhausted, page.Step, page.Round = stateOpen, who.Username, nil, false, 0, 0
		if err := c.savePage(ctx, tx, page); err != nil {
			return err
		}
		if err := c.notePage(ctx, tx, page, "reassigned", caller(ctx)+" gave it to "+who.Name+": "+page.Title, ""); err != nil {
			return err
		}
		if err := c.tellPerson(ctx, tx, page, who, "given by "+caller(ctx)); err != nil {
			return err
		}
		return c.setTimer(ctx, tx, page, reassignWait)
	})
}
