package querycache_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"mainstay/internal/platform/metricstore/querycache"
)

// TestJournalAgainstAList: what the journal says is never later than the oldest
// time noted since, and not earlier by more than it joins.
func TestJournalAgainstAList(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	j := querycache.NewJournal()
	type note struct {
		oldest int64
		late   map[uint8]int64
	}
	var notes []note
	metrics := []string{"a", "b", "c"}
	for i := range 5000 {
		n := note{oldest: math.MaxInt64}
		if r.IntN(4) > 0 {
			n.oldest = int64(i)*1500 - int64(r.IntN(20_000))
		}
		if r.IntN(10) == 0 {
			n.late = map[uint8]int64{j.Shard(metrics[r.IntN(3)]): int64(r.IntN(1500 * (i + 1)))}
		}
		notes = append(notes, n)
		j.Note(n.oldest, n.late)
		since := r.IntN(len(notes) + 1)
		ask := metrics[:r.IntN(4)]
		want := int64(math.MaxInt64)
		for _, n := range notes[since:] {
			want = min(want, n.oldest)
			for shard, at := range n.late {
				mine := len(ask) == 0
				for _, m := range ask {
					mine = mine || j.Shard(m) == shard
				}
				if mine {
					want = min(want, at)
				}
			}
		}
		got := j.Since(uint64(since), ask)
		if got > want || (len(notes)-since < 100 && want != math.MaxInt64 && got < want-2000) {
			t.Fatalf("since %d of %d for %v: %d, should be %d", since, len(notes), ask, got, want)
		}
	}
}

func TestWhatIsCacheable(t *testing.T) {
	t.Parallel()
	p := parser.NewParser(parser.Options{EnableExperimentalFunctions: true})
	for expr, want := range map[string]string{
		`sum(rate(a[5m])) / b`: "[a b]", `a + a`: "[a]", `{x="1"}`: "[]", `a offset 5m`: "[a]", `a offset -5m`: "no", `a @ 5`: "no",
		`max_over_time(a[1h:5m] @ end())`: "no", `limitk(2, a)`: "no", `topk(2, a)`: "[a]", `info(a)`: "[]", `{__name__="a"}`: "[a]", `1`: "[]",
		`a smoothed`: "no", `rate(a[5m] anchored)`: "[a]",
	} {
		e, err := p.ParseExpr(expr)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		metrics, ok := querycache.Cacheable(e)
		got := fmt.Sprint(metrics)
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("%s: %s, should be %s", expr, got, want)
		}
	}
}

// steps answers each step with its own time.
func steps(calls *[][2]int64, step int64) querycache.Evaluate {
	return func(_ context.Context, start, end int64) (querycache.Answer, error) {
		*calls = append(*calls, [2]int64{start, end})
		s := promql.Series{Metric: labels.FromStrings("a", "b")}
		for t := start; t <= end; t += step {
			s.Floats = append(s.Floats, promql.FPoint{T: t, F: float64(t)})
		}
		return querycache.Answer{Matrix: promql.Matrix{s}}, nil
	}
}

func TestPartsAreEvaluated(t *testing.T) {
	t.Parallel()
	j := querycache.NewJournal()
	c := querycache.New(j, 1<<20, nil)
	var calls [][2]int64
	ask := func(start, end int64, want string) {
		t.Helper()
		calls = nil
		a, err := c.Range(context.Background(), querycache.Request{Expr: "e", Start: start, End: end, Step: 10}, steps(&calls, 10))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(calls); got != want {
			t.Errorf("%d to %d evaluates %s, not %s", start, end, got, want)
		}
		n := 0
		for _, p := range a.Matrix[0].Floats {
			if p.T != start+int64(n)*10 || p.F != float64(p.T) {
				t.Fatalf("%d to %d gives %v", start, end, a.Matrix[0].Floats)
			}
			n++
		}
		if want := int((end-start)/10) + 1; n != want {
			t.Errorf("%d points, not %d", n, want)
		}
	}
	ask(100, 200, "[[100 200]]")
	ask(100, 200, "[]")
	ask(120, 180, "[]")
	ask(150, 255, "[[210 250]]")
	ask(90, 190, "[[90 140]]") // the window had slid to 150
	ask(1000, 1100, "[[1000 1100]]")
	ask(1005, 1105, "[[1005 1105]]") // another phase
	j.Note(1050, nil)
	ask(1000, 1100, "[[1050 1100]]")
	j.Note(0, nil)
	ask(1000, 1100, "[[1000 1100]]")
}

func TestFailuresAreNotRemembered(t *testing.T) {
	t.Parallel()
	c := querycache.New(querycache.NewJournal(), 1<<20, nil)
	r := querycache.Request{Expr: "e", Start: 0, End: 100, Step: 10}
	boom := errors.New("boom")
	if _, err := c.Range(context.Background(), r, func(context.Context, int64, int64) (querycache.Answer, error) { return querycache.Answer{}, boom }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	var calls [][2]int64
	if a, err := c.Range(context.Background(), r, steps(&calls, 10)); err != nil || len(a.Matrix[0].Floats) != 11 {
		t.Fatal(a, err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const most = 100_000
	c := querycache.New(querycache.NewJournal(), most, nil)
	var calls [][2]int64
	for i := range 500 {
		r := querycache.Request{Expr: fmt.Sprint("e", i%120), Start: 0, End: int64(10 * (1 + i%900)), Step: 10}
		if _, err := c.Range(context.Background(), r, steps(&calls, 10)); err != nil {
			t.Fatal(err)
		}
		if c.Bytes() > most {
			t.Fatalf("%d bytes", c.Bytes())
		}
	}
	if c.Bytes() < most/2 {
		t.Errorf("only %d bytes are used", c.Bytes())
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := querycache.New(querycache.NewJournal(), 1<<20, nil)
	r := querycache.Request{Expr: "e", Start: 0, End: 100, Step: 10}
	inside, leave, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_, _ = c.Range(context.Background(), r, func(context.Context, int64, int64) (querycache.Answer, error) {
			close(inside)
			<-leave
			return querycache.Answer{Matrix: promql.Matrix{}}, nil
		})
	}()
	<-inside
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Range(ctx, r, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(leave)
	<-done
}
