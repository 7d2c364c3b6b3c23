package metricstore

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// envelope is what Prometheus puts around every answer.
type envelope struct {
	Status    string `json:"status"`
	Data      any    `json:"data,omitempty"`
	ErrorType string `json:"errorType,omitempty"`
	Error     string `json:"error,omitempty"`
}

func answer(w http.ResponseWriter, data any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(envelope{Status: "success", Data: data})
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(envelope{Status: "error", ErrorType: kind, Error: message})
}

func (m *metadataStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limit := 0
	if raw := r.FormValue("limit"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil {
			refuse(w, http.StatusBadRequest, "bad_data", "limit must be a number")
			return
		}
		limit = n
	}
	answer(w, m.list(r.FormValue("metric"), limit))
}

type alertJSON struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	State       string            `json:"state"`
	ActiveAt    *time.Time        `json:"activeAt,omitempty"`
	Value       string            `json:"value"`
}

type ruleJSON struct {
	State          string            `json:"state"`
	Name           string            `json:"name"`
	Query          string            `json:"query"`
	Duration       float64           `json:"duration"`
	KeepFiringFor  float64           `json:"keepFiringFor"`
	Labels         map[string]string `json:"labels"`
	Annotations    map[string]string `json:"annotations"`
	Alerts         []alertJSON       `json:"alerts"`
	Health         string            `json:"health"`
	LastError      string            `json:"lastError,omitempty"`
	EvaluationTime float64           `json:"evaluationTime"`
	LastEvaluation time.Time         `json:"lastEvaluation"`
	Type           string            `json:"type"`
}

// recordJSON is a recording rule.
type recordJSON struct {
	Name           string            `json:"name"`
	Query          string            `json:"query"`
	Labels         map[string]string `json:"labels,omitempty"`
	Health         string            `json:"health"`
	LastError      string            `json:"lastError,omitempty"`
	EvaluationTime float64           `json:"evaluationTime"`
	LastEvaluation time.Time         `json:"lastEvaluation"`
	Type           string            `json:"type"`
}

func recordOf(rule RuleStatus) recordJSON {
	return recordJSON{Name: rule.Name, Query: rule.Query, Labels: rule.Labels, Health: rule.Health, LastError: rule.LastError,
		EvaluationTime: rule.Took.Seconds(), LastEvaluation: rule.Evaluated, Type: "recording"}
}

type groupJSON struct {
	Name           string    `json:"name"`
	File           string    `json:"file"`
	Rules          []any     `json:"rules"`
	Interval       float64   `json:"interval"`
	Limit          int       `json:"limit"`
	EvaluationTime float64   `json:"evaluationTime"`
	LastEvaluation time.Time `json:"lastEvaluation"`
}

func (r *ruleSource) serveRules(w http.ResponseWriter, req *http.Request) {
	rules, err := r.list(req.Context())
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal", "the rules cannot be read")
		return
	}
	groups := []groupJSON{}
	at := map[string]int{}
	kind := req.FormValue("type")
	for _, rule := range rules {
		if !wanted(req, "rule_name[]", rule.Name) || !wanted(req, "rule_group[]", rule.Group) || !wanted(req, "file[]", rule.File) ||
			kind == "record" && !rule.Record || kind == "alert" && rule.Record {
			continue
		}
		place := rule.File + "\x00" + rule.Group
		i, ok := at[place]
		if !ok {
			i = len(groups)
			at[place] = i
			groups = append(groups, groupJSON{Name: rule.Group, File: rule.File, Interval: rule.Interval.Seconds(), Limit: rule.Limit, Rules: []any{}})
		}
		g := &groups[i]
		if rule.Record {
			g.Rules = append(g.Rules, recordOf(rule))
		} else {
			g.Rules = append(g.Rules, ruleOf(rule))
		}
		g.EvaluationTime += rule.Took.Seconds()
		if rule.Evaluated.After(g.LastEvaluation) {
			g.LastEvaluation = rule.Evaluated
		}
	}
	answer(w, map[string]any{"groups": groups})
}

func (r *ruleSource) serveAlerts(w http.ResponseWriter, req *http.Request) {
	rules, err := r.list(req.Context())
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal", "the alerts cannot be read")
		return
	}
	alerts := []alertJSON{}
	for _, rule := range rules {
		if !rule.Record {
			alerts = append(alerts, ruleOf(rule).Alerts...)
		}
	}
	answer(w, map[string]any{"alerts": alerts})
}

// wanted applies a repeatable filter parameter.
func wanted(req *http.Request, param, value string) bool {
	_ = req.ParseForm()
	filter := req.Form[param]
	return len(filter) == 0 || slices.Contains(filter, value)
}

func ruleOf(rule RuleStatus) ruleJSON {
	out := ruleJSON{
		State: "inactive", Name: rule.Name, Query: rule.Query, Duration: rule.For.Seconds(),
		KeepFiringFor: rule.KeepFiringFor.Seconds(), Labels: orEmpty(rule.Labels), Annotations: orEmpty(rule.Annotations),
		Alerts: []alertJSON{}, Health: rule.Health, LastError: rule.LastError,
		EvaluationTime: rule.Took.Seconds(), LastEvaluation: rule.Evaluated, Type: "alerting",
	}
	for _, a := range rule.Alerts {
		state := "pending"
		if a.Firing {
			state = "firing"
		}
		if out.State != "firing" {
			out.State = state
		}
		labels := map[string]string{"alertname": rule.Name}
		for k, v := range a.Labels {
			labels[k] = v
		}
		at := a.ActiveAt
		out.Alerts = append(out.Alerts, alertJSON{
			Labels: labels, Annotations: orEmpty(a.Annotations), State: state, ActiveAt: &at,
			Value: strings.ToLower(strconv.FormatFloat(a.Value, 'e', -1, 64)),
		})
	}
	return out
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
