package rootcause_test

import (
	"bufio"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mainstay/internal/events/rootcause"
)

// The cases are read by operators as well; testdata/README.md explains their language.
func TestTable(t *testing.T) {
	t.Parallel()
	cases := readCases(t, "testdata/cases.txt")
	if len(cases) < 10 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

type tableCase struct {
	title string
	lines []string
}

func readCases(t *testing.T, path string) []*tableCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []*tableCase
	for scan := bufio.NewScanner(f); scan.Scan(); {
		line, _, _ := strings.Cut(scan.Text(), "#")
		line = strings.TrimSpace(line)
		if title, begins := strings.CutPrefix(line, "== "); begins {
			cases = append(cases, &tableCase{title: title})
		} else if line != "" {
			c := cases[len(cases)-1]
			c.lines = append(c.lines, line)
		}
	}
	return cases
}

var onset = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func (c *tableCase) run(t *testing.T) {
	in := rootcause.Input{Needs: map[string][]string{}, Onset: onset, Within: time.Hour}
	node := func(id string) *rootcause.Node {
		at := slices.IndexFunc(in.Nodes, func(n rootcause.Node) bool { return n.ID == id })
		if at < 0 {
			at = len(in.Nodes)
			in.Nodes = append(in.Nodes, rootcause.Node{ID: id})
		}
		return &in.Nodes[at]
	}
	var expect []string
	for _, line := range c.lines {
		w := strings.Fields(line)
		switch w[0] {
		case "needs":
			in.Needs[w[1]] = append(in.Needs[w[1]], w[3:]...)
			for _, id := range append(w[3:], w[1]) {
				node(id)
			}
		case "address":
			node(w[1]).Address = true
		case "victim":
			in.Victim, in.Symptom = w[1], rootcause.Kind(w[2])
		case "change":
			age, err := time.ParseDuration(w[2])
			if err != nil {
				t.Fatal(err)
			}
			in.Changes = append(in.Changes, rootcause.Change{Node: w[1], At: onset.Add(-age), Summary: strings.Join(w[3:], " ")})
		case "confirmed":
			in.Confirmed = append(in.Confirmed, rootcause.Confirmation{Node: w[1], By: w[2], At: onset.AddDate(0, 0, -1)})
		case "rank", "because", "below", "silent":
			expect = append(expect, line)
		default:
			n := node(w[0])
			n.Signals = append(n.Signals, signal(t, w))
		}
	}
	got := rootcause.Rank(in)
	for _, line := range expect {
		c.expect(t, got, line)
	}
	if t.Failed() {
		for _, g := range got {
			t.Logf("%.2f %s", g.Score, g.ID)
			for _, e := range g.Evidence {
				t.Logf("      %s %.2f: %s", e.Sort, e.Weight, e.Text)
			}
		}
	}
}

func (c *tableCase) expect(t *testing.T, got []rootcause.Candidate, line string) {
	of := func(id string) rootcause.Candidate {
		at := slices.IndexFunc(got, func(g rootcause.Candidate) bool { return g.ID == id })
		if at < 0 {
			t.Fatalf("%s is no candidate", id)
		}
		return got[at]
	}
	verb, rest, _ := strings.Cut(line, " ")
	id, text, _ := strings.Cut(rest, ": ")
	switch verb {
	case "rank":
		for i, id := range strings.Fields(rest) {
			if got[i].ID != id {
				t.Errorf("place %d: %s, want %s", i+1, got[i].ID, id)
			}
		}
	case "because":
		if !slices.ContainsFunc(of(id).Evidence, func(e rootcause.Evidence) bool { return strings.Contains(e.Text, text) }) {
			t.Errorf("no evidence of %s contains %q", id, text)
		}
	case "below":
		if of(text).Score >= of(id).Score/2 {
			t.Errorf("%s scores %.2f, which is not below half of %.2f of %s", text, of(text).Score, of(id).Score, id)
		}
	case "silent":
		if g := of(id); g.Score != 0 || len(g.Evidence) != 0 {
			t.Errorf("%s has evidence: %+v", id, g)
		}
	}
}

// signal makes a signal of "NODE SIGNAL NORMAL -> NOW": normal operation with
// a little noise.
func signal(t *testing.T, w []string) rootcause.Signal {
	t.Helper()
	if len(w) != 5 || w[3] != "->" {
		t.Fatalf("not a signal: %v", w)
	}
	s := rootcause.Signal{Name: w[1]}
	switch w[1] {
	case "latency":
		s.Kind, s.Unit = rootcause.Latency, "s"
	case "errors":
		s.Kind, s.Unit, s.Name = rootcause.Errors, "%", "share of failures"
	case "requests":
		s.Kind, s.Unit = rootcause.Traffic, "requests"
	case "cpu":
		s.Kind, s.Unit = rootcause.Resource, "%"
	default:
		t.Fatalf("no such signal: %s", w[1])
	}
	value := func(text string) float64 {
		if text == "none" {
			return math.NaN()
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	normal, now := value(w[2]), value(w[4])
	for i := range 20 {
		s.Normal = append(s.Normal, normal*(1+0.02*math.Sin(float64(i))))
	}
	s.Before, s.During = []float64{normal, normal, normal}, []float64{now, now, now}
	return s
}

// Ranking is the same whatever the order of what it is told, bounded, and never
// stumbles over missing or odd figures.
func TestOddInput(t *testing.T) {
	t.Parallel()
	if got := rootcause.Rank(rootcause.Input{}); len(got) != 0 {
		t.Fatalf("of nothing: %v", got)
	}
	nan := math.NaN()
	odd := []float64{nan, math.Inf(1), 0, -5, 1e300}
	in := rootcause.Input{
		Nodes: []rootcause.Node{
			{ID: "a", Signals: []rootcause.Signal{{Kind: rootcause.Latency, Normal: odd, During: odd}, {Kind: rootcause.Traffic, Normal: odd, Before: odd, During: []float64{0}}}},
			{ID: "b", Signals: []rootcause.Signal{{Kind: rootcause.Errors, Normal: make([]float64, 20), During: []float64{nan, 3}}}},
			{ID: "c"},
		},
		Needs:  map[string][]string{"a": {"b", "a", "nobody"}, "b": {"c"}, "c": {"a"}},
		Victim: "a", Symptom: rootcause.Errors,
	}
	first := rootcause.Rank(in)
	slices.Reverse(in.Nodes)
	again := rootcause.Rank(in)
	for i := range first {
		if first[i].ID != again[i].ID || first[i].Score != again[i].Score {
			t.Fatalf("order depends on the order of nodes: %v, %v", first, again)
		}
		if s := first[i].Score; math.IsNaN(s) || s < 0 || s > 1 {
			t.Fatalf("%s scores %v", first[i].ID, s)
		}
	}
	in.Victim = "unknown"
	if got := rootcause.Rank(in); len(got) != 3 || got[0].ID != "b" {
		t.Fatalf("without a victim: %+v", got)
	}
}
