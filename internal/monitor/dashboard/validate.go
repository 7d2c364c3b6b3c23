package dashboard

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

// faults collects what is wrong with a document.
type faults []core.Detail

func (f *faults) add(field, rule string) { *f = append(*f, core.Detail{Field: field, Rule: rule}) }

func (f *faults) check(ok bool, field, rule string) {
	if !ok {
		f.add(field, rule)
	}
}

const maxNameLength = 120

var (
	documentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/@: -]*$`)
	variableName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	labelName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	relativeTime = regexp.MustCompile(`^now(-[0-9]+(\.[0-9]+)?[smhdw])?$`)
	linkAddress  = regexp.MustCompile(`^(https?://|/($|[^/]))`)
)

// minRefresh keeps a wall of screens from asking all the time.
const minRefresh = 5 * time.Second

// Validate names every field that breaks a rule.
func (s Spec) Validate(name string) error {
	var f faults
	f.check(len(name) <= maxNameLength && documentName.MatchString(name), "name",
		"must be letters, digits, spaces and . _ / @ : -, beginning with a letter or digit, at most 120 characters")
	f.check(strings.TrimSpace(s.Title) != "", "spec.title", "must be given")
	for i, t := range s.Tags {
		f.check(t != "" && len(t) <= 50 && !strings.ContainsAny(t, "|\n"), fmt.Sprintf("spec.tags[%d]", i), "must be 1 to 50 characters without | and line breaks")
		f.check(!slices.Contains(s.Tags[:i], t), fmt.Sprintf("spec.tags[%d]", i), "is there twice")
	}
	for i, m := range s.Marks {
		f.check(slices.Contains([]string{"alerts", "situations", "maintenance", "changes", "none"}, m), fmt.Sprintf("spec.marks[%d]", i), "must be one of alerts, situations, maintenance, changes, none")
		f.check(!slices.Contains(s.Marks[:i], m) && (m != "none" || len(s.Marks) == 1), fmt.Sprintf("spec.marks[%d]", i), "must be there once, and none alone")
	}
	f.moment(s.From, "spec.from")
	f.moment(s.To, "spec.to")
	f.check(s.Refresh == 0 || s.Refresh.Std() >= minRefresh && s.Refresh.Std() <= 24*time.Hour, "spec.refresh", "must be between 5s and 24h")
	known := map[string]Variable{}
	for i, v := range s.Variables {
		f.variable(v, known, fmt.Sprintf("spec.variables[%d]", i))
		known[v.Name] = v
	}
	for i, p := range s.Panels {
		f.panel(p, known, fmt.Sprintf("spec.panels[%d]", i))
	}
	return core.InvalidAll(f)
}

func (f *faults) moment(text, field string) {
	if text == "" || relativeTime.MatchString(text) {
		return
	}
	_, err := time.Parse(time.RFC3339, text)
	f.check(err == nil, field, "must be now, now with a distance such as now-6h, or an RFC 3339 time")
}

// variable checks one; it may name those before it.
func (f *faults) variable(v Variable, before map[string]Variable, field string) {
	f.check(variableName.MatchString(v.Name), field+".name", "must be letters, digits and _, beginning with a letter")
	_, twice := before[v.Name]
	f.check(!twice, field+".name", "is there twice")
	f.check(v.Kind == OfGraph || v.Selector == "", field+".selector", "is for the kind graph")
	f.check(v.Kind == OfQuery || v.Query == "" && v.Of == "" && v.Regex == "", field+".query", "query, of and regex are for the kind query")
	f.check(v.Kind == OfConstant || v.Kind == OfInterval || len(v.Options) == 0, field+".options", "is for the kinds constant and interval")
	f.check(v.Multi || len(v.Default) <= 1, field+".default", "must be one value unless multi is set")
	switch v.Kind {
	case OfQuery:
		f.check(labelName.MatchString(v.Of), field+".of", "must be the name of a label")
		if v.Query != "" {
			f.expression(v.Query, before, field+".query")
		}
		_, err := regexp.Compile(v.Regex)
		f.check(err == nil, field+".regex", "must be a regular expression")
	case OfGraph:
		f.check(v.Selector != "", field+".selector", "must be given")
	case OfConstant:
		f.check(len(v.Options) > 0, field+".options", "must be given")
	case OfInterval:
		f.check(len(v.Options) > 0, field+".options", "must be given")
		for i, o := range v.Options {
			f.check(metricstore.CheckExpr("", "rate(a["+o+"])") == nil, fmt.Sprintf("%s.options[%d]", field, i), "must be a duration such as 5m")
		}
	case OfText:
	default:
		f.add(field+".kind", "must be one of query, graph, constant, interval, text")
	}
}

// measured are the types of panel that need expressions.
func measured(kind string) bool { return kind != Row && kind != Text && kind != Map }

func (f *faults) panel(p Panel, known map[string]Variable, field string) {
	f.check(slices.Contains([]string{Row, TimeSeries, StatPanel, Gauge, Bar, Table, Heatmap, StateTimeline, TopList, Map, Text}, p.Type), field+".type", "is not a type of panel")
	f.check(p.At.X >= 0 && p.At.W >= 1 && p.At.X+p.At.W <= Columns, field+".at", "must lie within the 24 columns: x + w is at most 24")
	f.check(p.At.Y >= 0 && p.At.H >= 1, field+".at", "must have y of at least 0 and h of at least 1")
	if p.Repeat != "" {
		_, ok := known[p.Repeat]
		f.check(ok, field+".repeat", "is not a variable of this dashboard")
	}
	if measured(p.Type) {
		f.check(len(p.Targets) > 0, field+".targets", "must have an expression")
	} else {
		f.check(len(p.Targets) == 0, field+".targets", "a "+p.Type+" asks nothing")
	}
	for i, t := range p.Targets {
		f.expression(t.Query, known, fmt.Sprintf("%s.targets[%d].query", field, i))
	}
	f.check(p.Type == Map || p.Selector == "", field+".selector", "is for maps")
	f.check(p.Type != Map || p.Selector != "", field+".selector", "must say which items are drawn")
	f.check(p.Type == Text || p.Text == "", field+".text", "is for texts")
	f.check(p.Min == nil || p.Max == nil || *p.Min < *p.Max, field+".max", "must be more than min")
	f.thresholds(p.Thresholds, field)
	for i, m := range p.Mappings {
		f.check((m.Value != "") != (m.From != nil || m.To != nil), fmt.Sprintf("%s.mappings[%d]", field, i), "must have either a value, or from and to")
		f.check(m.Text != "" || m.Severity != "", fmt.Sprintf("%s.mappings[%d]", field, i), "must have a text or a severity")
	}
	if p.Right != nil {
		_, err := regexp.Compile(p.Right.Match)
		f.check(err == nil, field+".right.match", "must be a regular expression")
	}
	for i, l := range p.Links {
		f.check(linkAddress.MatchString(l.To), fmt.Sprintf("%s.links[%d].to", field, i), "must be a path such as /items or begin with http:// or https://")
	}
}

func (f *faults) thresholds(list []Threshold, field string) {
	for i, t := range list {
		at := fmt.Sprintf("%s.thresholds[%d].from", field, i)
		switch {
		case t.From == nil:
			f.check(i == 0, at, "only the first may be without")
		case i > 0 && list[i-1].From != nil:
			f.check(*t.From > *list[i-1].From, at, "must be more than that before it")
		}
	}
}

// selectors lists the selectors of the document by their fields. Those with
// variables are known only when they are used.
func (s Spec) selectors() map[string]string {
	out := map[string]string{}
	for i, v := range s.Variables {
		if v.Selector != "" && !strings.Contains(v.Selector, "$") {
			out[fmt.Sprintf("spec.variables[%d].selector", i)] = v.Selector
		}
	}
	for i, p := range s.Panels {
		if p.Selector != "" && !strings.Contains(p.Selector, "$") {
			out[fmt.Sprintf("spec.panels[%d].selector", i)] = p.Selector
		}
	}
	return out
}
