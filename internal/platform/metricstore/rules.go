package metricstore

import (
	"context"
	"sync"
	"time"
)

// RuleStatus is a rule as the rules and alerts endpoints show it.
type RuleStatus struct {
	Name          string
	Record        bool // it writes series and has no alerts
	Group         string
	File          string
	Limit         int
	Query         string
	For           time.Duration
	KeepFiringFor time.Duration
	Interval      time.Duration
	Labels        map[string]string
	Annotations   map[string]string
	Health        string // ok, err, unknown
	LastError     string
	Evaluated     time.Time
	Took          time.Duration
	Alerts        []RuleAlert
}

// RuleAlert is one pending or firing instance of a rule.
type RuleAlert struct {
	Labels      map[string]string
	Annotations map[string]string
	Firing      bool
	ActiveAt    time.Time
	Value       float64
}

// RuleSource knows the rules and what they see.
type RuleSource interface {
	MetricRules(ctx context.Context) ([]RuleStatus, error)
}

type ruleSource struct {
	mu     sync.RWMutex
	source RuleSource
}

func (r *ruleSource) set(s RuleSource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.source = s
}

func (r *ruleSource) list(ctx context.Context) ([]RuleStatus, error) {
	r.mu.RLock()
	source := r.source
	r.mu.RUnlock()
	if source == nil {
		return nil, nil
	}
	return source.MetricRules(ctx)
}
