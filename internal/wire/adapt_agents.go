package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/graph"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/logstore"
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
	records func() recordStore
	log     *slog.Logger
	refused refusals
}

// recordStore takes log records.
type recordStore interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
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

// Metrics binds samples to the host. Of two agents on one host only one is
// listened to: both would send the same series. Samples that the store refuses
// among others are gone, and sending them again would not help.
func (s *sink) Metrics(ctx context.Context, agent string, samples []agents.Sample) error {
	known, err := s.agents().Agent(ctx, agent)
	if err != nil {
		return err
	}
	list := make([]metricstore.Sample, 0, len(samples))
	for _, sample := range samples {
		labels := make(map[string]string, len(sample.Labels)+3)
		for name, value := range sample.Labels {
			labels[name] = value
		}
		if strings.HasPrefix(sample.Name, protocol.OwnSeries) {
			labels["agent"] = known.Name
		} else if known.MeasuredBy != "" {
			continue
		}
		// Whose they are is not the agent's to say.
		labels["host"], labels["item"] = known.Hostname, known.Item
		list = append(list, metricstore.Sample{Labels: metricstore.LabelsOf(sample.Name, labels), T: time.UnixMilli(sample.T), V: sample.V})
	}
	err = s.metrics().Append(ctx, list)
	if core.CodeOf(err) == core.CodeInvalid {
		s.refused.tell(s.log, known.Name, err)
		return nil
	}
	return err
}

// refusals keeps the log readable while samples of an agent are refused.
type refusals struct {
	clock core.Clock
	mu    sync.Mutex
	told  map[string]time.Time
}

// tellAgain is how soon the log says again that samples of an agent are refused.
const tellAgain = time.Hour

func (r *refusals) tell(log *slog.Logger, agent string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	if last, ok := r.told[agent]; ok && now.Sub(last) < tellAgain {
		return
	}
	if r.told == nil {
		r.told = map[string]time.Time{}
	}
	r.told[agent] = now
	var coded *core.Error
	if errors.As(err, &coded) && len(coded.Details) > 0 {
		err = fmt.Errorf("%s: the first one %s", coded.Message, coded.Details[0].Rule)
	}
	log.Warn("measurements of an agent are refused; the log says so again in an hour", "agent", agent, "error", err)
}

// lateEvents are the events module, for parts that are made before it.
type lateEvents func() *events.Component

func (e lateEvents) Accept(ctx context.Context, list []core.Event) error {
	return e().Accept(ctx, list)
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

// Logs binds records to the host: whose they are is not the agent's to say.
func (s *sink) Logs(ctx context.Context, agent string, batch protocol.LogBatch) (refused int, err error) {
	known, err := s.agents().Agent(ctx, agent)
	if err != nil {
		return 0, err
	}
	records := make([]logstore.Record, 0, len(batch.Records))
	for _, r := range batch.Records {
		fields := make([]logstore.Field, 0, len(r.Fields)+len(batch.Labels)+1)
		for _, from := range []map[string]string{r.Fields, batch.Labels} {
			for name, value := range from {
				if name != "" && value != "" && !strings.HasPrefix(name, "_") {
					fields = append(fields, logstore.Field{Name: name, Value: value})
				}
			}
		}
		app := r.App
		if app == "" {
			app = batch.App
		}
		fields = append(fields, logstore.Field{Name: "log.source", Value: batch.Source})
		records = append(records, logstore.Record{Time: time.UnixMicro(r.T).UTC(), Message: r.M, Level: r.Level, App: app, Host: known.Hostname, Item: known.Item, Fields: fields})
	}
	return s.records().Write(ctx, records)
}
