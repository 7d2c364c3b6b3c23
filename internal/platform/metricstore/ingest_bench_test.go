package metricstore_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"mainstay/internal/platform/metricstore"
)

// benchSeries is a fleet: hosts with a dozen labels' worth of text, as exporters have it.
func benchSeries(n int) []labels.Labels {
	out := make([]labels.Labels, n)
	for i := range out {
		out[i] = metricstore.NewLabels("node_cpu_seconds_total", "job", "node", "instance", "host-"+strconv.Itoa(i/100)+".example.org:9100",
			"cpu", strconv.Itoa(i%100/8), "mode", "mode-"+strconv.Itoa(i%8), "datacentre", "north")
	}
	return out
}

// hosts binds as the graph does from memory.
type hosts struct{}

func (hosts) Bind(_ context.Context, label func(string) string) string {
	return "item-of-" + label("instance")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// perSample reports samples a second, by the clock and by this process's CPU:
// the latter says what an idle machine would do.
func perSample(b *testing.B, samples int, cpu time.Duration) {
	b.ReportMetric(float64(samples)/b.Elapsed().Seconds(), "samples/s")
	b.ReportMetric(float64(samples)/cpu.Seconds(), "samples/cpu-s")
}

// benchmarkWrite sends 10,000 series in requests of 2,000 samples, as Prometheus
// does, through the HTTP handler into the engine. Making the requests is not counted.
func benchmarkWrite(b *testing.B, encode func([]labels.Labels, time.Time, float64) []byte, send func(metricstore.Store, []byte) int) {
	s := open(b, metricstore.Dependencies{Binder: hosts{}}, nil)
	const perRequest = 2000
	series := benchSeries(10_000)
	at := time.Now().Add(-2 * time.Hour)
	var cpu time.Duration
	n := 0
	for b.Loop() {
		b.StopTimer()
		var bodies [][]byte
		for i := 0; i < len(series); i += perRequest {
			bodies = append(bodies, encode(series[i:i+perRequest], at.Add(time.Duration(n)*time.Second), float64(n)))
		}
		n++
		began := cpuTime()
		b.StartTimer()
		for _, body := range bodies {
			if code := send(s, body); code/100 != 2 {
				b.Fatal(code)
			}
		}
		cpu += cpuTime() - began
	}
	perSample(b, n*len(series), cpu)
}

func BenchmarkRemoteWriteV1(b *testing.B) {
	benchmarkWrite(b, written, func(s metricstore.Store, body []byte) int { return post(s, body, false).Code })
}

func BenchmarkRemoteWriteV2(b *testing.B) {
	benchmarkWrite(b, writtenV2, func(s metricstore.Store, body []byte) int { return post(s, body, true).Code })
}

func BenchmarkOTLP(b *testing.B) {
	benchmarkWrite(b, exported, func(s metricstore.Store, body []byte) int {
		r := httptest.NewRequest(http.MethodPost, "/v1/metrics", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/x-protobuf")
		w := httptest.NewRecorder()
		s.OTLPHandler().ServeHTTP(w, r)
		return w.Code
	})
}

// exported is an OTLP request of the same series, one resource a host.
func exported(series []labels.Labels, at time.Time, v float64) []byte {
	md := pmetric.NewMetrics()
	var metric pmetric.Metric
	host := ""
	for _, ls := range series {
		if h := ls.Get("instance"); h != host {
			host = h
			rm := md.ResourceMetrics().AppendEmpty()
			rm.Resource().Attributes().PutStr("service.name", "node")
			rm.Resource().Attributes().PutStr("service.instance.id", host)
			metric = rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
			metric.SetName("system.cpu.time")
			metric.SetUnit("s")
			sum := metric.SetEmptySum()
			sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
			sum.SetIsMonotonic(true)
		}
		p := metric.Sum().DataPoints().AppendEmpty()
		for _, name := range []string{"cpu", "mode", "datacentre"} {
			p.Attributes().PutStr(name, ls.Get(name))
		}
		p.SetTimestamp(pcommon.NewTimestampFromTime(at))
		p.SetDoubleValue(v)
	}
	body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	if err != nil {
		panic(err)
	}
	return body
}

// BenchmarkSeriesMemory keeps 200,000 series of five samples each in the store and
// reports the heap that each costs, with what the receivers remember of it, and
// after an hour of samples the bytes on disk.
func BenchmarkSeriesMemory(b *testing.B) {
	for b.Loop() {
		s := open(b, metricstore.Dependencies{Binder: hosts{}}, func(c *metricstore.Configuration) { c.NewSeriesBurst = 0 })
		const n = 200_000
		before := heap()
		at := time.Now().Add(-time.Hour)
		for begin := 0; begin < n; begin += 10_000 {
			series := make([]labels.Labels, 10_000)
			for i := range series {
				series[i] = metricstore.NewLabels("node_cpu_seconds_total", "job", "node", "instance", "host-"+strconv.Itoa((begin+i)/100)+".example.org:9100",
					"cpu", strconv.Itoa((begin+i)%100/8), "mode", "mode-"+strconv.Itoa((begin+i)%8))
			}
			for k := range 5 {
				if w := post(s, written(series, at.Add(time.Duration(k)*15*time.Second), float64(k)), false); w.Code/100 != 2 {
					b.Fatal(w.Code, w.Body)
				}
			}
		}
		b.ReportMetric(float64(heap()-before)/n, "B/series")
		runtime.KeepAlive(s)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkDiskBytes stores a day of counters that grow unevenly and reports the
// size of the blocks they are compacted into.
func BenchmarkDiskBytes(b *testing.B) {
	for b.Loop() {
		dir := ""
		s := open(b, metricstore.Dependencies{}, func(c *metricstore.Configuration) { dir = c.Directory })
		series := benchSeries(500)
		values := make([]float64, len(series))
		begin := time.Now().Add(-11 * time.Hour)
		samples := 0
		batch := make([]metricstore.Sample, len(series))
		for at := begin; at.Before(begin.Add(10 * time.Hour)); at = at.Add(15 * time.Second) {
			for i := range batch {
				values[i] += float64((samples*7919 + i*104729) % 13)
				batch[i] = metricstore.Sample{Labels: series[i], T: at, V: values[i]}
			}
			if err := s.Append(context.Background(), batch); err != nil {
				b.Fatal(err)
			}
			samples += len(batch)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		var size int64
		_ = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() && (filepath.Base(filepath.Dir(path)) == "chunks_head" || filepath.Base(filepath.Dir(path)) == "chunks" || filepath.Base(path) == "index") {
				size += info.Size()
			}
			return nil
		})
		b.ReportMetric(float64(size)/float64(samples), "B/sample")
	}
}
