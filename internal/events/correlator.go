package events

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/learning"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// correlator keeps the correlation engine in step with the store. Every change
// of situations locks one row and gives it a new version; an engine of another
// version (another process wrote, or a transaction failed after the engine had
// moved on) is loaded anew. So its effects are those of the transaction.
type correlator struct {
	c *Component

	mu      sync.Mutex // taken inside the row's lock, never around it
	engine  *correlation.Engine
	version string
	memory  *learning.Memory // what the engine learns; stored now and then
}

// newEngine makes an engine with the settings that hold now: those of the
// configuration, and what a document says instead.
func (k *correlator) newEngine(ctx context.Context, tx *sqldb.Tx) (SituationConfiguration, error) {
	s := k.c.config.Situations
	text, found, err := getSettings(ctx, tx, settingsName)
	if err != nil {
		return s, err
	}
	if found {
		var spec CorrelationSpec
		if err := json.Unmarshal(text, &spec); err != nil {
			return s, err
		}
		s = spec.over(s)
	}
	if err := k.c.loadMatrix(ctx, tx); err != nil {
		return s, err
	}
	rules, err := k.c.correlationRules(ctx, tx)
	if err != nil {
		return s, err
	}
	if k.memory, err = loadMemory(ctx, tx, learning.Defaults(s.Window)); err != nil {
		return s, err
	}
	k.engine = correlation.New(correlation.Settings{Window: s.Window, Hold: s.Hold, Reopen: s.Reopen, Changes: s.Changes, GroupBy: s.GroupBy,
		Burst: s.Burst, Gather: s.Gather, Rules: rules, Memory: k.memory}, k.c.deps.Graph, ledgerEvidence{k.c}, k.c.deps.IDs.New)
	return s, nil
}

// changeTypes are the ledger entries that may explain a fault.
func changeTypes() []string {
	return []string{"graph.item.changed", "graph.relation.changed", "jobs.run.started", "jobs.run.finished", "configuration.", "applications.deployment", "desk.change.started", "desk.change.finished"}
}

func correlatorTypes() []string { return append(changeTypes(), "events.alert.", "graph.item.merged") }

// consume lets a batch of ledger entries act: alerts are looked at as they are
// now, so an entry seen twice, or late, does no harm.
func (k *correlator) consume(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
	return k.within(ctx, tx, func(time.Time) (causes, error) {
		why := causes{byAlert: map[string]string{}}
		var ids []string
		for _, e := range entries {
			if strings.HasPrefix(e.Type, "events.alert.") {
				ids = append(ids, e.Subject.ID)
				why.byAlert[e.Subject.ID], why.last = e.ID, e.ID
				continue
			}
			for _, item := range append([]string{e.Item}, e.Related...) {
				if item != "" {
					k.engine.Reconsider(item)
				}
			}
			why.last = e.ID
		}
		alerts, err := alertsByID(ctx, tx, ids)
		for _, a := range alerts {
			k.engine.Sync(a.forCorrelation())
		}
		return why, err
	})
}

// causes names the ledger entries that led to a change, and who made it.
type causes struct {
	byAlert map[string]string
	last    string
	actor   ledger.Actor
}

// within runs change on an engine that is in step with the store, lets it
// settle and writes what came of it.
func (k *correlator) within(ctx context.Context, tx *sqldb.Tx, change func(now time.Time) (causes, error)) error {
	lock := ""
	if tx.Dialect() == sqldb.PostgreSQL {
		lock = " FOR UPDATE"
	}
	var version string
	if err := tx.QueryRow(ctx, "SELECT version FROM events_correlator WHERE id = 1"+lock).Scan(&version); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.c.deps.Clock.Now()
	if version != k.version || version == "" {
		if err := k.load(ctx, tx, now); err != nil {
			return err
		}
	}
	// From here on the engine is ahead of the store until the commit: an engine
	// whose transaction fails is of a version nobody will find.
	k.version = k.c.deps.IDs.New()
	if _, err := tx.Exec(ctx, "UPDATE events_correlator SET version = $1 WHERE id = 1", k.version); err != nil {
		return err
	}
	why, err := change(now)
	if err != nil {
		return err
	}
	return k.c.saveOutcome(ctx, tx, k.engine.Settle(now), why, now)
}

// tick lets time act on situations: hold times that are over, causes that
// recovered too long ago.
func (k *correlator) tick(ctx context.Context) error {
	var id string
	err := k.c.deps.DB.QueryRow(ctx, "SELECT id FROM events_situation WHERE due_at > 0 AND due_at <= $1 LIMIT 1", core.Micros(k.c.deps.Clock.Now())).Scan(&id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return k.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return k.within(ctx, tx, func(time.Time) (causes, error) { return causes{}, nil })
	})
}

func (k *correlator) load(ctx context.Context, tx *sqldb.Tx, now time.Time) error {
	settings, err := k.newEngine(ctx, tx)
	if err != nil {
		return err
	}
	const live = "state = 'open' OR state = 'closed' AND closed_at > $1"
	since := core.Micros(now.Add(-settings.Reopen))
	situations, err := situationsForEngine(ctx, tx, live, since)
	if err != nil {
		return err
	}
	stored, err := alertsWhere(ctx, tx, "active OR situation IN (SELECT id FROM events_situation WHERE "+live+")", false, since)
	if err != nil {
		return err
	}
	alerts := make([]*correlation.Alert, 0, len(stored))
	for _, a := range stored {
		one := a.forCorrelation()
		alerts = append(alerts, &one)
	}
	k.engine.Load(situations, alerts)
	return nil
}

// recall gives the engine a closed situation that it has forgotten.
func (k *correlator) recall(ctx context.Context, tx *sqldb.Tx, id string) error {
	if k.engine.Situation(id) != nil {
		return nil
	}
	found, err := situationsForEngine(ctx, tx, "id = $1 AND state = 'closed'", id)
	if err != nil {
		return err
	}
	stored, err := alertsWhere(ctx, tx, ofSituation, false, id)
	if err != nil {
		return err
	}
	alerts := make([]correlation.Alert, 0, len(stored))
	for _, a := range stored {
		alerts = append(alerts, a.forCorrelation())
	}
	for _, s := range found {
		k.engine.Adopt(s, alerts)
	}
	return nil
}

func (a *Alert) forCorrelation() correlation.Alert {
	suppressed := a.Suppressed.reason()
	if a.Suppressed.By == bySnooze {
		suppressed = "" // it fails all the same: its situation is not over
	}
	return correlation.Alert{
		ID: a.ID, Key: a.Key, Item: a.Item, Title: a.Title, Source: a.Source, Check: a.Check, Team: a.Team, Labels: a.Labels,
		Severity: a.Severity, Count: a.Count, Onset: a.Onset, Active: a.Active, ClearedAt: a.ClearedAt,
		Suppressed: suppressed, Situation: a.Situation, Pinned: a.Pinned, SameAs: a.SameAs,
	}
}

// ledgerEvidence finds recent changes in the ledger.
type ledgerEvidence struct{ c *Component }

func (l ledgerEvidence) Changes(items []string, since, until time.Time, most int) []correlation.Fact {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	entries, err := l.c.deps.Ledger.List(ctx, ledger.Query{Items: items, Types: changeTypes(), Since: since, Until: until.Add(time.Microsecond), Limit: most})
	if err != nil {
		l.c.deps.Log.Warn("events: recent changes could not be looked up; the ranking goes on without them", "error", err)
		return nil
	}
	wanted := make(map[string]bool, len(items))
	for _, item := range items {
		wanted[item] = true
	}
	var facts []correlation.Fact
	for _, e := range entries {
		for _, item := range append([]string{e.Item}, e.Related...) {
			if wanted[item] {
				facts = append(facts, correlation.Fact{Entry: e.ID, Item: item, At: e.At, Summary: e.Summary})
			}
		}
	}
	return facts
}
