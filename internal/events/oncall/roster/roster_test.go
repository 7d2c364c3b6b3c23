package roster

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"mainstay/internal/core"
)

// TestRotas runs testdata/rotas.txt.
func TestRotas(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/rotas.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(text), "\ncase ")[1:]
	if len(cases) < 15 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		name, body, _ := strings.Cut(c, "\n")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var document []string
			var overrides []Override
			var r *Rota
			asked := 0
			for line := range strings.Lines(body) {
				line = strings.TrimRight(line, "\n")
				if strings.HasPrefix(line, " ") || line == "rota:" {
					document = append(document, line)
					continue
				}
				if r == nil {
					r = parseYAML(t, strings.Join(document, "\n"))
				}
				f := strings.Fields(line)
				if len(f) == 0 {
					continue
				}
				switch f[0] {
				case "override":
					overrides = append(overrides, Override{Name: f[1], Person: f[2], From: when(t, f[3]), To: when(t, f[4])})
					continue
				case "at":
					got := "-"
					if s, ok := r.At(when(t, f[1]), overrides); ok {
						got = s.Person
					}
					if got != f[2] {
						t.Errorf("at %s: %s, want %s", f[1], got, f[2])
					}
				case "shift":
					var people []string
					for _, s := range r.Final(when(t, f[1]), when(t, f[2]), overrides) {
						people = append(people, s.Person)
					}
					if got := strings.Join(people, "/"); got != f[3] {
						t.Errorf("%s: %s", line, got)
					}
				case "gap":
					from, to := when(t, f[1]), when(t, f[2])
					gaps := Gaps(r.Final(from.Add(-time.Hour), to.Add(time.Hour), overrides), from.Add(-time.Hour), to.Add(time.Hour))
					if len(gaps) != 1 || !gaps[0].From.Equal(from) || !gaps[0].To.Equal(to) {
						t.Errorf("%s: %v", line, gaps)
					}
				case "nogap":
					from, to := when(t, f[1]), when(t, f[2])
					if gaps := Gaps(r.Final(from, to, overrides), from, to); len(gaps) > 0 {
						t.Errorf("%s: %v", line, gaps)
					}
				default:
					t.Fatalf("%q is no question", line)
				}
				asked++
			}
			if asked == 0 {
				t.Error("nothing is asked")
			}
		})
	}
}

func parseYAML(t *testing.T, text string) *Rota {
	t.Helper()
	var document struct {
		Rota map[string]any `yaml:"rota"`
	}
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	spec, err := json.Marshal(document.Rota)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func when(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestFinalAgreesWithAt: a schedule of weeks says at every moment what the
// question about that moment alone says, and has neither overlap nor hole.
func TestFinalAgreesWithAt(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	people := []string{"ann", "bob", "cem", "dee"}
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "America/Sao_Paulo", "Asia/Kolkata"}
	everies := []string{"7h", "12h", "1d", "2d", "1w", "3w"}
	for round := range 200 {
		r := Rota{TimeZone: zones[random.IntN(len(zones))]}
		for range 1 + random.IntN(3) {
			l := Layer{People: people[:1+random.IntN(4)], Start: time.Date(2026, time.Month(1+random.IntN(12)), 1+random.IntN(28), random.IntN(24), random.IntN(60), 0, 0, time.UTC).Format(local), Every: everies[random.IntN(len(everies))]}
			if random.IntN(3) == 0 {
				l.Every, l.Rule = "", "FREQ=WEEKLY;BYDAY=TU,SA"
			}
			if random.IntN(2) == 0 {
				l.Hours = []Hours{{From: "18:30", To: "07:15"}, {Days: []string{"sat", "sun"}, From: "00:00", To: "24:00"}}
			}
			r.Layers = append(r.Layers, l)
		}
		if err := r.Prepare(); err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(random.IntN(500*24)) * time.Hour)
		to := from.AddDate(0, 0, 20)
		overrides := []Override{{Name: "o", Person: "eve", From: from.Add(30 * time.Hour), To: from.Add(41 * time.Hour)}}
		final := r.Final(from, to, overrides)
		var total time.Duration
		for i, s := range final {
			if !s.From.Before(s.To) || i > 0 && final[i-1].To.After(s.From) {
				t.Fatalf("round %d: shifts overlap or are empty: %v", round, final)
			}
			total += s.To.Sub(s.From)
		}
		for _, g := range Gaps(final, from, to) {
			total += g.To.Sub(g.From)
		}
		if total != to.Sub(from) {
			t.Fatalf("round %d: shifts and gaps are %s of %s", round, total, to.Sub(from))
		}
		var loads time.Duration
		for _, l := range Loads(final, r.Zone()) {
			if l.Night > l.Total || l.Weekend > l.Total {
				t.Fatalf("round %d: %v", round, l)
			}
			loads += l.Total
		}
		for at := from; at.Before(to); at = at.Add(time.Duration(1+random.IntN(400)) * time.Minute) {
			want := "-"
			for _, s := range final {
				if !at.Before(s.From) && at.Before(s.To) {
					want = s.Person
				}
			}
			got := "-"
			if s, ok := r.At(at, overrides); ok {
				got = s.Person
			}
			if got != want {
				t.Fatalf("round %d at %s: %s alone, %s in the schedule; %+v", round, at, got, want, r)
			}
		}
	}
}

// TestNightsAreCounted over a change of the clocks: that night has an hour less.
func TestNightsAreCounted(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 3, 28, 12, 0, 0, 0, zone)
	load := Loads([]Shift{{Person: "ann", From: from, To: time.Date(2026, 3, 30, 12, 0, 0, 0, zone)}}, zone)["ann"]
	if load.Total != 47*time.Hour || load.Night != 17*time.Hour || load.Weekend != 35*time.Hour || load.Shifts != 1 {
		t.Errorf("%+v", load)
	}
}

func TestBadRotasNameTheField(t *testing.T) {
	t.Parallel()
	for spec, field := range map[string]string{
		`{"timeZone":"Mars/Base","layers":[{"people":["a"],"start":"2026-01-01T00:00","every":"1d"}]}`: "spec.timeZone",
		`{"timeZone":"UTC","layers":[]}`: "spec.layers",
		`{"timeZone":"UTC","layers":[{"people":[],"start":"2026-01-01T00:00","every":"1d"}]}`:                                                         "spec.layers[0].people",
		`{"timeZone":"UTC","layers":[{"people":["a"],"start":"tomorrow","every":"1d"}]}`:                                                              "spec.layers[0].start",
		`{"timeZone":"UTC","layers":[{"people":["a"],"start":"2026-01-01T00:00","every":"1m"}]}`:                                                      "spec.layers[0].every",
		`{"timeZone":"UTC","layers":[{"people":["a"],"start":"2026-01-01T00:00"}]}`:                                                                   "spec.layers[0].every",
		`{"timeZone":"UTC","layers":[{"people":["a"],"start":"2026-01-01T00:00","rule":"FREQ=MINUTELY"}]}`:                                            "spec.layers[0].rule",
		`{"timeZone":"UTC","layers":[{"people":["a"],"start":"2026-01-01T00:00","every":"1d","hours":[{"from":"8","to":"9:00"}]}]}`:                   "spec.layers[0].hours[0]",
		`{"timeZone":"UTC","layers":[{"people":["a"],"start":"2026-01-01T00:00","every":"1d","hours":[{"days":["so"],"from":"08:00","to":"9:00"}]}]}`: "spec.layers[0].hours[0]",
		`{"timeZone":"UTC","layers":[{"people":["a"],"start":"2026-01-01T00:00","every":"1d","end":"2025-01-01T00:00"}]}`:                             "spec.layers[0].end",
	} {
		_, err := Parse([]byte(spec))
		e, ok := err.(*core.Error)
		if !ok || len(e.Details) != 1 || e.Details[0].Field != field {
			t.Errorf("%s: %v, want %s", spec, err, field)
		}
	}
}

// FuzzParse: no spec makes a rota that breaks its promises.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"timeZone":"Europe/Berlin","layers":[{"people":["a","b"],"start":"2026-01-01T00:00","rule":"FREQ=MONTHLY;BYMONTHDAY=31"}]}`))
	f.Add([]byte(`{"timeZone":"UTC","layers":[{"people":["a"],"start":"2026-01-01T02:30","every":"9999h","hours":[{"days":["mon"],"from":"23:59","to":"00:00"}]}]}`))
	f.Fuzz(func(t *testing.T, spec []byte) {
		r, err := Parse(spec)
		if err != nil {
			return
		}
		from := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
		to := from.AddDate(0, 0, 14)
		var total time.Duration
		final := r.Final(from, to, nil)
		for _, s := range final {
			total += s.To.Sub(s.From)
		}
		for _, g := range Gaps(final, from, to) {
			total += g.To.Sub(g.From)
		}
		if total != to.Sub(from) {
			t.Errorf("shifts and gaps are %s of %s", total, to.Sub(from))
		}
	})
}
