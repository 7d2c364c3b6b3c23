package channel

import (
	"context"
	"time"
)

// pagerdutySender hands a situation to PagerDuty (Events API v2, /v2/enqueue).
// The situation's id deduplicates; acknowledging and resolving follow it.
type pagerdutySender struct{ way }

func (s pagerdutySender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "https://events.pagerduty.com/v2/enqueue")
	if err != nil {
		return Receipt{}, err
	}
	key, err := s.reveal(ctx, s.spec.Secret)
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	action := map[Purpose]string{Acknowledged: "acknowledge", Resolved: "resolve"}[m.Purpose]
	if action == "" {
		action = "trigger"
	}
	dedup := m.Situation
	if dedup == "" {
		dedup = m.ID
	}
	body := map[string]any{"routing_key": key, "event_action": action, "dedup_key": dedup}
	if action == "trigger" {
		severity := map[string]string{"critical": "critical", "major": "error", "minor": "error", "warning": "warning"}[m.Severity.String()]
		if severity == "" {
			severity = "info"
		}
		body["payload"] = map[string]any{"summary": short(1024, subject), "source": "Mainstay", "severity": severity, "timestamp": m.At.UTC().Format(time.RFC3339),
			"custom_details": map[string]any{"text": text, "services": m.Services}}
		body["client"], body["client_url"] = "Mainstay", m.URL
		if m.URL != "" {
			body["links"] = []any{map[string]string{"href": m.URL, "text": "Situation"}}
		}
	}
	return s.post(ctx, address, nil, body, key)
}
