package logstore

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fastjson"
)

// compare returns what is missing of body when the engine holds these rows.
func compare(body string, held ...string) string {
	l := readLines([]byte(body))
	named := map[uint64]bool{}
	for _, text := range held {
		row, unnamed := strings.CutPrefix(text, "unnamed ")
		v, err := fastjson.Parse(row)
		if err != nil {
			panic(err)
		}
		r := l.read(v.GetObject())
		if h := l.held[r.print]; h != nil {
			h.n++
		}
		if !unnamed {
			named[r.stream] = true
		}
	}
	return string(l.rest(named))
}

func TestWhatTheEngineLacksIsFound(t *testing.T) {
	t.Parallel()
	const (
		a     = `{"_time":"2026-03-01T08:00:00.5Z","_msg":"a","app":"shop","n":"1"}` + "\n"
		b     = `{"_time":"2026-03-01T08:00:00.5Z","_msg":"b","app":"shop"}` + "\n"
		c     = `{"_time":"2026-03-02T08:00:00.5Z","_msg":"c","app":"shop"}` + "\n"
		twice = `{"_time":"2026-03-01T08:00:00Z","_msg":"t","ip":"1","ip":"2","x":"3"}` + "\n"
	)
	// The engine's order, its way to write a time, and what it adds.
	const heldA = `{"n":"1","app":"shop","_msg":"a","_time":"2026-03-01T08:00:00.500000000Z","item":""}`
	for name, c := range map[string]struct {
		body, want string
		held       []string
	}{
		"nothing":                       {a + b, a + b, nil},
		"all":                           {a + b, "", []string{heldA, b}},
		"one":                           {a + b, b, []string{heldA}},
		"another field":                 {a, a, []string{strings.Replace(heldA, `"1"`, `"2"`, 1)}},
		"a field more":                  {a, a, []string{strings.Replace(heldA, `{`, `{"m":"1",`, 1)}},
		"another time":                  {a, a, []string{strings.Replace(heldA, ".500000000", ".500000001", 1)}},
		"one of two that are the same":  {a + a, a, []string{heldA}},
		"more than there are":           {a, "", []string{heldA, heldA, heldA}},
		"a name that is there twice":    {twice + a, a, []string{`{"_time":"2026-03-01T08:00:00Z","_msg":"t","ip":"2","x":"3"}`}},
		"what cannot be read":           {"{\n" + a, "{\n", []string{heldA}},
		"a stream without its name":     {a + b, b, []string{"unnamed " + a, "unnamed " + a, "unnamed " + b}},
		"which a missing line has":      {a + b, b, []string{"unnamed " + a}},
		"a name that asks for more":     {strings.Replace(a, `"n"`, `"n*"`, 1), "", []string{strings.Replace(heldA, `"n":"1",`, "", 1)}},
		"which has its name on one day": {a + c, c, []string{a, "unnamed " + c}},
	} {
		if got := compare(c.body, c.held...); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func TestTheQuestionNamesFewSpans(t *testing.T) {
	t.Parallel()
	var body []byte
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for i := range 1000 {
		body = Record{Time: at.Add(time.Duration(i*i) * time.Second), Message: "x", App: "a"}.appendLine(body)
	}
	filter := readLines(body).filter()
	if n := strings.Count(filter, "_time:["); n > rangesMost || n < 2 || !strings.Contains(filter, `app:in("a")`) {
		t.Errorf("%d spans: %s", n, filter)
	}
	body = nil
	for i := range 1000 {
		body = Record{Time: at.Add(time.Duration(i) * time.Millisecond), Message: "x"}.appendLine(body)
	}
	if got, want := readLines(body).filter(), `(_time:[2026-03-01T08:00:00.000000000Z,2026-03-01T08:00:00.999000000Z]) app:in("")`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// FuzzAbsent reads any lines: of what is held nothing is absent, in whatever
// order the engine answers.
func FuzzAbsent(f *testing.F) {
	f.Add([]byte(`{"_time":"2026-03-01T08:00:00.5Z","_msg":"a","app":"shop","n":"1"}` + "\n" + `{"_time":"x"}` + "\n{\n\n"))
	f.Add([]byte(`{"_time":"2026-03-01T08:00:00.5Z","a":"1","a":"2"}` + "\n" + `{"_time":"2026-03-01T08:00:00.5Z","a":"2"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		l := readLines(body)
		if got := l.rest(map[uint64]bool{}); !bytes.Equal(got, body) {
			t.Fatalf("nothing is held, and %q of %q is missing", got, body)
		}
		l = readLines(body)
		named := map[uint64]bool{}
		var unreadable []byte
		for _, line := range slices.Backward(l.all) {
			v, err := fastjson.ParseBytes(line.text)
			if !line.ok || err != nil {
				continue
			}
			r := l.read(v.GetObject())
			l.held[r.print].n++
			named[r.stream] = true
		}
		for _, line := range l.all {
			if !line.ok {
				unreadable = append(unreadable, line.text...)
			}
		}
		if got := l.rest(maps.Clone(named)); !bytes.Equal(got, unreadable) {
			t.Fatalf("%q is missing of %q", got, body)
		}
		if len(l.held) > 0 {
			_ = l.filter()
		}
		_ = l.fieldList()
	})
}
