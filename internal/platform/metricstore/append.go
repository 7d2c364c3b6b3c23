package metricstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core"
)

// maxDetails bounds how many samples at fault one error names.
const maxDetails = 20

// Append implements Store.
func (s *local) Append(ctx context.Context, samples []Sample) error {
	if len(samples) == 0 {
		return nil
	}
	if err := s.guard.admit(len(samples)); err != nil {
		return err
	}
	app := s.db.AppenderV2(ctx)
	var faults faults
	for i := range samples {
		sample := &samples[i]
		ref, known := s.refs.get(sample.Labels)
		if !known {
			if rule := checkLabels(sample.Labels); rule != "" {
				faults.add(i, rule)
				continue
			}
			if finder, ok := app.(storage.GetRef); ok {
				ref, _ = finder.GetRef(sample.Labels, sample.Labels.Hash())
			}
			if ref == 0 {
				if err := s.newcomers.admit("mainstay", sample.Labels, s.deps.Clock.Now()); err != nil {
					faults.add(i, "begins a series, and there are too many new ones")
					continue
				}
			}
		}
		got, err := app.Append(ref, sample.Labels, 0, sample.T.UnixMilli(), sample.V, nil, nil, storage.AOptions{})
		if err != nil {
			rule, ours := sampleRule(err)
			if !ours {
				_ = app.Rollback()
				return fmt.Errorf("metric store: append: %w", err)
			}
			faults.add(i, rule)
			continue
		}
		if got != ref || !known {
			s.refs.put(sample.Labels, got)
		}
	}
	if err := app.Commit(); err != nil {
		s.refs.reset()
		s.guard.sample(ctx)
		return fmt.Errorf("metric store: commit: %w", err)
	}
	s.rejected.Add(int64(faults.total))
	return faults.err()
}

// checkLabels returns the rule that a new series' labels break.
func checkLabels(l Labels) string {
	if l.Get(labels.MetricName) == "" {
		return "must carry a metric name in __name__"
	}
	if name, twice := l.HasDuplicateLabelNames(); twice {
		return "must not have the label " + name + " twice"
	}
	if !l.IsValid(model.UTF8Validation) {
		return "label names and values must be valid UTF-8 and names not empty"
	}
	return ""
}

// sampleRule tells errors of one sample from errors of the engine.
func sampleRule(err error) (rule string, ofSample bool) {
	switch {
	case errors.Is(err, errTooMany):
		return "begins a series, and there are too many new ones", true
	case errors.Is(err, storage.ErrTooOldSample), errors.Is(err, storage.ErrOutOfBounds):
		return "is older than the out-of-order window", true
	case errors.Is(err, storage.ErrOutOfOrderSample):
		return "is older than the newest sample of its series", true
	case errors.Is(err, storage.ErrDuplicateSampleForTimestamp):
		return "differs from the value stored for its time", true
	default:
		return "", false
	}
}

// faults collects the samples of a batch that were left out.
type faults struct {
	total   int
	details []core.Detail
}

func (f *faults) add(i int, rule string) {
	f.total++
	if len(f.details) < maxDetails {
		f.details = append(f.details, core.Detail{Field: fmt.Sprintf("samples[%d]", i), Rule: rule})
	}
}

func (f *faults) err() error {
	if f.total == 0 {
		return nil
	}
	return &core.Error{Code: core.CodeInvalid, Message: fmt.Sprintf("%d samples were refused", f.total), Details: f.details}
}

// maxRefs bounds the cache; a store with more active series pays the engine's own lookup.
const maxRefs = 1 << 20

// refCache remembers the engine's reference of a series, which halves the cost
// of an append. References the engine has dropped are harmless: it then goes
// by the labels and answers with a new one.
type refCache struct {
	mu   sync.RWMutex
	refs map[Labels]storage.SeriesRef
}

func (c *refCache) get(l Labels) (storage.SeriesRef, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	ref, ok := c.refs[l]
	return ref, ok
}

func (c *refCache) put(l Labels, ref storage.SeriesRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refs == nil || len(c.refs) >= maxRefs {
		c.refs = map[Labels]storage.SeriesRef{}
	}
	c.refs[l] = ref
}

func (c *refCache) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refs = nil
}
