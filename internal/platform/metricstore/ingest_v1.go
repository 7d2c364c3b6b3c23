package metricstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"
	"google.golang.org/protobuf/encoding/protowire"

	"mainstay/internal/core"
)

// maxAhead is how far in the future a sample may be, as Prometheus has it.
const maxAhead = 10 * time.Minute

// writeV1 receives remote write 1.0. Its messages repeat every text of every
// series, and making strings of them all costs more than storing the samples:
// the message is read in place instead, and only what it says of new series is
// copied.
type writeV1 struct {
	store    *local
	receiver receiver
	buffers  sync.Pool
}

type writeBuffers struct {
	packed bytes.Buffer
	plain  []byte
	labels labels.ScratchBuilder
}

func newWriteV1(s *local) *writeV1 {
	return &writeV1{store: s, receiver: s.receiverOf("remote_write"), buffers: sync.Pool{New: func() any {
		return &writeBuffers{labels: labels.NewScratchBuilder(16)}
	}}}
}

// byVersion sends requests to the handler of their version (Remote-Write 2.0, "Content negotiation").
func byVersion(v1, v2 http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Content-Type"), "io.prometheus.write.v2") {
			v2.ServeHTTP(w, r)
			return
		}
		v1.ServeHTTP(w, r)
	})
}

// ServeHTTP keeps the rest of a request when samples of it are at fault, and
// answers 400 with the reason of the first: the sender must not send it again
// (Remote-Write 1.0, "Invalid samples").
func (h *writeV1) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "" && strings.TrimSpace(kind) != "application/x-protobuf" {
		http.Error(w, "the Content-Type must be application/x-protobuf", http.StatusBadRequest)
		return
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "snappy" {
		http.Error(w, "the Content-Encoding must be snappy", http.StatusBadRequest)
		return
	}
	b := h.buffers.Get().(*writeBuffers)
	defer h.buffers.Put(b)
	message, err := b.read(r.Body, h.store.cfg.MaxBody)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o := &outcome{lenient: true}
	err = h.write(context.WithValue(r.Context(), outcomeKey{}, o), b, message, o)
	switch {
	case core.CodeOf(err) == core.CodeMalformed:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case core.CodeOf(err) == core.CodeUnavailable:
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case err != nil:
		h.store.deps.Log.Error("metric store: a remote write is not stored", "error", err)
		http.Error(w, "the samples cannot be stored at the moment", http.StatusInternalServerError)
	case o.refused.Load() > 0:
		http.Error(w, fmt.Sprintf("%d samples were stored, %d were refused: %s", o.stored.Load(), o.refused.Load(), o.reason()), http.StatusBadRequest)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// read gives the message of a body; it holds until the buffers are used again.
func (b *writeBuffers) read(body io.Reader, limit int64) ([]byte, error) {
	b.packed.Reset()
	if _, err := b.packed.ReadFrom(body); err != nil {
		return nil, fmt.Errorf("the body cannot be read: %w", err)
	}
	n, err := snappy.DecodedLen(b.packed.Bytes())
	if err != nil {
		return nil, errors.New("the body is not snappy")
	}
	if int64(n) > limit {
		return nil, fmt.Errorf("the body has more than %d bytes", limit)
	}
	b.plain = slices.Grow(b.plain[:0], n)[:n]
	return snappy.Decode(b.plain, b.packed.Bytes())
}

var errMessage = core.Errorf(core.CodeMalformed, "the body is not a remote write request")

// write appends what a prompb.WriteRequest says.
func (h *writeV1) write(ctx context.Context, b *writeBuffers, message []byte, o *outcome) error {
	app := h.receiver.AppenderV2(ctx).(*receiving)
	latest := app.now.Add(maxAhead).UnixMilli()
	err := eachField(message, func(field protowire.Number, content []byte) error {
		switch field {
		case 1:
			return b.series(app, content, latest, o)
		case 3:
			var md prompb.MetricMetadata
			if md.Unmarshal(content) != nil {
				return errMessage
			}
			h.store.meta.put(Metadata{Metric: md.MetricFamilyName, Type: strings.ToLower(md.Type.String()), Help: md.Help, Unit: md.Unit})
		}
		return nil
	})
	if err != nil {
		_ = app.Rollback()
		return err
	}
	return app.Commit()
}

// eachField calls do with every field of a message that has a content.
func eachField(message []byte, do func(field protowire.Number, content []byte) error) error {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errMessage
		}
		message = message[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(field, kind, message); n < 0 {
				return errMessage
			}
			message = message[n:]
			continue
		}
		content, n := protowire.ConsumeBytes(message)
		if n < 0 {
			return errMessage
		}
		message = message[n:]
		if err := do(field, content); err != nil {
			return err
		}
	}
	return nil
}

// series appends one prompb.TimeSeries.
func (b *writeBuffers) series(app *receiving, message []byte, latest int64, o *outcome) error {
	b.labels.Reset()
	rare := false // exemplars and histograms
	err := eachField(message, func(field protowire.Number, content []byte) error {
		switch field {
		case 1:
			var name, value []byte
			err := eachField(content, func(field protowire.Number, content []byte) error {
				switch field {
				case 1:
					name = content
				case 2:
					value = content
				}
				return nil
			})
			b.labels.Add(inPlace(name), inPlace(value))
			return err
		case 3, 4:
			rare = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.labels.Sort()
	ls := b.labels.Labels() // a copy of the texts
	if rare {
		return appendRare(app, message, ls, latest, o)
	}
	return eachField(message, func(field protowire.Number, content []byte) error {
		if field != 2 {
			return nil
		}
		v, t, ok := sampleOf(content)
		if !ok {
			return errMessage
		}
		return appendTimely(app, ls, t, v, latest, o)
	})
}

func appendTimely(app *receiving, ls labels.Labels, t int64, v float64, latest int64, o *outcome) error {
	if t > latest {
		app.refused++
		o.refuse(fmt.Errorf("%w: the time is too far in the future", storage.ErrOutOfBounds))
		return nil
	}
	_, err := app.Append(0, ls, 0, t, v, nil, nil, storage.AOptions{})
	return err
}

// sampleOf reads a prompb.Sample.
func sampleOf(message []byte) (v float64, t int64, ok bool) {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return 0, 0, false
		}
		message = message[n:]
		switch {
		case field == 1 && kind == protowire.Fixed64Type:
			var bits uint64
			bits, n = protowire.ConsumeFixed64(message)
			v = math.Float64frombits(bits)
		case field == 2 && kind == protowire.VarintType:
			var u uint64
			u, n = protowire.ConsumeVarint(message)
			t = int64(u)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 {
			return 0, 0, false
		}
		message = message[n:]
	}
	return v, t, true
}

// appendRare appends a series that has histograms or exemplars beside samples.
func appendRare(app *receiving, message []byte, ls labels.Labels, latest int64, o *outcome) error {
	var ts prompb.TimeSeries
	if ts.Unmarshal(message) != nil {
		return errMessage
	}
	for _, s := range ts.Samples {
		if err := appendTimely(app, ls, s.Timestamp, s.Value, latest, o); err != nil {
			return err
		}
	}
	for _, hp := range ts.Histograms {
		var err error
		switch {
		case hp.Timestamp > latest:
			app.refused++
			o.refuse(fmt.Errorf("%w: the time is too far in the future", storage.ErrOutOfBounds))
		case hp.IsFloatHistogram():
			_, err = app.Append(0, ls, 0, hp.Timestamp, 0, nil, hp.ToFloatHistogram(), storage.AOptions{})
		default:
			_, err = app.Append(0, ls, 0, hp.Timestamp, 0, hp.ToIntHistogram(), nil, storage.AOptions{})
		}
		if err != nil {
			return err
		}
	}
	if len(ts.Exemplars) == 0 {
		return nil
	}
	b := labels.NewScratchBuilder(4)
	list := make([]exemplar.Exemplar, 0, len(ts.Exemplars))
	for _, e := range ts.Exemplars {
		list = append(list, e.ToExemplar(&b, nil))
	}
	slices.SortFunc(list, exemplar.Compare)
	_, _ = app.AppendExemplars(0, ls, list) // an exemplar that comes twice or late is no fault
	return nil
}

// inPlace is a text that shares the memory of its bytes.
func inPlace(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
