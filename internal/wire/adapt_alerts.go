package wire

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/events/priority"
	"mainstay/internal/graph"
	"mainstay/internal/monitor/availability"
	"mainstay/internal/platform/identity"
)

// directoryForEvents knows whom alerts can be given to.
type directoryForEvents struct{ auth *identity.Component }

func (d directoryForEvents) User(ctx context.Context, idOrName string) (events.Holder, error) {
	u, err := d.auth.User(ctx, idOrName)
	if core.CodeOf(err) == core.CodeNotFound {
		u, err = d.auth.UserNamed(ctx, idOrName)
	}
	return events.Holder{ID: u.ID, Name: u.Name}, err
}

func (d directoryForEvents) Team(ctx context.Context, idOrName string) (events.Holder, error) {
	teams, err := d.auth.Teams(ctx)
	if err != nil {
		return events.Holder{}, err
	}
	for id, name := range teams {
		if id == idOrName || name == idOrName {
			return events.Holder{ID: id, Name: name}, nil
		}
	}
	return events.Holder{}, core.NotFound("team", idOrName)
}

// recordsForEvents names records by asking the API for them, as the caller.
type recordsForEvents struct{ system *System }

func (r recordsForEvents) Title(ctx context.Context, record core.Ref) (string, error) {
	path := map[string]string{"incident": "incidents", "situation": "situations", "item": "items", "alert": "alerts", "run": "runs"}[record.Kind]
	if path == "" {
		return "", core.NotFound(record.Kind, record.ID)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/"+path+"/"+url.PathEscape(record.ID), nil)
	if err != nil {
		return "", err
	}
	answer := &memoryResponse{header: http.Header{}}
	r.system.api.Handler().ServeHTTP(answer, request)
	var found map[string]any
	if answer.status >= 300 || json.Unmarshal(answer.body.Bytes(), &found) != nil {
		return "", core.NotFound(record.Kind, record.ID)
	}
	for _, field := range []string{"title", "name", "runbook"} {
		if title := text(found[field]); title != "" {
			if number := text(found["number"]); number != "" {
				title = number + " " + title
			}
			return title, nil
		}
	}
	return record.String(), nil
}

// placesForEvents says where items belong.
type placesForEvents struct{ graph *graph.Component }

// placesRead bounds the items whose facts are asked for at once.
const placesRead = 5000

func (p placesForEvents) Places(ctx context.Context, items []string) (map[string]events.Place, error) {
	out := make(map[string]events.Place, len(items))
	catalogue := p.graph.Catalogue()
	for part := range slices.Chunk(items, placesRead) {
		facts, err := p.graph.Facts(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, id := range part {
			f, ok := facts[id]
			if !ok {
				continue
			}
			place := events.Place{Class: f.Class, ClassLabel: f.Class, Site: text(f.Attributes["site"])}
			if class, ok := catalogue.Class(f.Class); ok {
				place.ClassLabel = class.Label
			}
			reached, err := p.graph.Services(ctx, []string{id})
			if err != nil {
				return nil, err
			}
			for _, s := range reached {
				place.Services = append(place.Services, events.Service{ID: s.ID, Name: s.Name})
			}
			out[id] = place
		}
	}
	return out, nil
}

// reachForEvents tells what a fault reaches.
type reachForEvents struct {
	graph  *graph.Component
	agreed func(ctx context.Context) (map[string][]availability.Agreed, error)
	clock  core.Clock
	log    *slog.Logger

	mu      sync.Mutex
	known   map[string][]availability.Agreed
	at      time.Time
	reading bool
}

const (
	agreedFor  = time.Minute // how long what was agreed is used
	reachMost  = 2000        // items that a fault is followed to
	targetMost = 100
)

func (r *reachForEvents) Reach(items []string) (out priority.Reach) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	services, err := r.graph.Services(ctx, items)
	if err != nil {
		r.log.Warn("the services that a fault reaches cannot be read", "error", err)
		return out
	}
	reached := slices.Clone(items)
	for _, a := range r.graph.Index().Impact(items, reachMost) {
		if !a.Degraded {
			reached = append(reached, a.ID)
		}
	}
	reached = reached[:min(len(reached), reachMost)]
	for _, s := range services {
		out.Services = append(out.Services, priority.Service{ID: s.ID, Name: s.Name, Criticality: s.Criticality})
		reached = append(reached, s.ID)
	}
	slices.Sort(reached)
	reached = slices.Compact(reached)
	facts, err := r.graph.Facts(ctx, reached)
	if err != nil {
		r.log.Warn("the sites that a fault reaches cannot be read", "error", err)
		return out
	}
	for _, id := range reached {
		f := facts[id]
		if site := text(f.Attributes["site"]); site != "" {
			out.Sites = append(out.Sites, site)
		} else if f.Class == "site" {
			out.Sites = append(out.Sites, f.Name)
		}
	}
	slices.Sort(out.Sites)
	out.Sites = slices.Compact(out.Sites)
	for _, s := range out.Services {
		if n, ok := facts[s.ID].Attributes["users"].(float64); ok && n > 0 {
			out.Users += int(n)
		}
	}
	agreed := r.agreements(ctx)
	for _, id := range reached {
		for _, a := range agreed[id] {
			if len(out.Targets) < targetMost {
				out.Targets = append(out.Targets, priority.Target{Name: a.Target, Item: id, Percent: a.Percent})
			}
		}
	}
	return out
}

// agreements are remembered: after the first time nobody waits for them.
func (r *reachForEvents) agreements(ctx context.Context) map[string][]availability.Agreed {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	if r.known != nil && now.Sub(r.at) < agreedFor || r.reading {
		return r.known
	}
	if r.known != nil {
		r.reading = true
		go r.read(context.Background())
		return r.known
	}
	r.reading = true
	r.mu.Unlock()
	r.read(ctx)
	r.mu.Lock()
	return r.known
}

func (r *reachForEvents) read(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	agreed, err := r.agreed(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reading = false
	if err != nil {
		r.log.Warn("what was agreed of availability cannot be read", "error", err)
		return
	}
	r.known, r.at = agreed, r.clock.Now()
}
