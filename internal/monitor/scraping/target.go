package scraping

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// showEvery is how often the state of targets is written down.
const showEvery = 2 * time.Second

// broken is the health of a document that is not loaded.
const broken = "broken"

// Target is one address that is scraped, with how its last scrape went.
type Target struct {
	ID        string            `json:"id"`
	Scrape    string            `json:"scrape" doc:"name of the Scrape document"`
	Team      string            `json:"team,omitempty"`
	Address   string            `json:"address,omitempty" doc:"what is fetched; empty for a document that cannot be loaded"`
	Item      string            `json:"item,omitempty" doc:"id of the item that its labels name"`
	Health    string            `json:"health" enum:"up,down,unknown,broken" doc:"broken: the document cannot be loaded"`
	Error     string            `json:"error,omitempty" doc:"why the last scrape failed"`
	Labels    map[string]string `json:"labels" nullable:"false"`
	ScrapedAt *time.Time        `json:"scrapedAt,omitempty"`
	Duration  float64           `json:"duration" doc:"seconds the last scrape took"`
}

// shown writes the state of targets into the store: changes of membership and
// health soon, mere times of scrapes seldom. Lists overlay what is known here.
type shown struct {
	e       *engine
	mu      sync.Mutex
	written map[string]Target // what the store has, by id
}

// timesEvery is how old a stored time of a scrape may become.
const timesEvery = 5 * time.Minute

func newShown(e *engine) *shown { return &shown{e: e} }

func (s *shown) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.write(ctx); err != nil && ctx.Err() == nil {
			s.e.c.deps.Log.Warn("scraping: the state of targets is not written", "error", err)
			s.mu.Lock()
			s.written = nil // read it again
			s.mu.Unlock()
		}
		s.e.c.pause(ctx, showEvery)
	}
}

// now is every target as it stands, by id.
func (s *shown) now() map[string]Target {
	s.e.mu.Lock()
	teams, problems := s.e.teams, s.e.problems // replaced as a whole, never changed
	s.e.mu.Unlock()
	out := map[string]Target{}
	for name, problem := range problems {
		id := targetID(name, "", "")
		out[id] = Target{ID: id, Scrape: name, Team: teams[name], Health: broken, Error: problem, Labels: map[string]string{}}
	}
	b := labels.NewBuilder(labels.EmptyLabels())
	for name, list := range s.e.scrape.TargetsActive() {
		for _, t := range list {
			v := viewOf(name, t, b)
			v.Team = teams[name]
			out[v.ID] = v
		}
	}
	return out
}

func viewOf(name string, t *scrape.Target, b *labels.Builder) Target {
	ls := t.Labels(b)
	v := Target{Scrape: name, Address: t.URL().Redacted(), Health: string(t.Health()), Labels: ls.Map(), Duration: t.LastScrapeDuration().Seconds()}
	v.ID = targetID(name, v.Address, ls.String())
	if err := t.LastError(); err != nil {
		v.Error = told(err)
	}
	if at := t.LastScrape(); !at.IsZero() {
		at = at.UTC()
		v.ScrapedAt = &at
	}
	return v
}

// targetID is the same for the same target of the same document.
func targetID(scrape, address, labels string) string {
	sum := sha256.Sum256([]byte(scrape + "\xff" + address + "\xff" + labels))
	return hex.EncodeToString(sum[:12])
}

// write brings the store up to date.
func (s *shown) write(ctx context.Context) error {
	s.mu.Lock()
	before := s.written
	s.mu.Unlock()
	if before == nil {
		rows, err := s.e.c.store.targets(ctx, s.e.c.deps.DB)
		if err != nil {
			return err
		}
		before = map[string]Target{}
		for _, t := range rows {
			before[t.ID] = t
		}
	}
	after := s.now()
	var put []Target
	var gone []string
	for id, t := range after {
		old, known := before[id]
		if binder := s.e.c.deps.Binder; binder != nil && t.Address != "" {
			t.Item = binder.Bind(ctx, func(name string) string { return t.Labels[name] })
		}
		after[id] = t
		if !known || differs(old, t) {
			put = append(put, t)
		} else {
			after[id] = old // what the store has
		}
	}
	for id := range before {
		if _, there := after[id]; !there {
			gone = append(gone, id)
		}
	}
	if len(put)+len(gone) > 0 {
		if err := s.e.c.store.putTargets(ctx, put, gone); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.written = after
	s.mu.Unlock()
	return nil
}

func differs(old, t Target) bool {
	if old.Health != t.Health || old.Error != t.Error || old.Item != t.Item || old.Team != t.Team || !maps.Equal(old.Labels, t.Labels) {
		return true
	}
	if t.ScrapedAt == nil {
		return false
	}
	return old.ScrapedAt == nil || t.ScrapedAt.Sub(*old.ScrapedAt) >= timesEvery
}

const targetColumns = "id, scrape, team, address, item, health, error, labels, scraped_at, duration"

func scanTarget(scan func(...any) error) (Target, error) {
	var t Target
	var text string
	var at, duration int64
	if err := scan(&t.ID, &t.Scrape, &t.Team, &t.Address, &t.Item, &t.Health, &t.Error, &text, &at, &duration); err != nil {
		return t, err
	}
	if at != 0 {
		when := core.FromMicros(at)
		t.ScrapedAt = &when
	}
	t.Duration = float64(duration) / 1e6
	return t, json.Unmarshal([]byte(text), &t.Labels)
}

func (s *store) targets(ctx context.Context, q sqldb.Querier) ([]Target, error) {
	rows, err := q.Query(ctx, "SELECT "+targetColumns+" FROM scraping_target")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Target, error) { return scanTarget(r.Scan) })
}

func (s *store) putTargets(ctx context.Context, put []Target, gone []string) error {
	rows := make([][]any, 0, len(put))
	for _, t := range put {
		text, err := json.Marshal(t.Labels)
		if err != nil {
			return err
		}
		at := int64(0)
		if t.ScrapedAt != nil {
			at = core.Micros(*t.ScrapedAt)
		}
		rows = append(rows, []any{t.ID, t.Scrape, t.Team, t.Address, t.Item, t.Health, t.Error, string(text), at, int64(t.Duration * 1e6)})
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, id := range gone {
			if _, err := tx.Exec(ctx, "DELETE FROM scraping_target WHERE id = $1", id); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return nil
		}
		return sqldb.Insert(ctx, tx, "INSERT INTO scraping_target ("+targetColumns+") VALUES", 10, rows,
			`ON CONFLICT (id) DO UPDATE SET team = excluded.team, item = excluded.item, health = excluded.health, error = excluded.error,
			 scraped_at = excluded.scraped_at, duration = excluded.duration`)
	})
}
