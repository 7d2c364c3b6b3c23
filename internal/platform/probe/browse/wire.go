package browse

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// errGone says that the browser has ended.
var errGone = errors.New("the browser has ended")

// maxMessage bounds one message of the browser.
const maxMessage = 32 << 20

// conversation speaks the DevTools protocol: messages of JSON, each ended by a zero byte.
type conversation struct {
	out   io.Writer
	event func(method string, params json.RawMessage)

	mu      sync.Mutex
	next    int
	waiting map[int]chan message
	over    chan struct{}
}

type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

func newConversation(out io.Writer, in io.Reader, event func(string, json.RawMessage)) *conversation {
	c := &conversation{out: out, event: event, waiting: map[int]chan message{}, over: make(chan struct{})}
	go c.listen(in)
	return c
}

// listen hands answers to who waits for them, until the browser is gone.
func (c *conversation) listen(in io.Reader) {
	defer close(c.over)
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxMessage)
	lines.Split(splitZero)
	for lines.Scan() {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue
		}
		if m.ID == 0 {
			c.event(m.Method, m.Params)
			continue
		}
		c.mu.Lock()
		waiter := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if waiter != nil {
			waiter <- m
		}
	}
}

func splitZero(data []byte, end bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if end {
		return len(data), nil, nil // half a message is none
	}
	return 0, nil, nil
}

// call sends a command to a session, "" for the browser, and waits for the answer.
func (c *conversation) call(ctx context.Context, session, method string, params, result any) error {
	c.mu.Lock()
	c.next++
	id, waiter := c.next, make(chan message, 1)
	c.waiting[id] = waiter
	command, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	if session != "" {
		command, err = json.Marshal(map[string]any{"id": id, "method": method, "params": params, "sessionId": session})
	}
	if err == nil {
		_, err = c.out.Write(append(command, 0))
	}
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	select {
	case m := <-waiter:
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-c.over:
		return errGone
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		return ctx.Err()
	}
}
