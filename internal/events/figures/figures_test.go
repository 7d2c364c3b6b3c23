package figures_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/figures"
	"mainstay/internal/events/rootcause"
	"mainstay/internal/platform/metricstore"
)

// TestFromSamplesToACause writes a day of what checks, an agent and an
// instrumented service measure, with a fault at its end, and ranks.
func TestFromSamplesToACause(t *testing.T) {
	t.Parallel()
	end := time.Now().Truncate(time.Minute)
	onset := end.Add(-10 * time.Minute)
	store := open(t)
	var samples []metricstore.Sample
	add := func(v float64, at time.Time, name string, labels ...string) {
		samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels(name, labels...), T: at, V: v})
	}
	spent, served, failed := 0.0, 0.0, 0.0
	for at := onset.Add(-12 * time.Hour); !at.After(end); at = at.Add(time.Minute) {
		bad := !at.Before(onset)
		noise := float64(at.Minute()%5) / 1000
		slow := 0.0
		if bad {
			slow = 0.4
		}
		add(0.2+noise+slow, at, "mainstay_check_duration_seconds", "item", "web", "check", "homepage")
		for item, check := range map[string]string{"web": "homepage", "db": "select", "cache": "get"} {
			add(1, at, "mainstay_check_up", "item", item, "check", check)
		}
		add(0.05+noise+slow, at, "mainstay_check_duration_seconds", "item", "db", "check", "select")
		add(0.05+noise, at, "mainstay_check_duration_seconds", "item", "cache", "check", "get")
		add(0.9-slow*2+noise, at, "system_cpu_utilization", "item", "db", "mode", "idle")
		add(0.5+noise, at, "system_memory_utilization", "item", "db", "state", "used")
		served += 600
		spent += 600 * 0.01
		if bad {
			failed += 60
		}
		add(served, at, "http_server_request_duration_seconds_count", "item", "api", "http_response_status_code", "200")
		add(failed, at, "http_server_request_duration_seconds_count", "item", "api", "http_response_status_code", "503")
		add(spent, at, "http_server_request_duration_seconds_sum", "item", "api", "http_response_status_code", "200")
		add(0.2, at, "mainstay_check_duration_seconds", "item", "stranger", "check", "homepage")
	}
	if err := store.Append(t.Context(), samples); err != nil {
		t.Fatal(err)
	}
	got, err := figures.New(store).Signals(t.Context(), []string{"web", "db", "cache", "api", "no|.*such"}, onset, end)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got["stranger"] != nil {
		t.Fatalf("signals of %d items", len(got))
	}
	names := map[string]bool{}
	for item, signals := range got {
		for _, s := range signals {
			names[item+": "+s.Name] = true
			if len(s.Normal) < 140 || len(s.Before) != 15 || len(s.During) != 11 {
				t.Errorf("%s, %s: %d, %d, %d values", item, s.Name, len(s.Normal), len(s.Before), len(s.During))
			}
		}
	}
	for _, want := range []string{"web: duration of check homepage", "web: failures of check homepage", "db: CPU use", "db: memory use", "api: time per request", "api: requests", "api: share of failed requests"} {
		if !names[want] {
			t.Errorf("no signal %q in %v", want, names)
		}
	}
	in := rootcause.Input{Needs: map[string][]string{"web": {"db", "cache", "api"}}, Victim: "web", Symptom: rootcause.Symptom(got["web"]), Onset: onset}
	for item, signals := range got {
		in.Nodes = append(in.Nodes, rootcause.Node{ID: item, Signals: signals})
	}
	ranked := rootcause.Rank(in)
	var text strings.Builder
	for _, c := range ranked {
		for _, e := range c.Evidence {
			text.WriteString(c.ID + ": " + e.Text + "\n")
		}
	}
	if ranked[0].ID != "db" {
		t.Errorf("%s came first", ranked[0].ID)
	}
	for _, want := range []string{"db: duration of check select 45", "db: CPU use 9", "web: db, which it needs, explains it", "api: share of failed requests 9"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no evidence %q", want)
		}
	}
	if t.Failed() {
		t.Log("\n" + text.String())
	}
}

// TestBounds: many items are cut, none is no question, and an end of the time is heard.
func TestBounds(t *testing.T) {
	t.Parallel()
	store := open(t)
	now := time.Now()
	if got, err := figures.New(store).Signals(t.Context(), nil, now, now); err != nil || got != nil {
		t.Fatalf("%v, %v", got, err)
	}
	if _, err := figures.New(store).Signals(t.Context(), make([]string, 5000), now, now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := figures.New(store).Signals(ctx, []string{"a"}, now, now); err == nil {
		t.Fatal("a cancelled context went unheard")
	}
}

func open(t *testing.T) metricstore.Store {
	t.Helper()
	cfg := metricstore.Defaults()
	cfg.Directory = t.TempDir()
	store, err := metricstore.Open(cfg, metricstore.Dependencies{Clock: core.SystemClock{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// TestAnItemWithThousandsOfChecks: those that fail are looked at, however they are
// called, and no more is read over the day than is used.
func TestAnItemWithThousandsOfChecks(t *testing.T) {
	t.Parallel()
	end := time.Now().Truncate(time.Minute)
	onset := end.Add(-2 * time.Minute)
	store := &counting{Store: open(t)}
	var samples []metricstore.Sample
	for i := range 2000 {
		name := fmt.Sprintf("check-%04d", i)
		for at := onset.Add(-30 * time.Minute); !at.After(end); at = at.Add(time.Minute) {
			up := 1.0
			if i >= 1997 && !at.Before(onset) {
				up = 0
			}
			samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels("mainstay_check_up", "item", "web", "check", name), T: at, V: up},
				metricstore.Sample{Labels: metricstore.NewLabels("mainstay_check_duration_seconds", "item", "web", "check", name), T: at, V: 0.1})
		}
	}
	if err := store.Append(t.Context(), samples); err != nil {
		t.Fatal(err)
	}
	got, err := figures.New(store).Signals(t.Context(), []string{"web"}, onset, end)
	if err != nil {
		t.Fatal(err)
	}
	failing := 0
	for _, s := range got["web"] {
		if s.Kind == rootcause.Errors && s.During[len(s.During)-1] == 100 {
			failing++
		}
	}
	if failing != 3 || len(got["web"]) != 40 {
		t.Errorf("%d failing checks of %d signals", failing, len(got["web"]))
	}
	if store.most > 20 {
		t.Errorf("%d series were read over a range", store.most)
	}
}

// counting counts the series that range queries give.
type counting struct {
	metricstore.Store
	most int
}

func (c *counting) QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (metricstore.Result, error) {
	res, err := c.Store.QueryRange(ctx, expr, start, end, step)
	c.most = max(c.most, len(res.Series))
	return res, err
}
