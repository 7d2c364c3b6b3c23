package tail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// The bounds of what an agent follows.
const (
	maxSources = 100
	maxFiles   = 500 // of one source
	DefaultMax = 64 << 10
	MaxMax     = 256 << 10
)

// Dependencies of a Tailer.
type Dependencies struct {
	Clock core.Clock
	Log   *slog.Logger
	// Deliver hands a batch over. It returns once the server has it, with how many
	// of the records were unusable; the error tells the person why it has not.
	Deliver func(ctx context.Context, batch protocol.LogBatch) (refused int, err error)
	// File and Journal say nil when they may be followed.
	File    func(path string) error
	Journal func() error
}

// Tailer follows the sources of one host. It is safe for concurrent use.
type Tailer struct {
	dir  string
	deps Dependencies

	mu       sync.Mutex
	revision string
	running  map[string]*source // by name
	order    []string
	run      context.Context
	cancel   context.CancelFunc
}

// Open prepares to follow what was followed before; nothing is read until Start.
func Open(dir string, deps Dependencies) *Tailer {
	return &Tailer{dir: dir, deps: deps, running: map[string]*source{}}
}

func (t *Tailer) sourcesPath() string { return filepath.Join(t.dir, "sources.json") }

// Start follows what the server said last.
func (t *Tailer) Start(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.run, t.cancel = context.WithCancel(ctx)
	raw, err := os.ReadFile(t.sourcesPath())
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var known protocol.LogSources
	if err == nil {
		err = json.Unmarshal(raw, &known)
	}
	if err == nil {
		err = t.follow(known)
	}
	if err != nil {
		t.deps.Log.Error("the log sources of before cannot be followed; the server will send them again", "error", err)
	}
}

// Stop ends following and returns when nothing is read any more.
func (t *Tailer) Stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel == nil {
		return
	}
	t.cancel()
	for _, s := range t.running {
		<-s.done
	}
	clear(t.running)
	t.cancel = nil
}

// Follow takes sources over in the place of all earlier ones.
func (t *Tailer) Follow(sources protocol.LogSources) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel == nil {
		return core.Errorf(core.CodeUnavailable, "the agent is not running")
	}
	if err := t.follow(sources); err != nil {
		return err
	}
	return writeFile(t.sourcesPath(), sources)
}

func (t *Tailer) follow(sources protocol.LogSources) error {
	if len(sources.Sources) > maxSources {
		return core.Invalid("sources", fmt.Sprintf("must be at most %d", maxSources))
	}
	wanted := map[string]*source{}
	var order []string
	for _, spec := range sources.Sources {
		s, err := newSource(spec, filepath.Join(t.dir, placeName(spec.Name)), t.deps)
		if err != nil {
			return err
		}
		if wanted[spec.Name] != nil {
			return core.Invalid("sources", fmt.Sprintf("must name %q once", spec.Name))
		}
		wanted[spec.Name] = s
		order = append(order, spec.Name)
	}
	for name, old := range t.running {
		if fresh := wanted[name]; fresh != nil && old.same(fresh) {
			wanted[name] = old
			continue
		}
		old.cancel()
		<-old.done
		if wanted[name] == nil {
			_ = os.Remove(old.path) // whoever declares it again begins anew
		}
	}
	for name, s := range wanted {
		if t.running[name] != s {
			s.begin(t.run)
		}
	}
	t.running, t.order, t.revision = wanted, order, sources.Revision
	return nil
}

// placeName is where the place of a source is kept: names may hold what a file
// system does not take.
func placeName(name string) string {
	s := sha256.Sum256([]byte(name))
	return "place-" + hex.EncodeToString(s[:10]) + ".json"
}

// Status is how it goes.
func (t *Tailer) Status() protocol.LogStatus {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := protocol.LogStatus{Revision: t.revision}
	for _, name := range t.order {
		if s := t.running[name]; s != nil {
			out.Sources = append(out.Sources, s.status())
		}
	}
	return out
}
