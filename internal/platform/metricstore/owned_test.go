package metricstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mainstay/internal/platform/metricstore"
)

// TestResultsStay: what was answered is not written over by the queries after
// it, whichever way it was answered; the engine uses its memory again.
func TestResultsStay(t *testing.T) {
	t.Parallel()
	s, ctx, at := open(t, metricstore.Dependencies{}, nil), context.Background(), time.Unix(1_700_000_000, 0)
	for k := range 100 {
		var batch []metricstore.Sample
		for i := range 20 {
			batch = append(batch, metricstore.Sample{Labels: metricstore.NewLabels("m", "i", fmt.Sprint(i)), T: at.Add(time.Duration(k) * 15 * time.Second), V: float64(i)})
		}
		must(t, s.Append(ctx, batch))
	}
	end := at.Add(99 * 15 * time.Second)
	ask := map[string]func(expr string) (metricstore.Result, error){
		"range":   func(expr string) (metricstore.Result, error) { return s.QueryRange(ctx, expr, at, end, 15*time.Second) },
		"instant": func(expr string) (metricstore.Result, error) { return s.Query(ctx, expr+"[20m]", end) },
	}
	for name, exprs := range map[string][]string{"range": {`m`, `m @ end()`, `m offset -1m`, `sum by (i) (m)`}, "instant": {`m`}} {
		for _, expr := range exprs {
			first, err := ask[name](expr)
			must(t, err)
			said := fmt.Sprint(first.Series)
			for range 5 {
				for _, other := range []string{`m + 1000`, `m @ start() + 2000`} {
					_, err := ask["range"](other)
					must(t, err)
				}
				_, err := ask["instant"](`m{i="3"}`)
				must(t, err)
			}
			if now := fmt.Sprint(first.Series); now != said {
				t.Errorf("%s of %s was\n%s\nand is now\n%s", name, expr, said[:200], now[:200])
			}
		}
	}
}
