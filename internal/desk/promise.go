package desk

import (
	"context"
	"slices"
	"time"

	"mainstay/internal/platform/sqldb"
)

// keepTime makes the incident's clocks what its state, its priority and the
// service levels ask for. It is called after every change, and does nothing
// where nothing differs. former are calendars as they were until now: clocks
// that run by them have counted by them so far.
func (c *Component) keepTime(ctx context.Context, q sqldb.Querier, inc *Incident, known []Facts, former map[string]*Calendar, now time.Time) error {
	levels, err := c.store.serviceLevels(ctx, q)
	if err != nil {
		return err
	}
	calendars, err := c.store.calendars(ctx, q)
	if err != nil {
		return err
	}
	calendar := func(name string) *Calendar {
		if cal := calendars[name]; cal != nil {
			return cal
		}
		return alwaysOpen() // it was deleted: all time counts
	}
	level, promises := c.levelFor(inc, known, levels)
	var kept []Clock
	for _, kind := range []ClockKind{Response, Resolution} {
		promise := promises.Response
		if kind == Resolution {
			promise = promises.Resolution
		}
		i := slices.IndexFunc(inc.Clocks, func(cl Clock) bool { return cl.Kind == kind })
		var clock Clock
		switch {
		case i >= 0:
			clock = inc.Clocks[i]
		case promise == 0 || !inc.Active():
			continue
		default:
			clock = Clock{Kind: kind, State: Paused, Level: level.name, Calendar: level.Calendar, Target: promise, Since: inc.OpenedAt}
		}
		if promise == 0 {
			promise = clock.Target // a level that was deleted leaves its promise
		} else if level.Calendar != clock.Calendar && clock.State == Running {
			clock.rest(calendar(clock.Calendar), now, Paused)
			clock.Calendar = level.Calendar
		}
		clock.warnPercent, clock.pauseOnHold = level.WarnAt, level.PauseOnHold
		cal := calendar(clock.Calendar)
		if old := former[clock.Calendar]; old != nil {
			clock.recount(old, cal, now)
		}
		if promise != clock.Target {
			clock.Level = level.name
			clock.retarget(cal, now, promise)
		}
		switch wanted := clock.wanted(inc); {
		case wanted == Running && i < 0:
			clock.run(cal, inc.OpenedAt)
		case wanted == Running:
			clock.run(cal, now)
		case wanted != clock.State:
			clock.rest(cal, now, wanted)
		}
		kept = append(kept, clock)
	}
	inc.Clocks = kept
	return nil
}

// Active says that work is left to do.
func (i *Incident) Active() bool { return i.State.Active() }

// wanted is what the clock should be doing.
func (c *Clock) wanted(inc *Incident) ClockState {
	switch {
	case !inc.Active(), c.Kind == Response && inc.RespondedAt != nil:
		return Stopped
	case inc.State == OnHold && c.pauseOnHold:
		return Paused
	}
	return Running
}

// levelFor picks the first service level that applies and promises something
// for the priority.
func (c *Component) levelFor(inc *Incident, known []Facts, levels []namedLevel) (namedLevel, Promises) {
	variables := facts(inc, known)
	for _, level := range levels {
		promises, ok := level.Targets[inc.Priority.String()]
		if !ok {
			continue
		}
		holds, err := c.programs.holds(level.Condition, variables)
		if err != nil {
			c.deps.Log.Warn("condition of a service level failed", "level", level.name, "incident", inc.Number, "error", err)
			continue
		}
		if holds {
			return level, promises
		}
	}
	return namedLevel{ServiceLevel: ServiceLevel{PauseOnHold: true, WarnAt: 75}}, Promises{}
}
