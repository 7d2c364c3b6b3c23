package tail

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"regexp"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

const (
	batchBytes = 256 << 10
	batchMost  = 2000
	lookEvery  = 500 * time.Millisecond
	rateOver   = 10 * time.Second
	retryFirst = 500 * time.Millisecond
	retryMost  = 15 * time.Second
)

// source is one that is followed, by a goroutine of its own.
type source struct {
	spec   protocol.LogSource
	path   string // of its place
	deps   Dependencies
	coding coding
	start  *regexp.Regexp
	goOn   *regexp.Regexp

	epoch  string // of this run
	seq    uint64 // of its batches
	place  place
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	state   protocol.LogSourceStatus
	trouble [2]string // of finding and reading, of delivering
	before  reading
	current reading
}

type reading struct {
	at      time.Time
	records int64
}

func newSource(spec protocol.LogSource, path string, deps Dependencies) (*source, error) {
	s := &source{spec: spec, path: path, deps: deps, done: make(chan struct{}), epoch: rand.Text()}
	if (spec.Files == nil) == (spec.Journal == nil) {
		return nil, core.Invalid("sources", "must have files or a journal, and not both")
	}
	if spec.Files != nil {
		var ok bool
		if s.coding, ok = codingOf(spec.Files.Encoding); !ok {
			return nil, core.Invalid("encoding", "is not known to this agent")
		}
		for text, place := range map[string]**regexp.Regexp{spec.Files.Start: &s.start, spec.Files.Continue: &s.goOn} {
			if text == "" {
				continue
			}
			compiled, err := regexp.Compile(text)
			if err != nil {
				return nil, core.Invalid("multiline", err.Error())
			}
			*place = compiled
		}
	}
	s.state.Name = spec.Name
	now := reading{at: deps.Clock.Now()}
	s.before, s.current = now, now
	return s, nil
}

// same says whether another follows the same in the same way.
func (s *source) same(o *source) bool {
	a, _ := json.Marshal(s.spec)
	b, _ := json.Marshal(o.spec)
	return string(a) == string(b)
}

func (s *source) most() int {
	if s.spec.Files == nil || s.spec.Files.MaxLine <= 0 {
		return DefaultMax
	}
	return min(s.spec.Files.MaxLine, MaxMax)
}

func (s *source) begin(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	go func() {
		defer close(s.done)
		place, err := readPlace(s.path)
		if err != nil {
			s.say(0, err)
			return
		}
		s.place = place
		if s.spec.Journal != nil {
			s.followJournal(ctx)
		} else {
			newFiles(s).follow(ctx)
		}
	}()
}

func (s *source) pause(ctx context.Context, d time.Duration) {
	timer := s.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-ctx.Done():
	}
}

// deliver returns when the server has the records, or with an error when ctx
// has ended.
func (s *source) deliver(ctx context.Context, records []protocol.LogRecord) error {
	s.seq++
	size, cut := 0, 0
	for _, r := range records {
		size += len(r.M)
		if r.Fields["truncated"] != "" {
			cut++
		}
	}
	batch := protocol.LogBatch{Source: s.spec.Name, App: s.spec.App, Labels: s.spec.Labels, Records: records, Epoch: s.epoch, Seq: s.seq}
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		refused, err := s.deps.Deliver(ctx, batch)
		if err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.state.Records += int64(len(records) - refused)
			s.state.Bytes += int64(size)
			s.state.Cut += int64(cut)
			s.state.Refused += int64(refused)
			s.state.Seen = s.deps.Clock.Now()
			s.trouble[1] = ""
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.say(1, err)
		s.pause(ctx, wait)
	}
}

// say keeps what is wrong, or that nothing is.
func (s *source) say(about int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble[about] = ""
	if err != nil {
		s.trouble[about] = err.Error()
	}
}

// holds tells how many files there are and how much of them is not delivered.
func (s *source) holds(files int, behind int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Files, s.state.Behind = files, behind
}

func (s *source) status() protocol.LogSourceStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.deps.Clock.Now()
	if now.Sub(s.current.at) >= rateOver {
		s.before, s.current = s.current, reading{now, s.state.Records}
	}
	out := s.state
	if over := now.Sub(s.before.at).Seconds(); over > 0 {
		out.Rate = float64(out.Records-s.before.records) / over
	}
	out.Error = s.trouble[1]
	if s.trouble[0] != "" {
		out.Error = s.trouble[0]
	}
	return out
}
