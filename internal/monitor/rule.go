package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// RuleSpec is a rule over metrics: every series that the expression gives is a
// fault, or is recorded. Labels, title and details are templates as in Prometheus
// rule files: {{ $labels.item }}, {{ $value | humanize }}.
type RuleSpec struct {
	Description   string            `json:"description,omitempty"`
	Team          string            `json:"team,omitempty"`
	Expr          string            `json:"expr" doc:"PromQL; the label item of its series names the item"`
	Items         string            `json:"items,omitempty" maxLength:"5000" doc:"selector: only series of the items that it matches count, by their label item or by what else names their item"`
	For           probe.Duration    `json:"for,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long a series must be there before it counts"`
	KeepFiringFor probe.Duration    `json:"keepFiringFor,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long it counts after the series is gone"`
	Interval      probe.Duration    `json:"interval,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how often; 1m when left out"`
	Severity      *core.Severity    `json:"severity,omitempty" doc:"major when left out"`
	Record        string            `json:"record,omitempty" doc:"the expression's series are written under this name, instead of being faults"`
	Labels        map[string]string `json:"labels,omitempty"`
	Title         string            `json:"title,omitempty"`
	Details       string            `json:"details,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty" doc:"as in a rule file; summary and description stand in for title and details"`
	Disabled      bool              `json:"disabled,omitempty"`
}

// Rule is a declared metric rule.
type Rule struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	File      string    `json:"file,omitempty" doc:"name of the rule file that has it; it is changed there"`
	Group     string    `json:"group,omitempty" doc:"name of its group in the file"`
	Spec      RuleSpec  `json:"spec"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`

	position int // in its group
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
		if err := rules.CheckTemplate(text); err != nil {
			f.check(false, "spec."+field, err.Error())
		}
	}
	if s.Record != "" {
		f.check(model.UTF8Validation.IsValidMetricName(s.Record) && !strings.ContainsAny(s.Record, "{}"), "spec.record", "must be the name of a metric")
		f.check(s.For == 0 && s.KeepFiringFor == 0 && s.Title == "" && s.Details == "" && s.Severity == nil && len(s.Annotations) == 0, "spec.record",
			"a rule that records has neither for, keepFiringFor, severity, title, details nor annotations")
	}
	return core.InvalidAll(f)
}

func (s RuleSpec) templates() map[string]string {
	all := map[string]string{"title": s.Title, "details": s.Details}
	for k, v := range s.Labels {
		all["labels."+k] = v
	}
	for k, v := range s.Annotations {
		all["annotations."+k] = v
	}
	return all
}

// compile makes a rule of a document of its own ready.
func (r *Rule) compile() *rules.Compiled {
	s := r.Spec
	ready := &rules.Compiled{Name: r.Name, Expr: s.Expr, Items: s.Items, For: s.For.Std(), Keep: s.KeepFiringFor.Std(), Labels: rules.Texts(s.Labels)}
	if s.Record != "" {
		ready.Name, ready.Record = s.Record, true
		return ready
	}
	annotations := map[string]string{}
	maps.Copy(annotations, s.Annotations)
	if s.Title != "" {
		annotations["title"] = s.Title
	}
	if s.Details != "" {
		annotations["details"] = s.Details
	}
	ready.Annotations = rules.Texts(annotations)
	return ready
}

// kind tells rules that alert from those that record.
func (s RuleSpec) kind() string {
	if s.Record != "" {
		return "record"
	}
	return "alert"
}

func (s RuleSpec) interval() time.Duration {
	if s.Interval == 0 {
		return defaultInterval
	}
	return s.Interval.Std()
}

// severityOf is the declared severity; without one it is read from the label
// of that name, as rule files of the field write it.
func (s RuleSpec) severityOf(label string) core.Severity {
	if s.Severity != nil {
		return *s.Severity
	}
	if told, ok := core.SeverityOf(label); ok && told > core.Clear {
		return told
	}
	return core.Major
}

const ruleColumns = "id, name, file, grp, position, spec, version, created_at, updated_at"

func scanRule(scan func(...any) error) (*Rule, error) {
	var r Rule
	var spec string
	var created, updated int64
	if err := scan(&r.ID, &r.Name, &r.File, &r.Group, &r.position, &spec, &r.Version, &created, &updated); err != nil {
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
		_, err = tx.Exec(ctx, "INSERT INTO monitor_rule (id, name, file, grp, position, kind, team, disabled, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
			r.ID, r.Name, r.File, r.Group, r.position, r.Spec.kind(), r.Spec.Team, r.Spec.Disabled, string(spec), r.Version, core.Micros(r.CreatedAt), core.Micros(r.UpdatedAt))
		if sqldb.IsUnique(err) {
			return core.Errorf(core.CodeConflict, "there is already a metric rule named %q", r.Name)
		}
	} else {
		r.Version++
		_, err = tx.Exec(ctx, "UPDATE monitor_rule SET team = $2, disabled = $3, spec = $4, version = $5, updated_at = $6, kind = $7, position = $8 WHERE id = $1",
			r.ID, r.Spec.Team, r.Spec.Disabled, string(spec), r.Version, core.Micros(r.UpdatedAt), r.Spec.kind(), r.position)
	}
	if err != nil {
		return err
	}
	if r.Spec.Disabled || r.Spec.Record != "" {
		if err := s.endRule(ctx, tx, r, "the rule does not alert any more"); err != nil {
			return err
		}
	}
	if r.File != "" {
		return nil // the file is told of as a whole
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
	if r.File != "" {
		return nil
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
type ruleAlert = rules.Alert

// ruleKey is the key of the alert that a rule opens for a series.
func ruleKey(rule, fingerprint string) string { return "rule:" + rule + ":" + fingerprint }

// itemOf is the item an alert is about; "" when it is not known.
func itemOf(a ruleAlert) string {
	if a.Item != "" {
		return a.Item
	}
	return a.Labels["item"]
}

// ruleEvent is the problem that a firing alert is.
func ruleEvent(r *Rule, fingerprint string, a ruleAlert, at time.Time) core.Event {
	labels := map[string]string{"rule": r.Name}
	for k, v := range a.Labels {
		labels[k] = v
	}
	details := a.Details
	if runbook := a.Annotations["runbook_url"]; runbook != "" {
		details = strings.TrimPrefix(details+"\n\nRunbook: "+runbook, "\n\n")
	}
	return core.Event{
		At: at, Source: "rule", Kind: core.Problem, Severity: r.Spec.severityOf(a.Labels["severity"]),
		Key: ruleKey(r.ID, fingerprint), Title: a.Title, Description: details,
		Item: itemOf(a), Labels: labels,
	}
}
