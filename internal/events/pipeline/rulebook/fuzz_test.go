package rulebook

import (
	"context"
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"mainstay/internal/core"
)

// FuzzRules reads a document, and lets what is good of it act on an event: what
// leaves is an event that may be stored, and the event itself comes first.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{
		`{"rules":[{"name":"a","when":"event.source == \"trap\" && event.labels.x in [\"a\"]","set":{"severity":"critical","key":"event.title + \"x\"","kind":"clear"},"labels":{"a":"event.labels.x"},"clears":"[event.key]","stop":true}]}`,
		`{"order":-1,"enabled":false,"rules":[{"name":"a","hold":"30s","threshold":{"count":2,"within":"1m","by":"event.labels.x"},"flapping":{"changes":2,"within":"1m","calm":"1m"},"storm":{"rate":1,"per":"1s"},"escalate":[{"after":"1m","severity":"major"}],"expire":"1h"}]}`,
		`{"rules":[{"name":"a","lookup":[{"table":"t","key":"event.key"}],"enrich":["owner"],"annotations":{"x":"row.y"},"drop":true}]}`,
		`{"rules":[{"name":"a","when":"event.labels.all(x, event.labels.all(y, x == y))","discard":true}]}`,
		`{"rules":[{}]}`, `[]`, `{"rules":null}`,
	} {
		f.Add([]byte(seed), "title", "x", "value")
	}
	f.Fuzz(func(t *testing.T, text []byte, title, label, value string) {
		spec, err := Parse(json.RawMessage(text))
		if err != nil || !utf8.ValidString(title+label+value) {
			return
		}
		set, err := Compile([]Document{{"d", spec}}, Options{Tables: map[string]Table{"t": {"k": {"y": "z"}}}, Drafts: true, Items: func(string) map[string]any { return map[string]any{"owner": "ann"} }})
		if err != nil {
			t.Fatal("what was parsed has to compile:", err)
		}
		now := time.Unix(1_700_000_000, 0)
		book := NewBook(func() bool { return true }, func() {})
		for _, kind := range []core.EventKind{core.Problem, core.Cleared, core.Problem, core.Notice} {
			e := Event{Event: core.Event{At: now, Source: "trap", Kind: kind, Severity: core.Minor, Key: "k", Title: title, Item: "i", Labels: map[string]string{label: value}}}
			v := set.Shape(context.Background(), e, now)
			m := Machine{Set: set, Book: book, Now: now}
			out := m.Take(&v, e.Key)
			if len(out) == 0 || !out[0].Own {
				t.Fatal("the event itself comes first")
			}
			for _, o := range out {
				if e := o.Event; len(e.Key) > maxText || e.Title != title && len(e.Title) > maxText || !utf8.ValidString(e.Key+e.Title+e.Description) {
					t.Fatalf("it cannot be stored: %+v", o)
				}
			}
			now = now.Add(time.Second)
		}
		for range 3 {
			now = now.Add(8 * 24 * time.Hour)
			for _, rec := range append([]*Record(nil), recordsOf(book)...) {
				if !rec.Due.IsZero() && !rec.Due.After(now) {
					m := Machine{Set: set, Book: book, Now: now}
					m.Fire(rec, func(string) Standing { return Standing{Active: true} })
				}
			}
		}
	})
}

func recordsOf(b *Book) (all []*Record) {
	for _, r := range b.records {
		all = append(all, r)
	}
	return all
}

// FuzzTable reads a lookup table.
func FuzzTable(f *testing.F) {
	f.Add([]byte(`{"csv":"a,b\n1,2\n"}`))
	f.Add([]byte(`{"key":"b","csv":"a,b\n1,\"2\n3\"\n","rows":{"x":{"y":"z"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		spec, err := ParseTable(json.RawMessage(text))
		if err != nil {
			return
		}
		if table, err := spec.Table(); err != nil || len(table) == 0 || len(table) > maxRows {
			t.Fatal(len(table), err)
		}
	})
}
