package events

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/priority"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const matrixName = "PriorityMatrix"

// matrixKind is the document with the table of priorities.
func (c *Component) matrixKind() declare.Kind {
	return declare.Kind{Name: matrixName, Summary: "How the priority of situations follows from impact and urgency", Order: 60, Resource: "alerts", Spec: priority.Matrix{},
		Apply: c.applyMatrix, Get: getMatrix, Delete: c.deleteMatrix,
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			spec, found, err := getMatrix(ctx, q, settingsName)
			if err != nil || !found {
				return nil, err
			}
			return []declare.Document{{Kind: matrixName, Name: settingsName, Spec: spec}}, nil
		}}
}

// ParseMatrix reads and checks the spec of a PriorityMatrix document.
func ParseMatrix(text json.RawMessage) (m priority.Matrix, err error) {
	if err := declare.Decode(text, &m); err != nil {
		return m, err
	}
	return m, m.Validate()
}

func (c *Component) applyMatrix(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
	if name != settingsName {
		return false, core.Invalid("name", "must be "+settingsName+": there is one document of this kind")
	}
	_, err := ParseMatrix(text)
	if err := errors.Join(err, permitAll(ctx)); err != nil {
		return false, err
	}
	old, found, err := getMatrix(ctx, tx, name)
	if err != nil || found && declare.Equal(old, text) {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO events_setting (kind, spec) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET spec = excluded.spec", matrixName, string(text))
	if err != nil {
		return false, err
	}
	return true, c.matrixChanged(ctx, tx, "changed", text)
}

func (c *Component) deleteMatrix(ctx context.Context, tx *sqldb.Tx, _ string) (bool, error) {
	if err := permitAll(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM events_setting WHERE kind = $1", matrixName))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.matrixChanged(ctx, tx, "deleted", json.RawMessage("{}"))
}

// matrixChanged makes every process read the table anew before it writes
// another situation, and this one rate those that are open.
func (c *Component) matrixChanged(ctx context.Context, tx *sqldb.Tx, verb string, spec json.RawMessage) error {
	if _, err := tx.Exec(ctx, "UPDATE events_correlator SET version = '' WHERE id = 1"); err != nil {
		return err
	}
	tx.OnCommit(func() { c.rated.Store(false); c.kick() })
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actorOf(ctx), Module: module, Type: "events.settings." + verb,
		Subject: core.Ref{Kind: "setting", ID: matrixName}, Summary: "The table of priorities was " + verb, Data: spec})
	return err
}

func getMatrix(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	var spec string
	err := q.QueryRow(ctx, "SELECT spec FROM events_setting WHERE kind = $1", matrixName).Scan(&spec)
	if errors.Is(err, sqldb.ErrNoRows) || name != settingsName {
		return nil, false, nil
	}
	return json.RawMessage(spec), err == nil, err
}

// loadMatrix reads the table that holds.
func (c *Component) loadMatrix(ctx context.Context, q sqldb.Querier) error {
	m := priority.Default()
	text, found, err := getMatrix(ctx, q, settingsName)
	if err != nil {
		return err
	}
	if found {
		m = priority.Matrix{}
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
	}
	c.matrix.Store(&m)
	return nil
}

// rateAll gives the open situations the priority that follows now, after the
// table changed and once after a start, and tells of those that have another one.
func (c *Component) rateAll(ctx context.Context) error {
	if c.rated.Swap(true) {
		return nil
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
			rows, err := tx.Query(ctx, "SELECT id, priority FROM events_situation WHERE state = 'open' ORDER BY id")
			type one struct {
				id     string
				before int
			}
			list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (o one, err error) { return o, r.Scan(&o.id, &o.before) })
			if err != nil {
				return causes{}, err
			}
			for _, o := range list {
				s := c.correlator.engine.Situation(o.id)
				if s == nil {
					continue
				}
				impact := c.rate(itemsOf(s), s.Severity)
				if impact.Priority == o.before {
					continue
				}
				if _, err := tx.Exec(ctx, "UPDATE events_situation SET impact = $2, priority = $3, changed_at = $4 WHERE id = $1", o.id, jsonText(impact, false), int64(impact.Priority), core.Micros(now)); err != nil {
					return causes{}, err
				}
				data, err := c.situationData(ctx, tx, s)
				if err != nil {
					return causes{}, err
				}
				data.Why = "Its priority by the table is " + priority.Name(impact.Priority) + " now."
				body, err := json.Marshal(data)
				if err != nil {
					return causes{}, err
				}
				if _, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: ledger.System(module), Module: module, Type: "events.situation.changed",
					Subject: core.Ref{Kind: "situation", ID: o.id}, Item: s.Root().Item, Related: data.Items, Team: teamOf(s), Summary: data.Why + " " + s.Title, Data: body}); err != nil {
					return causes{}, err
				}
			}
			return causes{}, nil
		})
	})
	if err != nil {
		c.rated.Store(false)
	}
	return err
}
