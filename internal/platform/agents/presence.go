package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/bus"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// presence holds the beats heard since they were last written.
type presence struct {
	mu      sync.Mutex
	fresh   map[string]heard
	dropped map[string]uint64    // as of the last beat, to notice losses
	asked   map[string]time.Time // when an agent was last asked for all its facts
	behind  map[string]string    // the agent that measures the host in an agent's place
	wake    chan struct{}
}

type heard struct {
	at   time.Time
	beat protocol.Beat
}

func (p *presence) init() {
	p.fresh, p.dropped, p.asked, p.behind = map[string]heard{}, map[string]uint64{}, map[string]time.Time{}, map[string]string{}
	p.wake = make(chan struct{}, 1)
}

func (p *presence) forget(agent string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.fresh, agent)
	delete(p.dropped, agent)
	delete(p.asked, agent)
	delete(p.behind, agent)
}

// askAgain bounds how often an agent without an item is asked for its facts.
const askAgain = 5 * time.Minute

// hear notes a beat and answers it. The agent is to send all its facts when
// records of it were lost.
func (p *presence) hear(agent string, beat protocol.Beat, at time.Time) protocol.BeatReply {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, known := p.dropped[agent]
	p.dropped[agent] = beat.Dropped
	p.fresh[agent] = heard{at, beat}
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return protocol.BeatReply{Refresh: known && beat.Dropped > before || p.asked[agent].Equal(pleaseAsk), MeasuredBy: p.behind[agent]}
}

// put notes who measures the host of an agent, for the answer to its next beat.
func (p *presence) put(agent, behind string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if behind == "" {
		delete(p.behind, agent)
	} else {
		p.behind[agent] = behind
	}
}

// pleaseAsk marks an agent whose facts are to be asked for at its next beat.
var pleaseAsk = time.Unix(1, 0)

// hearBeat answers a beat.
func (c *Component) hearBeat(msg *nats.Msg) {
	agent := protocol.AgentOf(msg.Subject)
	var beat protocol.Beat
	if err := json.Unmarshal(msg.Data, &beat); err != nil {
		c.log.Warn("unreadable beat", "agent", agent, "error", err)
		return
	}
	now := c.deps.Clock.Now()
	reply := c.presence.hear(agent, beat, now)
	if reply.Refresh {
		c.presence.mu.Lock()
		c.presence.asked[agent] = now
		c.presence.mu.Unlock()
	}
	data, err := json.Marshal(reply)
	if err == nil {
		err = bus.Reply(msg, agent, data)
	}
	if err != nil {
		c.log.Warn("answer a beat", "agent", agent, "error", err)
	}
}

// watchPresence writes beats down, at most once a second, and finds the lost.
func (c *Component) watchPresence(ctx context.Context) {
	settled := c.deps.Clock.Now()
	look := c.deps.Clock.NewTimer(c.cfg.LostAfter / 5)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.presence.wake:
			if err := c.writeBeats(ctx); err != nil && ctx.Err() == nil {
				c.log.Error("write beats of agents", "error", err)
				settled = c.deps.Clock.Now()
			}
			pause := c.deps.Clock.NewTimer(min(time.Second, c.cfg.LostAfter/10))
			select {
			case <-ctx.Done():
			case <-pause.C():
			}
			pause.Stop()
		case <-look.C():
			// After a start agents need the time to come back, and after an
			// outage of the store replicas the time to write what they heard.
			if c.deps.Clock.Now().Sub(settled) >= c.cfg.LostAfter {
				if err := errors.Join(c.writeBeats(ctx), c.findLost(ctx), c.alarm(ctx, settled)); err != nil && ctx.Err() == nil {
					c.log.Error("find lost agents", "error", err)
					settled = c.deps.Clock.Now()
				}
			}
			look.Reset(c.cfg.LostAfter / 5)
		}
	}
}

// writeBeats puts the beats heard into the registry. Beats that cannot be
// written are kept unless a newer one has come.
func (c *Component) writeBeats(ctx context.Context) error {
	p := &c.presence
	p.mu.Lock()
	taken := p.fresh
	p.fresh = map[string]heard{}
	p.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		for agent, h := range taken {
			if err := c.writeBeat(ctx, tx, agent, h); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.mu.Lock()
		for agent, h := range taken {
			if _, newer := p.fresh[agent]; !newer {
				p.fresh[agent] = h
			}
		}
		p.mu.Unlock()
	}
	return err
}

func (c *Component) writeBeat(ctx context.Context, tx *sqldb.Tx, agent string, h heard) error {
	a, err := c.agent(ctx, tx, agent)
	var coded *core.Error
	if errors.As(err, &coded) && coded.Code == core.CodeNotFound {
		c.deps.Bus.Disconnect(agent) // removed while the beat was under way
		return nil
	}
	if err != nil {
		return err
	}
	capabilities, err := json.Marshal(append([]string{}, h.beat.Capabilities...))
	if err != nil {
		return err
	}
	policy, err := json.Marshal(h.beat.Policy)
	if err != nil {
		return err
	}
	logs, err := json.Marshal(bounded(h.beat.Logs))
	if err != nil {
		return err
	}
	changed := a.ChangedAt
	if !a.Connected {
		changed = h.at
	}
	_, err = tx.Exec(ctx, `UPDATE agents_agent SET connected = TRUE, changed_at = $1, seen_at = $2, version = $3, hostname = $4, os = $5, arch = $6,
		capabilities = $7, policy = $8, instance = $9, queued = $10, dropped = $11, lag = $12, logs = $13 WHERE id = $14`,
		core.Micros(changed), core.Micros(h.at), clip(h.beat.Version), clip(h.beat.Hostname), clip(h.beat.OS), clip(h.beat.Arch), string(capabilities), string(policy),
		clip(h.beat.Instance), h.beat.Queued, int64(min(h.beat.Dropped, 1<<62)), h.beat.Lag.Microseconds(), cleanText(string(logs)), agent)
	if err != nil {
		return err
	}
	c.presence.put(a.ID, a.MeasuredBy)
	c.wantFacts(a, h.at)
	if a.Connected {
		return nil
	}
	a.SeenAt, a.Version, a.Hostname = h.at, clip(h.beat.Version), clip(h.beat.Hostname)
	return c.record(ctx, tx, "connected", a, ledger.Actor{Kind: auth.KindAgent, ID: a.ID, Name: a.Name}, fmt.Sprintf("agent %s connected", a.Name))
}

// bounded keeps what an agent says of its log sources within what is shown.
func bounded(s protocol.LogStatus) protocol.LogStatus {
	s.Revision, s.Sources = clip(s.Revision), slices.Clone(s.Sources[:min(len(s.Sources), 100)])
	for i := range s.Sources {
		s.Sources[i].Name, s.Sources[i].Error = clip(s.Sources[i].Name), clip(s.Sources[i].Error)
	}
	return s
}

// clip bounds what an agent says of itself, and keeps it valid text for SQL.
func clip(s string) string {
	if len(s) > 253 {
		s = s[:253]
	}
	return cleanText(s)
}

// wantFacts has the agent asked for all its facts when its host is not in the
// graph though it has had time to report: the graph may have been restored.
func (c *Component) wantFacts(a Agent, now time.Time) {
	if a.Item != "" || now.Sub(a.EnrolledAt) < time.Minute {
		return
	}
	c.presence.mu.Lock()
	defer c.presence.mu.Unlock()
	if now.Sub(c.presence.asked[a.ID]) > askAgain {
		c.presence.asked[a.ID] = pleaseAsk
	}
}

// findLost marks agents whose beats have ceased.
func (c *Component) findLost(ctx context.Context) error {
	cutoff := core.Micros(c.deps.Clock.Now().Add(-c.cfg.LostAfter))
	rows, err := c.deps.DB.Query(ctx, "SELECT "+agentColumns+" FROM agents_agent a WHERE a.connected AND a.seen_at < $1", cutoff)
	lost, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (Agent, error) { return scanAgent(r.Scan) })
	if err != nil || len(lost) == 0 {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		for _, a := range lost {
			n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE agents_agent SET connected = FALSE, changed_at = $1 WHERE id = $2 AND connected AND seen_at < $3",
				core.Micros(c.deps.Clock.Now()), a.ID, cutoff))
			if err != nil {
				return err
			}
			if n == 0 {
				continue // it came back, or another replica was first
			}
			if err := c.record(ctx, tx, "lost", a, ledger.System("agents"), fmt.Sprintf("agent %s lost: no sign of life since %s", a.Name, a.SeenAt.Format(time.RFC3339))); err != nil {
				return err
			}
		}
		return nil
	})
}

// cleanText removes what PostgreSQL does not store in text.
func cleanText(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "") }
