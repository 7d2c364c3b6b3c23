package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
)

// pdEvent is PagerDuty's Events API v2 (developer.pagerduty.com, "Send an
// event"). The answers are its, too.
type pdEvent struct {
	RoutingKey string `json:"routing_key"`
	Action     string `json:"event_action"` // trigger, acknowledge, resolve
	DedupKey   string `json:"dedup_key"`
	Client     string `json:"client"`
	ClientURL  string `json:"client_url"`
	Payload    *struct {
		Summary   string          `json:"summary"`
		Source    string          `json:"source"`
		Severity  string          `json:"severity"` // critical, error, warning, info
		Timestamp string          `json:"timestamp"`
		Component string          `json:"component"`
		Group     string          `json:"group"`
		Class     string          `json:"class"`
		Details   json.RawMessage `json:"custom_details"`
	} `json:"payload"`
	Links []struct {
		Href string `json:"href"`
		Text string `json:"text"`
	} `json:"links"`
}

func readPagerDuty(d *delivery) (*pdEvent, error) {
	var e pdEvent
	if err := json.Unmarshal(d.body, &e); err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body cannot be read: %v", err)
	}
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: field, Rule: rule}) }
	switch e.Action {
	case "trigger":
		switch {
		case e.Payload == nil:
			add("payload", "is missing")
		default:
			if e.Payload.Summary == "" {
				add("payload.summary", "is missing or blank")
			}
			if e.Payload.Source == "" {
				add("payload.source", "is missing or blank")
			}
			if _, ok := core.SeverityOf(e.Payload.Severity); !ok {
				add("payload.severity", "must be one of critical, error, warning, info")
			}
		}
	case "acknowledge", "resolve":
		if e.DedupKey == "" {
			add("dedup_key", "is needed to "+e.Action)
		}
	default:
		add("event_action", "must be one of trigger, acknowledge, resolve")
	}
	if len(e.DedupKey) > 255 {
		add("dedup_key", "must have at most 255 characters")
	}
	return &e, core.InvalidAll(bad)
}

func decodePagerDuty(_ context.Context, c *Component, _ *Source, d *delivery) (decoded, error) {
	e, err := readPagerDuty(d)
	if err != nil {
		return decoded{}, err
	}
	return e.decoded(d.at, c.deps.IDs), nil
}

func (e *pdEvent) decoded(now time.Time, ids *core.IDs) decoded {
	if e.DedupKey == "" {
		e.DedupKey = ids.New() // the sender is told, to resolve with
	}
	if e.Action == "acknowledge" {
		return decoded{acknowledged: []acknowledgement{{e.DedupKey, "Acknowledged by " + first(e.Client, "the sender")}}}
	}
	s := events.Signal{URL: e.ClientURL}
	s.At, s.Key = now, e.DedupKey
	if e.Action == "resolve" {
		s.Kind = core.Cleared
		return decoded{signals: []events.Signal{s}}
	}
	p := e.Payload
	s.Severity, _ = core.SeverityOf(p.Severity)
	s.Title, s.Labels = p.Summary, map[string]string{"source": bounded(p.Source, 4096)}
	put(s.Labels, "component", p.Component)
	put(s.Labels, "group", p.Group)
	put(s.Labels, "class", p.Class)
	put(s.Labels, "client", e.Client)
	s.Identities = events.HostIdentities(p.Source)
	if at, err := time.Parse(time.RFC3339Nano, p.Timestamp); err == nil {
		s.At = at
	}
	if s.URL == "" && len(e.Links) > 0 {
		s.URL = e.Links[0].Href
	}
	s.Description = details(p.Details)
	return decoded{signals: []events.Signal{s}}
}

// details are custom details as lines of text.
func details(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return bounded(text, 8<<10)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return ""
	}
	out := ""
	for _, name := range sortedKeys(object) {
		value := string(object[name])
		var plain string
		if json.Unmarshal(object[name], &plain) == nil {
			value = plain
		}
		out += fmt.Sprintf("%s: %s\n", name, value)
	}
	return bounded(out, 8<<10)
}
