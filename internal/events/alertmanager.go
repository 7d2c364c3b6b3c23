package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/matching"
)

// amAlert is postableAlert of the Alertmanager API.
type amAlert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
}

// alertmanagerSource is the source of the alerts that come by this API.
const alertmanagerSource = "alertmanager"

// amRules is what may be posted.
type amRules struct {
	timeout time.Duration // of an alert without an end
	classic bool          // names of labels are letters, digits and underscores alone
}

// readAMAlerts reads what a Prometheus posts. Alerts that cannot be taken are
// in bad; the others are taken.
func readAMAlerts(body []byte, now time.Time, rules amRules) (list []observation, bad []core.Detail, err error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(bytes.TrimSpace(body), &raw); err != nil {
		return nil, nil, core.Errorf(core.CodeMalformed, "the body must be a JSON list of alerts: %v", err)
	}
	if len(raw) > maxEvents {
		return nil, nil, core.Errorf(core.CodeTooLarge, "at most %d alerts in one request", maxEvents)
	}
	for i, one := range raw {
		var a amAlert
		path := fmt.Sprintf("alerts[%d]", i)
		if err := json.Unmarshal(one, &a); err != nil {
			bad = append(bad, describe(path, err))
			continue
		}
		o, err := a.observation(now, rules)
		if err != nil {
			bad = append(bad, core.Detail{Field: path, Rule: err.Error()})
			continue
		}
		list = append(list, o)
	}
	return list, bad, nil
}

// observation applies Alertmanager's rules (api/v2/api.go, postAlertsHandler):
// an alert without an end lasts for the resolve timeout, one whose end is past
// is resolved, empty labels are dropped, and one label has to remain.
func (a *amAlert) observation(now time.Time, rules amRules) (observation, error) {
	for name, value := range a.Labels {
		if value == "" {
			delete(a.Labels, name)
		}
	}
	if len(a.Labels) == 0 {
		return observation{}, errors.New("at least one label pair required")
	}
	for _, set := range []map[string]string{a.Labels, a.Annotations} {
		for name := range set {
			if !matching.Name(name) || rules.classic && !matching.ClassicName(name) {
				return observation{}, fmt.Errorf("invalid label set: invalid name %q", name)
			}
		}
	}
	if a.StartsAt.IsZero() {
		if a.StartsAt = now; !a.EndsAt.IsZero() {
			a.StartsAt = a.EndsAt
		}
	}
	open := a.EndsAt.IsZero()
	if open {
		a.EndsAt = now.Add(rules.timeout)
	}
	if a.StartsAt.After(a.EndsAt) {
		return observation{}, errors.New("start time must be before end time")
	}
	o := observation{Event: LabelledEvent(a.Labels, a.Annotations), Annotations: a.Annotations, URL: webAddress(a.GeneratorURL), Onset: a.StartsAt, Timeout: open}
	o.At, o.Source, o.Kind, o.Severity = now, alertmanagerSource, core.Problem, amSeverity(a.Labels["severity"])
	o.Key = "alertmanager:" + fingerprint(a.Labels)
	if !a.EndsAt.After(now) {
		o.Kind, o.EndedAt = core.Cleared, a.EndsAt
	} else {
		o.ExpiresAt = a.EndsAt
	}
	return o, nil
}

// fingerprint is Prometheus's of a set of labels: FNV-1a over the sorted names
// and values, each followed by 0xff (prometheus/common, model/signature.go).
func fingerprint(labels map[string]string) string {
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	slices.Sort(names)
	h := fnv.New64a()
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0xff})
		h.Write([]byte(labels[name]))
		h.Write([]byte{0xff})
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// amSeverity reads the label severity; what is not known is a warning.
func amSeverity(word string) core.Severity {
	if s, known := core.SeverityOf(word); known && s != core.Clear {
		return s
	}
	return core.Warning
}

// LabelledEvent is what the labels and annotations of an alert of Prometheus's
// world tell, by the names in use: all but its key, its severity and its times.
func LabelledEvent(labels, annotations map[string]string) core.Event {
	e := core.Event{Labels: labels, Check: labels["check"], Description: first(annotations["description"], annotations["message"])}
	e.Title = first(annotations["summary"], annotations["title"])
	if e.Title == "" || len(e.Title) > maxTitle {
		e.Title = first(labels["alertname"], "Alert")
		if on := first(labels["instance"], labels["host"], labels["node"]); on != "" {
			e.Title += " on " + on
		}
		e.Title = e.Title[:min(len(e.Title), maxTitle)]
	}
	if item := labels["item"]; core.ValidID(item) {
		e.Item = item
		return e
	}
	for _, name := range []string{"instance", "node", "nodename", "hostname", "host"} {
		e.Identities = append(e.Identities, HostIdentities(labels[name])...)
	}
	return e
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
