package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/probe"
)

// errNobody is a call that no agent heard.
var errNobody = core.Errorf(core.CodeUnavailable, "the agent is not connected")

// defaultCall is how long a call waits when its context has no deadline.
const defaultCall = 30 * time.Second

// calls are the requests under way. Answers come on subjects of the agent
// asked, so another agent cannot answer in its place.
type calls struct {
	mu      sync.Mutex
	next    uint64
	conn    *nats.Conn // nil before start and after stop
	replica string
	sub     *nats.Subscription
	waiting map[string]chan *nats.Msg // by full answer subject
}

func (c *calls) start(conn *nats.Conn, replica string) error {
	sub, err := conn.Subscribe(protocol.AnswerSubject("*", replica+".*"), c.hear)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.replica, c.sub, c.waiting = conn, replica, sub, map[string]chan *nats.Msg{}
	return nil
}

func (c *calls) hear(msg *nats.Msg) {
	if waiter := c.take(msg.Subject); waiter != nil {
		waiter <- msg
	}
}

func (c *calls) stop() {
	c.mu.Lock()
	sub := c.sub
	c.conn, c.sub = nil, nil
	c.mu.Unlock()
	if sub != nil {
		_ = sub.Unsubscribe()
		c.end("agent.")
	}
}

// abort ends the calls an agent will not answer any more: it has connected
// anew, and answers only where it was asked.
func (c *calls) abort(agent string) { c.end(protocol.AnswerSubject(agent, "")) }

func (c *calls) end(prefix string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for subject, waiter := range c.waiting {
		if strings.HasPrefix(subject, prefix) {
			delete(c.waiting, subject)
			waiter <- nil
		}
	}
}

// expect makes a subject for one answer of the agent, and a place to wait for it.
func (c *calls) expect(agent string) (conn *nats.Conn, answer string, waiter chan *nats.Msg) {
	waiter = make(chan *nats.Msg, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil, "", nil
	}
	c.next++
	answer = protocol.AnswerSubject(agent, c.replica+"."+strconv.FormatUint(c.next, 10))
	c.waiting[answer] = waiter
	return c.conn, answer, waiter
}

// take removes who waits for an answer.
func (c *calls) take(answer string) chan *nats.Msg {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiter := c.waiting[answer]
	delete(c.waiting, answer)
	return waiter
}

// request sends data and waits for the one answer.
func (c *calls) request(ctx context.Context, agent, method string, data []byte) (*nats.Msg, error) {
	conn, answer, waiter := c.expect(agent)
	if conn == nil {
		return nil, core.Errorf(core.CodeUnavailable, "the server is starting or stopping")
	}
	defer c.take(answer)
	message := &nats.Msg{Subject: protocol.CallSubject(agent, method), Reply: answer, Data: data}
	if err := conn.PublishMsg(message); err != nil {
		return nil, &core.Error{Code: core.CodeUnavailable, Message: "the bus is not connected", Cause: err}
	}
	select {
	case msg := <-waiter:
		if msg == nil {
			return nil, core.Errorf(core.CodeUnavailable, "the connection to the agent was lost")
		}
		// NATS answers by itself, with status 503, when nobody listens.
		if len(msg.Data) == 0 && msg.Header.Get("Status") == "503" {
			return nil, errNobody
		}
		return msg, nil
	case <-ctx.Done():
		return nil, &core.Error{Code: core.CodeUnavailable, Message: "the agent did not answer in time", Cause: ctx.Err()}
	}
}

// Call asks an agent and decodes its answer into out. The error has the code
// unavailable when the agent is not connected or did not answer in time; other
// errors are the agent's own. Without a deadline it waits 30 seconds.
func (c *Component) Call(ctx context.Context, agent, method string, in, out any) error {
	if !core.ValidID(agent) {
		return core.NotFound("agent", agent)
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, defaultCall)
		defer cancel()
	}
	data, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode the argument of %s: %w", method, err)
	}
	msg, err := c.calls.request(ctx, agent, method, data)
	if err != nil {
		return err
	}
	return readReply(msg.Data, out)
}

// readReply decodes an answer. Parts of it are shown and stored, so its texts
// must be storable.
func readReply(data []byte, out any) error {
	var reply protocol.Reply
	err := json.Unmarshal(data, &reply)
	if err == nil && httpapi.HoldsNUL(data) {
		err = errors.New("it holds the character U+0000")
	}
	if err == nil && reply.Error == nil {
		err = reply.Open(out)
	}
	if err != nil {
		return core.Errorf(core.CodeInternal, "the agent's answer cannot be read: %v", err)
	}
	return reply.Open(nil)
}

// probeSlack is added to a check's own timeout for the way there and back.
const probeSlack = 10 * time.Second

// RunCheck has the agent run a check. A refusal by the host's policy is an
// error with the code forbidden.
func (c *Component) RunCheck(ctx context.Context, agent string, spec probe.Spec) (probe.Result, error) {
	limit := spec.Timeout.Std()
	if limit <= 0 {
		limit = probe.DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit+probeSlack)
	defer cancel()
	var result probe.Result
	err := c.Call(ctx, agent, protocol.MethodCheck, spec, &result)
	result.Bound()
	return result, err
}

// RefreshFacts asks the agent to report everything again.
func (c *Component) RefreshFacts(ctx context.Context, agent string) error {
	return c.Call(ctx, agent, protocol.MethodFacts, nil, nil)
}
