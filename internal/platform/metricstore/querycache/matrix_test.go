package querycache_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"mainstay/internal/platform/metricstore/querycache"
)

// values is a store in small: what each series is worth at each step.
type values map[string]map[int64]float64

func (v values) evaluate(step int64) querycache.Evaluate {
	return func(_ context.Context, start, end int64) (querycache.Answer, error) {
		var m promql.Matrix
		for _, name := range []string{"a", "b", "c", "d", "h"} {
			s := promql.Series{Metric: labels.FromStrings("name", name)}
			for t := start; t <= end; t += step {
				switch worth, ok := v[name][t]; {
				case ok && name == "h":
					s.Histograms = append(s.Histograms, promql.HPoint{T: t, H: &histogram.FloatHistogram{Count: worth}})
				case ok:
					s.Floats = append(s.Floats, promql.FPoint{T: t, F: worth})
				}
			}
			if len(s.Floats)+len(s.Histograms) > 0 {
				m = append(m, s)
			}
		}
		return querycache.Answer{Matrix: m}, nil
	}
}

// TestAnswersDoNotChange: what was handed out stays as it was, whatever comes
// after it, and each answer is that of its moment.
func TestAnswersDoNotChange(t *testing.T) {
	t.Parallel()
	const step = 10
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 7))
		j := querycache.NewJournal()
		c := querycache.New(j, 1<<20, nil)
		v := values{"a": {}, "b": {}, "c": {}, "d": {}, "h": {}}
		type handed struct {
			m    promql.Matrix
			text string
		}
		var out []handed
		now := int64(1000)
		for range 100 {
			for range 1 + r.IntN(2) {
				now += step
				for name := range v {
					if r.IntN(6) > 0 {
						v[name][now] = float64(r.IntN(3))
					}
				}
				v["a"][now] = math.NaN()
				j.Note(now, nil)
			}
			if r.IntN(3) == 0 { // late, and often of the value that was there
				at := now - int64(r.IntN(5))*step
				for name := range v {
					if r.IntN(3) == 0 {
						v[name][at] = float64(r.IntN(3))
					}
				}
				j.Note(at, nil)
			}
			end := now - int64(r.IntN(3))*step
			request := querycache.Request{Expr: "e", Start: end - int64(10+r.IntN(30))*step, End: end, Step: step}
			got, err := c.Range(context.Background(), request, v.evaluate(step))
			want, _ := v.evaluate(step)(context.Background(), request.Start, request.End)
			if err != nil || got.Matrix.String() != want.Matrix.String() {
				t.Fatalf("seed %d: %v\n%v\nshould be\n%v", seed, err, got.Matrix, want.Matrix)
			}
			out = append(out, handed{got.Matrix, got.Matrix.String()})
			for _, h := range out[max(0, len(out)-5):] {
				if h.m.String() != h.text {
					t.Fatalf("seed %d: handed out as\n%s\nand is now\n%v", seed, h.text, h.m)
				}
			}
		}
	}
}

// TestPointsStayWhereTheyAre: a window that slides over many series copies
// their points now and then, not with each step.
func TestPointsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	const step, window = 10, 240
	j := querycache.NewJournal()
	c := querycache.New(j, 1<<20, nil)
	var calls [][2]int64
	place := func(end int64) *promql.FPoint {
		a, err := c.Range(context.Background(), querycache.Request{Expr: "e", Start: end - window*step, End: end, Step: step}, steps(&calls, step))
		if err != nil || len(a.Matrix[0].Floats) != window+1 {
			t.Fatal(err, a.Matrix)
		}
		return &a.Matrix[0].Floats[window/2]
	}
	var places []string
	moved := 0
	for k := range int64(100) {
		end := window*step*2 + k*step
		before := place(end)
		j.Note(end, nil) // what was written at the last step changes no value
		a, err := c.Range(context.Background(), querycache.Request{Expr: "e", Start: end - window*step, End: end + step, Step: step}, steps(&calls, step))
		if err != nil {
			t.Fatal(err)
		}
		if &a.Matrix[0].Floats[window/2] != before {
			moved++
			places = append(places, fmt.Sprint(k))
		}
	}
	if moved > 5 {
		t.Errorf("the points moved at %v", places)
	}
}
