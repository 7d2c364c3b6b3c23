package events

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// BenchmarkAlertmanagerList lists 13,000 alerts over the Alertmanager API
// while 86 inhibition rules and 500 silences are in force; all rules have
// sources, and two thirds of the alerts are inhibited. One operation is one list.
func BenchmarkAlertmanagerList(b *testing.B) {
	s := newSite(b, sqldbtest.SQLite(b), chain())
	held := s.crowd(b, 13_000, 86, 500)
	r := httptest.NewRequest("GET", "/alertmanager/api/v2/alerts", nil)
	r = r.WithContext(auth.With(r.Context(), s.principal))
	s.settled() // the correlator has its own cost
	size := 0
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	var worst time.Duration
	for b.Loop() {
		began := time.Now()
		var out counter
		s.handler.ServeHTTP(&out, r)
		worst = max(worst, time.Since(began))
		size = out.size
	}
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	if size < 13_000*300 {
		b.Fatalf("%d bytes of 13,000 alerts", size)
	}
	cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "list-ms")
	b.ReportMetric(float64(cpu.Microseconds())/1000/float64(b.N), "cpu-ms")
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
	b.ReportMetric(float64(held), "inhibited")
}

// counter is an answer that is counted and not kept, as a socket would.
type counter struct {
	header http.Header
	size   int
}

func (c *counter) Header() http.Header {
	if c.header == nil {
		c.header = http.Header{}
	}
	return c.header
}
func (c *counter) WriteHeader(int) {}
func (c *counter) Write(p []byte) (int, error) {
	c.size += len(p)
	return len(p), nil
}

// crowd makes alerts, inhibition rules and silences, and tells how many alerts
// are inhibited.
func (s *site) crowd(t testing.TB, alerts, rules, silences int) (inhibited int) {
	t.Helper()
	ctx := auth.With(t.Context(), s.principal)
	err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
		for i := range rules {
			name := fmt.Sprintf("rule%d", i)
			spec := fmt.Sprintf(`{"source": ["alertname=\"Source%d\""], "target": ["severity=~\"minor|warning\"", "team=\"t%d\""], "equal": ["cluster"]}`, i, i%20)
			if _, err := s.applyInhibition(ctx, tx, name, json.RawMessage(spec)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = s.takeRules(ctx, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	now := s.clock.Now()
	for i := range silences {
		if err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
			return saveSilence(ctx, tx, &Silence{ID: s.deps.IDs.New(), Matchers: []Matcher{{Name: "instance", Value: fmt.Sprintf("host%d:9100", i*7), IsEqual: true}},
				StartsAt: now, EndsAt: now.Add(time.Hour), UpdatedAt: now, CreatedBy: "x"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.loadSilences(ctx); err != nil {
		t.Fatal(err)
	}
	var list []observation
	for i := range alerts {
		name, severity := fmt.Sprintf("Alert%d", i%300), []string{"minor", "warning", "critical"}[i%3]
		if i < rules*2 {
			name, severity = fmt.Sprintf("Source%d", i%rules), "critical"
		}
		set := map[string]string{"alertname": name, "severity": severity, "cluster": fmt.Sprintf("c%d", i%5), "team": fmt.Sprintf("t%d", i%20),
			"instance": fmt.Sprintf("host%d:9100", i), "job": "node", "namespace": fmt.Sprintf("n%d", i%50), "pod": fmt.Sprintf("pod-%d", i), "region": "eu"}
		list = append(list, observation{Annotations: map[string]string{"summary": name + " is wrong", "runbook_url": "https://example.org/runbooks/" + name}, Onset: now, ExpiresAt: now.Add(time.Hour),
			Event: core.Event{At: now, Source: alertmanagerSource, Kind: core.Problem, Severity: amSeverity(severity), Key: "alertmanager:" + fingerprint(set), Title: name, Labels: set}})
	}
	if _, err := s.Component.accept(ctx, list, "alerts"); err != nil {
		t.Fatal(err)
	}
	for _, a := range s.mirror.list() {
		if _, _, held := s.mirror.inhibitor().By(a.Labels, now); held {
			inhibited++
		}
	}
	if inhibited < alerts/10 {
		t.Fatalf("%d alerts are inhibited: the crowd shows nothing", inhibited)
	}
	return inhibited
}
