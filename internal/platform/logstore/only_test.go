package logstore_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
)

const hiddenWord = "whisper"

func threeDatasets(t *testing.T, use func(*logstore.Configuration)) (*logstore.Store, time.Time) {
	t.Helper()
	store, _ := setup(t, use)
	now := time.Now().UTC()
	var records []logstore.Record
	for i, dataset := range []string{"", "open", "hidden"} {
		for n := range 5 {
			word := "public"
			if dataset == "hidden" {
				word = hiddenWord
			}
			at := now.Add(-time.Minute + time.Duration(10*n+i)*time.Millisecond)
			records = append(records, logstore.Record{Time: at, Message: word + " line", Item: "item1", App: "shared", Dataset: dataset,
				Fields: []logstore.Field{{Name: "word_of_" + word, Value: word}, {Name: "dataset", Value: "open"}}})
		}
	}
	records = append(records, logstore.Record{Time: now, Message: hiddenWord, App: "secretary-" + hiddenWord, Dataset: "hidden"})
	if _, err := store.Write(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	await(t, store, logstore.Query{Expr: "*", Start: now.Add(-time.Hour), End: now.Add(time.Hour)}, 16)
	return store, now
}

// total is how many records there are, or -1 while the engine does not answer.
func total(t *testing.T, store *logstore.Store, q logstore.Query) (n int) {
	for _, err := range store.Query(t.Context(), q) {
		if err != nil {
			return -1
		}
		n++
	}
	return n
}

func await(t *testing.T, store *logstore.Store, q logstore.Query, want int) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for got := total(t, store, q); got != want; got = total(t, store, q) {
		if time.Now().After(deadline) {
			t.Fatalf("%s finds %d, not %d", q.Expr, got, want)
		}
		time.Sleep(100 * time.Millisecond) // the engine offers nothing to wait on
	}
}

// TestADatasetIsNotReadByOthers tries, with the real engine, every way out of
// the restriction that LogsQL and the API offer.
func TestADatasetIsNotReadByOthers(t *testing.T) { eachEngine(t, notReadByOthers) }

func notReadByOthers(t *testing.T, use func(*logstore.Configuration)) {
	store, now := threeDatasets(t, use)
	text, err := os.ReadFile("testdata/escapes.txt")
	if err != nil {
		t.Fatal(err)
	}
	tried, answered := 0, 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for _, expr := range []string{line, "public | union (" + line + ")", "app:shared " + line} {
			for _, only := range [][]string{{"default", "open"}, {"open"}, {}} {
				q := logstore.Query{Expr: expr, Start: now.Add(-time.Hour), End: now.Add(time.Hour), Only: only}
				for _, limit := range []int{0, 100} {
					q.Limit = limit
					for row, err := range store.Query(t.Context(), q) {
						answered++
						seen(t, expr, row, err)
					}
				}
				hits, err := store.Hits(t.Context(), q, time.Minute, "_msg", "app")
				seen(t, "hits "+expr, hits, err)
				fields, err := store.Fields(t.Context(), q)
				seen(t, "fields "+expr, fields, err)
				for _, field := range []string{"_msg", "app", "_stream", "dataset", "word_of_" + hiddenWord} {
					values, err := store.Values(t.Context(), q, field)
					seen(t, "values "+expr, values, err)
					if field == "dataset" && slices.ContainsFunc(values, func(c logstore.Count) bool {
						return c.Value == "hidden" && c.Hits > 0 && !strings.Contains(expr, `"hidden") at`)
					}) {
						t.Errorf("%s: values of dataset: %v", expr, values)
					}
				}
				tried++
			}
		}
	}
	if tried < 100 || answered == 0 {
		t.Fatalf("%d tries with %d rows", tried, answered)
	}
	t.Logf("%d tries, %d rows answered", tried, answered)
}

// seen fails when an answer has what only hidden records have.
func seen(t *testing.T, what string, answer any, err error) {
	t.Helper()
	if err != nil {
		return // refused: the engine's fault finding says nothing of what is stored
	}
	text, _ := json.Marshal(answer)
	if strings.Contains(string(text), hiddenWord) {
		t.Errorf("%s shows %s", what, text)
	}
}

// TestWhatMayBeReadIsThere: a restriction that hid everything would pass the other test.
func TestWhatMayBeReadIsThere(t *testing.T) { eachEngine(t, mayBeRead) }

func mayBeRead(t *testing.T, use func(*logstore.Configuration)) {
	store, now := threeDatasets(t, use)
	for _, c := range []struct {
		only []string
		want int
	}{{nil, 16}, {[]string{}, 0}, {[]string{"default"}, 5}, {[]string{"open"}, 5}, {[]string{"default", "open"}, 10}, {[]string{"hidden"}, 6}, {[]string{"default", "open", "hidden"}, 16}} {
		if got := total(t, store, logstore.Query{Expr: "*", Start: now.Add(-time.Hour), End: now.Add(time.Hour), Only: c.only}); got != c.want {
			t.Errorf("%v shows %d records, not %d", c.only, got, c.want)
		}
	}
}

func TestATailIsRestrictedToo(t *testing.T) { eachEngine(t, tailIsRestricted) }

func tailIsRestricted(t *testing.T, use func(*logstore.Configuration)) {
	store, _ := setup(t, use)
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got := make(chan string, 100)
	for _, expr := range []string{"*", `app:=x or dataset:=hidden`, `{dataset="hidden"} or public`, `_msg:in(dataset:hidden | fields _msg) or public`} {
		go func() {
			for row, err := range store.Tail(ctx, logstore.Query{Expr: expr, Only: []string{"default"}}) {
				if err == nil {
					got <- row["_msg"]
				}
			}
		}()
	}
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for seen := 0; seen < 4; {
		select {
		case <-ticker.C:
			now := time.Now()
			if _, err := store.Write(ctx, []logstore.Record{{Time: now, Message: hiddenWord, App: "x", Dataset: "hidden"}, {Time: now.Add(time.Microsecond), Message: "public", App: "x"}}); err != nil {
				t.Fatal(err)
			}
		case message := <-got:
			if strings.Contains(message, hiddenWord) {
				t.Fatal("a tail shows a record of another dataset")
			}
			seen++
		case <-ctx.Done():
			t.Fatal("nothing came")
		}
	}
}

// TestErasedRecordsAreGone: an external engine erases later and does not say what.
func TestErasedRecordsAreGone(t *testing.T) { eachEngine(t, erased) }

func erased(t *testing.T, use func(*logstore.Configuration)) {
	store, _ := setup(t, use)
	now := time.Now().UTC()
	var records []logstore.Record
	for day := range 3 {
		for i := range 20 {
			word := "stays"
			if i%4 == 0 {
				word = "goes"
			}
			dataset := ""
			if day == 2 {
				dataset = "short"
			}
			records = append(records, logstore.Record{Time: now.Add(-time.Duration(24*day)*time.Hour - time.Duration(i)*time.Microsecond), Message: word, Item: "i", App: "a", Dataset: dataset,
				Fields: []logstore.Field{{Name: "n", Value: string(rune('a' + i))}, {Name: "day", Value: string(rune('0' + day))}}})
		}
	}
	if _, err := store.Write(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	await := func(expr string, want int) {
		t.Helper()
		await(t, store, logstore.Query{Expr: expr}, want)
	}
	await("*", 60)
	if err := store.Check(t.Context(), "goes) or (stays"); core.CodeOf(err) != core.CodeInvalid {
		t.Errorf("an unbalanced filter: %v", err)
	}
	if err := store.Check(t.Context(), "goes | delete x"); core.CodeOf(err) != core.CodeInvalid {
		t.Errorf("a filter with pipes: %v", err)
	}
	if err := store.Check(t.Context(), "goes or app:x"); err != nil {
		t.Error(err)
	}
	// One word in two of three days; the third is of another dataset.
	done, err := store.Erase(t.Context(), []logstore.Erasure{{Filter: "goes", Datasets: []string{"default"}, Start: now.Add(-100 * time.Hour), End: now}})
	if err != nil {
		t.Fatal(err)
	}
	if store.Embedded() && (done.Records != 10 || done.Days < 2) {
		t.Errorf("%+v", done)
	}
	await("goes", 5)
	await("stays", 45)
	if got := total(t, store, logstore.Query{Expr: `{app="a",dataset="short"} n:=a day:=2 item:=i`}); got != 1 {
		t.Errorf("fields and streams of what stays: %d", got)
	}
	// A whole dataset, as its retention has it, and then it is written to again.
	done, err = store.Erase(t.Context(), []logstore.Erasure{{Datasets: []string{"short"}, End: now}})
	if err != nil || store.Embedded() && done.Records != 20 {
		t.Fatalf("%+v %v", done, err)
	}
	await("*", 30)
	if _, err := store.Write(t.Context(), records[40:60]); err != nil {
		t.Fatal(err)
	}
	await(`{dataset="short"}`, 20)
}
