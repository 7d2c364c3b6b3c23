package propagation

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// paragraph is one case of propagation.txt.
type paragraph struct {
	name  string
	needs map[string][]Need
	lines []string
	want  string
}

func paragraphs(t *testing.T) []paragraph {
	t.Helper()
	text, err := os.ReadFile("testdata/propagation.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []paragraph
	for part := range strings.SplitSeq(string(text), "\n\n") {
		p := paragraph{needs: map[string][]Need{}}
		for line := range strings.Lines(part) {
			line = strings.TrimSpace(line)
			words := strings.Fields(line)
			switch {
			case line == "" || line[0] == '#':
			case words[0] == "case:":
				p.name = strings.TrimPrefix(line, "case: ")
			case words[0] == "=":
				p.want = strings.TrimPrefix(line, "= ")
			case words[1] == "needs":
				p.needs[words[0]] = append(p.needs[words[0]], needsOf(t, strings.Join(words[2:], " "))...)
			case words[1] == "weighs":
				p.needs[words[0]] = append(p.needs[words[0]], weighed(t, words[2:]))
			case words[1] == "is":
				p.lines = append(p.lines, line)
			default:
				t.Fatalf("%q", line)
			}
		}
		if p.name != "" {
			all = append(all, p)
		}
	}
	return all
}

func needsOf(t *testing.T, text string) (needs []Need) {
	if head, rest, ok := strings.Cut(text, " of "); ok {
		n, err := strconv.Atoi(head)
		if err != nil {
			t.Fatal(err)
		}
		return []Need{{Items: strings.Split(rest, ", "), Require: n}}
	}
	for _, item := range strings.Split(text, ", ") {
		needs = append(needs, Need{Items: []string{item}, Require: 1})
	}
	return needs
}

func weighed(t *testing.T, words []string) (n Need) {
	n.Weights = []float64{}
	for _, w := range words {
		if name, value, ok := strings.Cut(w, "="); ok {
			n.Items, n.Weights = append(n.Items, name), append(n.Weights, number(t, value))
			continue
		}
		name, value, _ := strings.Cut(w, "<")
		if name == "down" {
			n.DownBelow = number(t, value)
		} else {
			n.DegradedBelow = number(t, value)
		}
	}
	return n
}

func number(t *testing.T, text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPropagation(t *testing.T) {
	t.Parallel()
	cases := paragraphs(t)
	if len(cases) < 20 {
		t.Fatalf("only %d cases were read", len(cases))
	}
	for _, p := range cases {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			e := New(func(item string) []Need { return p.needs[item] })
			for item := range p.needs {
				e.Watch(item)
			}
			for _, line := range p.lines {
				words := strings.Fields(line)
				state, ok := Parse(words[2])
				if !ok {
					t.Fatalf("%q", line)
				}
				e.Set(map[string]State{words[0]: state})
			}
			for one := range strings.SplitSeq(p.want, ", ") {
				item, want, _ := strings.Cut(one, " ")
				if got := e.Of(item)[item].State.String(); got != want {
					t.Errorf("%s is %s, want %s", item, got, want)
				}
			}
		})
	}
}

// anew judges the whole graph from below, with no memory.
func anew(needs map[string][]Need, own map[string]State, size int) map[string]State {
	now := map[string]State{}
	for i := range size {
		now[fmt.Sprint(i)] = OK
	}
	for changed := true; changed; {
		changed = false
		for item := range now {
			state := own[item]
			for _, need := range needs[item] {
				t := tally{need: need}
				for i, m := range need.Items {
					t.count[now[m]]++
					if need.Weights != nil {
						t.weight[now[m]] += need.Weights[i]
					}
				}
				state = max(state, t.judge())
			}
			if state > now[item] {
				now[item], changed = state, true
			}
		}
	}
	return now
}

// Whatever changes, in whatever order, the engine stands where judging
// everything anew stands: also with circles, groups, weights and new needs.
func TestRandomChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		const size = 40
		needs := map[string][]Need{}
		grow := func(item string) {
			needs[item] = nil
			for range random.IntN(3) {
				var n Need
				for range 1 + random.IntN(3) {
					n.Items = append(n.Items, fmt.Sprint(random.IntN(size)))
				}
				n.Require = 1 + random.IntN(len(n.Items))
				if random.IntN(4) == 0 {
					n.DownBelow, n.DegradedBelow = 40, 80
					for range n.Items {
						n.Weights = append(n.Weights, float64(1+random.IntN(3)))
					}
				}
				needs[item] = append(needs[item], n)
			}
		}
		for i := range size {
			grow(fmt.Sprint(i))
		}
		e := New(func(item string) []Need { return needs[item] })
		own := map[string]State{}
		for i := range size {
			e.Watch(fmt.Sprint(i))
		}
		shown := map[string]State{}
		for step := range 200 {
			item := fmt.Sprint(random.IntN(size))
			if random.IntN(10) == 0 {
				grow(item)
				e.Reread(item)
			} else {
				own[item] = State(random.IntN(int(states)))
				e.Set(map[string]State{item: own[item]})
			}
			want := anew(needs, own, size)
			for item, state := range want {
				if got := e.Of(item)[item].State; got != state {
					t.Fatalf("seed %d, step %d: %s is %s, judged anew it is %s", seed, step, item, got, state)
				}
			}
			for item, before := range e.Moved() {
				if shown[item] != before {
					t.Fatalf("seed %d, step %d: %s moved from %s, it was %s", seed, step, item, before, shown[item])
				}
				shown[item] = want[item]
			}
			for item := range want {
				if shown[item] != want[item] {
					t.Fatalf("seed %d, step %d: nobody was told that %s moved", seed, step, item)
				}
			}
		}
	}
}

func TestCauses(t *testing.T) {
	t.Parallel()
	needs := map[string][]Need{"shop": needsOf(t, "web, mail"), "web": needsOf(t, "db"), "db": needsOf(t, "disk")}
	e := New(func(item string) []Need { return needs[item] })
	e.Watch("shop")
	if e.Causes("shop", 5) != nil {
		t.Fatal("nothing is wrong")
	}
	e.Set(map[string]State{"web": Down, "disk": Down, "mail": Degraded})
	var names []string
	for _, c := range e.Causes("shop", 5) {
		names = append(names, c.Item)
	}
	if got := strings.Join(names, " "); got != "web disk" {
		t.Fatalf("%s", got)
	}
	if reached := e.Reaches([]string{"disk"}); !reached["shop"] || len(reached) != 1 {
		t.Fatalf("%v", reached)
	}
}
