//go:build linux

package measure

import (
	"strings"
	"testing"
	"time"
)

func TestSample(t *testing.T) {
	t.Parallel()
	s := New()
	now := time.Now()
	s.Sample(t.Context(), now)
	for i := range 200_000_000 / 10 { // something to measure
		_ = i
	}
	time.Sleep(20 * time.Millisecond)
	samples := s.Sample(t.Context(), now.Add(10*time.Second))
	found := map[string]float64{}
	series := map[string]bool{}
	for _, sample := range samples {
		key := sample.Name
		for _, l := range []string{"cpu", "mode", "state", "device", "direction", "interface", "mountpoint", "process", "status"} {
			key += "/" + sample.Labels[l]
		}
		if series[key] {
			t.Errorf("twice: %s", key)
		}
		series[key] = true
		found[sample.Name] += sample.V
		if strings.HasSuffix(sample.Name, "_utilization") && (sample.V < 0 || sample.V > 1) && !strings.HasPrefix(sample.Name, "process_") {
			t.Errorf("%s = %v", key, sample.V)
		}
	}
	for _, name := range []string{"system_cpu_utilization", "system_cpu_load_average_1m", "system_memory_usage_bytes", "system_memory_limit_bytes",
		"system_network_io_bytes_total", "system_process_count", "process_memory_usage_bytes", "system_uptime_seconds"} {
		if found[name] == 0 && name != "system_cpu_load_average_1m" {
			t.Errorf("no %s", name)
		}
	}
	if sum := found["system_cpu_utilization"]; sum < 0.999 || sum > 1.001 {
		t.Errorf("the modes sum up to %v", sum)
	}
}

func TestParseStat(t *testing.T) {
	t.Parallel()
	st, ok := ParseStat("42 (a ) R (b)) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 999 1000 250 18446744073709551615 1 1")
	if !ok || st.Name != "a ) R (b)" || st.State != 'S' || st.Ticks != 11 || st.Threads != 3 || st.StartTicks != 999 || st.ResidentPages != 250 {
		t.Fatalf("%+v %v", st, ok)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add("42 (x) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 999 1000 250 1 1")
	f.Fuzz(func(t *testing.T, text string) { ParseStat(text) })
}

func BenchmarkSample(b *testing.B) {
	s := New()
	b.ReportAllocs()
	for b.Loop() {
		s.Sample(b.Context(), time.Now())
	}
}
