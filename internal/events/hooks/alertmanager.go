package hooks

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
)

// amPayload is the webhook of Alertmanager (prometheus.io, "Alerting:
// configuration", webhook_config, version 4) and of Grafana's alerting
// (grafana.com, "Webhook notifier"), which adds to it.
type amPayload struct {
	Status          string    `json:"status"`
	Receiver        string    `json:"receiver"`
	Alerts          []amAlert `json:"alerts"`
	TruncatedAlerts int       `json:"truncatedAlerts"`
	ExternalURL     string    `json:"externalURL"`
}

type amAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
	PanelURL     string            `json:"panelURL"`
	DashboardURL string            `json:"dashboardURL"`
	ValueString  string            `json:"valueString"`
}

func decodeAlertmanager(_ context.Context, _ *Component, _ *Source, d *delivery) (decoded, error) {
	var p amPayload
	if err := d.object(&p); err != nil {
		return decoded{}, err
	}
	if len(p.Alerts) == 0 {
		return decoded{}, core.Invalid("alerts", "must not be empty")
	}
	var out decoded
	for i, a := range p.Alerts {
		if len(a.Labels) == 0 {
			return decoded{}, core.Invalid(fmt.Sprintf("alerts[%d].labels", i), "must not be empty")
		}
		s := events.Signal{Event: events.LabelledEvent(a.Labels, a.Annotations), Annotations: a.Annotations,
			URL: first(a.PanelURL, a.DashboardURL, a.GeneratorURL), Onset: a.StartsAt}
		s.At, s.Key = d.at, first(a.Fingerprint, labelText(a.Labels))
		s.Severity, _ = core.SeverityOf(a.Labels["severity"])
		s.Description = first(s.Description, a.ValueString)
		if a.Status == "resolved" {
			s.Kind = core.Cleared
			if !a.EndsAt.IsZero() && a.EndsAt.Year() > 1970 {
				s.At = a.EndsAt
			}
		}
		out.signals = append(out.signals, s)
	}
	if p.TruncatedAlerts > 0 {
		out.note = fmt.Sprintf("the sender left out %d alerts (its max_alerts)", p.TruncatedAlerts)
	}
	return out, nil
}

// labelText names a set of labels.
func labelText(labels map[string]string) string {
	return fmt.Sprint(labels) // maps print sorted
}
