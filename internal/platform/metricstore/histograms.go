package metricstore

import (
	"context"
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"
)

// AppendHistograms implements Store.
func (s *local) AppendHistograms(ctx context.Context, samples []HistogramSample) error {
	if len(samples) == 0 {
		return nil
	}
	if err := s.guard.admit(len(samples)); err != nil {
		return err
	}
	app := s.db.AppenderV2(ctx)
	var faults faults
	for i, sample := range samples {
		if rule := checkLabels(sample.Labels); rule != "" {
			faults.add(i, rule)
			continue
		}
		if _, err := app.Append(0, sample.Labels, 0, sample.T.UnixMilli(), 0, nil, sample.H, storage.AOptions{}); err != nil {
			rule, ours := sampleRule(err)
			if !ours {
				_ = app.Rollback()
				return fmt.Errorf("metric store: append: %w", err)
			}
			faults.add(i, rule)
		}
	}
	if err := app.Commit(); err != nil {
		s.guard.sample(ctx)
		return fmt.Errorf("metric store: commit: %w", err)
	}
	s.rejected.Add(int64(faults.total))
	return faults.err()
}

// AppendHistograms implements Store.
func (s *remote) AppendHistograms(ctx context.Context, samples []HistogramSample) error {
	var bad faults
	batch := make([]prompb.TimeSeries, 0, min(len(samples), remoteBatch))
	for i, sample := range samples {
		if rule := checkLabels(sample.Labels); rule != "" {
			bad.add(i, rule)
			continue
		}
		ts := prompb.TimeSeries{Histograms: []prompb.Histogram{prompb.FromFloatHistogram(sample.T.UnixMilli(), sample.H)}}
		sample.Labels.Range(func(l labels.Label) { ts.Labels = append(ts.Labels, prompb.Label{Name: l.Name, Value: l.Value}) })
		if batch = append(batch, ts); len(batch) == remoteBatch {
			if err := s.send(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if len(batch) > 0 {
		if err := s.send(ctx, batch); err != nil {
			return err
		}
	}
	s.rejected.Add(int64(bad.total))
	return bad.err()
}
