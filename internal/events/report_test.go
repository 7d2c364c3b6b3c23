package events

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/reports"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// past writes alerts of the past as retention leaves them.
func (w *world) past(key string, n int, every, lasts time.Duration, change func(i int, a *Alert)) {
	w.t.Helper()
	var alerts []*Alert
	now := w.clock.Now()
	for i := range n {
		opened := now.Add(-time.Duration(i+1) * every)
		a := &Alert{ID: w.deps.IDs.New(), Key: key, Source: "check", Title: key + " is odd", Item: "i-" + key, Severity: core.Minor, Worst: core.Minor,
			OpenedAt: opened, Onset: opened, LastSeen: opened, ClearedAt: opened.Add(lasts), ChangedAt: opened.Add(lasts), Count: 3, Episodes: 1}
		if change != nil {
			change(i, a)
		}
		alerts = append(alerts, a)
	}
	for len(alerts) > 0 {
		part := alerts[:min(len(alerts), 1000)]
		alerts = alerts[len(part):]
		err := w.db.Write(context.Background(), func(tx *sqldb.Tx) error {
			var rows [][]any
			for _, a := range part {
				rows = append(rows, append(a.row(w.policy), false))
			}
			return sqldb.Insert(context.Background(), tx, "INSERT INTO events_alert ("+alertColumns+", latest) VALUES", alertWidth+1, rows, "")
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestReportNamesNoiseAndWhatWouldHelp(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		graph := chain()
		graph.teams = map[string]string{}
		s := newSite(t, db, graph)
		s.past("brief", 40, time.Hour, 90*time.Second, nil)
		s.past("ignored", 20, time.Hour, time.Hour, nil)
		s.past("handled", 10, time.Hour, 30*time.Minute, func(_ int, a *Alert) { a.AckedBy, a.AckedAt = "Maria", a.OpenedAt.Add(time.Minute) })
		s.past("secret", 30, time.Hour, time.Hour, func(_ int, a *Alert) { a.Team = "db" })
		s.past("brief", 5, 80*time.Hour, time.Minute, func(_ int, a *Alert) { a.OpenedAt = a.OpenedAt.Add(-20 * time.Hour) }) // three of them before
		s.past("once", 1, time.Hour, time.Hour, nil)
		from, to := s.clock.Now().Add(-72*time.Hour), s.clock.Now()
		query := "?from=" + from.Format(time.RFC3339) + "&to=" + to.Format(time.RFC3339)
		var r Report
		s.must("GET", "/api/v1/event-report"+query, "", &r)
		if r.Alerts != (AlertTotals{Alerts: 101, Acted: 10, Short: 40}) || r.Before.Alerts.Alerts != 1 {
			t.Fatalf("%+v %+v", r.Alerts, r.Before)
		}
		got := map[string]Noise{}
		for _, n := range r.Noise {
			got[n.Key] = n
		}
		brief, ignored := got["brief"], got["ignored"]
		if brief.Problem != "over at once" || len(brief.Proposals) != 1 || brief.Proposals[0].What != "wait" || !strings.HasPrefix(brief.Proposals[0].Text, "Wait 2m before it alerts: 40 of 40") || brief.Proposals[0].Spared != 40 || brief.Median != 90 {
			t.Fatalf("%+v", brief)
		}
		if ignored.Problem != "never acted on" || len(ignored.Proposals) != 1 || got["handled"].Key != "" || got["once"].Key != "" || r.Noise[0].Key != "brief" || brief.Alone != 40 || r.Rule == "" {
			t.Fatalf("%+v", r.Noise)
		}
		// The proposed document applies as it is.
		ctx := auth.With(t.Context(), auth.System("test"))
		if outcome := s.applied(ctx, ignored.Proposals[0].Document, false); outcome != "created" {
			t.Fatalf("%s\n%s", outcome, ignored.Proposals[0].Document)
		}
		if docs := declare.Parse([]byte(ignored.Proposals[0].Document)); len(docs) != 1 {
			t.Fatal(docs)
		}
		if err := s.silencesChanged(ctx); err != nil {
			t.Fatal(err)
		}
		s.accept(core.Event{Source: "check", Kind: core.Problem, Severity: core.Minor, Key: "new", Title: "ignored is odd", Item: "i-ignored", At: s.clock.Now()})
		if held, err := alertsWhere(ctx, db, "alert_key = 'new'", false); err != nil || held[0].Suppressed.By != "silence" {
			t.Fatalf("%+v %v", held, err)
		}
		for _, suffix := range []string{"csv", "xlsx", "pdf"} {
			status, text := s.call("GET", "/api/v1/event-report/report."+suffix+query, "", nil)
			if status != 200 || len(text) < 200 {
				t.Fatalf("%s: %d, %d bytes", suffix, status, len(text))
			}
			if suffix == "csv" {
				rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
				if err != nil || len(rows) != 4 {
					t.Fatalf("%v %v", rows, err)
				}
			}
		}
		s.principal = auth.NewPrincipal(auth.KindUser, "u2", "Otto", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "net"})
		if s.must("GET", "/api/v1/event-report"+query, "", &r); r.Alerts.Alerts != 71 || strings.Contains(fmt.Sprint(r.Noise), "secret") {
			t.Fatalf("another team's: %+v", r)
		}
		if status, _ := s.call("GET", "/api/v1/event-report?from="+to.Format(time.RFC3339)+"&to="+from.Format(time.RFC3339), "", nil); status != 422 && status != 400 {
			t.Fatal(status)
		}
	})
}

func TestReportCallsTeamsByTheirNames(t *testing.T) {
	t.Parallel()
	s := newSite(t, sqldbtest.SQLite(t), chain())
	s.deps.Directory = staff{}
	r := &Report{Teams: []reports.Group{{Name: "t1"}, {Name: "gone"}, {Name: ""}}, Noise: []Noise{{Team: "t1"}}}
	if err := s.nameTeams(t.Context(), r); err != nil || r.Teams[0].Name != "network" || r.Teams[1].Name != "gone" || r.Teams[2].Name != "" || r.Noise[0].TeamName != "network" {
		t.Fatalf("%v %+v", err, r)
	}
}

func TestReportMeasuresHowLongPeopleTook(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain("web", "db"))
		s.accept(s.problem("web", core.Critical))
		s.settled()
		s.clock.Advance(2 * time.Minute)
		s.accept(s.problem("db", core.Critical)) // the cause is known from here on
		s.settled()
		s.clock.Advance(time.Minute)
		s.must("POST", "/api/v1/situations/"+s.alert("db").Situation+"/acknowledge", `{}`, nil)
		s.clock.Advance(7 * time.Minute)
		s.must("POST", "/api/v1/situations/"+s.alert("db").Situation+"/close", `{}`, nil)
		s.settled()
		r, err := s.Report(auth.With(t.Context(), s.principal), s.clock.Now().Add(-time.Hour), s.clock.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		near := func(got, want float64) bool { return got > want-15 && got < want+15 }
		if r.Times.Situations != 1 || !near(r.Times.RootCause.P50, 120) || !near(r.Times.Acknowledge.P90, 180) || !near(r.Times.Resolve.Mean, 600) {
			t.Fatalf("%+v", r.Times)
		}
		if len(r.Services) != 1 || r.Services[0].Name != "Shop" || len(r.Weeks) != 1 || r.Weeks[0].Name != "2026-11-02" || r.Severity[0].Name != "critical" || r.Alerts.Acted != 2 {
			t.Fatalf("%+v", r)
		}
	})
}

// BenchmarkReport reads a report of a month in a history of a million alerts.
func BenchmarkReport(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		w := newWorld(b, db, chain())
		for k := range 1000 {
			w.past(fmt.Sprintf("key%d", k), 1000, time.Duration(300+k)*time.Second*90, time.Duration(k)*time.Second, nil)
		}
		ctx := auth.With(b.Context(), auth.System("test"))
		began := cpuTime()
		for b.Loop() {
			if _, err := w.Report(ctx, w.clock.Now().Add(-30*24*time.Hour), w.clock.Now()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/report")
		b.ReportMetric(float64((cpuTime()-began).Microseconds())/1000/float64(b.N), "cpu-ms/report")
	})
}
