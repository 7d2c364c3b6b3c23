package correlation_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/learning"
)

// The tables in testdata are read by operators as well; testdata/README.md
// explains their language.

func TestTables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			t.Run(c.title, func(t *testing.T) {
				t.Parallel()
				c.run(t)
			})
		}
	}
}

type tableCase struct {
	title string
	lines []string
	where []string
}

func readCases(t *testing.T, file string) []*tableCase {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []*tableCase
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		line, _, _ := strings.Cut(scan.Text(), "#")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "== "):
			cases = append(cases, &tableCase{title: line[3:]})
		default:
			c := cases[len(cases)-1]
			c.lines = append(c.lines, line)
			c.where = append(c.where, fmt.Sprintf("%s:%d", filepath.Base(file), n))
		}
	}
	return cases
}

// world runs one case.
type world struct {
	graph   *tableGraph
	engine  *correlation.Engine
	settle  func()
	now     time.Time
	start   time.Time
	alerts  map[string]*correlation.Alert
	seen    map[string]*correlation.Situation
	notes   map[string][]correlation.Note
	facts   []correlation.Fact
	matched map[string]bool
	memory  *learning.Memory
	things  taught
	kinds   taught
	rules   []correlation.Rule
	why     map[string]string
	twins   map[string]string
	made    int
	asked   int // how often evidence was asked for
}

func (c *tableCase) run(t *testing.T) {
	w := newWorld()
	for i, line := range c.lines {
		if err := w.line(line); err != nil {
			t.Errorf("%s: %s\n\t%v\n%s", c.where[i], line, err, w.dump())
			return
		}
	}
	for id, s := range w.seen {
		if !w.matched[id] && s.State != correlation.Merged {
			t.Errorf("a situation that no line expects:\n%s", w.dump())
			return
		}
	}
}

func newWorld() *world {
	start := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	w := &world{
		graph: &tableGraph{needs: map[string][]correlation.Need{}, measured: map[string]bool{}},
		start: start, now: start,
		alerts:  map[string]*correlation.Alert{},
		seen:    map[string]*correlation.Situation{},
		notes:   map[string][]correlation.Note{},
		matched: map[string]bool{},
		memory:  learning.NewMemory(learning.Defaults(5 * time.Minute)),
		why:     map[string]string{},
		twins:   map[string]string{},
	}
	w.build()
	return w
}

// build makes the engine, before anything happens.
func (w *world) build() {
	w.engine = correlation.New(correlation.Settings{
		Window: 5 * time.Minute, Hold: 10 * time.Second, Reopen: 10 * time.Minute,
		Changes: time.Hour, GroupBy: []string{"host", "service"}, Rules: w.rules, Memory: w.memory, Burst: 5, Gather: 10 * time.Second,
	}, w.graph, w, func() string { w.made++; return fmt.Sprintf("S%d", w.made) })
}

func (w *world) Changes(items []string, since, until time.Time, most int) []correlation.Fact {
	var found []correlation.Fact
	for _, f := range w.facts {
		if slices.Contains(items, f.Item) && !f.At.Before(since) && !f.At.After(until) {
			found = append(found, f)
		}
	}
	w.asked++
	return found[:min(len(found), most)]
}

func (w *world) line(line string) error {
	switch {
	case strings.HasPrefix(line, "needs "):
		return w.graph.add(line[len("needs "):])
	case strings.HasPrefix(line, "measured "):
		for _, item := range strings.Fields(line)[1:] {
			w.graph.measured[item] = true
		}
		return nil
	case strings.HasPrefix(line, "learned "), strings.HasPrefix(line, "usual "):
		return w.teach(strings.Fields(line))
	case strings.HasPrefix(line, "rule "):
		return w.rule(strings.Fields(line))
	case strings.HasPrefix(line, "why "):
		return w.expectWhy(line[len("why "):])
	case strings.HasPrefix(line, "same "):
		return w.expectTwin(strings.Fields(line))
	case strings.HasPrefix(line, "situation "):
		return w.expect(line[len("situation "):])
	}
	at, what, ok := strings.Cut(line, " ")
	if !ok {
		return fmt.Errorf("what is this line?")
	}
	offset, err := time.ParseDuration(at)
	if err != nil {
		return err
	}
	w.now = w.start.Add(offset)
	for _, one := range strings.Split(what, ", ") {
		if err := w.happen(strings.TrimSpace(one)); err != nil {
			return err
		}
	}
	w.take(w.engine.Settle(w.now))
	return nil
}

func (w *world) take(out correlation.Outcome) {
	for _, c := range out.Changes {
		w.seen[c.Situation.ID] = c.Situation
		w.notes[c.Situation.ID] = append(w.notes[c.Situation.ID], c.Notes...)
	}
	for _, m := range out.Moves {
		w.alerts[m.Alert].Situation = m.To
		w.why[m.Alert] = m.Why
	}
	for _, t := range out.Twins {
		w.alerts[t.Alert].SameAs = t.SameAs
		w.twins[t.Alert] = t.SameAs
	}
}

func (w *world) happen(what string) error {
	words := strings.Fields(what)
	if what == "passes" {
		return nil
	}
	if words[0] == "change" { // change db: text
		item, text, _ := strings.Cut(strings.TrimPrefix(what, "change "), ": ")
		w.facts = append(w.facts, correlation.Fact{Entry: "entry-" + strconv.Itoa(len(w.facts)), Item: item, At: w.now, Summary: text})
		w.engine.Reconsider(item)
		return nil
	}
	if words[0] == "relation" { // relation web > db
		if err := w.graph.add(strings.TrimPrefix(what, "relation ")); err != nil {
			return err
		}
		w.engine.Reconsider(words[1])
		return nil
	}
	if words[0] == "figures" { // figures app db=0.9 web=0.1 old=before
		v := correlation.Verdict{At: w.now}
		for _, one := range words[2:] {
			item, score, _ := strings.Cut(one, "=")
			f := correlation.Finding{Item: item, Measured: score != "before", Before: score == "before", Score: 0.5}
			if f.Measured {
				var err error
				if f.Score, err = strconv.ParseFloat(score, 64); err != nil {
					return err
				}
			}
			f.Signs = []correlation.Sign{{Sort: "signal", Text: "figures of " + item, Weight: f.Score}}
			v.Items = append(v.Items, f)
		}
		return w.engine.Weigh(w.alert(words[1]).Situation, v, w.now)
	}
	if len(words) < 2 {
		return fmt.Errorf("%q: a name and what it does", what)
	}
	a := w.alert(words[0])
	switch words[1] {
	case "fails":
		if !a.Active {
			a.Active, a.Onset = true, w.now
		}
		a.Severity = core.Major
		if len(words) > 2 {
			s, err := core.ParseSeverity(words[2])
			if err != nil {
				return err
			}
			a.Severity = s
		}
		a.Count++
	case "clears":
		a.Active, a.ClearedAt = false, w.now
	case "suppressed":
		a.Suppressed = strings.Join(words[2:], " ")
	case "heard": // the end of a suppression
		a.Suppressed = ""
	case "titled":
		a.Title = strings.Join(words[2:], " ")
		return nil // said before it fails
	case "from":
		a.Source = words[2]
		return nil
	case "checked": // a check tells it
		a.Check = words[0]
		return nil
	case "bound": // a bound item
		a.Item = words[2]
	case "moved": // a person puts it into a situation of its own, or another alert's
		to := ""
		if len(words) > 3 {
			to = w.alert(words[3]).Situation
		}
		return w.engine.Move(a.ID, to, "maria", w.now)
	case "reopened": // a person opens its situation again
		return w.engine.Reopen(a.Situation, "maria", "", w.now)
	case "confirmed":
		root := a.Item
		if len(words) > 2 {
			root = words[2]
		}
		return w.engine.Confirm(a.Situation, root, "maria", w.now)
	default:
		return fmt.Errorf("%q: unknown", words[1])
	}
	w.engine.Sync(*a)
	return nil
}

// alert finds "db", "db/disk" (another alert of db), or "?mail{host=mx1}".
func (w *world) alert(name string) *correlation.Alert {
	id, labels, _ := strings.Cut(strings.TrimSuffix(name, "}"), "{")
	if a := w.alerts[id]; a != nil {
		return a
	}
	a := &correlation.Alert{ID: id, Key: id, Title: id + " failed", Source: "test", Labels: map[string]string{}}
	if !strings.HasPrefix(id, "?") {
		a.Item, _, _ = strings.Cut(id, "/")
	}
	if labels != "" {
		k, v, _ := strings.Cut(labels, "=")
		a.Labels[k] = v
	}
	w.alerts[id] = a
	return a
}

// expect reads "app db nginx; root db 0.8; open; critical; moved app db; merged 2; because it failed first".
func (w *world) expect(line string) error {
	parts := strings.Split(line, ";")
	members := strings.Fields(parts[0])
	slices.Sort(members)
	var s *correlation.Situation
	for _, one := range w.seen {
		if one.State != correlation.Merged && slices.Equal(membersOf(one), members) {
			s = one
		}
	}
	if s == nil {
		return fmt.Errorf("no situation of exactly these alerts")
	}
	w.matched[s.ID] = true
	state := correlation.Open
	for _, part := range parts[1:] {
		words := strings.Fields(part)
		switch words[0] {
		case "root":
			root := s.Root()
			if name := cmpOr(root.Item, root.Alert); name != words[1] {
				return fmt.Errorf("the root cause is %s", name)
			}
			if len(words) > 2 {
				if err := confidence(root.Confidence, words[2:]); err != nil {
					return err
				}
			}
		case "told", "held":
			if s.Held != (words[0] == "held") {
				return fmt.Errorf("it is held: %v", s.Held)
			}
		case "open":
		case "closed":
			state = correlation.Closed
		case "moved":
			if got := w.path(s.ID); !slices.Equal(got, words[1:]) {
				return fmt.Errorf("the root cause moved along %v", got)
			}
		case "merged", "reopened", "opened":
			n := 0
			for _, note := range w.notes[s.ID] {
				if note.Kind == words[0] {
					n++
				}
			}
			if strconv.Itoa(n) != words[1] {
				return fmt.Errorf("it was %s %d times", words[0], n)
			}
		case "because":
			want := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(part), "because"))
			if !hasReason(s.Root(), want) {
				return fmt.Errorf("no such reason")
			}
		case "candidates":
			var got []string
			for _, c := range s.Candidates {
				got = append(got, cmpOr(c.Item, c.Alert))
			}
			if !slices.Equal(got, words[1:]) {
				return fmt.Errorf("the candidates are %v", got)
			}
		case "id":
			if s.ID != words[1] {
				return fmt.Errorf("its id is %s", s.ID)
			}
		default:
			sev, err := core.ParseSeverity(words[0])
			if err != nil {
				return fmt.Errorf("%q: unknown", words[0])
			}
			if s.Severity != sev {
				return fmt.Errorf("the severity is %s", s.Severity)
			}
		}
	}
	if s.State != state {
		return fmt.Errorf("it is %s", s.State)
	}
	return nil
}

func confidence(got float64, words []string) error {
	bound, err := strconv.ParseFloat(words[1], 64)
	if err != nil {
		return err
	}
	if words[0] == "above" && got <= bound || words[0] == "below" && got >= bound {
		return fmt.Errorf("the confidence is %.2f", got)
	}
	return nil
}

func hasReason(c correlation.Candidate, want string) bool {
	return slices.ContainsFunc(c.Reasons, func(r correlation.Reason) bool { return strings.Contains(r.Text, want) && r.Refs != nil })
}

func (w *world) path(id string) []string {
	var path []string
	for _, n := range w.notes[id] {
		if n.Kind == "moved" {
			if len(path) == 0 {
				path = append(path, tail(n.From))
			}
			path = append(path, tail(n.To))
		}
	}
	return path
}

func tail(ref string) string { _, id, _ := strings.Cut(ref, "/"); return id }

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func membersOf(s *correlation.Situation) []string {
	var ids []string
	for id := range s.Alerts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) dump() string {
	var b strings.Builder
	for id, s := range w.seen {
		fmt.Fprintf(&b, "%s %s %s %v %q\n", id, s.State, s.Severity, membersOf(s), s.Title)
		for _, c := range s.Candidates {
			fmt.Fprintf(&b, "    %s %.2f\n", cmpOr(c.Item, c.Alert), c.Confidence)
			for _, r := range c.Reasons {
				fmt.Fprintf(&b, "        %s %v\n", r.Text, r.Refs)
			}
		}
		for _, n := range w.notes[id] {
			fmt.Fprintf(&b, "    %v %s %s -> %s: %s\n", n.At.Sub(w.start), n.Kind, n.From, n.To, n.Why)
		}
	}
	return b.String()
}

// tableGraph reads "web > app > db", "web > 1 of app1 app2".
type tableGraph struct {
	needs    map[string][]correlation.Need
	measured map[string]bool
}

func (g *tableGraph) add(line string) error {
	links := strings.Split(line, ">")
	for i := range len(links) - 1 {
		from, to := strings.Fields(links[i]), strings.Fields(links[i+1])
		if len(from) != 1 || len(to) == 0 {
			return fmt.Errorf("one item on the left, one or more on the right")
		}
		if len(to) > 2 && to[1] == "of" {
			n, err := strconv.Atoi(to[0])
			if err != nil {
				return err
			}
			g.needs[from[0]] = append(g.needs[from[0]], correlation.Need{Items: to[2:], Require: n})
			continue
		}
		for _, one := range to {
			g.needs[from[0]] = append(g.needs[from[0]], correlation.Need{Items: []string{one}, Require: 1})
		}
	}
	return nil
}

func (g *tableGraph) Needs(item string) []correlation.Need { return g.needs[item] }
func (g *tableGraph) Users(item string) []string {
	var users []string
	for user, needs := range g.needs {
		if slices.ContainsFunc(needs, func(n correlation.Need) bool { return slices.Contains(n.Items, item) }) {
			users = append(users, user)
		}
	}
	return users
}
func (g *tableGraph) Name(item string) string { return item }
func (g *tableGraph) Class(item string) string {
	return strings.TrimRight(item, "0123456789")
}
func (g *tableGraph) Measured(item string) bool { return g.measured[item] }
