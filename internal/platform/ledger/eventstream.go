package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"mainstay/internal/core"
)

// streamPatience is how long one write to a client may take.
const streamPatience = 20 * time.Second

// eventStream writes server-sent events to one client.
type eventStream struct {
	clock   core.Clock
	control *http.ResponseController

	mu     sync.Mutex
	w      http.ResponseWriter
	closed bool
}

func newEventStream(w http.ResponseWriter, clock core.Clock) *eventStream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx: pass on at once
	w.WriteHeader(http.StatusOK)
	s := &eventStream{clock: clock, control: http.NewResponseController(w), w: w}
	s.write(": mainstay\nretry: 2000\n\n")
	return s
}

func (s *eventStream) send(e Entry) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Type, data))
}

func (s *eventStream) write(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return http.ErrServerClosed
	}
	s.control.SetWriteDeadline(s.clock.Now().Add(streamPatience))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// beat keeps the connection open until ctx ends, and calls gone when the client is.
func (s *eventStream) beat(ctx context.Context, every time.Duration, gone func()) {
	timer := s.clock.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			if s.write(": beat\n\n") != nil {
				gone()
				return
			}
			timer.Reset(every)
		}
	}
}

// close keeps a beat that is under way from writing to a finished response.
func (s *eventStream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
