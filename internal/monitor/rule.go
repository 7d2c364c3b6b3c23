package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// RuleSpec is an alert rule over metrics: every series that the expression
// gives is a fault. Labels, title and details are templates as in Prometheus
// rule files: {{ $labels.item }}, {{ $value | humanize }}.
type RuleSpec struct {
	Description   string            `json:"description,omitempty"`
	Team          string            `json:"team,omitempty"`
	Expr          string            `json:"expr" doc:"PromQL; the label item of its series names the item"`
	For           probe.Duration    `json:"for,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long a series must be there before it counts"`
	KeepFiringFor probe.Duration    `json:"keepFiringFor,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long it counts after the series is gone"`
	Interval      probe.Duration    `json:"interval,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how often; 1m when left out"`
	Severity      *core.Severity    `json:"severity,omitempty" doc:"major when left out"`
	Labels        map[string]string `json:"labels,omitempty"`
	Title         string            `json:"title,omitempty"`
	Details       string            `json:"details,omitempty"`
	Disabled      bool              `json:"disabled,omitempty"`
}

// Rule is a declared metric rule.
type Rule struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Spec      RuleSpec  `json:"spec"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

func (s RuleSpec) validate(name string, cfg Configuration) error {
	f := faults(checkName(name))
	if err := metricstore.CheckExpr("spec.expr", s.Expr); err != nil {
		f = append(f, err.(*core.Error).Details...)
	}
	f.check(s.For >= 0, "spec.for", "must not be negative")
	f.check(s.KeepFiringFor >= 0, "spec.keepFiringFor", "must not be negative")
	f.check(s.Interval == 0 || s.Interval.Std() >= cfg.MinInterval && s.Interval.Std() <= 24*time.Hour, "spec.interval", fmt.Sprintf("must be between %v and 24h", cfg.MinInterval))
	f.check(s.Severity == nil || *s.Severity > core.Clear, "spec.severity", "must be one of info, warning, minor, major, critical")
	f.labels("spec.labels", s.Labels)
	for field, text := range s.templates() {
		if err := expander(context.Background(), text, nil, 0, time.Time{}, nil).ParseTest(); err != nil {
			f.check(false, "spec."+field, err.Error())
		}
	}
	return core.InvalidAll(f)
}

func (s RuleSpec) templates() map[string]string {
	all := map[string]string{"title": s.Title, "details": s.Details}
	for k, v := range s.Labels {
		all["labels."+k] = v
	}
	return all
}

func (s RuleSpec) interval() time.Duration {
	if s.Interval == 0 {
		return defaultInterval
	}
	return s.Interval.Std()
}

func (s RuleSpec) severity() core.Severity {
	if s.Severity == nil {
		return core.Major
	}
	return *s.Severity
}

// expander reads templates with the variables of Prometheus' alert templates.
func expander(ctx context.Context, text string, labels map[string]string, value float64, at time.Time, query template.QueryFunc) *template.Expander {
	if query == nil {
		query = func(context.Context, string, time.Time) (promql.Vector, error) { return nil, nil }
	}
	const variables = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
	data := template.AlertTemplateData(labels, nil, "", promql.Sample{F: value})
	return template.NewTemplateExpander(ctx, variables+text, "rule", data, model.TimeFromUnixNano(at.UnixNano()), query, &url.URL{}, nil)
}

const ruleColumns = "id, name, spec, version, created_at, updated_at"

func scanRule(scan func(...any) error) (*Rule, error) {
	var r Rule
	var spec string
	var created, updated int64
	if err := scan(&r.ID, &r.Name, &spec, &r.Version, &created, &updated); err != nil {
		return nil, err
	}
	r.CreatedAt, r.UpdatedAt = core.FromMicros(created), core.FromMicros(updated)
	return &r, json.Unmarshal([]byte(spec), &r.Spec)
}

func (s *store) rulesWhere(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*Rule, error) {
	rows, err := q.Query(ctx, "SELECT "+ruleColumns+" FROM monitor_rule WHERE "+where+" ORDER BY id", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Rule, error) { return scanRule(r.Scan) })
}

func (s *store) ruleBy(ctx context.Context, q sqldb.Querier, ref string) (*Rule, error) {
	list, err := s.rulesWhere(ctx, q, "id = $1 OR name = $1", ref)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, core.NotFound("metric rule", ref)
	}
	return list[0], nil
}

func (s *store) saveRule(ctx context.Context, tx *sqldb.Tx, r *Rule) error {
	spec, err := json.Marshal(r.Spec)
	if err != nil {
		return err
	}
	r.UpdatedAt = core.FromMicros(core.Micros(s.clock.Now()))
	verb := "updated"
	if r.Version == 0 {
		verb, r.Version, r.CreatedAt = "created", 1, r.UpdatedAt
		_, err = tx.Exec(ctx, "INSERT INTO monitor_rule (id, name, team, disabled, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
			r.ID, r.Name, r.Spec.Team, r.Spec.Disabled, string(spec), r.Version, core.Micros(r.CreatedAt), core.Micros(r.UpdatedAt))
		if sqldb.IsUnique(err) {
			return core.Errorf(core.CodeConflict, "there is already a metric rule named %q", r.Name)
		}
	} else {
		r.Version++
		_, err = tx.Exec(ctx, "UPDATE monitor_rule SET team = $2, disabled = $3, spec = $4, version = $5, updated_at = $6 WHERE id = $1",
			r.ID, r.Spec.Team, r.Spec.Disabled, string(spec), r.Version, core.Micros(r.UpdatedAt))
	}
	if err != nil {
		return err
	}
	if r.Spec.Disabled {
		if err := s.endRule(ctx, tx, r, "the rule was disabled"); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, "monitor.rule."+verb, core.Ref{Kind: "metric-rule", ID: r.ID}, "", r.Spec.Team, "metric rule "+r.Name+" "+verb)
}

func (s *store) deleteRule(ctx context.Context, tx *sqldb.Tx, r *Rule) error {
	if err := s.endRule(ctx, tx, r, "the rule was deleted"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM monitor_rule WHERE id = $1", r.ID); err != nil {
		return err
	}
	return s.note(ctx, tx, "monitor.rule.deleted", core.Ref{Kind: "metric-rule", ID: r.ID}, "", r.Spec.Team, "metric rule "+r.Name+" deleted")
}

// endRule clears what a rule has open and forgets it.
func (s *store) endRule(ctx context.Context, tx *sqldb.Tx, r *Rule, why string) error {
	alerts, err := s.ruleAlerts(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	for fp, a := range alerts {
		if !a.Firing {
			continue
		}
		ev := ruleEvent(r, fp, a, s.clock.Now())
		ev.ID, ev.Kind, ev.Severity, ev.Description = s.ids.New(), core.Cleared, core.Clear, why
		if err := s.enqueue(ctx, tx, ev); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, "DELETE FROM monitor_rule_alert WHERE rule_id = $1", r.ID)
	return err
}

func (s *store) ruleAlerts(ctx context.Context, q sqldb.Querier, ruleID string) (map[string]ruleAlert, error) {
	out := map[string]ruleAlert{}
	rows, err := q.Query(ctx, "SELECT fingerprint, state FROM monitor_rule_alert WHERE rule_id = $1", ruleID)
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var fp, raw string
		if err := r.Scan(&fp, &raw); err != nil {
			return struct{}{}, err
		}
		var a ruleAlert
		err := json.Unmarshal([]byte(raw), &a)
		out[fp] = a
		return struct{}{}, err
	})
	return out, err
}

// ruleAlert is one series of a rule that counts, or may come to.
type ruleAlert struct {
	Labels   map[string]string `json:"labels"`
	Title    string            `json:"title"`
	Details  string            `json:"details,omitempty"`
	ActiveAt time.Time         `json:"activeAt"`
	Firing   bool              `json:"firing"`
	GoneAt   time.Time         `json:"goneAt"` // since when a firing series is missing
	Value    float64           `json:"value"`
}

// ruleKey is the key of the alert that a rule opens for a series.
func ruleKey(rule, fingerprint string) string { return "rule:" + rule + ":" + fingerprint }

// ruleEvent is the problem that a firing alert is.
func ruleEvent(r *Rule, fingerprint string, a ruleAlert, at time.Time) core.Event {
	labels := map[string]string{"rule": r.Name}
	for k, v := range a.Labels {
		labels[k] = v
	}
	return core.Event{
		At: at, Source: "rule", Kind: core.Problem, Severity: r.Spec.severity(),
		Key: ruleKey(r.ID, fingerprint), Title: a.Title, Description: a.Details,
		Item: a.Labels["item"], Labels: labels,
	}
}
