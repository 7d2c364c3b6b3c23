package wire

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/graph"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/metricstore"
)

// sink takes over what agents deliver: facts to the graph, measurements to the
// metric store, events to intake. It asks for the components when it needs
// them: some are made after the agents.
type sink struct {
	graph   *graph.Component
	events  func() *events.Component
	metrics func() metricstore.Store
	agents  func() *agents.Component
	log     *slog.Logger
}

// hostRef is what agents call their own host in a report.
const hostRef = "host"

func (s *sink) Report(ctx context.Context, agent string, text json.RawMessage) error {
	report, _, problems, err := graph.ParseReport(text)
	if err != nil {
		return err
	}
	report.Source, report.Scope = "agent", agent
	outcome, err := s.graph.Reconcile(ctx, report)
	if err != nil {
		return err
	}
	if problems = append(problems, outcome.Errors...); len(problems) > 0 {
		s.log.Warn("parts of an agent's facts were refused", "agent", agent, "count", len(problems), "field", problems[0].Field, "rule", problems[0].Rule)
	}
	if host := outcome.Item(hostRef); host != "" {
		return s.agents().BindItem(ctx, agent, host)
	}
	return nil
}

func (s *sink) Metrics(ctx context.Context, agent string, samples []agents.Sample) error {
	known, err := s.agents().Agent(ctx, agent)
	if err != nil {
		return err
	}
	list := make([]metricstore.Sample, len(samples))
	for i, sample := range samples {
		labels := make(map[string]string, len(sample.Labels)+2)
		for name, value := range sample.Labels {
			labels[name] = value
		}
		labels["host"] = known.Hostname
		if known.Item != "" {
			labels["item"] = known.Item
		}
		list[i] = metricstore.Sample{Labels: metricstore.LabelsOf(sample.Name, labels), T: time.UnixMilli(sample.T), V: sample.V}
	}
	return s.metrics().Append(ctx, list)
}

func (s *sink) Events(ctx context.Context, agent string, list []core.Event) error {
	known, err := s.agents().Agent(ctx, agent)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Source = "agent:" + known.Name
		if list[i].Item == "" && len(list[i].Identities) == 0 {
			list[i].Item = known.Item
		}
	}
	return s.events().Accept(ctx, list)
}
