package jobstest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/jobs"
	"mainstay/internal/platform/secrets"
)

// Surroundings stands for the graph, the checks and the secrets. Every item
// has the agent "agent-<item>".
type Surroundings struct {
	mu      sync.Mutex
	checks  map[string]bool
	ran     []string
	items   map[string]map[string]any
	secrets map[string]string
	impact  map[string]int
	windows map[string]string

	incidents map[string]string
}

// NewSurroundings returns empty surroundings: no check is well.
func NewSurroundings() *Surroundings {
	return &Surroundings{checks: map[string]bool{}, items: map[string]map[string]any{}, secrets: map[string]string{},
		impact: map[string]int{}, windows: map[string]string{}, incidents: map[string]string{}}
}

func set[V any](s *Surroundings, m map[string]V, key string, v V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m[key] = v
}

// SetCheck says what a check finds from now on.
func (s *Surroundings) SetCheck(id string, well bool) { set(s, s.checks, id, well) }

// SetItem makes an item known.
func (s *Surroundings) SetItem(id string, item map[string]any) { set(s, s.items, id, item) }

// SetSecret makes a secret known.
func (s *Surroundings) SetSecret(name, value string) { set(s, s.secrets, name, value) }

// SetImpact says how many items depend on an item.
func (s *Surroundings) SetImpact(id string, n int) { set(s, s.impact, id, n) }

// SetMaintenance puts an item into a window; "" takes it out.
func (s *Surroundings) SetMaintenance(id, window string) { set(s, s.windows, id, window) }

// SetIncident says that a situation has an incident.
func (s *Surroundings) SetIncident(situation, incident string) {
	set(s, s.incidents, situation, incident)
}

// OfSituation keeps the contract of jobs.Incidents.
func (s *Surroundings) OfSituation(_ context.Context, situation string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.incidents[situation], nil
}

// Ran lists the checks that were run.
func (s *Surroundings) Ran() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.ran...)
}

// RunNow is a check's result.
func (s *Surroundings) RunNow(_ context.Context, check string) (jobs.CheckResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran = append(s.ran, check)
	if s.checks[check] {
		return jobs.CheckResult{Check: check, OK: true, State: "ok", Output: "fine"}, nil
	}
	return jobs.CheckResult{Check: check, State: "critical", Output: "connection refused"}, nil
}

// AgentFor is the agent of an item.
func (s *Surroundings) AgentFor(_ context.Context, item string) (string, error) {
	return "agent-" + item, nil
}

// Resolve finds an item by the value of an identity.
func (s *Surroundings) Resolve(_ context.Context, ids []core.Identity) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if _, ok := s.items[id.Value]; ok {
			return id.Value, nil
		}
	}
	return "", core.NotFound("item", ids[0].Value)
}

// Item is what an item looks like.
func (s *Surroundings) Item(_ context.Context, id string) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if item, ok := s.items[id]; ok {
		return item, nil
	}
	return nil, core.NotFound("item", id)
}

// Impact is how many items depend on an item.
func (s *Surroundings) Impact(_ context.Context, id string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.impact[id], nil
}

// InMaintenance is the window an item is in.
func (s *Surroundings) InMaintenance(_ context.Context, id string, _ time.Time) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.windows[id], s.windows[id] != "", nil
}

// Secrets adapts the surroundings to jobs.Secrets, whose method has a name
// that hosts use as well.
type Secrets struct{ *Surroundings }

// Resolve returns a secret's value.
func (s Secrets) Resolve(_ context.Context, name string, _ core.Ref, _ string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.secrets[name]; ok {
		return v, nil
	}
	return "", core.NotFound("secret", name)
}

// Redactor masks all values.
func (s Secrets) Redactor(context.Context) (*secrets.Redactor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return secrets.NewRedactor(slices.Collect(maps.Values(s.secrets))...), nil
}
