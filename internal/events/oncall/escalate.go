package oncall

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

type duration = time.Duration

// told is one person or channel that a step reaches.
type told struct {
	person  Person // zero for a channel
	channel string
	why     string
}

// runStep carries out one step. The people who are told, the next timer and the
// end of the task commit together.
func (c *Component) runStep(ctx context.Context, t tasks.Task) error {
	var at timer
	if err := t.Decode(&at); err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		page, err := pageByID(ctx, tx, at.Page)
		if core.CodeOf(err) == core.CodeNotFound {
			return t.Complete(ctx, tx)
		}
		if err != nil {
			return err
		}
		if at.holds(page) {
			if err := c.step(ctx, tx, page); err != nil {
				return err
			}
		}
		return t.Complete(ctx, tx)
	})
}

func (c *Component) step(ctx context.Context, tx *sqldb.Tx, page Page) error {
	policy, err := c.policyNamed(ctx, tx, page.Policy)
	if core.CodeOf(err) == core.CodeNotFound {
		page.Exhausted = true
		if err := c.savePage(ctx, tx, page); err != nil {
			return err
		}
		return c.notePage(ctx, tx, page, "exhausted", "the policy "+page.Policy+" is gone: nobody more is told of "+page.Title, "")
	}
	if err != nil {
		return err
	}
	if page.Step >= len(policy.Steps) {
		return c.throughAll(ctx, tx, page, policy)
	}
	step := policy.Steps[page.Step]
	list, err := c.reached(ctx, tx, step.Notify)
	if err != nil {
		return err
	}
	wait := step.wait()
	if err := c.tell(ctx, tx, page, list, fmt.Sprintf("step %d of %s", page.Step+1, page.Policy)); err != nil {
		return err
	}
	if len(list) == 0 { // nobody is there: who comes next must not wait for them
		wait = 0
		names := make([]string, len(step.Notify))
		for i, target := range step.Notify {
			names[i] = target.String()
		}
		if err := c.notePage(ctx, tx, page, "unreached", fmt.Sprintf("step %d of %s reached nobody (%s): %s", page.Step+1, page.Policy, strings.Join(names, ", "), page.Title), ""); err != nil {
			return err
		}
	}
	page.Step++
	if err := c.savePage(ctx, tx, page); err != nil {
		return err
	}
	return c.setTimer(ctx, tx, page, wait)
}

// throughAll begins the next round, or falls back.
func (c *Component) throughAll(ctx context.Context, tx *sqldb.Tx, page Page, policy Policy) error {
	if page.Round < policy.Repeat {
		page.Round, page.Step = page.Round+1, 0
		if err := c.savePage(ctx, tx, page); err != nil {
			return err
		}
		return c.setTimer(ctx, tx, page, 0)
	}
	list, err := c.reached(ctx, tx, policy.Fallback)
	if err != nil {
		return err
	}
	if err := c.tell(ctx, tx, page, list, "fallback of "+page.Policy); err != nil {
		return err
	}
	page.Exhausted = true
	if err := c.savePage(ctx, tx, page); err != nil {
		return err
	}
	return c.notePage(ctx, tx, page, "exhausted", "nobody acknowledged: "+page.Title, "")
}

// reached turns targets into people and channels, nobody twice.
func (c *Component) reached(ctx context.Context, q sqldb.Querier, targets []Target) ([]told, error) {
	var out []told
	add := func(why string, people ...Person) {
		for _, p := range people {
			if p.Active && !slices.ContainsFunc(out, func(t told) bool { return t.channel == "" && t.person.ID == p.ID }) {
				out = append(out, told{person: p, why: why})
			}
		}
	}
	for _, target := range targets {
		var err error
		switch {
		case target.Channel != "":
			if _, err = c.channelNamed(ctx, q, target.Channel); err == nil {
				out = append(out, told{channel: target.Channel, why: target.String()})
			}
		case target.Rota != "":
			shift, ok, missing := c.onCall(ctx, q, target.Rota, c.deps.Clock.Now())
			if err = missing; err == nil && ok {
				var p Person
				if p, err = c.deps.People.ByUsername(ctx, shift.Person); err == nil {
					add("on call by "+target.Rota, p)
				}
			}
		case target.Team != "":
			var members []Person
			if members, err = c.deps.People.Members(ctx, target.Team); err == nil {
				add(target.String(), members...)
			}
		default:
			var p Person
			if p, err = c.deps.People.ByUsername(ctx, target.Person); err == nil {
				add(target.String(), p)
			}
		}
		if err != nil && core.CodeOf(err) != core.CodeNotFound {
			return nil, err
		}
	}
	return out, nil
}

// tell sets the timers of everybody's own rules, and sends to channels.
func (c *Component) tell(ctx context.Context, tx *sqldb.Tx, page Page, list []told, why string) error {
	for _, t := range list {
		reason := why + ": " + t.why
		if t.channel != "" {
			if err := c.queue(ctx, tx, delivery{page: page.ID, situation: page.Situation, channel: t.channel, name: t.channel, purpose: purposePage, why: reason, title: page.Title}); err != nil {
				return err
			}
			continue
		}
		if err := c.tellPerson(ctx, tx, page, t.person, reason); err != nil {
			return err
		}
	}
	return nil
}

// wake ends a snooze.
func (c *Component) wake(ctx context.Context, t tasks.Task) error {
	var at timer
	if err := t.Decode(&at); err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		page, err := pageByID(ctx, tx, at.Page)
		if err == nil && page.State == stateSnoozed && page.generation == at.Generation {
			err = c.again(ctx, tx, page, "the snooze is over: "+page.Title, "")
		}
		if err != nil && core.CodeOf(err) != core.CodeNotFound {
			return err
		}
		return t.Complete(ctx, tx)
	})
}
