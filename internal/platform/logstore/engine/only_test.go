package engine

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"mainstay/internal/platform/logstore"
)

// FuzzOnly restricts any query as the engine does it for extra_filters. A tail
// writes the query out and reads it again: the restriction must come through
// that, in the query and in every query within it, and an erasure's filter must
// stay one.
func FuzzOnly(f *testing.F) {
	text, err := os.ReadFile("../testdata/escapes.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f.Add(strings.TrimSpace(line))
	}
	const only = `dataset:in("","open-to-readers")`
	filter, err := logstorage.ParseFilter(only)
	if err != nil {
		f.Fatal(err)
	}
	more, err := logstorage.ParseFilter("marker:=one")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		q, err := logstorage.ParseQuery(expr)
		if err != nil || strings.Contains(expr, "open-to-readers") {
			return
		}
		q.AddExtraFilters(filter)
		written := q.String()
		again, err := logstorage.ParseQuery(written)
		if err != nil {
			return // a tail of it fails; nothing is shown
		}
		if !strings.HasPrefix(strip(written), only) {
			t.Fatalf("%q is written %q", expr, written)
		}
		// Were what is read an "or", the restriction would come to stand within
		// parentheses as soon as one more is added.
		read := again.String()
		again.AddExtraFilters(more)
		if got := strings.ReplaceAll(again.String(), "marker:=one ", ""); got != read && strings.HasPrefix(got, "(") {
			t.Fatalf("%q is written %q, which is read as %q", expr, written, read)
		}
		if got := strings.Count(read, "open-to-readers"); got < strings.Count(written, "open-to-readers") || got < 1 {
			t.Fatalf("%q is written %q, and %q has fewer restrictions", expr, written, read)
		}
		text, err := filterOf([]logstore.Erasure{{Filter: expr, Datasets: []string{"open-to-readers"}, End: time.Unix(1e9, 0)}})
		if err != nil {
			return
		}
		if _, err := logstorage.ParseFilter(text); err != nil {
			return // it is refused when it is carried out
		}
		if !strings.Contains(text, "open-to-readers") {
			t.Fatalf("%q erases from all datasets: %q", expr, text)
		}
	})
}

// strip leaves out the options that a query may begin with.
func strip(query string) string {
	if rest, ok := strings.CutPrefix(query, "options("); ok {
		_, rest, _ = strings.Cut(rest, ")")
		return strings.TrimSpace(rest)
	}
	return query
}
