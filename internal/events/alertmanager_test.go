package events

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/prometheus/alertmanager/api/v2/client"
	"github.com/prometheus/alertmanager/api/v2/client/alert"
	"github.com/prometheus/alertmanager/api/v2/client/alertgroup"
	"github.com/prometheus/alertmanager/api/v2/client/general"
	"github.com/prometheus/alertmanager/api/v2/client/silence"
	"github.com/prometheus/alertmanager/api/v2/models"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// serve puts the site on a loopback port.
func (s *site) serve() *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handler.ServeHTTP(w, r.WithContext(auth.With(r.Context(), s.principal)))
	}))
	s.t.Cleanup(server.Close)
	return server
}

// TestPrometheusPosts has the notifier of a real Prometheus send alerts here.
func TestPrometheusPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, sqldbtest.SQLite(t), chain("web", "db"))
	s.graph.name("db.example", "db")
	address := strings.TrimPrefix(s.serve().URL, "http://")
	conf, err := config.Load("alerting: {alertmanagers: [{path_prefix: /alertmanager, static_configs: [{targets: ['"+address+"']}]}]}", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	n := notifier.NewManager(&notifier.Options{QueueCapacity: 10}, model.UTF8Validation, slog.New(slog.DiscardHandler))
	if err := n.ApplyConfig(conf); err != nil {
		t.Fatal(err)
	}
	targets := make(chan map[string][]*targetgroup.Group, 1)
	done := make(chan struct{})
	go func() { defer close(done); n.Run(targets) }()
	targets <- map[string][]*targetgroup.Group{"config-0": {{Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(address)}}}}}
	s.eventually("the notifier knows its target", func() bool { return len(n.Alertmanagers()) == 1 })
	now := s.clock.Now()
	one := &notifier.Alert{
		Labels:      labels.FromStrings("alertname", "DiskFull", "instance", "db.example:9100", "severity", "critical"),
		Annotations: labels.FromStrings("summary", "The disk of db is full"), StartsAt: now.Add(-time.Minute), EndsAt: now.Add(4 * time.Minute),
	}
	n.Send(one)
	s.eventually("the alert arrives", func() bool {
		list, _ := alertsWhere(t.Context(), s.db, "active", false)
		return len(list) == 1 && list[0].Item == "db" && list[0].Title == "The disk of db is full" && list[0].Severity.String() == "critical"
	})
	resolved := *one
	resolved.EndsAt = now
	n.Send(&resolved)
	s.eventually("it is resolved", func() bool {
		list, _ := alertsWhere(t.Context(), s.db, "NOT active", false)
		return len(list) == 1
	})
	n.Stop()
	<-done
}

// TestAmtoolsClient calls the API through the client that amtool is made of,
// whose models check every answer.
func TestAmtoolsClient(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		api := client.NewHTTPClientWithConfig(nil, &client.TransportConfig{
			Host: strings.TrimPrefix(s.serve().URL, "http://"), BasePath: "/alertmanager/api/v2", Schemes: []string{"http"}})
		ctx := t.Context()
		post(t, api, ctx, model.LabelSet{"alertname": "A", "cluster": "x"}, time.Time{})
		post(t, api, ctx, model.LabelSet{"alertname": "B", "cluster": "y"}, s.clock.Now().Add(time.Hour))
		s.accept(s.problem("own", 4))
		s.settled()

		if got := amtoolList(t, api, ctx); len(got) != 3 {
			t.Fatalf("%d alerts", len(got))
		}
		got := amtoolList(t, api, ctx, `cluster=~"x|z"`)
		if len(got) != 1 || *got[0].Fingerprint != (model.LabelSet{"alertname": "A", "cluster": "x"}).Fingerprint().String() || *got[0].Status.State != "active" {
			t.Fatalf("%+v", got)
		}
		groups, err := api.Alertgroup.GetAlertGroups(alertgroup.NewGetAlertGroupsParams().WithContext(ctx))
		if err != nil || len(groups.Payload) != 3 || groups.Payload.Validate(strfmt.Default) != nil {
			t.Fatal(groups, err)
		}
		status, err := api.General.GetStatus(general.NewGetStatusParams().WithContext(ctx))
		if err != nil || status.Payload.Validate(strfmt.Default) != nil {
			t.Fatal(err, status.Payload.Validate(strfmt.Default))
		}

		name, value, no, by, why := "alertname", "A", false, "amtool", "known"
		starts, ends := strfmt.DateTime(s.clock.Now()), strfmt.DateTime(s.clock.Now().Add(time.Hour))
		made, err := api.Silence.PostSilences(silence.NewPostSilencesParams().WithContext(ctx).WithSilence(&models.PostableSilence{Silence: models.Silence{
			Matchers: models.Matchers{{Name: &name, Value: &value, IsRegex: &no}}, StartsAt: &starts, EndsAt: &ends, CreatedBy: &by, Comment: &why}}))
		if err != nil {
			t.Fatal(err)
		}
		got = amtoolList(t, api, ctx, "alertname=A")
		if len(got) != 1 || *got[0].Status.State != "suppressed" || got[0].Status.SilencedBy[0] != made.Payload.SilenceID {
			t.Fatalf("%+v", got[0].Status)
		}
		silences, err := api.Silence.GetSilences(silence.NewGetSilencesParams().WithContext(ctx))
		if err != nil || len(silences.Payload) != 1 || silences.Payload.Validate(strfmt.Default) != nil || *silences.Payload[0].Status.State != "active" {
			t.Fatal(silences, err)
		}
		if _, err := api.Silence.DeleteSilence(silence.NewDeleteSilenceParams().WithContext(ctx).WithSilenceID(strfmt.UUID(made.Payload.SilenceID))); err != nil {
			t.Fatal(err)
		}
		if got = amtoolList(t, api, ctx, "alertname=A"); *got[0].Status.State != "active" {
			t.Fatalf("%+v", got[0].Status)
		}

		// Without an end A lasts for the resolve timeout; B has said an hour.
		s.pass(6 * time.Minute)
		if got = amtoolList(t, api, ctx, "cluster=~.+"); len(got) != 1 || *got[0].Status.State != "active" {
			t.Fatalf("%d after the resolve timeout", len(got))
		}
		post(t, api, ctx, model.LabelSet{"alertname": "B", "cluster": "y"}, s.clock.Now().Add(-time.Second))
		if got = amtoolList(t, api, ctx, "cluster=~.+"); len(got) != 0 {
			t.Fatalf("%d after the end", len(got))
		}
	})
}

func post(t *testing.T, api *client.AlertmanagerAPI, ctx context.Context, set model.LabelSet, ends time.Time) {
	t.Helper()
	one := &models.PostableAlert{Alert: models.Alert{Labels: models.LabelSet{}}, EndsAt: strfmt.DateTime(ends)}
	for k, v := range set {
		one.Labels[string(k)] = string(v)
	}
	if _, err := api.Alert.PostAlerts(alert.NewPostAlertsParams().WithContext(ctx).WithAlerts(models.PostableAlerts{one})); err != nil {
		t.Fatal(err)
	}
}

func amtoolList(t *testing.T, api *client.AlertmanagerAPI, ctx context.Context, filter ...string) models.GettableAlerts {
	t.Helper()
	got, err := api.Alert.GetAlerts(alert.NewGetAlertsParams().WithContext(ctx).WithFilter(filter))
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Payload.Validate(strfmt.Default); err != nil {
		t.Fatal(err)
	}
	return got.Payload
}

func TestBadAlertmanagerPayloads(t *testing.T) {
	t.Parallel()
	s := newSite(t, sqldbtest.SQLite(t), chain())
	const path = "/alertmanager/api/v2/alerts"
	for body, want := range map[string]int{
		`{`: 400, `{}`: 400, `[]`: 200, `[{"labels": {}}]`: 400, `[{"labels": {"a": ""}}]`: 400,
		`[{"labels": {"a": "b"}, "startsAt": "2030-01-01T00:00:00Z", "endsAt": "2029-01-01T00:00:00Z"}]`: 400,
		`[{"labels": {"a": 3}}]`: 400, `[{"labels": {"a": "good"}}, {"labels": 3}]`: 400,
	} {
		if status, text := s.call("POST", path, body, nil); status != want {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	var alerts []struct{ Labels map[string]string }
	s.must("GET", path, "", &alerts)
	if len(alerts) != 1 || alerts[0].Labels["a"] != "good" {
		t.Fatalf("the good one of a bad batch: %+v", alerts)
	}
	if status, text := s.call("GET", path+"?filter=%21%21", "", nil); status != 400 {
		t.Errorf("%d %s", status, text)
	}
}
