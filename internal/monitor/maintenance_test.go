package monitor

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestWindowTable(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/window.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, paragraph := range strings.Split(strings.TrimSpace(string(raw)), "\n\n") {
		if strings.HasPrefix(paragraph, "##") {
			continue
		}
		lines := strings.Split(paragraph, "\n")
		for strings.HasPrefix(lines[0], "#") {
			lines = lines[1:]
		}
		f := strings.Fields(lines[0]) // start duration zone rule
		start, err := time.Parse(time.RFC3339, f[0])
		if err != nil {
			t.Fatal(err)
		}
		length, _ := time.ParseDuration(f[1])
		spec := WindowSpec{Start: start, Duration: probe.Duration(length), TimeZone: f[2], All: true}
		if len(f) > 3 {
			spec.Recurrence = f[3]
		}
		if err := spec.validate("w"); err != nil {
			t.Fatal(err)
		}
		o := &openWindow{window: &Window{Spec: spec}}
		for _, line := range lines[1:] {
			stamp, want, _ := strings.Cut(line, " ")
			at, err := time.Parse(time.RFC3339, stamp)
			if err != nil {
				t.Fatal(err)
			}
			if got := map[bool]string{true: "on", false: "off"}[o.on(at)]; got != want {
				t.Errorf("%s: at %s it is %s, want %s", lines[0], stamp, got, want)
			}
		}
	}
}

func TestWindowsCoverTheirItems(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.items.put(Item{ID: "a", Name: "a", Class: "server"})
	b.items.put(Item{ID: "b", Name: "b", Class: "printer"})
	b.start()
	ctx, now := t.Context(), time.Now()
	window := func(name string, change func(*WindowSpec)) {
		t.Helper()
		spec := WindowSpec{Start: now.Add(-time.Minute), Duration: probe.Duration(time.Hour)}
		change(&spec)
		if _, _, err := b.c.PutWindow(ctx, name, spec, ""); err != nil {
			t.Fatal(err)
		}
	}
	window("servers", func(s *WindowSpec) { s.Selector = "server" })
	for item, want := range map[string]bool{"a": true, "b": false, "": false} {
		if on, _ := b.c.InMaintenance(ctx, item, now); on != want {
			t.Errorf("%q: %v", item, on)
		}
	}
	window("b", func(s *WindowSpec) {
		s.Identities = []core.Identity{{Kind: "name", Value: "b"}, {Kind: "name", Value: "none"}}
	})
	if on, why := b.c.InMaintenance(ctx, "b", now); !on || why != "b" {
		t.Errorf("%v %q", on, why)
	}
	if on, _ := b.c.InMaintenance(ctx, "b", now.Add(2*time.Hour)); on {
		t.Error("it never ends")
	}
	window("all", func(s *WindowSpec) { s.All = true })
	if on, _ := b.c.InMaintenance(ctx, "", now); !on {
		t.Error("all is not all")
	}
}

// TestWindowsHoldBeforeMonitoringStarts: alerts are judged as soon as events have
// started, which is earlier.
func TestWindowsHoldBeforeMonitoringStarts(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.items.put(Item{ID: "a", Name: "a", Class: "server"})
	b.start()
	ctx, now := t.Context(), time.Now()
	if _, _, err := b.c.PutWindow(ctx, "patching", WindowSpec{Start: now.Add(-time.Minute), Duration: probe.Duration(time.Hour), Selector: "server"}, ""); err != nil {
		t.Fatal(err)
	}
	again, err := New(quick(), b.deps)
	if err != nil {
		t.Fatal(err)
	}
	if on, why := again.InMaintenance(ctx, "a", now); !on || why != "patching" {
		t.Errorf("%v %q", on, why)
	}
}

// TestTheLedgerTellsWhenMaintenanceBeginsAndEnds has a window end while nobody
// runs, and another one deleted while it is on.
func TestTheLedgerTellsWhenMaintenanceBeginsAndEnds(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, clock := newBench(t, db), &jumping{}
		b.deps.Clock = clock
		b.items.put(Item{ID: itemID, Name: "a", Class: "server"})
		b.start()
		ctx, now := t.Context(), time.Now()
		told := func(want ...string) {
			t.Helper()
			var got []string
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				entries, err := b.ledger.List(ctx, ledger.Query{Types: []string{"monitor.maintenance.started", "monitor.maintenance.ended"}, Limit: 10})
				if err != nil {
					t.Fatal(err)
				}
				got = nil
				for _, e := range entries {
					got = append(got, e.Summary)
					if e.Summary == "maintenance window short begins: patches" && (len(e.Related) != 1 || e.Related[0] != itemID) {
						t.Fatalf("%+v", e)
					}
				}
				slices.Reverse(got)
				if slices.Equal(got, want) {
					return
				}
			}
			t.Fatalf("the ledger tells %q, want %q", got, want)
		}
		short := WindowSpec{Reason: "patches", Start: now, Duration: probe.Duration(time.Hour), Selector: "server"}
		if _, _, err := b.c.PutWindow(ctx, "short", short, ""); err != nil {
			t.Fatal(err)
		}
		story := []string{"maintenance window short begins: patches"}
		told(story...)
		_ = b.c.Stop(ctx)
		clock.jump(short.length())
		b.start()
		story = append(story, "maintenance window short is over: patches")
		told(story...)
		if _, _, err := b.c.PutWindow(ctx, "all", WindowSpec{Start: clock.Now(), Duration: probe.Duration(time.Hour), All: true}, ""); err != nil {
			t.Fatal(err)
		}
		story = append(story, "maintenance window all begins")
		told(story...)
		if err := b.c.DeleteWindow(ctx, "all", ""); err != nil {
			t.Fatal(err)
		}
		told(append(story, "maintenance window all is over")...)
	})
}

func TestBadWindowsNameTheirFields(t *testing.T) {
	t.Parallel()
	end := time.Unix(0, 0)
	for field, change := range map[string]func(*WindowSpec){
		"spec.start":      func(s *WindowSpec) { s.Start = time.Time{} },
		"spec.duration":   func(s *WindowSpec) { s.Duration = probe.Duration(-time.Hour) },
		"spec.end":        func(s *WindowSpec) { s.End, s.Duration = &end, 0 },
		"spec.items":      func(s *WindowSpec) { s.All = false },
		"spec.items[0]":   func(s *WindowSpec) { s.Items = []string{"x"} },
		"spec.timeZone":   func(s *WindowSpec) { s.TimeZone = "Nowhere" },
		"spec.recurrence": func(s *WindowSpec) { s.Recurrence = "FREQ=MINUTELY" },
	} {
		spec := WindowSpec{Start: time.Unix(1_700_000_000, 0), Duration: probe.Duration(time.Hour), All: true}
		change(&spec)
		err, _ := spec.validate("w").(*core.Error)
		if err == nil || len(err.Details) != 1 || err.Details[0].Field != field {
			t.Errorf("want %s, got %v", field, err)
		}
	}
}

func FuzzRecurrence(f *testing.F) {
	for _, seed := range []string{"FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=3", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR", "FREQ=DAILY;INTERVAL=0", "x"} {
		f.Add(seed)
	}
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		spec := WindowSpec{Start: time.Date(2020, 1, 1, 2, 0, 0, 0, time.UTC), Duration: probe.Duration(time.Hour), All: true, Recurrence: text, TimeZone: "Europe/Berlin"}
		if spec.validate("w") != nil {
			return
		}
		begun := time.Now()
		if _, err := spec.spans(at, at.Add(horizon)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Fatal(fmt.Sprintf("%q takes %v", text, took))
		}
	})
}
