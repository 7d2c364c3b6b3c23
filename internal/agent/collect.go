package agent

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"mainstay/internal/agent/facts"
	"mainstay/internal/agent/measure"
	"mainstay/internal/platform/agents/protocol"
)

// reportFacts looks at the host at regular times and queues a report when
// something changed, when the server asks, and once in a while in any case.
// reported is called after the first look.
func (a *Component) reportFacts(ctx context.Context, reported func()) {
	collector := facts.New(a.identity.Agent, a.log)
	var sent [sha256.Size]byte
	var at time.Time
	for force := true; ; {
		report := collector.Collect(ctx)
		if ctx.Err() != nil {
			return
		}
		sum, err := report.Fingerprint()
		if err != nil {
			a.log.Error("encode the facts", "error", err)
		}
		now := a.deps.Clock.Now()
		if force || sum != sent || now.Sub(at) >= a.cfg.RefreshEvery {
			report.ObservedAt = now
			if a.enqueue(protocol.KindReport, report) {
				sent, at = sum, now
			}
		}
		reported()
		timer := a.deps.Clock.NewTimer(a.cfg.FactsEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-a.refresh:
			force = true
		case <-timer.C():
			force = false
		}
		timer.Stop()
	}
}

// measure samples the host at regular times, on whole multiples of the
// interval so that series of different hosts align.
func (a *Component) measure(ctx context.Context) {
	sampler := measure.New()
	for {
		samples := a.ownSamples()
		if other := a.measuredBy.Load(); other == nil || *other == "" {
			samples = append(sampler.Sample(ctx, a.deps.Clock.Now()), samples...)
		}
		a.enqueue(protocol.KindMetrics, samples)
		now := a.deps.Clock.Now()
		if !a.pause(ctx, now.Truncate(a.cfg.MetricsEvery).Add(a.cfg.MetricsEvery).Sub(now)) {
			return
		}
	}
}

// ownSamples is how the agent itself is, rather than its host.
func (a *Component) ownSamples() []protocol.Sample {
	stats, now := a.queue.Stats(), a.deps.Clock.Now()
	lag := 0.0
	if !stats.Oldest.IsZero() {
		lag = max(now.Sub(stats.Oldest).Seconds(), 0)
	}
	t := now.UnixMilli()
	return []protocol.Sample{
		{Name: protocol.OwnSeries + "queue_records", T: t, V: float64(stats.Records)},
		{Name: protocol.OwnSeries + "queue_bytes", T: t, V: float64(stats.Bytes)},
		{Name: protocol.OwnSeries + "queue_lag_seconds", T: t, V: lag},
		{Name: protocol.OwnSeries + "dropped_records_total", T: t, V: float64(stats.Dropped)},
		{Name: protocol.OwnSeries + "running_commands", T: t, V: float64(a.engine.Running())},
	}
}

func (a *Component) enqueue(kind string, record any) bool {
	data, err := json.Marshal(record)
	if err == nil {
		err = a.queue.Append(kind, data)
	}
	if err != nil {
		a.log.Error("a record is lost", "kind", kind, "error", err)
	}
	return err == nil
}
