package ruletest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
)

// File is a file of unit tests.
type File struct {
	RuleFiles          []string       `yaml:"rule_files"`
	EvaluationInterval rules.Duration `yaml:"evaluation_interval,omitempty"`
	GroupEvalOrder     []string       `yaml:"group_eval_order,omitempty"`
	FuzzyCompare       bool           `yaml:"fuzzy_compare,omitempty"`
	Tests              []Test         `yaml:"tests"`
}

// Test is series and what rules must make of them.
type Test struct {
	Name           string            `yaml:"name,omitempty"`
	Interval       rules.Duration    `yaml:"interval,omitempty"`
	StartTimestamp Moment            `yaml:"start_timestamp,omitempty"`
	InputSeries    []Input           `yaml:"input_series"`
	AlertRuleTest  []AlertCase       `yaml:"alert_rule_test,omitempty"`
	PromqlExprTest []ExprCase        `yaml:"promql_expr_test,omitempty"`
	ExternalLabels map[string]string `yaml:"external_labels,omitempty"`
	ExternalURL    string            `yaml:"external_url,omitempty"`
}

// Input is one series in promtool's notation.
type Input struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// AlertCase says which alerts of a name fire at a time.
type AlertCase struct {
	EvalTime  rules.Duration `yaml:"eval_time"`
	Alertname string         `yaml:"alertname"`
	ExpAlerts []Alert        `yaml:"exp_alerts"`
}

// Alert is one that is expected; its alertname goes without saying.
type Alert struct {
	ExpLabels      map[string]string `yaml:"exp_labels"`
	ExpAnnotations map[string]string `yaml:"exp_annotations"`
}

// ExprCase says what an expression gives at a time.
type ExprCase struct {
	Expr       string         `yaml:"expr"`
	EvalTime   rules.Duration `yaml:"eval_time"`
	ExpSamples []Sample       `yaml:"exp_samples"`
}

// Sample is one that is expected: a value, or a native histogram.
type Sample struct {
	Labels    string  `yaml:"labels"`
	Value     float64 `yaml:"value"`
	Histogram string  `yaml:"histogram"`
}

// Moment is a time, in RFC 3339 or in seconds since 1970.
type Moment struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	if s, bad := strconv.ParseFloat(string(text), 64); bad == nil && s > -1e11 && s < 1e11 {
		m.Time = time.UnixMilli(int64(s * 1000)).UTC()
		return nil
	}
	m.Time, err = time.Parse(time.RFC3339Nano, string(text))
	return err
}

// Parse reads a file of unit tests, strictly.
func Parse(text []byte) (File, error) {
	var f File
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		return f, core.Errorf(core.CodeMalformed, "the tests cannot be read: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if f.EvaluationInterval <= 0 {
		f.EvaluationInterval = rules.Duration(time.Minute)
	}
	for i := range f.Tests {
		t := &f.Tests[i]
		if t.Interval <= 0 {
			t.Interval = f.EvaluationInterval
		}
		if t.Name == "" {
			t.Name = fmt.Sprintf("unnamed#%d", i)
		}
		if t.StartTimestamp.IsZero() {
			t.StartTimestamp.Time = time.Unix(0, 0).UTC()
		}
		for _, a := range t.AlertRuleTest {
			if a.Alertname == "" {
				return f, core.Invalid(fmt.Sprintf("tests[%d].alert_rule_test.alertname", i), "must be given")
			}
		}
	}
	for i, name := range f.GroupEvalOrder {
		if slices.Contains(f.GroupEvalOrder[:i], name) {
			return f, core.Invalid("group_eval_order", "has "+name+" twice")
		}
	}
	return f, nil
}

// load reads the rule files that the tests are about; their paths may hold
// globs and are relative to the directory.
func (f File) load(directory string) ([]rules.Group, error) {
	var groups []rules.Group
	for _, pattern := range f.RuleFiles {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(directory, pattern)
		}
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, core.Invalid("rule_files", err.Error())
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, core.Invalid("rule_files", err.Error())
			}
			file, err := rules.Parse(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			groups = append(groups, file.Groups...)
		}
	}
	place := func(g rules.Group) int { return max(0, slices.Index(f.GroupEvalOrder, g.Name)) }
	slices.SortStableFunc(groups, func(a, b rules.Group) int { return place(a) - place(b) })
	return groups, nil
}
