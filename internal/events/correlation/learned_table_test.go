package correlation_test

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/events/correlation"
	"mainstay/internal/events/learning"
)

// teach reads "learned db mail 14 of 15" and "usual web db 14 of 15", which
// names classes of items.
func (w *world) teach(words []string) error {
	if len(words) != 6 {
		return fmt.Errorf("learned A B 14 of 15, or usual A B 14 of 15")
	}
	together, err := strconv.ParseFloat(words[3], 64)
	if err != nil {
		return err
	}
	cases, err := strconv.ParseFloat(words[5], 64)
	if err != nil {
		return err
	}
	taught := &w.things
	name := func(s string) string {
		if strings.HasPrefix(s, "?") {
			return "alert/" + s
		}
		return "item/" + s
	}
	book := w.memory.Things
	if words[0] == "usual" {
		taught, book = &w.kinds, w.memory.Kinds
		name = func(s string) string { return s + "|test|failed" }
	}
	a, b := name(words[1]), name(words[2])
	if a > b {
		a, b = b, a
	}
	for _, one := range []string{a, b} {
		if !slices.ContainsFunc(taught.things, func(r learning.ThingRow) bool { return r.Name == one }) {
			_, title, _ := strings.Cut(one, "/")
			taught.things = append(taught.things, learning.ThingRow{Name: one, Title: title, Cases: cases, At: w.start})
		}
	}
	taught.pairs = append(taught.pairs, learning.PairRow{A: a, B: b, Together: together, At: w.start})
	whole := learning.ThingRow{At: w.start, Cases: 5000}
	if words[0] == "learned" {
		whole = learning.ThingRow{Last: w.start.Add(-60 * 24 * time.Hour)}
	}
	book.Load(append(taught.things, whole), taught.pairs)
	return nil
}

// taught are the rows that a case has named so far.
type taught struct {
	things []learning.ThingRow
	pairs  []learning.PairRow
}

// rule reads "rule NAME WHAT FIRST SECOND [items X] [within D] [label L] [cause X]";
// FIRST and SECOND are patterns of names, such as db*.
func (w *world) rule(words []string) error {
	if len(words) < 5 || len(words)%2 == 0 {
		return fmt.Errorf("rule NAME WHAT FIRST SECOND, then pairs of words")
	}
	fits := func(pattern string) func(*correlation.Alert) bool {
		return func(a *correlation.Alert) bool {
			ok, err := path.Match(pattern, a.ID)
			return ok && err == nil
		}
	}
	r := correlation.Rule{Name: words[1], What: correlation.What(words[2]), First: fits(words[3]), Second: fits(words[4])}
	for i := 5; i < len(words); i += 2 {
		switch words[i] {
		case "items":
			r.Items = correlation.Items(words[i+1])
		case "within":
			d, err := time.ParseDuration(words[i+1])
			if err != nil {
				return err
			}
			r.Within = d
		case "label":
			r.Labels = append(r.Labels, words[i+1])
		case "cause":
			r.Cause = words[i+1]
		default:
			return fmt.Errorf("%q: unknown", words[i])
		}
	}
	w.rules = append(w.rules, r)
	w.build()
	return nil
}

// expectWhy reads "why ALERT TEXT": why the alert is where it is contains the text.
func (w *world) expectWhy(line string) error {
	name, text, _ := strings.Cut(line, " ")
	if got := w.why[name]; !strings.Contains(got, text) {
		return fmt.Errorf("the reason is %q", got)
	}
	return nil
}

// expectTwin reads "same db/b as db/a" and "same db/b as nothing".
func (w *world) expectTwin(words []string) error {
	if len(words) != 4 {
		return fmt.Errorf("same A as B")
	}
	got := w.twins[words[1]]
	if got == "" {
		got = "nothing"
	}
	if got != words[3] {
		return fmt.Errorf("it is the same as %s", got)
	}
	return nil
}
