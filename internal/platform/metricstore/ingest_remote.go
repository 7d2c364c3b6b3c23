package metricstore

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"mainstay/internal/core"
)

// Appendable implements Store: a transaction is sent when it is committed.
func (s *remote) Appendable(string) storage.AppendableV2 { return forwarder{s} }

type forwarder struct{ s *remote }

// AppenderV2 implements storage.AppendableV2.
func (f forwarder) AppenderV2(ctx context.Context) storage.AppenderV2 {
	return &forwarding{s: f.s, ctx: ctx}
}

// forwarding is one transaction on its way to another server.
type forwarding struct {
	s     *remote
	ctx   context.Context
	batch []prompb.TimeSeries
}

// Append implements storage.AppenderV2. There are no references.
func (a *forwarding) Append(_ storage.SeriesRef, ls labels.Labels, _, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, _ storage.AOptions) (storage.SeriesRef, error) {
	bound := a.s.series.bind(a.ctx, ls)
	ts := prompb.TimeSeries{Labels: prompb.FromLabels(bound, nil)}
	switch {
	case fh != nil:
		ts.Histograms = []prompb.Histogram{prompb.FromFloatHistogram(t, fh)}
	case h != nil:
		ts.Histograms = []prompb.Histogram{prompb.FromIntHistogram(t, h)}
	default:
		ts.Samples = []prompb.Sample{{Value: v, Timestamp: t}}
	}
	a.batch = append(a.batch, ts)
	return 0, nil
}

// Commit implements storage.AppenderV2.
func (a *forwarding) Commit() error {
	for len(a.batch) > 0 {
		n := min(len(a.batch), remoteBatch)
		if err := a.s.send(a.ctx, a.batch[:n]); err != nil {
			return err
		}
		a.batch = a.batch[n:]
	}
	return nil
}

// Rollback implements storage.AppenderV2.
func (a *forwarding) Rollback() error {
	a.batch = nil
	return nil
}

// OTLP implements Store: the request is passed on.
func (s *remote) OTLP(ctx context.Context, md pmetric.Metrics) (Partial, error) {
	body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	if err != nil {
		return Partial{}, fmt.Errorf("metric store: encode: %w", err)
	}
	to := strings.TrimSuffix(s.cfg.Remote.QueryURL, "/") + "/api/v1/otlp/v1/metrics"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Partial{}, fmt.Errorf("metric store: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := s.client.Do(req)
	if err != nil {
		return Partial{}, &core.Error{Code: core.CodeUnavailable, Message: "the metric server cannot be reached", Cause: err}
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 512))
	switch {
	case resp.StatusCode/100 == 2:
		return Partial{}, nil
	case resp.StatusCode/100 == 5 || resp.StatusCode == http.StatusTooManyRequests:
		return Partial{}, core.Errorf(core.CodeUnavailable, "the metric server refuses for now: %s", resp.Status)
	default:
		return Partial{Rejected: int64(md.DataPointCount()), Reason: string(bytes.TrimSpace(text))}, nil
	}
}
