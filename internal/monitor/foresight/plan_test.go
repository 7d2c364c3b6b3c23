package foresight

import (
	"context"
	"log/slog"
	"math"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// filling are two databases that fill, one that was cleaned up, and a host of others.
func filling(at time.Time) map[string]float64 {
	d := at.Sub(start).Hours() / 24 // days from now
	noise := math.Mod(float64(at.Unix()/3600)*0.618, 1)
	cleaned := 50 + 0.5*d
	if d < -20 {
		cleaned += 30
	}
	return map[string]float64{"db1": 80 + 0.5*d + noise, "db2": cleaned + noise, "flat": 40 + noise}
}

func planned(t *testing.T, db *sqldb.DB) *bench {
	t.Helper()
	b := newBench(t, db)
	b.items["db1"] = Item{ID: "db1", Name: "First", Site: "Bern"}
	b.items["db2"] = Item{ID: "db2", Name: "Second", Site: "Basel"}
	b.metrics.exprs["disk"] = filling
	b.declare(poolKind, "disks", PoolSpec{Used: "disk", Capacity: "size", By: []string{}})
	b.metrics.exprs["size"] = func(time.Time) map[string]float64 { return map[string]float64{"db1": 100, "db2": 100, "flat": 100} }
	if err := newPlanner(b.c).round(b.ctx); err != nil {
		t.Fatal(err)
	}
	return b
}

func capacity(t *testing.T, b *bench, service string, where ...string) []Thing {
	t.Helper()
	out, err := b.c.httpCapacity(b.ctx, &struct {
		listing.Params
		Service string `query:"service" maxLength:"40" doc:"id of an item: only what it depends on, and itself"`
	}{listing.Params{Where: where}, service})
	if err != nil {
		t.Fatal(err)
	}
	return out.Body.Items
}

func TestWhatFillsIsDated(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := planned(t, db)
		list := capacity(t, b, "")
		if len(list) != 3 || list[0].Item != "db1" || list[1].Item != "db2" || list[2].Item != "flat" {
			t.Fatalf("%+v", list)
		}
		// 20 and 50 are missing, at half a unit a day.
		for i, want := range []float64{40, 100} {
			if list[i].Likely == nil {
				t.Fatalf("%s has no date: %+v", list[i].Item, list[i])
			}
			if days := list[i].Likely.Sub(start).Hours() / 24; math.Abs(days-want) > want/4 {
				t.Errorf("%s is full in %.0f days, want about %.0f", list[i].Item, days, want)
			}
			if math.Abs(list[i].Slope-0.5) > 0.1 {
				t.Errorf("%s grows %.2f a day, want 0.5", list[i].Item, list[i].Slope)
			}
		}
		if list[2].Likely != nil || list[2].Earliest != nil {
			t.Errorf("what does not grow is full: %+v", list[2].Dates)
		}
		if got := capacity(t, b, "shop"); len(got) != 2 {
			t.Errorf("the service needs %+v", got)
		}
		if got := capacity(t, b, "", "site=Basel"); len(got) != 1 || got[0].ItemName != "Second" {
			t.Errorf("in Basel: %+v", got)
		}
		if v, ok := b.metrics.newest(fullSeries, "db1"); !ok || math.Abs(v/86400-40) > 10 {
			t.Errorf("published %.1f days", v/86400)
		}
		if v, ok := b.metrics.newest(fullSeries, "flat"); !ok || !math.IsInf(v, 1) {
			t.Errorf("published %v for what is never full", v)
		}
		view, err := b.c.httpThing(b.ctx, &ByID{list[0].ID})
		if err != nil || len(view.Body.History) < 150 || len(view.Body.Forecast) != daysAhead || view.Body.Full != 100 {
			t.Fatalf("%d days of history, %d of forecast, full %v, %v", len(view.Body.History), len(view.Body.Forecast), view.Body.Full, err)
		}
	})
}

func TestWhatIf(t *testing.T) {
	t.Parallel()
	b := planned(t, sqldbtest.SQLite(t))
	ask := func(q Question) Answer {
		t.Helper()
		q.Pool = "disks"
		out, err := b.c.httpWhatIf(b.ctx, &q)
		if err != nil {
			t.Fatal(err)
		}
		return out.Body
	}
	now := ask(Question{Service: "shop"})
	if len(now.Members) != 2 || now.Now.Capacity != 200 || math.Abs(now.Now.Used-130) > 3 || now.Now.Likely == nil || !now.Now.Fits {
		t.Fatalf("%+v", now)
	}
	if d := now.Now.Likely.Sub(start).Hours() / 24; math.Abs(d-70) > 20 {
		t.Errorf("130 of 200 at one a day: full in %.0f days", d)
	}
	more := ask(Question{Service: "shop", Grow: 30})
	if more.Then.Likely == nil || !more.Then.Likely.Before(*more.Now.Likely) || math.Abs(more.Then.Used-1.3*more.Now.Used) > 1e-6 {
		t.Errorf("grown: %+v", more.Then)
	}
	lost := ask(Question{Service: "shop", Lose: 1})
	if lost.Then.Fits || lost.Then.Capacity != 100 || len(lost.Lost) != 1 || lost.Then.Likely == nil {
		t.Errorf("130 in what is left: %+v", lost.Then)
	}
	// The second is lost: what it held, 50 and half a unit a day, is on the first as well.
	named := ask(Question{Service: "shop", Lost: []string{"Second"}})
	if len(named.Lost) != 1 || named.Lost[0] != "Second" || named.Then.Capacity != 100 || len(named.Rest) != 1 {
		t.Fatalf("%+v", named)
	}
	if r := named.Rest[0]; r.Item != "db1" || r.Fits || math.Abs(r.Used-130) > 3 || r.Now.Likely == nil || r.Then.Likely == nil || !r.Then.Likely.Before(*r.Now.Likely) {
		t.Errorf("%+v", r)
	}
	// Of all three the second is lost: the half a unit a day of the first becomes three quarters.
	three := ask(Question{Lost: []string{"db2"}})
	if len(three.Rest) != 2 || three.Rest[0].Item != "db1" || three.Rest[1].Item != "flat" || math.Abs(three.Rest[0].Moved-25) > 1 || three.Rest[0].Fits {
		t.Fatalf("%+v", three.Rest)
	}
	// 40 and a half of 50 are below 100, and now it grows by a quarter of a unit a day.
	if r := three.Rest[1]; !r.Fits || r.Now.Likely != nil || r.Then.Likely == nil || math.Abs(r.Then.Likely.Sub(start).Hours()/24-140) > 40 {
		t.Errorf("%+v: %v", r, r.Then.Likely)
	}
	two := ask(Question{Lost: []string{"db2"}, Lose: 1, Spread: "equally"})
	if len(two.Lost) != 2 || len(two.Rest) != 1 {
		t.Errorf("%+v", two.Lost)
	}
	for _, lost := range [][]string{{"nobody"}, {"First", "Second"}} {
		q := Question{Pool: "disks", Service: "shop", Lost: lost}
		if _, err := b.c.httpWhatIf(b.ctx, &q); err == nil {
			t.Errorf("%v may be lost", lost)
		}
	}
	added := ask(Question{Service: "shop", Add: 1000})
	if added.Then.Likely != nil && !added.Then.Likely.After(*added.Now.Likely) || added.Then.Capacity != 1200 {
		t.Errorf("added: %+v", added.Then)
	}
	q := Question{Pool: "disks", Service: "shop", Lose: 2}
	if _, err := b.c.httpWhatIf(b.ctx, &q); err == nil {
		t.Error("all may be lost")
	}
	q = Question{Pool: "nothing"}
	if _, err := b.c.httpWhatIf(b.ctx, &q); err == nil {
		t.Error("a pool without anything answers")
	}
}

func TestYoungThingsAreForecastByHours(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.metrics.exprs["disk"] = func(at time.Time) map[string]float64 {
		if at.Before(start.Add(-3 * day)) {
			return nil
		}
		return map[string]float64{"new": 0.9 + at.Sub(start).Hours()/1000}
	}
	b.declare(poolKind, "disks", PoolSpec{Used: "disk"})
	if err := newPlanner(b.c).round(b.ctx); err != nil {
		t.Fatal(err)
	}
	list := capacity(t, b, "")
	if len(list) != 1 || list[0].Likely == nil {
		t.Fatalf("%+v", list)
	}
	if hours := list[0].Likely.Sub(start).Hours(); hours < 60 || hours > 140 {
		t.Errorf("full in %.0f hours, want about 100", hours)
	}
}

// The report of a week is the same on paper, in a workbook and as Markdown.
func TestAReportIsHandedOn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := planned(t, db)
		api := httpapi.New("test", slog.New(slog.DiscardHandler))
		b.c.Routes(api)
		file := func(name string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			api.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/"+name, nil).WithContext(b.ctx))
			return w
		}
		for _, week := range []string{"2026-W48", "now"} {
			w := file("capacity-report.xlsx?week=" + week)
			book, err := excelize.OpenReader(w.Body)
			if err != nil {
				t.Fatal(w.Code, err)
			}
			rows, err := book.GetRows("Capacity")
			if err != nil || len(rows) != 3 || rows[2][0] != "First" || rows[2][1] != "Bern" || !strings.HasPrefix(rows[2][4], "80") || rows[2][7] != "count" {
				t.Errorf("%q, %v", rows, err)
			}
			if left, err := strconv.ParseFloat(rows[2][12], 64); err != nil || math.Abs(left-40) > 10 {
				t.Errorf("%q days are left, %v", rows[2][12], err)
			}
		}
		if w := file("capacity-report.pdf?week=2026-W48"); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "%PDF-") || !strings.Contains(w.Header().Get("Content-Disposition"), `"capacity-2026-W48.pdf"`) {
			t.Errorf("%d %v", w.Code, w.Header())
		}
		if w := file("capacity-report.md"); !strings.Contains(w.Body.String(), "| First |") {
			t.Errorf("%s", w.Body)
		}
		if w := file("capacity-report.pdf?week=2020-W01"); w.Code != 404 {
			t.Errorf("%d for a week that was not", w.Code)
		}
		// Of a week that was kept before there were lines there is the Markdown alone.
		err := db.Write(b.ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(b.ctx, "UPDATE foresight_report SET lines = ''")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if w := file("capacity-report.pdf?week=2026-W48"); w.Code != 404 || !strings.Contains(w.Body.String(), "Markdown alone") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w := file("capacity-report.md?week=2026-W48"); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func TestReports(t *testing.T) {
	t.Parallel()
	b := planned(t, sqldbtest.SQLite(t))
	list, err := b.c.httpReports(b.ctx, nil)
	if err != nil || len(list.Body.Items) != 1 || list.Body.Items[0].Week != "2026-W48" {
		t.Fatalf("%+v, %v", list, err)
	}
	r, err := b.c.httpReport(b.ctx, &ByID{"2026-W48"})
	if err != nil || !strings.Contains(r.Body.Markdown, "## Bern") || !strings.Contains(r.Body.Markdown, "| First |") || strings.Contains(r.Body.Markdown, "flat") {
		t.Fatalf("%v\n%s", err, r.Body.Markdown)
	}
	if !strings.Contains(r.Body.Summary, "of 3, 0 likely full within 30 days, 1 within 90") {
		t.Error(r.Body.Summary)
	}
	p := newPlanner(b.c)
	b.clock.Advance(5 * day) // the Monday after
	if err := p.round(b.ctx); err != nil {
		t.Fatal(err)
	}
	if list, _ = b.c.httpReports(b.ctx, nil); len(list.Body.Items) != 2 {
		t.Fatalf("%+v", list.Body.Items)
	}
}

func TestHistoryKeepsItsPlaceInTime(t *testing.T) {
	t.Parallel()
	h := history{step: day}
	noon := start.Truncate(day)
	h.put(noon, 1, 5)
	h.put(noon.Add(3*day), 4, 5)
	h.put(noon.Add(-day), 0, 5)
	if len(h.values) != 5 || h.known() != 3 || h.values[4] != 4 || !math.IsNaN(h.values[2]) || !h.first.Equal(noon.Add(-day)) {
		t.Fatalf("%+v", h)
	}
	h.put(noon.Add(4*day), 5, 5)
	if len(h.values) != 5 || !h.first.Equal(noon) || h.values[0] != 1 || h.values[4] != 5 || !h.last().Equal(noon.Add(4*day)) {
		t.Fatalf("%+v", h)
	}
	got, err := decodeHistory(h.encode())
	if err != nil || !got.first.Equal(h.first) || got.step != day || len(got.values) != 5 || got.values[4] != 5 || !math.IsNaN(got.values[1]) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func FuzzDecodeHistory(f *testing.F) {
	h := history{step: time.Hour, first: start, values: []float64{1, 2, math.NaN()}}
	f.Add(h.encode())
	f.Add([]byte{1, 1, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if h, err := decodeHistory(raw); err == nil && len(h.values) > hoursKept {
			t.Fatalf("%d values", len(h.values))
		}
	})
}

// The pools that come with Mainstay ask the real engine about what agents send.
func TestBuiltinPoolsAnswerOnAgentMetrics(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree = t.TempDir(), 1
	real, err := metricstore.Open(cfg, metricstore.Dependencies{Clock: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = real.Close() })
	ctx := context.Background()
	var samples []metricstore.Sample
	add := func(at time.Time, name string, v float64, pairs ...string) {
		samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels(name, append(pairs, "item", "h1")...), T: at, V: v})
	}
	for m := -30; m <= 0; m++ {
		at := start.Add(time.Duration(m) * time.Minute)
		fs := []string{"device", "/dev/vda1", "mountpoint", "/", "type", "ext4"}
		add(at, "system_filesystem_usage_bytes", 75, append(fs, "state", "used")...)
		add(at, "system_filesystem_usage_bytes", 20, append(fs, "state", "free")...)
		add(at, "system_filesystem_usage_bytes", 5, append(fs, "state", "reserved")...)
		add(at, "system_filesystem_inodes_utilization", 0.1, fs...)
		add(at, "system_memory_usage_bytes", 3, "state", "used")
		add(at, "system_memory_limit_bytes", 4)
		add(at, "system_cpu_utilization", 0.75, "mode", "idle")
		add(at, "system_cpu_logical_count", 8)
	}
	if err := real.Append(ctx, samples); err != nil {
		t.Fatal(err)
	}
	b.deps.Metrics = real
	c, err := New(Defaults(), b.deps)
	if err != nil {
		t.Fatal(err)
	}
	b.c = c
	b.declare(poolKind, "seats", PoolSpec{Used: `system_memory_usage_bytes{state="used"}`, Capacity: "40 + 2"}) // one number
	if err := newPlanner(c).round(b.ctx); err != nil {
		t.Fatal(err)
	}
	want := map[string][2]float64{"filesystem": {75, 95}, "inodes": {0.1, 1}, "memory": {3, 4}, "processor": {2, 8}, "seats": {3, 42}}
	list := capacity(t, b, "")
	for _, thing := range list {
		if w := want[thing.Pool]; thing.Used != w[0] || thing.Capacity != w[1] || thing.Item != "h1" {
			t.Errorf("%+v, want %v", thing, w)
		}
		delete(want, thing.Pool)
	}
	if len(want) > 0 {
		t.Errorf("nothing of %v", want)
	}
	// What is published can be read back, also that something is never full.
	got, err := real.Query(ctx, `mainstay_capacity_full_seconds{pool="filesystem"} > 1e9`, start)
	if err != nil || len(got.Series) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	pools, err := c.httpPools(b.ctx, nil)
	if err != nil || len(pools.Body.Items) != 5 || !pools.Body.Items[0].Builtin || pools.Body.Items[0].Round.Series != 1 {
		t.Errorf("%+v, %v", pools, err)
	}
}
