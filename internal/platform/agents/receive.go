package agents

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/bus"
)

// progress remembers how far each agent's records were taken over, so that a
// batch sent again costs nothing. It is only a shortcut: after a restart
// records may reach the Sink a second time.
type progress struct {
	mu   sync.Mutex
	last map[string][]position // of each agent the newest come first
}

type position struct {
	epoch string
	seq   uint64
}

// epochsMost bounds what is remembered of one agent: its queue and each of its
// log sources count for themselves.
const epochsMost = 128

func (p *progress) init() { p.last = map[string][]position{} }

func (p *progress) forget(agent string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.last, agent)
}

func (p *progress) of(agent, epoch string) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, at := range p.last[agent] {
		if at.epoch == epoch {
			return at.seq
		}
	}
	return 0
}

func (p *progress) set(agent, epoch string, seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.DeleteFunc(p.last[agent], func(at position) bool { return at.epoch == epoch })
	list = slices.Insert(list, 0, position{epoch, seq})
	p.last[agent] = list[:min(len(list), epochsMost)]
}

// receiveLimit bounds the time for one batch; the agent waits as long.
const receiveLimit = 25 * time.Second

// hearBatch takes a batch in. When all receivers are busy the bus holds further
// batches back, and agents keep theirs until they have a receipt.
func (c *Component) hearBatch(msg *nats.Msg) {
	select {
	case c.receivers <- struct{}{}:
	case <-c.running.Done():
		return
	}
	c.wait.Add(1)
	go func() {
		defer c.wait.Done()
		defer func() { <-c.receivers }()
		agent := protocol.AgentOf(msg.Subject)
		data, err := json.Marshal(c.receive(c.running, agent, msg.Data))
		if err == nil {
			err = bus.Reply(msg, agent, data)
		}
		if err != nil {
			c.log.Warn("answer a batch", "agent", agent, "error", err)
		}
	}()
}

// receive hands the records of a batch to the sink, in order.
func (c *Component) receive(ctx context.Context, agent string, data []byte) protocol.Receipt {
	ctx, cancel := context.WithTimeout(ctx, receiveLimit)
	defer cancel()
	batch, err := protocol.Unpack(data)
	if err != nil {
		c.log.Warn("unreadable batch", "agent", agent, "error", err)
		return protocol.Receipt{Error: "the batch cannot be read"}
	}
	receipt := protocol.Receipt{Accepted: c.progress.of(agent, batch.Epoch)}
	for _, record := range batch.Records {
		if record.Seq <= receipt.Accepted {
			continue
		}
		refused, err := c.hand(ctx, agent, record)
		receipt.Rejected += uint64(refused)
		if err != nil {
			if !unusable(err) {
				c.log.Warn("records of an agent wait", "agent", agent, "kind", record.Kind, "error", err)
				receipt.Error = "the server cannot take records in at the moment"
				break
			}
			c.log.Warn("unusable record of an agent", "agent", agent, "kind", record.Kind, "seq", record.Seq, "error", err)
			receipt.Rejected++
		}
		receipt.Accepted = record.Seq
	}
	c.progress.set(agent, batch.Epoch, receipt.Accepted)
	return receipt
}

// hand gives one record to the sink; refused is how many of the entries it
// consists of were unusable, though the others were taken.
func (c *Component) hand(ctx context.Context, agent string, r protocol.Record) (refused int, err error) {
	switch r.Kind {
	case protocol.KindReport:
		return 0, c.deps.Sink.Report(ctx, agent, r.Data)
	case protocol.KindMetrics:
		var samples []Sample
		if err := json.Unmarshal(r.Data, &samples); err != nil {
			return 0, core.Errorf(core.CodeMalformed, "samples: %v", err)
		}
		return 0, c.deps.Sink.Metrics(ctx, agent, samples)
	case protocol.KindEvents:
		var events []core.Event
		if err := json.Unmarshal(r.Data, &events); err != nil {
			return 0, core.Errorf(core.CodeMalformed, "events: %v", err)
		}
		return 0, c.deps.Sink.Events(ctx, agent, events)
	case protocol.KindLogs:
		var batch protocol.LogBatch
		if err := json.Unmarshal(r.Data, &batch); err != nil {
			return 0, core.Errorf(core.CodeMalformed, "log records: %v", err)
		}
		return c.deps.Sink.Logs(ctx, agent, batch)
	}
	return 0, core.Errorf(core.CodeInvalid, "unknown kind of record %q", r.Kind)
}

// unusable says that a record will never be accepted.
func unusable(err error) bool {
	var coded *core.Error
	if !errors.As(err, &coded) {
		return false
	}
	switch coded.Code {
	case core.CodeInvalid, core.CodeMalformed, core.CodeTooLarge:
		return true
	}
	return false
}
