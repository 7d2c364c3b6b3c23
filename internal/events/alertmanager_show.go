package events

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"mainstay/internal/core"
)

// amShown is gettableAlert of the Alertmanager API.
type amShown struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	UpdatedAt    time.Time         `json:"updatedAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
	Fingerprint  string            `json:"fingerprint"`
	Receivers    []amName          `json:"receivers"`
	Status       amAlertStatus     `json:"status"`

	situation string
}

type amAlertStatus struct {
	State       string   `json:"state"`
	SilencedBy  []string `json:"silencedBy"`
	InhibitedBy []string `json:"inhibitedBy"`
	MutedBy     []string `json:"mutedBy"`
}

// amMost bounds what one listing returns.
const amMost = 20_000

func (c *Component) amAlerts(_ http.ResponseWriter, r *http.Request) (any, error) { return c.amList(r) }

// amList lists the active alerts a request asks for.
func (c *Component) amList(r *http.Request) ([]amShown, error) {
	query := r.URL.Query()
	filter, err := amFilter(query)
	if err != nil {
		return nil, err
	}
	if pattern := query.Get("receiver"); pattern != "" {
		match, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			return nil, core.Invalid("receiver", "is not a regular expression")
		}
		if !match.MatchString(receiver) {
			return []amShown{}, nil
		}
	}
	flag := func(name string) bool {
		b, err := strconv.ParseBool(query.Get(name))
		return err != nil || b // all are on unless said otherwise
	}
	where, args := scoped(r.Context(), "alerts:read")
	text := "active"
	if len(where) > 0 {
		text += " AND " + where[0]
	}
	alerts, err := alertsWhere(r.Context(), c.deps.DB, text+" ORDER BY id LIMIT "+strconv.Itoa(amMost), false, args...)
	if err != nil {
		return nil, err
	}
	shown := []amShown{}
	for _, a := range alerts {
		one := c.amShow(a)
		if one.Status.State == "active" && !flag("active") || one.Status.State == "suppressed" && !flag("silenced") {
			continue
		}
		if matchAll(filter, func(name string) string { return one.Labels[name] }) {
			shown = append(shown, one)
		}
	}
	slices.SortFunc(shown, func(a, b amShown) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return shown, nil
}

// amShow gives an alert of any source the labels the field expects.
func (c *Component) amShow(a *Alert) amShown {
	labels := map[string]string{"alertname": a.Title, "severity": a.Severity.String(), "source": a.Source}
	if a.Source == "alertmanager" {
		clear(labels) // as they came: the fingerprint is theirs
	}
	if a.Item != "" && a.Source != "alertmanager" {
		labels["item"] = a.Item
	}
	for k, v := range a.Labels {
		labels[k] = v
	}
	one := amShown{
		Labels: labels, Annotations: map[string]string{}, StartsAt: a.Onset, EndsAt: a.ExpiresAt, UpdatedAt: a.LastSeen, GeneratorURL: a.URL,
		Fingerprint: fingerprint(labels), Receivers: amReceivers(), situation: a.Situation,
		Status: amAlertStatus{State: "active", SilencedBy: []string{}, InhibitedBy: []string{}, MutedBy: []string{}},
	}
	for k, v := range a.Annotations {
		one.Annotations[k] = v
	}
	if a.Source != "alertmanager" && a.Description != "" {
		one.Annotations["description"] = a.Description
	}
	if one.EndsAt.IsZero() { // it lasts until its source clears it
		one.EndsAt = c.deps.Clock.Now().Add(c.config.Alerts.ResolveTimeout)
	}
	switch a.Suppressed.By {
	case "silence":
		one.Status.State, one.Status.SilencedBy = "suppressed", []string{a.Suppressed.ID}
	case "maintenance":
		one.Status.State, one.Status.MutedBy = "suppressed", []string{a.Suppressed.Why}
	}
	return one
}

func amFilter(query url.Values) ([]Matcher, error) {
	var matchers []Matcher
	for _, text := range query["filter"] {
		m, err := ParseMatcher(text)
		if err != nil {
			return nil, err
		}
		matchers = append(matchers, m)
	}
	return matchers, nil
}

// amGroup is alertGroup of the Alertmanager API; a group is a situation.
type amGroup struct {
	Labels      map[string]string `json:"labels"`
	RouteLabels map[string]string `json:"routeLabels"`
	Receiver    amName            `json:"receiver"`
	Alerts      []amShown         `json:"alerts"`
}

func (c *Component) amGroups(_ http.ResponseWriter, r *http.Request) (any, error) {
	alerts, err := c.amList(r)
	if err != nil {
		return nil, err
	}
	groups := []amGroup{}
	at := map[string]int{}
	for _, a := range alerts {
		i, known := at[a.situation]
		if !known {
			i = len(groups)
			at[a.situation] = i
			labels := map[string]string{}
			if a.situation != "" {
				labels["situation"] = a.situation
			}
			groups = append(groups, amGroup{Labels: labels, RouteLabels: map[string]string{}, Receiver: amName{receiver}})
		}
		groups[i].Alerts = append(groups[i].Alerts, a)
	}
	return groups, nil
}
