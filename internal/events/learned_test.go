package events

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// fail has two things begin within seconds of each other, and says whether they
// are one situation; then both clear, and a day passes.
func (s *site) both(t *testing.T, first, second string) (together bool, why string) {
	t.Helper()
	s.accept(s.problem(first, core.Major))
	s.settled()
	s.clock.Advance(10 * time.Second)
	s.accept(s.problem(second, core.Major))
	s.settled()
	var d SituationDetail
	s.must("GET", "/api/v1/situations/"+s.alert(second).Situation, "", &d)
	for _, m := range d.Members {
		if m.Alert.Item == second {
			why = m.Why
		}
	}
	together = len(d.Members) == 2
	s.clock.Advance(time.Minute)
	s.clear(first)
	s.clear(second)
	s.settled()
	s.clock.Advance(24 * time.Hour)
	s.settled()
	if err := s.correlator.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.settled()
	return together, why
}

func TestWhatComesTogetherIsLearned(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		for day := range 5 {
			if together, why := s.both(t, "db", "mail"); together && day < 4 {
				t.Fatalf("on day %d they are one situation already: %s", day, why)
			}
			if err := s.correlator.keep(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.restart()
		}
		together, why := s.both(t, "db", "mail")
		if !together || why != "It and db came together in 5 of 5 cases." {
			t.Fatalf("%t %q", together, why)
		}
		var learned Learned
		s.eventually("the sixth time is learned", func() bool {
			s.must("GET", "/api/v1/correlation/learned", "", &learned)
			return len(learned.Items) == 1 && learned.Items[0].Together >= 5.5
		})
		if len(learned.Items) != 1 || learned.Items[0].ItemA != "db" || learned.Items[0].NameB != "mail" || learned.Items[0].Strength != "strong" {
			t.Fatalf("%+v", learned)
		}
		decide := func(action string) {
			s.must("POST", "/api/v1/correlation/learned/decide", fmt.Sprintf(`{"action": %q, "book": "things", "a": "item/db", "b": "item/mail"}`, action), &learned)
		}
		decide("ignore")
		if learned.Items[0].Strength != "ignored" || learned.Items[0].By != "Maria" {
			t.Fatalf("%+v", learned)
		}
		s.restart()
		if together, why := s.both(t, "db", "mail"); together {
			t.Fatal("ignored, and a reason still: " + why)
		}
		decide("restore")
		if together, _ := s.both(t, "mail", "db"); !together {
			t.Fatal("it counts again, and does not")
		}
		decide("forget")
		if len(learned.Items) != 0 {
			t.Fatalf("%+v", learned)
		}
		s.restart()
		if together, why := s.both(t, "db", "mail"); together {
			t.Fatal("forgotten, and a reason still: " + why)
		}
		if status, _ := s.call("POST", "/api/v1/correlation/learned/decide", `{"action": "forget", "book": "things", "a": "item/x", "b": "item/y"}`, nil); status != 404 {
			t.Fatal(status)
		}
		var said []string
		for _, e := range s.entries("events.learned.") {
			said = append(said, e.Actor.Name+": "+e.Summary)
		}
		want := "Maria: That db and mail come together is ignored from now on; Maria: That db and mail come together counts again; Maria: That db and mail come together was forgotten"
		if got := strings.Join(said, "; "); got != want {
			t.Fatal(got)
		}
	})
}

func TestRulesPutAlertsTogether(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain("web", "db"))
		ctx := auth.With(t.Context(), auth.System("test"))
		rules := `
kind: CorrelationRule
name: storage
spec: {what: together, first: ['item=~"san.*"'], second: ['item="vm"', 'class="server"'], cause: first}
---
kind: CorrelationRule
name: apart
spec: {what: never, first: ['item="web"'], second: ['item="db"']}
---
kind: CorrelationRule
name: bad
spec: {what: same, first: ['item=~".*"'], second: ['item="vm"'], cause: first, within: 10m}
`
		if got := w.applied(ctx, rules, false); got != "created, created, invalid spec.cause spec.first spec.what" && !strings.HasPrefix(got, "created, created, ") {
			t.Fatal(got)
		}
		if got := w.applied(ctx, strings.SplitAfter(rules, "cause: first}")[0], false); got != "unchanged" {
			t.Fatal(got)
		}
		w.accept(w.problem("vm", core.Critical))
		w.settled()
		w.clock.Advance(time.Second)
		w.accept(w.problem("san1", core.Major), w.problem("db", core.Major))
		w.clock.Advance(time.Second)
		w.accept(w.problem("web", core.Major))
		w.settled()
		open := w.situations("open")
		if len(open) != 3 || open[0].RootCause.Item != "san1" || open[0].AlertCount != 2 {
			t.Fatalf("%+v", open)
		}
	})
}

func TestTheSameFaultFromTwoSourcesIsOneRow(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		first := core.Event{Source: "check", Kind: core.Problem, Severity: core.Major, Key: "a", Title: "Disk space low on /var of db", Item: "db", At: s.clock.Now()}
		second := core.Event{Source: "zabbix", Kind: core.Problem, Severity: core.Major, Key: "b", Title: "Low disk space on /var", Item: "db", At: s.clock.Now()}
		s.accept(first)
		s.accept(second)
		s.settled()
		rows := func() (shown []string) {
			var page struct{ Items []AlertView }
			s.must("GET", "/api/v1/alerts?where=sameAs=&where=active=true", "", &page)
			for _, a := range page.Items {
				line := a.Source
				for _, also := range a.AlsoFrom {
					line += "+" + also.Source
				}
				shown = append(shown, line)
			}
			return shown
		}
		if got := strings.Join(rows(), " "); got != "check+zabbix" {
			t.Fatal(got)
		}
		s.restart()
		s.clock.Advance(time.Second)
		s.accept(core.Event{Source: "check", Kind: core.Cleared, Key: "a", At: s.clock.Now()})
		s.settled()
		if got := strings.Join(rows(), " "); got != "zabbix" {
			t.Fatal(got)
		}
	})
}
