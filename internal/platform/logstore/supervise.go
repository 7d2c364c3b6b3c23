package logstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
)

// State of an engine, as told to the Observer when it changes.
type State struct {
	Dataset  string `json:"dataset"`
	Ready    bool   `json:"ready"`
	ReadOnly bool   `json:"readOnly"` // too little free disk: nothing is accepted
	Free     int64  `json:"free"`     // bytes
	Restarts int64  `json:"restarts"`
	Reason   string `json:"reason,omitempty"` // why it is not ready
}

// Observer is told of every change of State except Free, in order. It must not block.
type Observer interface{ LogstoreChanged(State) }

// Supervisor runs the engine's process: starts it, waits until it answers, and
// starts it again, ever more slowly, when it ends.
type Supervisor struct {
	cfg     ChildConfig
	command []string
	clock   core.Clock
	log     *slog.Logger

	cancel context.CancelFunc
	done   chan struct{}

	mu        sync.Mutex
	pid       int
	restarts  int64
	reason    string
	ends      int64 // of processes, for whatever reason
	clean     bool  // the last one closed its data by itself
	unclean   int64 // how many did not
	stopChild context.CancelFunc
	pauses    []pause
}

// pause is something to be done while no process runs.
type pause struct {
	fn   func() error
	done chan error
}

// Backoff between starts, and how long a process must live to start afresh.
const (
	backoffFirst = 100 * time.Millisecond
	backoffMost  = 30 * time.Second
	steadyAfter  = time.Minute
	stopWithin   = 15 * time.Second
)

// NewSupervisor takes the command that runs the child, to which cfg's
// arguments are added: {"/usr/bin/mainstay", "logstore"}.
func NewSupervisor(cfg ChildConfig, command []string, clock core.Clock, log *slog.Logger) *Supervisor {
	return &Supervisor{cfg: cfg, command: command, clock: clock, log: log.With("dataset", cfg.Dataset), done: make(chan struct{})}
}

// Start runs the process until Stop.
func (s *Supervisor) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go func() {
		defer close(s.done)
		s.run(ctx)
	}()
}

// Stop ends the process. It says no when there never was one.
func (s *Supervisor) Stop() bool {
	if s.cancel == nil {
		return false
	}
	s.cancel()
	<-s.done
	return true
}

// Ends is how many processes have ended, and whether the last of them closed
// its data by itself: then everything it accepted is on disk.
func (s *Supervisor) Ends() (n int64, clean bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ends, s.clean
}

// Unclean is how many processes have ended without closing their data.
func (s *Supervisor) Unclean() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unclean
}

// Pause ends the process, runs fn, and starts another.
func (s *Supervisor) Pause(ctx context.Context, fn func() error) error {
	p := pause{fn, make(chan error, 1)}
	s.mu.Lock()
	s.pauses = append(s.pauses, p)
	if s.stopChild != nil {
		s.stopChild()
	}
	s.mu.Unlock()
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return errors.New("logstore: the supervisor was stopped")
	}
}

// runPauses does what waits for the process to be gone, and says whether there
// was anything.
func (s *Supervisor) runPauses() bool {
	s.mu.Lock()
	waiting := s.pauses
	s.pauses, s.stopChild = nil, nil
	s.mu.Unlock()
	for _, p := range waiting {
		p.done <- p.fn()
	}
	return len(waiting) > 0
}

// Process returns the process's id (0 when there is none), how often it was
// started again, and why it ended last.
func (s *Supervisor) Process() (pid int, restarts int64, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid, s.restarts, s.reason
}

func (s *Supervisor) run(ctx context.Context) {
	backoff := backoffFirst
	for {
		s.runPauses()
		started := s.clock.Now()
		err := s.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if s.runPauses() {
			continue
		}
		if s.clock.Now().Sub(started) > steadyAfter {
			backoff = backoffFirst
		}
		wait := backoff/2 + rand.N(backoff/2)
		s.log.Error("log store ended; it is started again", "reason", err, "after", wait)
		s.mu.Lock()
		s.pid, s.restarts, s.reason = 0, s.restarts+1, err.Error()
		s.mu.Unlock()
		timer := s.clock.NewTimer(wait)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return
		}
		backoff = min(2*backoff, backoffMost)
	}
}

// once runs the process to its end. Its standard input is its lifeline: the
// kernel closes it when this process dies, however it dies.
func (s *Supervisor) once(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s.mu.Lock()
	if len(s.pauses) > 0 {
		stop() // it came between; the process ends as soon as it has begun
	}
	s.stopChild = stop
	s.mu.Unlock()
	args := append(append([]string{}, s.command[1:]...), s.cfg.Args()...)
	cmd := exec.Command(s.command[0], args...)
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.mu.Lock()
	s.pid = cmd.Process.Pid
	s.mu.Unlock()

	ended := make(chan struct{})
	go s.stopWith(ctx, cmd, lifeline, ended)
	last := s.relay(stderr)
	err = cmd.Wait()
	close(ended)
	s.mu.Lock()
	s.pid, s.clean = 0, err == nil
	s.ends++
	if err != nil {
		s.unclean++
	}
	s.mu.Unlock()
	if err == nil {
		return errors.New("it ended by itself")
	}
	return fmt.Errorf("%w: %s", err, last)
}

// stopWith closes the lifeline when ctx ends, which asks the process to close
// its data and end, and kills it when it takes too long.
func (s *Supervisor) stopWith(ctx context.Context, cmd *exec.Cmd, lifeline io.Closer, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	lifeline.Close()
	timer := s.clock.NewTimer(stopWithin)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C():
		_ = cmd.Process.Kill()
	}
}

// relay passes the process's log on until it closes it, and returns the line
// that most likely tells why it ended.
func (s *Supervisor) relay(r io.Reader) (last string) {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if text := strings.TrimSpace(string(line)); text != "" {
			var entry struct{ Level, Msg string }
			switch {
			case json.Unmarshal(line, &entry) != nil: // a stack trace of the runtime
				s.log.Debug("log store", "line", text)
				if strings.HasPrefix(text, "panic:") || strings.HasPrefix(text, "fatal error:") || last == "" {
					last = text
				}
			case entry.Level == "info":
				s.log.Debug("log store", "line", entry.Msg)
			case entry.Level == "warn":
				s.log.Warn("log store", "line", entry.Msg)
			default:
				s.log.Error("log store", "line", entry.Msg)
				last = entry.Msg
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return clip(last, 500)
		}
	}
}
