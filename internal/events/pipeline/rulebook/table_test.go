package rulebook

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
)

// teller runs a script against a set, writing its records down and reading
// them again between any two steps.
type teller struct {
	t      *testing.T
	set    *Set
	start  time.Time
	now    time.Time
	stored map[string]string
	acked  map[string]bool
	open   map[string]bool
}

func TestTables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(string(text), "\n=== ") {
			if i == 0 {
				continue
			}
			name, body, _ := strings.Cut(part, "\n")
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) {
				t.Parallel()
				document, script, _ := strings.Cut(body, "\n---\n")
				tell(t, document, script)
			})
		}
	}
}

func decodeYAML(t testing.TB, text string, into any) {
	t.Helper()
	var raw any
	if err := yaml.Unmarshal([]byte(text), &raw); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
}

func tell(t *testing.T, document, script string) {
	var world struct {
		Spec
		Tables map[string]TableSpec      `json:"tables"`
		Items  map[string]map[string]any `json:"items"`
	}
	decodeYAML(t, document, &world)
	tables := map[string]Table{}
	for name, spec := range world.Tables {
		table, err := spec.Table()
		if err != nil {
			t.Fatal(err)
		}
		tables[name] = table
	}
	if err := world.Validate(); err != nil {
		t.Fatal(err)
	}
	set, err := Compile([]Document{{"d", world.Spec}}, Options{Tables: tables, Items: func(id string) map[string]any { return world.Items[id] }})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	w := &teller{t: t, set: set, start: start, now: start, stored: map[string]string{}, acked: map[string]bool{}, open: map[string]bool{}}
	var got, want []string
	flush := func(line string) {
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("before %q:\ngot:\n%s\nwant:\n%s", line, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		got, want = nil, nil
	}
	for line := range strings.SplitSeq(script, "\n") {
		line = strings.TrimSpace(line)
		if expected, ok := strings.CutPrefix(line, "->"); ok {
			want = append(want, strings.TrimSpace(expected))
		} else if line != "" && !strings.HasPrefix(line, "#") {
			flush(line)
			got = w.step(line)
		}
	}
	flush("the end")
}

// step reads "90s", "90s ack KEY" or "90s KIND [SEVERITY] KEY name=value ...: title".
func (w *teller) step(line string) []string {
	head, title, _ := strings.Cut(line, ": ")
	words := strings.Fields(head)
	d, err := time.ParseDuration(words[0])
	if err != nil {
		w.t.Fatalf("%s: %v", line, err)
	}
	out := w.pass(w.start.Add(d))
	if len(words) == 1 {
		return out
	}
	if words[1] == "ack" {
		w.acked[words[2]] = true
		return out
	}
	e := Event{Event: core.Event{At: w.now, Source: "test", Kind: core.EventKind(words[1]), Title: title}}
	words = words[2:]
	if e.Kind == core.Problem {
		if e.Severity, err = core.ParseSeverity(words[0]); err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		words = words[1:]
	}
	e.Key = words[0]
	for _, pair := range words[1:] {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "source":
			e.Source = value
		case "item":
			e.Item = value
		default:
			if e.Labels == nil {
				e.Labels = map[string]string{}
			}
			e.Labels[name] = value
		}
	}
	v := w.set.Shape(context.Background(), e, w.now)
	book := w.book()
	m := Machine{Set: w.set, Book: book, Now: w.now}
	outputs := m.Take(&v, e.Key)
	w.keep(book)
	return append(out, w.words(outputs)...)
}

// pass lets time act second by second.
func (w *teller) pass(until time.Time) []string {
	var out []string
	for w.now.Before(until) {
		w.now = w.now.Add(time.Second)
		for {
			book := w.book()
			var due *Record
			for _, rec := range book.records {
				if !rec.Due.IsZero() && !rec.Due.After(w.now) && (due == nil || rec.ID() < due.ID()) {
					due = rec
				}
			}
			if due == nil {
				break
			}
			m := Machine{Set: w.set, Book: book, Now: w.now}
			outputs := m.Fire(due, func(key string) Standing { return Standing{Active: w.open[key], Acknowledged: w.acked[key]} })
			for _, o := range w.words(outputs) {
				out = append(out, fmt.Sprintf("%s %s", w.now.Sub(w.start), o))
			}
			for _, over := range book.Over() {
				for _, rec := range book.records {
					if rec.Does == gathered && rec.Rule == over.Rule && rec.Storm == over.Source {
						rec.Due = w.now
						book.touch(rec)
					}
				}
			}
			w.keep(book)
		}
	}
	return out
}

type stored struct {
	Does            Does
	Rule, Key, Gang string
	Due             time.Time
	State           State
}

func (w *teller) book() *Book {
	b := NewBook(func() bool { return true }, func() {})
	for _, text := range w.stored {
		var s stored
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			w.t.Fatal(err)
		}
		rec := &Record{Does: s.Does, Rule: s.Rule, Key: s.Key, Due: s.Due, State: s.State}
		rec.Storm = s.Gang
		b.Load(rec)
	}
	return b
}

func (w *teller) keep(b *Book) {
	write, remove := b.Changes()
	for _, rec := range remove {
		delete(w.stored, rec.ID())
	}
	for _, rec := range write {
		text, err := json.Marshal(stored{rec.Does, rec.Rule, rec.Key, rec.Storm, rec.Due, rec.State})
		if err != nil {
			w.t.Fatal(err)
		}
		w.stored[rec.ID()] = string(text)
	}
}

func (w *teller) words(list []Output) []string {
	var out []string
	for _, o := range list {
		e := o.Event
		text := string(e.Kind)
		switch {
		case o.Effect != Passed:
			text = string(o.Effect)
		case o.Raise:
			text = "raise " + e.Severity.String() + " " + e.Key
		case e.Kind == core.Cleared:
			text += " " + e.Key
			delete(w.open, e.Key)
		default:
			text += " " + e.Severity.String() + " " + e.Key
			for _, name := range sortedKeys(e.Labels) {
				text += " " + name + "=" + e.Labels[name]
			}
			if e.Team != "" {
				text += " team=" + e.Team
			}
			text += ": " + e.Title
			if !e.ExpiresAt.IsZero() {
				text += " until " + e.ExpiresAt.Sub(w.start).String()
			}
			w.open[e.Key] = w.open[e.Key] || e.Kind == core.Problem
		}
		if !o.Own && !o.Raise {
			text = "made " + text
		}
		out = append(out, text)
	}
	return out
}
