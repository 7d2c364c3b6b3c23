package receivers

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
)

// Registry is the receivers that listen now.
type Registry struct {
	clock core.Clock
	mu    sync.Mutex
	all   []*Meter
}

// NewRegistry returns an empty one.
func NewRegistry(clock core.Clock) *Registry { return &Registry{clock: clock} }

// Add puts a receiver on the list.
func (r *Registry) Add(a About) *Meter {
	now := reading{at: r.clock.Now()}
	m := &Meter{About: a, clock: r.clock, registry: r, before: now, current: now}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, m)
	return m
}

func (r *Registry) remove(m *Meter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = slices.DeleteFunc(r.all, func(o *Meter) bool { return o == m })
}

// States are the receivers by name.
func (r *Registry) States() []State {
	r.mu.Lock()
	all := slices.Clone(r.all)
	r.mu.Unlock()
	now, list := r.clock.Now(), make([]State, 0, len(all))
	for _, m := range all {
		list = append(list, m.state(now))
	}
	slices.SortFunc(list, func(a, b State) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

type statesOutput struct {
	Body struct {
		Items []State `json:"items"`
	}
}

// Routes registers what the registry answers.
func (r *Registry) Routes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-receivers", Method: http.MethodGet, Path: "/receivers", Summary: "List receivers", Tag: "events", Permission: "alerts:read",
		Details: "Every listener for others' signals that is bound: what it took, refused and lost since the start, and how far behind it is."},
		func(context.Context, *struct{}) (*statesOutput, error) {
			out := &statesOutput{}
			out.Body.Items = r.States()
			return out, nil
		})
}
