package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/version"
)

// Agent is one enrolled agent as its server knows it.
type Agent struct {
	ID           string                 `json:"id"`
	Name         string                 `json:"name"`
	Team         string                 `json:"team,omitempty"`
	Item         string                 `json:"item,omitempty" doc:"Id of the host in the graph, once it is known"`
	Hostname     string                 `json:"hostname"`
	OS           string                 `json:"os"`
	Arch         string                 `json:"arch"`
	Version      string                 `json:"version"`
	Upgrade      string                 `json:"upgrade,omitempty" doc:"The server's version, when the agent is older"`
	Key          string                 `json:"key" doc:"Its public nkey"`
	Resident     bool                   `json:"resident" doc:"It runs inside the server's own process"`
	Connected    bool                   `json:"connected"`
	ChangedAt    time.Time              `json:"changedAt" doc:"Since when it is connected, or lost"`
	EnrolledAt   time.Time              `json:"enrolledAt"`
	SeenAt       time.Time              `json:"seenAt,omitzero" doc:"Its last beat"`
	LagSeconds   float64                `json:"lagSeconds" doc:"Age of the oldest record it has not delivered yet"`
	Queued       int64                  `json:"queued" doc:"Records it has not delivered yet"`
	Dropped      int64                  `json:"dropped" doc:"Records it lost because its queue was full"`
	Capabilities []string               `json:"capabilities" nullable:"false"`
	Policy       protocol.PolicySummary `json:"policy" doc:"What its host lets the server do"`
	MeasuredBy   string                 `json:"measuredBy,omitempty" doc:"Name of the agent that measures the host in its place: of two on one host one does"`
	Logs         protocol.LogStatus     `json:"logs" doc:"The log sources it follows, and how that goes"`
	instance     string
	alarmedAt    time.Time
}

const agentColumns = `a.id, a.name, a.team, a.item, a.hostname, a.os, a.arch, a.version, a.nkey, a.resident, a.connected,
	a.changed_at, a.enrolled_at, a.seen_at, a.lag, a.queued, a.dropped, a.capabilities, a.policy, a.logs, a.instance, a.alarmed_at,
	COALESCE((SELECT o.name FROM agents_agent o WHERE o.item = a.item AND a.item <> '' ORDER BY ` + firstOfHost + ` LIMIT 1), a.name)`

// firstOfHost is the order in which the agents of one host measure it and are
// asked to do something there: one that is connected, rather one that was
// installed than the server's own, the one that came first.
const firstOfHost = "o.connected DESC, o.resident, o.enrolled_at, o.id"

func scanAgent(scan func(...any) error) (Agent, error) {
	var a Agent
	var changed, enrolled, seen, lag, alarmed int64
	var capabilities, policy, logs, measures string
	err := scan(&a.ID, &a.Name, &a.Team, &a.Item, &a.Hostname, &a.OS, &a.Arch, &a.Version, &a.Key, &a.Resident, &a.Connected,
		&changed, &enrolled, &seen, &lag, &a.Queued, &a.Dropped, &capabilities, &policy, &logs, &a.instance, &alarmed, &measures)
	if err != nil {
		return a, err
	}
	a.ChangedAt, a.EnrolledAt, a.SeenAt = core.FromMicros(changed), core.FromMicros(enrolled), core.FromMicros(seen)
	a.LagSeconds = float64(lag) / 1e6
	if alarmed > 0 {
		a.alarmedAt = core.FromMicros(alarmed)
	}
	if measures != a.Name {
		a.MeasuredBy = measures
	}
	if err := json.Unmarshal([]byte(capabilities), &a.Capabilities); err != nil {
		return a, fmt.Errorf("capabilities of agent %s: %w", a.ID, err)
	}
	if err := json.Unmarshal([]byte(policy), &a.Policy); err != nil {
		return a, fmt.Errorf("policy of agent %s: %w", a.ID, err)
	}
	if err := json.Unmarshal([]byte(logs), &a.Logs); err != nil {
		return a, fmt.Errorf("log sources of agent %s: %w", a.ID, err)
	}
	if server := version.String(); version.Older(a.Version, server) {
		a.Upgrade = server
	}
	return a, nil
}

// Agent returns an agent.
func (c *Component) Agent(ctx context.Context, id string) (Agent, error) {
	return c.agent(ctx, c.deps.DB, id)
}

func (c *Component) agent(ctx context.Context, q sqldb.Querier, id string) (Agent, error) {
	a, err := scanAgent(q.QueryRow(ctx, "SELECT "+agentColumns+" FROM agents_agent a WHERE a.id = $1", id).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		return a, core.NotFound("agent", id)
	}
	return a, err
}

// Find returns the agent with this id or name: documents name agents.
func (c *Component) Find(ctx context.Context, idOrName string) (Agent, error) {
	a, err := scanAgent(c.deps.DB.QueryRow(ctx, "SELECT "+agentColumns+" FROM agents_agent a WHERE a.id = $1 OR a.name = $1 ORDER BY a.id = $1 DESC LIMIT 1", idOrName).Scan)
	if errors.Is(err, sqldb.ErrNoRows) {
		return a, core.NotFound("agent", idOrName)
	}
	return a, err
}

// OfItem returns the agent that runs on the item, a host; of several, the one that measures it.
func (c *Component) OfItem(ctx context.Context, item string) (Agent, error) {
	a, err := scanAgent(c.deps.DB.QueryRow(ctx, "SELECT "+agentColumns+" FROM agents_agent a WHERE a.id = (SELECT o.id FROM agents_agent o WHERE o.item = $1 ORDER BY "+
		firstOfHost+" LIMIT 1)", item).Scan)
	if errors.Is(err, sqldb.ErrNoRows) || item == "" {
		return a, core.NotFound("agent on item", item)
	}
	return a, err
}

// Connected returns all agents that are connected.
func (c *Component) Connected(ctx context.Context) ([]Agent, error) {
	return c.agentsWhere(ctx, "a.connected")
}

// BindItem records which item of the graph the agent's host is.
func (c *Component) BindItem(ctx context.Context, agent, item string) error {
	var known string
	err := c.deps.DB.QueryRow(ctx, "SELECT item FROM agents_agent WHERE id = $1", agent).Scan(&known)
	if err != nil || known == item {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE agents_agent SET item = $1 WHERE id = $2", item, agent)
		return err
	})
}

// Change is what may be changed of an agent; nil leaves a field.
type Change struct {
	Name *string `json:"name,omitempty" minLength:"1" maxLength:"253"`
	Team *string `json:"team,omitempty" maxLength:"26" doc:"Id of the team that owns it; empty: common"`
}

// Update changes an agent.
func (c *Component) Update(ctx context.Context, id string, change Change) (Agent, error) {
	var after Agent
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		before, err := c.agent(ctx, tx, id)
		if err != nil {
			return err
		}
		after = before
		if change.Name != nil {
			if after.Name = strings.TrimSpace(*change.Name); after.Name == "" {
				return core.Invalid("name", "must not be empty")
			}
		}
		if change.Team != nil {
			after.Team = *change.Team
		}
		if after.Name == before.Name && after.Team == before.Team {
			return nil
		}
		if _, err := tx.Exec(ctx, "UPDATE agents_agent SET name = $1, team = $2 WHERE id = $3", after.Name, after.Team, id); err != nil {
			if sqldb.IsUnique(err) {
				return core.Errorf(core.CodeConflict, "there is another agent named %q", after.Name)
			}
			return err
		}
		summary := fmt.Sprintf("agent %s changed", after.Name)
		if before.Name != after.Name {
			summary = fmt.Sprintf("agent %s renamed to %s", before.Name, after.Name)
		}
		return c.record(ctx, tx, "changed", after, actor(ctx), summary)
	})
	return after, err
}

// Remove forgets an agent: its key is refused from now on, its connection
// and its alert end.
func (c *Component) Remove(ctx context.Context, id string) error {
	known, err := c.Agent(ctx, id)
	if err == nil && !known.alarmedAt.IsZero() {
		err = c.calm(ctx, []Agent{known})
	}
	if err != nil {
		return err
	}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		a, err := c.agent(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM agents_agent WHERE id = $1", id); err != nil {
			return err
		}
		return c.record(ctx, tx, "removed", a, actor(ctx), fmt.Sprintf("agent %s removed", a.Name))
	})
	if err == nil {
		c.presence.forget(id)
		c.progress.forget(id)
		c.deps.Bus.Disconnect(id)
	}
	return err
}

// record appends agents.agent.<verb>.
func (c *Component) record(ctx context.Context, tx *sqldb.Tx, verb string, a Agent, by ledger.Actor, summary string) error {
	data, err := json.Marshal(map[string]any{"id": a.ID, "name": a.Name, "hostname": a.Hostname, "os": a.OS, "arch": a.Arch,
		"version": a.Version, "item": a.Item, "seenAt": a.SeenAt})
	if err != nil {
		return err
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: by, Module: "agents", Type: "agents.agent." + verb,
		Subject: core.Ref{Kind: "agent", ID: a.ID}, Item: a.Item, Team: a.Team, Summary: summary, Data: data})
	return err
}

// actor is the caller, or the agents themselves for internal work.
func actor(ctx context.Context) ledger.Actor {
	if p := auth.From(ctx); p != nil {
		return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return ledger.System("agents")
}

// admit says which agent a key belongs to. The bus ends the agent's earlier
// connection, and with it the calls that were under way there.
func (c *Component) admit(ctx context.Context, key string) (string, error) {
	var id string
	err := c.deps.DB.QueryRow(ctx, "SELECT id FROM agents_agent WHERE nkey = $1", key).Scan(&id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", core.Errorf(core.CodeForbidden, "no agent has this key")
	}
	if err == nil {
		c.calls.abort(id)
	}
	return id, err
}
