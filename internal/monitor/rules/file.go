package rules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

// File is a rule file, in Prometheus' own words.
type File struct {
	Groups []Group `json:"groups" yaml:"groups" nullable:"false" maxItems:"5000"`
}

// Group is a list of rules that are evaluated in order, at one moment.
type Group struct {
	Name        string            `json:"name" yaml:"name"`
	Interval    Duration          `json:"interval,omitempty" yaml:"interval,omitempty" pattern:"^(0|([0-9]+(ms|s|m|h|d|w|y))+)$" patternDescription:"a duration such as 30s, 5m or 1d" doc:"how often; 1m when left out"`
	QueryOffset *Duration         `json:"query_offset,omitempty" yaml:"query_offset,omitempty" pattern:"^(0|([0-9]+(ms|s|m|h|d|w|y))+)$" patternDescription:"a duration such as 30s, 5m or 1d" doc:"how far in the past the rules look, for samples that come late"`
	Limit       int               `json:"limit,omitempty" yaml:"limit,omitempty" minimum:"0" doc:"the most alerts, or series, one rule may give"`
	Labels      map[string]string `json:"labels,omitempty" yaml:"labels,omitempty" doc:"of all rules; a rule's own go before"`
	Rules       []Rule            `json:"rules" yaml:"rules" nullable:"false" maxItems:"10000"`
}

// Rule is one alerting or recording rule.
type Rule struct {
	Record        string            `json:"record,omitempty" yaml:"record,omitempty" doc:"the name of the series that are written"`
	Alert         string            `json:"alert,omitempty" yaml:"alert,omitempty" doc:"the name of the alerts"`
	Expr          string            `json:"expr" yaml:"expr"`
	For           Duration          `json:"for,omitempty" yaml:"for,omitempty" pattern:"^(0|([0-9]+(ms|s|m|h|d|w|y))+)$" patternDescription:"a duration such as 30s, 5m or 1d"`
	KeepFiringFor Duration          `json:"keep_firing_for,omitempty" yaml:"keep_firing_for,omitempty" pattern:"^(0|([0-9]+(ms|s|m|h|d|w|y))+)$" patternDescription:"a duration such as 30s, 5m or 1d"`
	Labels        map[string]string `json:"labels,omitempty" yaml:"labels,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty" yaml:"annotations,omitempty"`
}

// Name is the alert's, or that of the series that are recorded.
func (r *Rule) Name() string {
	if r.Record != "" {
		return r.Record
	}
	return r.Alert
}

// Offset is how far in the past the group looks.
func (g *Group) Offset() time.Duration {
	if g.QueryOffset == nil {
		return 0
	}
	return g.QueryOffset.Std()
}

// labelsOf are the labels of a rule with those of its group.
func (g *Group) labelsOf(r *Rule) map[string]string {
	if len(g.Labels) == 0 {
		return r.Labels
	}
	all := make(map[string]string, len(g.Labels)+len(r.Labels))
	for k, v := range g.Labels {
		all[k] = v
	}
	for k, v := range r.Labels {
		all[k] = v
	}
	return all
}

// maxFile bounds a rule file that is read.
const maxFile = 16 << 20

// Parse reads a rule file as Prometheus does: strictly, one document. The error
// of a file that can be read names each field at fault.
func Parse(text []byte) (File, error) {
	var f File
	if len(text) > maxFile {
		return f, core.Errorf(core.CodeTooLarge, "a rule file may have %d MiB", maxFile>>20)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return f, core.Errorf(core.CodeMalformed, "the rule file cannot be read: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return f, f.Validate("")
}

// Encode writes a rule file that Prometheus and promtool take.
func (f File) Encode(w io.Writer) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(f); err != nil {
		return err
	}
	return encoder.Close()
}

// Validate names every field that breaks a rule, below prefix ("spec.").
func (f File) Validate(prefix string) error {
	var bad []core.Detail
	names := map[string]bool{}
	for i := range f.Groups {
		g := &f.Groups[i]
		at := fmt.Sprintf("%sgroups[%d]", prefix, i)
		switch {
		case g.Name == "":
			bad = append(bad, core.Detail{Field: at + ".name", Rule: "must be given"})
		case names[g.Name]:
			bad = append(bad, core.Detail{Field: at + ".name", Rule: fmt.Sprintf("%q is there twice", g.Name)})
		}
		names[g.Name] = true
		if g.Interval < 0 || g.Limit < 0 {
			bad = append(bad, core.Detail{Field: at, Rule: "interval and limit must not be negative"})
		}
		bad = append(bad, badLabels(at+".labels", g.Labels)...)
		for j := range g.Rules {
			bad = append(bad, g.Rules[j].validate(fmt.Sprintf("%s.rules[%d]", at, j))...)
		}
	}
	return core.InvalidAll(bad)
}

func (r *Rule) validate(at string) (bad []core.Detail) {
	fault := func(field, rule string) {
		bad = append(bad, core.Detail{Field: at + field, Rule: rule + " (" + r.Name() + ")"})
	}
	if (r.Record == "") == (r.Alert == "") {
		fault("", "must have exactly one of record and alert")
	}
	if err := metricstore.CheckExpr("", r.Expr); err != nil {
		fault(".expr", err.(*core.Error).Details[0].Rule)
	}
	if r.Record != "" {
		if !model.UTF8Validation.IsValidMetricName(r.Record) || strings.ContainsAny(r.Record, "{}") {
			fault(".record", "must be the name of a metric")
		}
		if r.For != 0 || r.KeepFiringFor != 0 || len(r.Annotations) > 0 {
			fault("", "a recording rule has neither for, keep_firing_for nor annotations")
		}
	}
	bad = append(bad, badLabels(at+".labels", r.Labels)...)
	for name, text := range r.Annotations {
		if !model.UTF8Validation.IsValidLabelName(name) {
			fault(".annotations."+name, "is not a name")
		}
		if err := CheckTemplate(text); err != nil {
			fault(".annotations."+name, err.Error())
		}
	}
	if r.Alert != "" {
		for name, text := range r.Labels {
			if err := CheckTemplate(text); err != nil {
				fault(".labels."+name, err.Error())
			}
		}
	}
	return bad
}

func badLabels(at string, labels map[string]string) (bad []core.Detail) {
	for k, v := range labels {
		if !model.UTF8Validation.IsValidLabelName(k) || k == model.MetricNameLabel {
			bad = append(bad, core.Detail{Field: at + "." + k, Rule: "is not the name of a label"})
		}
		if !model.LabelValue(v).IsValid() {
			bad = append(bad, core.Detail{Field: at + "." + k, Rule: "must be valid UTF-8"})
		}
	}
	return bad
}

// CheckTemplate says what is wrong with the text of a label or an annotation.
func CheckTemplate(text string) error {
	if !strings.Contains(text, "{{") {
		return nil
	}
	return Setting{}.expander(context.Background(), "", text, nil, 0, nil, time.Time{}).ParseTest()
}

// Selects are the metrics that an expression selects by name; all is true when
// it may select any.
func Selects(expr string) (names []string, all bool) {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return nil, true
	}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			if v.Name == "" {
				all = true
			}
			names = append(names, v.Name)
		}
		return nil
	})
	return names, all
}
