package foresight

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// busy is 100 in the working hours and 10 otherwise, with some movement.
func busy(at time.Time) float64 {
	v := 10.0
	if h := at.Hour(); at.Weekday() != time.Saturday && at.Weekday() != time.Sunday && h >= 9 && h < 18 {
		v = 100
	}
	return v + math.Mod(float64(at.Unix()/300)*0.618, 1)
}

func TestABaselineIsLearnedFromHistoryAndGoesOn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		odd := false
		b.metrics.exprs["load"] = func(at time.Time) map[string]float64 {
			if odd && !at.Before(b.clock.Now().Truncate(5*time.Minute)) {
				return map[string]float64{"web": 300}
			}
			return map[string]float64{"web": busy(at)}
		}
		b.declare(baselineKind, "web-load", BaselineSpec{Expr: "load"})
		w := newWatcher(b.c)
		round := func() {
			t.Helper()
			if err := w.round(b.ctx); err != nil {
				t.Fatal(err)
			}
		}
		round()
		for name, want := range map[string]float64{lowSeries: 95, midSeries: 100.5, highSeries: 110} {
			if got, ok := b.metrics.newest(name, "web"); !ok || math.Abs(got-want) > 10 {
				t.Errorf("%s is %v, %v, want about %v", name, got, ok, want)
			}
		}
		if score, _ := b.metrics.newest(scoreSeries, "web"); score >= 0.5 {
			t.Errorf("a usual point scores %.2f", score)
		}
		odd = true
		b.clock.Advance(5 * time.Minute)
		round()
		if score, _ := b.metrics.newest(scoreSeries, "web"); score < 0.8 {
			t.Errorf("300 instead of 100 scores %.2f", score)
		}
		out, err := b.c.httpBaselineSeries(b.ctx, &ByID{"web-load"})
		if err != nil || len(out.Body.Items) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		s := out.Body.Items[0]
		if s.Anomaly == nil || s.Anomaly.Parts["value"] < 0.5 || math.Abs(s.Anomaly.Expected-100.5) > 2 || s.Anomaly.High >= 300 || s.Item != "web" || s.Hours < 900 {
			t.Fatalf("%+v, anomaly %+v", s, s.Anomaly)
		}
		// A restart reads the profile; the band is what it was.
		b.renew()
		odd = false
		before, _ := b.metrics.newest(midSeries, "web")
		w = newWatcher(b.c)
		b.clock.Advance(5 * time.Minute)
		round()
		if after, _ := b.metrics.newest(midSeries, "web"); math.Abs(after-before) > 1 {
			t.Errorf("the middle was %v and is %v after a restart", before, after)
		}
		// The band of a night to come.
		band, err := b.c.httpBand(b.ctx, &struct {
			ByID
			Series string    `query:"series" required:"true" maxLength:"40" doc:"id of the series"`
			From   time.Time `query:"from" required:"true"`
			To     time.Time `query:"to" required:"true"`
			Step   int       `query:"step" minimum:"1" maximum:"86400" default:"300" doc:"seconds"`
		}{ByID{"web-load"}, s.ID, start.Add(15 * time.Hour), start.Add(16 * time.Hour), 600})
		if err != nil || len(band.Body.Points) != 7 || math.Abs(band.Body.Points[0].Mid-10.5) > 2 {
			t.Fatalf("%+v, %v", band, err)
		}
	})
}

func TestSeriesBeyondTheBoundAreCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.metrics.exprs["x"] = func(time.Time) map[string]float64 {
		return map[string]float64{"a": 1, "b": 2, "c": 3, "d": math.NaN()}
	}
	b.declare(baselineKind, "some", BaselineSpec{Expr: "x", MaxSeries: 2})
	if err := newWatcher(b.c).round(b.ctx); err != nil {
		t.Fatal(err)
	}
	list, err := b.c.httpBaselines(b.ctx, nil)
	if err != nil || len(list.Body.Items) != 1 {
		t.Fatal(list, err)
	}
	if r := list.Body.Items[0].Round; r.Series != 2 || r.LeftOut != 2 || r.Error != "" {
		t.Fatalf("%+v", r)
	}
}

func TestAFaultOfOneBaselineIsToldAndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.declare(baselineKind, "a", BaselineSpec{Expr: "x"})
	b.declare(baselineKind, "b", BaselineSpec{Expr: "y"})
	b.metrics.broken = errors.New("the query took too long")
	w := newWatcher(b.c)
	if err := w.round(b.ctx); err != nil {
		t.Fatal(err)
	}
	rounds, err := b.c.store.rounds(b.ctx)
	if err != nil || len(rounds) != 2 {
		t.Fatalf("%+v, %v", rounds, err)
	}
	for _, r := range rounds {
		if !strings.Contains(r.Error, "took too long") {
			t.Errorf("%+v", r)
		}
	}
	asked := b.metrics.asked
	if err := w.round(b.ctx); err != nil || b.metrics.asked != asked {
		t.Fatalf("asked again within the step: %v", err)
	}
	b.metrics.broken = nil
	b.clock.Advance(5 * time.Minute)
	if err := w.round(b.ctx); err != nil {
		t.Fatal(err)
	}
	if rounds, _ = b.c.store.rounds(b.ctx); rounds[w.docs[firstKey(w.docs)].doc.id].Error != "" {
		t.Fatalf("%+v", rounds)
	}
}

func firstKey(m map[string]*watched) string {
	for k := range m {
		return k
	}
	return ""
}

func TestDocumentsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	for raw, field := range map[string]string{
		`{"expr": "up +"}`:                   "spec.expr",
		`{"expr": "up", "step": "5s"}`:       "spec.step",
		`{"expr": "up", "width": -1}`:        "spec.width",
		`{"expr": "up", "maxSeries": 10000}`: "spec.maxSeries",
	} {
		err := b.try(baselineKind, "x", []byte(raw))
		var e *core.Error
		if !errors.As(err, &e) || e.Code != core.CodeInvalid || e.Details[0].Field != field {
			t.Errorf("%s: %v", raw, err)
		}
	}
	for raw, field := range map[string]string{
		`{"used": "("}`:                    "spec.used",
		`{"used": "up", "capacity": "{"}`:  "spec.capacity",
		`{"used": "up", "full": 2}`:        "spec.full",
		`{"used": "up", "unit": "litres"}`: "spec.unit",
		`{"used": "up", "day": "min"}`:     "spec.day",
	} {
		err := b.try(poolKind, "x", []byte(raw))
		var e *core.Error
		if !errors.As(err, &e) || e.Code != core.CodeInvalid || e.Details[0].Field != field {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if err := b.try(poolKind, "no spaces", []byte(`{"used": "up"}`)); core.CodeOf(err) != core.CodeInvalid {
		t.Errorf("a name with a space: %v", err)
	}
}
