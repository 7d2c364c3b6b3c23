package rollup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/fileutil"

	"mainstay/internal/core"
)

// spanWidth is what one pass builds.
const spanWidth = int64(2 * time.Hour / time.Millisecond)

// Tier is one width of buckets and how long they are kept.
type Tier struct {
	Name      string // also its directory
	Width     time.Duration
	Retention time.Duration
}

type tier struct {
	Tier
	blocks *blocks
}

// Configuration of a store.
type Configuration struct {
	Directory string
	Tiers     []Tier // widths divide two hours
	// Lookback is PromQL's: a series without a sample for that long has no value.
	Lookback time.Duration
	// Late is how late a sample may come.
	Late time.Duration
	// Lag is how long after its end a span is built first.
	Lag time.Duration
	// Every is how often there is a look for work; Pause lies between batches.
	Every, Pause time.Duration
	// Batch is how many rolled up samples a pass holds in memory; 0 is a good number.
	Batch int
}

// Raw are the samples that are rolled up.
type Raw interface {
	storage.Queryable
	// Bounds are the times of the oldest and the newest sample; ok is false
	// when there is none.
	Bounds() (oldest, newest int64, ok bool)
}

// Store builds the tiers and reads them.
type Store struct {
	cfg      Configuration
	raw      Raw
	clock    core.Clock
	log      *slog.Logger
	tiers    []*tier
	building string
	gap      int64
	lookback int64
	batch    int

	pass sync.Mutex // one at a time

	mu      sync.Mutex
	through int64 // spans up to here are built
	target  int64 // of the pass under way
	stale   map[int64]bool
}

// state is what a store knows beside its blocks.
type state struct {
	Through int64   `json:"through"`
	Stale   []int64 `json:"stale"` // starts of spans
	Clean   bool    `json:"clean"` // whether Stale is all
}

// Open reads what is there. Nothing is built before Run or Pass.
func Open(cfg Configuration, raw Raw, clock core.Clock, log *slog.Logger) (*Store, error) {
	s := &Store{
		cfg: cfg, raw: raw, clock: clock, log: log, building: filepath.Join(cfg.Directory, "building"),
		gap: time.Hour.Milliseconds(), lookback: cfg.Lookback.Milliseconds(), batch: batchSamples,
		through: math.MinInt64, target: math.MinInt64, stale: map[int64]bool{},
	}
	if err := os.RemoveAll(s.building); err != nil {
		return nil, fmt.Errorf("metric rollups: %w", err)
	}
	if err := os.MkdirAll(s.building, 0o750); err != nil {
		return nil, fmt.Errorf("metric rollups: %w", err)
	}
	for _, t := range cfg.Tiers {
		b, err := openBlocks(filepath.Join(cfg.Directory, t.Name), log)
		if err != nil {
			return nil, fmt.Errorf("metric rollups: %w", err)
		}
		s.tiers = append(s.tiers, &tier{t, b})
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("metric rollups: %w", err)
	}
	if cfg.Batch > 0 {
		s.batch = cfg.Batch
	}
	return s, nil
}

func (s *Store) load() error {
	raw, err := os.ReadFile(filepath.Join(s.cfg.Directory, "state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		s.log.Error("metric rollups: the state cannot be read; all there is raw samples of is built again", "error", err)
		return nil
	}
	s.through, s.target = st.Through, st.Through
	for _, from := range st.Stale {
		s.stale[from] = true
	}
	if !st.Clean {
		for from := floor(s.through-s.cfg.Late.Milliseconds(), spanWidth); from < s.through; from += spanWidth {
			s.stale[from] = true
		}
	}
	return s.save(false)
}

// save writes the state. clean is said once, with the stop.
func (s *Store) save(clean bool) error {
	s.mu.Lock()
	st := state{Through: s.through, Stale: []int64{}, Clean: clean}
	for from := range s.stale {
		st.Stale = append(st.Stale, from)
	}
	s.mu.Unlock()
	if st.Through == math.MinInt64 {
		return nil
	}
	slices.Sort(st.Stale)
	raw, err := json.Marshal(st)
	if err != nil {
		return err
	}
	path := filepath.Join(s.cfg.Directory, "state.json")
	if err := os.WriteFile(path+".tmp", raw, 0o600); err != nil {
		return err
	}
	return fileutil.Replace(path+".tmp", path)
}

// Touched says that samples of these times were stored. Those of spans that
// are built make them stale.
func (s *Store) Touched(oldest, newest int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	built := max(s.through, s.target)
	if oldest > built {
		return
	}
	// A span is open at its start. The value at its end is what the next one
	// counts increases from.
	for from := floor(oldest-1, spanWidth); from < min(newest+s.gap, built); from += spanWidth {
		s.stale[from] = true
	}
}

// Through is the time up to which buckets are complete and true.
func (s *Store) Through() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	through := s.through
	for from := range s.stale {
		through = min(through, from)
	}
	return through
}

// Run looks for work until the context ends.
func (s *Store) Run(ctx context.Context) {
	timer := s.clock.NewTimer(s.cfg.Every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		if err := s.Pass(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("metric rollups: not built, it is tried again", "error", err)
		}
		timer.Reset(s.cfg.Every)
	}
}

// Pass does all the work there is: builds spans that are over, builds stale
// ones again, joins days, and forgets what is older than its retention.
func (s *Store) Pass(ctx context.Context) error {
	s.pass.Lock()
	defer s.pass.Unlock()
	oldest, newest, ok := s.raw.Bounds()
	if !ok {
		return nil
	}
	// A clock that jumps ahead does not make data older, and a sample that is
	// ahead does not make spans over.
	now := min(s.clock.Now().UnixMilli(), newest)
	if err := s.rebuild(ctx, oldest); err != nil {
		return err
	}
	if err := s.advance(ctx, oldest, now); err != nil {
		return err
	}
	for _, t := range s.tiers {
		if err := s.joinAll(ctx, t, now); err != nil {
			return err
		}
		if err := t.blocks.expire(now - t.Retention.Milliseconds()); err != nil {
			return err
		}
	}
	return nil
}

// rebuild builds stale spans again. What raw samples no longer cover stays as it is.
func (s *Store) rebuild(ctx context.Context, oldest int64) error {
	s.mu.Lock()
	var list []int64
	for from := range s.stale {
		list = append(list, from)
	}
	s.mu.Unlock()
	slices.Sort(list)
	for _, from := range list {
		s.mu.Lock()
		delete(s.stale, from) // what comes from now on makes it stale once more
		s.mu.Unlock()
		if from+spanWidth > s.throughRaw() || (from < oldest && s.built(from)) {
			continue
		}
		if err := s.buildSpan(ctx, span{from, from + spanWidth}); err != nil {
			s.Touched(from+1, from+1)
			return err
		}
		if err := s.save(false); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) throughRaw() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.through
}

func (s *Store) built(from int64) bool {
	return slices.ContainsFunc(s.tiers, func(t *tier) bool {
		return slices.ContainsFunc(t.blocks.all(), func(b *block) bool { return b.covers(span{from, from + spanWidth}) })
	})
}

// advance builds the spans that are over and were not built yet.
func (s *Store) advance(ctx context.Context, oldest, now int64) error {
	from := s.throughRaw()
	if from == math.MinInt64 {
		from = floor(oldest-1, spanWidth)
	}
	// Nothing is lost where there are no samples.
	from = max(from, floor(oldest-1, spanWidth))
	for ; from+spanWidth+s.cfg.Lag.Milliseconds() <= now; from += spanWidth {
		s.mu.Lock()
		s.target = from + spanWidth
		s.mu.Unlock()
		if err := s.buildSpan(ctx, span{from, from + spanWidth}); err != nil {
			return err
		}
		s.mu.Lock()
		s.through = from + spanWidth
		s.mu.Unlock()
		if err := s.save(false); err != nil {
			return err
		}
		if err := s.breathe(ctx); err != nil {
			return err
		}
	}
	return nil
}

// joinAll makes days of spans and sixteen days of days, once nothing can come late.
func (s *Store) joinAll(ctx context.Context, t *tier, now int64) error {
	const day = 24 * int64(time.Hour/time.Millisecond)
	final := min(s.Through(), now-s.cfg.Late.Milliseconds()-spanWidth)
	for _, width := range []int64{day, 16 * day} {
		list := t.blocks.all()
		for i := 0; i < len(list); {
			whole := span{floor(list[i].from, width), floor(list[i].from, width) + width}
			n := i
			for n < len(list) && whole.covers(list[n].span) {
				n++
			}
			if whole.to <= final && n-i > 1 && !slices.ContainsFunc(list[i:n], func(b *block) bool { return b.read == nil }) {
				if err := s.joinBlocks(ctx, t, whole); err != nil {
					return err
				}
			}
			i = max(n, i+1)
		}
	}
	return nil
}

// breathe leaves the machine to others between two batches. What it waits for
// is the machine, so it is the machine's time.
func (s *Store) breathe(ctx context.Context) error {
	if s.cfg.Pause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(s.cfg.Pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Coverage says from when on a tier has buckets.
func (s *Store) Coverage(i int) (from int64, ok bool) { return s.tiers[i].blocks.oldest() }

// Tiers are those of the configuration.
func (s *Store) Tiers() []Tier { return s.cfg.Tiers }

// Queryable reads a tier: of each series the aggregate that a matcher names.
func (s *Store) Queryable(i int) storage.Queryable {
	return storage.QueryableFunc(func(mint, maxt int64) (storage.Querier, error) {
		q, err := s.tiers[i].blocks.querier(mint, maxt)
		if err != nil {
			return nil, err
		}
		return reading{q}, nil
	})
}

// Broken are the directories of blocks that cannot be read.
func (s *Store) Broken() []string {
	var out []string
	for _, t := range s.tiers {
		for _, b := range t.blocks.all() {
			if b.read == nil {
				out = append(out, b.dir)
			}
		}
	}
	return out
}

// Close ends reading; call it after Run has returned.
func (s *Store) Close() error {
	s.pass.Lock()
	defer s.pass.Unlock()
	err := s.save(true)
	for _, t := range s.tiers {
		t.blocks.close()
	}
	return err
}
