package events

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// MoveAlerts takes alerts of one situation into another, or into a new one
// when to is empty.
func (c *Component) MoveAlerts(ctx context.Context, from string, alerts []string, to string) error {
	touched := []string{from}
	if to != "" {
		touched = append(touched, to)
	}
	return c.decide(ctx, touched, func(by string, now time.Time) error {
		s := c.correlator.engine.Situation(from)
		if s == nil {
			return core.Errorf(core.CodeConflict, "the situation is over")
		}
		for _, id := range alerts {
			if s.Alerts[id] == nil {
				return core.Invalid("alerts", id+" is not an alert of the situation")
			}
		}
		home := to
		for _, id := range alerts {
			alert := s.Alerts[id]
			if err := c.correlator.engine.Move(id, home, by, now); err != nil {
				return err
			}
			home = alert.Situation // the first one's new situation takes the rest
		}
		return nil
	})
}

// MergeSituations makes others part of one.
func (c *Component) MergeSituations(ctx context.Context, from []string, into string) error {
	return c.decide(ctx, append(slices.Clone(from), into), func(by string, now time.Time) error {
		for _, id := range from {
			if err := c.correlator.engine.Merge(id, into, by, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// ConfirmRoot records which item or alert a person knows to be the root cause.
func (c *Component) ConfirmRoot(ctx context.Context, situation, root string) error {
	if err := c.mayAct(ctx, situation); err != nil {
		return err
	}
	actor := actorOf(ctx)
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
			if err := c.correlator.engine.Confirm(situation, root, actor.Name, now); err != nil {
				return causes{}, err
			}
			return causes{actor: actor}, c.learn(ctx, tx, c.correlator.engine.Situation(situation), root, actor.Name, now)
		})
	})
}

// CloseSituation ends a situation by a person's decision: what still fails in
// it is cleared. A cause that is measured again opens it again.
func (c *Component) CloseSituation(ctx context.Context, id, note string) error {
	if err := c.mayAct(ctx, id); err != nil {
		return err
	}
	if len(note) > maxNote || !plain(note) {
		return core.Invalid("note", "must be text of at most 10000 bytes")
	}
	actor := actorOf(ctx)
	var cleared []*Alert
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
			if s := c.correlator.engine.Situation(id); s == nil || s.State != correlation.Open {
				return causes{}, core.Errorf(core.CodeConflict, "the situation is not open")
			}
			var err error
			if cleared, err = c.clearMembers(ctx, tx, id); err != nil {
				return causes{}, err
			}
			for _, a := range cleared {
				c.correlator.engine.Sync(a.forCorrelation())
			}
			if note != "" {
				if err := c.comment(ctx, tx, core.Ref{Kind: "situation", ID: id}, actor, note); err != nil {
					return causes{}, err
				}
			}
			return causes{actor: actor}, c.correlator.engine.Close(id, actor.Name, note, now)
		})
	})
	if err == nil {
		c.seen(cleared)
	}
	return err
}

// ReopenSituation opens a closed situation again by a person's decision.
func (c *Component) ReopenSituation(ctx context.Context, id, note string) error {
	if err := c.mayAct(ctx, id); err != nil {
		return err
	}
	if len(note) > maxNote || !plain(note) {
		return core.Invalid("note", "must be text of at most 10000 bytes")
	}
	actor := actorOf(ctx)
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
			if err := c.correlator.recall(ctx, tx, id); err != nil {
				return causes{}, err
			}
			if note != "" {
				if err := c.comment(ctx, tx, core.Ref{Kind: "situation", ID: id}, actor, note); err != nil {
					return causes{}, err
				}
			}
			return causes{actor: actor}, c.correlator.engine.Reopen(id, actor.Name, note, now)
		})
	})
}

// clearMembers clears the alerts of a situation that people are told of.
func (c *Component) clearMembers(ctx context.Context, tx *sqldb.Tx, situation string) ([]*Alert, error) {
	alerts, err := alertsWhere(ctx, tx, ofSituation+" AND active AND suppressed_by = '' ORDER BY id", true, situation)
	if err != nil {
		return nil, err
	}
	for _, a := range alerts {
		if err := c.actOn(ctx, tx, Deed{Action: ClearAlert}, a); err != nil {
			return nil, err
		}
	}
	return alerts, c.updateAlerts(ctx, tx, alerts)
}

// decide runs what a person decides on an engine in step with the store.
func (c *Component) decide(ctx context.Context, touched []string, change func(by string, now time.Time) error) error {
	if err := c.mayAct(ctx, touched...); err != nil {
		return err
	}
	actor := actorOf(ctx)
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
			return causes{actor: actor}, change(actor.Name, now)
		})
	})
}

// AcknowledgeSituation records that a person has it, and its open alerts.
func (c *Component) AcknowledgeSituation(ctx context.Context, id, note string) error {
	if err := c.mayAct(ctx, id); err != nil {
		return err
	}
	if len(note) > maxNote || !plain(note) {
		return core.Invalid("note", "must be text of at most 10000 bytes")
	}
	actor, now := actorOf(ctx), c.deps.Clock.Now()
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error { return c.acknowledgeSituation(ctx, tx, actor, id, note, now) })
	if err != nil {
		return err
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT id FROM events_alert WHERE "+ofSituation+" AND state = 'open' ORDER BY id LIMIT $2", id, membersShown)
	ids, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = c.Act(ctx, Acknowledge, ids, "")
	return err
}

func (c *Component) acknowledgeSituation(ctx context.Context, tx *sqldb.Tx, actor ledger.Actor, id, note string, now time.Time) error {
	// The correlator's row is locked first, as everywhere situations are written.
	return c.correlator.within(ctx, tx, func(time.Time) (causes, error) {
		s := c.correlator.engine.Situation(id)
		if s == nil {
			return causes{}, core.Errorf(core.CodeConflict, "the situation is over")
		}
		_, err := tx.Exec(ctx, "UPDATE events_situation SET acked_by = $2, acked_at = $3, changed_at = $3 WHERE id = $1", id, actor.Name, core.Micros(now))
		why := "Acknowledged by " + actor.Name + "."
		_, err2 := tx.Exec(ctx, "INSERT INTO events_note (id, situation, at, kind, from_ref, to_ref, why) VALUES ($1,$2,$3,'acknowledged','','',$4)",
			c.deps.IDs.New(), id, core.Micros(now), why)
		if note != "" {
			err = errors.Join(err, c.comment(ctx, tx, core.Ref{Kind: "situation", ID: id}, actor, note))
		}
		if err := errors.Join(err, err2); err != nil {
			return causes{}, err
		}
		data, err := c.situationData(ctx, tx, s)
		if err != nil {
			return causes{}, err
		}
		data.Why = why
		body, err := json.Marshal(data)
		if err != nil {
			return causes{}, err
		}
		_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{
			Actor: actor, Module: module, Type: "events.situation.changed", Subject: core.Ref{Kind: "situation", ID: id},
			Item: s.Root().Item, Related: data.Items, Team: teamOf(s), Summary: why + " " + s.Title, Data: body,
		})
		return causes{actor: actor}, err
	})
}
