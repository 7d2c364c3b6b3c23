package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// save stores the changed alerts, their ledger entries and events together.
func (b *ruleBook) save(ctx context.Context, tx *sqldb.Tx, rule *Rule, before, after map[string]ruleAlert, news []string, now time.Time) error {
	// A rule that was deleted or disabled meanwhile has already been ended.
	var live int
	err := tx.QueryRow(ctx, "SELECT count(*) FROM monitor_rule WHERE id = $1 AND version = $2 AND NOT disabled", rule.ID, rule.Version).Scan(&live)
	if err != nil || live == 0 {
		return err
	}
	for _, fp := range news {
		old, was := before[fp]
		a, is := after[fp]
		if is {
			raw, err := json.Marshal(a)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "INSERT INTO monitor_rule_alert (rule_id, fingerprint, state) VALUES ($1,$2,$3) ON CONFLICT (rule_id, fingerprint) DO UPDATE SET state = excluded.state", rule.ID, fp, string(raw))
			if err != nil {
				return err
			}
		} else if _, err := tx.Exec(ctx, "DELETE FROM monitor_rule_alert WHERE rule_id = $1 AND fingerprint = $2", rule.ID, fp); err != nil {
			return err
		}
		switch {
		case is && a.Firing && !(was && old.Firing):
			err = b.tell(ctx, tx, rule, ruleEvent(rule, fp, a, now), "fires: "+a.Title)
		case was && old.Firing && !(is && a.Firing):
			ev := ruleEvent(rule, fp, old, now)
			ev.Kind, ev.Severity = core.Cleared, core.Clear
			err = b.tell(ctx, tx, rule, ev, "is over: "+old.Title)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *ruleBook) tell(ctx context.Context, tx *sqldb.Tx, rule *Rule, ev core.Event, what string) error {
	data, err := json.Marshal(map[string]any{"rule": rule.ID, "name": rule.Name, "key": ev.Key, "severity": ev.Severity, "labels": ev.Labels, "item": ev.Item})
	if err != nil {
		return err
	}
	ev.ID = b.e.c.deps.IDs.New()
	ev.Cause, err = b.e.c.deps.Ledger.Append(ctx, tx, ledger.Entry{
		At: ev.At, Actor: ledger.System("monitor"), Module: "monitor", Type: "monitor.rule.changed",
		Subject: core.Ref{Kind: "metric-rule", ID: rule.ID}, Item: ev.Item, Team: rule.Spec.Team,
		Summary: "metric rule " + rule.Name + " " + what, Data: data,
	})
	if err != nil {
		return err
	}
	return b.e.c.store.enqueue(ctx, tx, ev)
}

// allRuleAlerts are the alerts of all rules, by rule and fingerprint.
func (s *store) allRuleAlerts(ctx context.Context, q sqldb.Querier) (map[string]map[string]ruleAlert, error) {
	out := map[string]map[string]ruleAlert{}
	rows, err := q.Query(ctx, "SELECT rule_id, fingerprint, state FROM monitor_rule_alert")
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var rule, fp, raw string
		if err := r.Scan(&rule, &fp, &raw); err != nil {
			return struct{}{}, err
		}
		var a ruleAlert
		err := json.Unmarshal([]byte(raw), &a)
		if out[rule] == nil {
			out[rule] = map[string]ruleAlert{}
		}
		out[rule][fp] = a
		return struct{}{}, err
	})
	return out, err
}

// rulesSeen is when rules were last evaluated; zero when they never were.
func (s *store) rulesSeen(ctx context.Context, q sqldb.Querier) (time.Time, error) {
	var at int64
	err := q.QueryRow(ctx, "SELECT at FROM monitor_rule_seen WHERE one = 1").Scan(&at)
	if errors.Is(err, sqldb.ErrNoRows) {
		return time.Time{}, nil
	}
	return core.FromMicros(at), err
}

// seenEvery is how often it is noted that rules are evaluated.
const seenEvery = 30 * time.Second

// noteSeen notes now and then that rules are evaluated, and once more at the end.
func (b *ruleBook) noteSeen(ctx context.Context) {
	note := func(ctx context.Context) {
		now := core.Micros(b.e.c.deps.Clock.Now())
		err := b.e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO monitor_rule_seen (one, at) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET at = excluded.at", now)
			return err
		})
		if err != nil && ctx.Err() == nil {
			b.e.c.deps.Log.Debug("monitor: it cannot be noted that rules are evaluated", "error", err)
		}
	}
	for ctx.Err() == nil {
		if b.e.pause(ctx, seenEvery); ctx.Err() == nil {
			note(ctx)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	note(last)
}
