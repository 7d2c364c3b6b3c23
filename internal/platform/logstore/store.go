package logstore

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/spool"
)

// Dependencies of a Store.
type Dependencies struct {
	Clock    core.Clock
	Log      *slog.Logger
	Observer Observer // may be nil
	Events   Events   // may be nil
	Command  []string // runs the child: {"/usr/bin/mainstay", "logstore"}; not needed with a URL
}

// Store is one dataset. It is safe for concurrent use.
type Store struct {
	cfg        Configuration
	deps       Dependencies
	client     *client
	supervisor *Supervisor // nil with an external engine
	spool      *spool.Spool

	wanted chan struct{} // closed by the first use
	want   func()
	awake  atomic.Bool // the engine has answered

	cancel    context.CancelFunc
	done      chan struct{}
	doubtful  spool.Position // what is in front of it may have been sent by an earlier process
	unsettled spool.Position // set when done: taken by the engine, perhaps only in memory
	ends      int64          // of processes before the one that took it

	written, refused, outOfRange, unreadable atomic.Int64

	mu     sync.Mutex
	state  State
	status Status
}

// futureLimit is how far ahead of the clock the engine takes records.
const futureLimit = 24 * time.Hour

// chunkBytes is about how much of one Write goes into one record of the spool.
const chunkBytes = 256 << 10

// New checks the configuration; nothing runs until Start.
func New(cfg Configuration, deps Dependencies) (*Store, error) {
	cfg.Spool.Dir = filepath.Join(cfg.Dir, "spool")
	if err := errors.Join(cfg.Validate(), cfg.Spool.Validate()); err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, deps: deps, state: State{Dataset: cfg.Dataset, Reason: "not started"}, wanted: make(chan struct{})}
	s.want = sync.OnceFunc(func() { close(s.wanted) })
	child := cfg.Child()
	s.client = newClient(cfg.URL, child.Socket)
	if cfg.URL == "" {
		if len(deps.Command) == 0 {
			return nil, core.Invalid("command", "must name the program that runs the child")
		}
		s.supervisor = NewSupervisor(child, deps.Command, deps.Clock, deps.Log)
	}
	return s, nil
}

// Start opens the spool, from where Write works, and starts the engine without
// waiting for it: at once, or when an empty dataset is first used.
func (s *Store) Start(context.Context) error {
	opened, err := spool.Open(s.cfg.Spool, s.deps.Clock)
	if err != nil {
		return err
	}
	s.spool, s.doubtful = opened, opened.End()
	if s.supervisor == nil || !s.cfg.OnDemand || s.used() {
		s.want()
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.done = cancel, make(chan struct{})
	go func() {
		defer close(s.done)
		s.run(ctx)
	}()
	return nil
}

// used says that the dataset may hold something. Its engine runs from the
// start then, for the retention of what there is.
func (s *Store) used() bool {
	_, err := os.Stat(s.cfg.Child().Dir)
	return !errors.Is(err, fs.ErrNotExist) || s.spool.Stats().Pending > 0
}

// run waits for the first use, then runs the engine and feeds it.
func (s *Store) run(ctx context.Context) {
	select {
	case <-s.wanted:
	case <-ctx.Done():
		return
	}
	if s.supervisor != nil {
		s.supervisor.Start()
	}
	if s.deps.Events != nil {
		watched := make(chan struct{})
		go func() { defer close(watched); s.watch(ctx) }()
		defer func() { <-watched }()
	}
	s.unsettled, s.ends = s.send(ctx)
}

// wantedYet says that the dataset was used since Start, or before.
func (s *Store) wantedYet() bool {
	select {
	case <-s.wanted:
		return true
	default:
		return false
	}
}

// wake has the engine started if it is not, and waits until it answers then.
func (s *Store) wake(ctx context.Context) error {
	if s.awake.Load() || s.supervisor == nil || !s.cfg.OnDemand {
		return nil
	}
	s.want()
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		return &core.Error{Code: core.CodeUnavailable, Message: "the log store does not answer", Cause: err}
	}
	s.awake.Store(true)
	return nil
}

// Stop ends sending, then the engine; what was not sent stays in the spool.
func (s *Store) Stop(context.Context) error {
	if s.cancel == nil {
		return nil
	}
	s.cancel()
	<-s.done
	if s.supervisor != nil && s.supervisor.Stop() {
		if ends, clean := s.supervisor.Ends(); clean && ends == s.ends+1 {
			if err := s.spool.Commit(s.unsettled); err != nil {
				return errors.Join(err, s.spool.Close())
			}
		}
	}
	return s.spool.Close()
}

// Ready waits until the engine answers.
func (s *Store) Ready(ctx context.Context) error {
	for {
		_, err := s.client.status(ctx)
		if err == nil {
			return nil
		}
		timer := s.deps.Clock.NewTimer(20 * time.Millisecond)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

// ChildPID is the engine's process, or 0.
func (s *Store) ChildPID() int {
	if s.supervisor == nil {
		return 0
	}
	pid, _, _ := s.supervisor.Process()
	return pid
}

// Write accepts the records: when it returns nil they are in the spool and will
// be searchable. Records whose time the engine cannot keep (older than the
// retention, or more than a day ahead) are refused one by one, and counted. A
// full spool refuses all with core.CodeUnavailable.
func (s *Store) Write(_ context.Context, records []Record) (refused int, err error) {
	now := s.deps.Clock.Now()
	oldest, newest := now.Add(-s.cfg.Retention), now.Add(futureLimit)
	var chunks [][]byte
	chunk := make([]byte, 0, min(chunkBytes, 256*len(records)))
	for _, r := range records {
		if r.Time.IsZero() {
			r.Time = now
		}
		if r.Time.Before(oldest) || r.Time.After(newest) {
			refused++
			continue
		}
		chunk = r.appendLine(chunk)
		if len(chunk) >= chunkBytes {
			chunks, chunk = append(chunks, chunk), nil
		}
	}
	s.outOfRange.Add(int64(refused))
	if len(chunk) > 0 {
		chunks = append(chunks, chunk)
	}
	if err := s.spool.Append(chunks...); err != nil {
		s.refused.Add(int64(len(records) - refused))
		return refused, err
	}
	s.written.Add(int64(len(records) - refused))
	if len(chunks) > 0 {
		s.want()
	}
	return refused, nil
}

// Stats is what a Store counted since Start, and what it holds.
type Stats struct {
	State      State       `json:"state"`
	Engine     Status      `json:"engine"`
	Spool      spool.Stats `json:"spool"`
	Written    int64       `json:"written"`    // records accepted
	Refused    int64       `json:"refused"`    // records refused because the spool was full or broken
	OutOfRange int64       `json:"outOfRange"` // records refused for their time
	Unreadable int64       `json:"unreadable"` // batches the engine could not read; lost
}

// Stats returns the counters.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		State: s.state, Engine: s.status, Spool: s.spool.Stats(), Written: s.written.Load(), Refused: s.refused.Load(),
		OutOfRange: s.outOfRange.Load(), Unreadable: s.unreadable.Load(),
	}
}

// observe stores what is known of the engine and tells the Observer of changes.
func (s *Store) observe(status Status, err error) {
	next := State{Dataset: s.cfg.Dataset, Ready: err == nil, ReadOnly: status.ReadOnly, Free: status.FreeBytes}
	if err != nil {
		next.Reason = err.Error()
	}
	if s.supervisor != nil {
		_, restarts, reason := s.supervisor.Process()
		next.Restarts = restarts
		if err != nil && reason != "" {
			next.Reason = reason
		}
	}
	s.mu.Lock()
	last := s.state
	s.state = next
	if err == nil {
		s.status = status
	}
	s.mu.Unlock()
	last.Free = next.Free
	if last != next && s.deps.Observer != nil {
		s.deps.Observer.LogstoreChanged(next)
	}
}
