package routing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/common/model"

	"mainstay/internal/core"
	"mainstay/internal/events/inhibition"
	"mainstay/internal/events/matching"
)

// compiler gathers what is wrong with a Spec.
type compiler struct {
	bad       []core.Detail
	receivers map[string]*receiver
	intervals map[string][]timeinterval.TimeInterval
	used      int // routes
}

const (
	maxRoutes = 20_000
	maxDepth  = 50
)

func (c *compiler) add(field, format string, args ...any) {
	c.bad = append(c.bad, core.Detail{Field: field, Rule: fmt.Sprintf(format, args...)})
}

// Compile checks a Spec and makes it ready. external is the address of this
// installation that notifications name.
func Compile(spec Spec, external *url.URL) (*Plan, error) {
	c := &compiler{receivers: map[string]*receiver{}, intervals: map[string][]timeinterval.TimeInterval{}}
	p := &Plan{Spec: spec}
	if spec.Global != nil && spec.Global.ResolveTimeout != "" {
		p.ResolveTimeout = c.duration("spec.global.resolve_timeout", spec.Global.ResolveTimeout, 0)
	}
	p.template = c.templates(spec.Templates, external)
	for i, r := range spec.Receivers {
		field := fmt.Sprintf("spec.receivers[%d]", i)
		if c.receivers[r.Name] != nil {
			c.add(field+".name", "is used twice: %q", r.Name)
			continue
		}
		c.receivers[r.Name] = c.receiver(field, r, p.template)
	}
	for i, list := range [][]NamedInterval{spec.TimeIntervals, spec.MuteTimeIntervals} {
		for j, named := range list {
			c.named(fmt.Sprintf("spec.%s[%d]", []string{"time_intervals", "mute_time_intervals"}[i], j), named)
		}
	}
	c.root(spec.Route)
	p.root = c.route("spec.route", spec.Route, defaultOptions(), 0)
	for i, r := range spec.InhibitRules {
		p.Inhibitions = append(p.Inhibitions, c.inhibition(fmt.Sprintf("spec.inhibit_rules[%d]", i), r))
	}
	if len(c.bad) > 0 {
		return nil, core.InvalidAll(c.bad)
	}
	p.root.settle(nil, 0)
	p.receivers, p.times = c.receivers, timeinterval.NewIntervener(c.intervals)
	p.Original = original(spec)
	return p, nil
}

func (c *compiler) root(r Route) {
	if r.Receiver == "" {
		c.add("spec.route.receiver", "must name the receiver of what fits no other route")
	}
	if len(r.Match)+len(r.MatchRE)+len(r.Matchers) > 0 {
		c.add("spec.route.matchers", "must be empty: the root route takes every alert")
	}
	if len(r.MuteTimeIntervals) > 0 {
		c.add("spec.route.mute_time_intervals", "must be empty at the root route")
	}
	if len(r.ActiveTimeIntervals) > 0 {
		c.add("spec.route.active_time_intervals", "must be empty at the root route")
	}
}

func (c *compiler) route(field string, r Route, from options, depth int) *node {
	n := &node{options: from, onward: r.Continue}
	if c.used++; c.used > maxRoutes || depth > maxDepth {
		if c.used == maxRoutes+1 || depth == maxDepth+1 {
			c.add(field, "is too much: at most %d routes, %d deep", maxRoutes, maxDepth)
		}
		return n
	}
	if r.Receiver != "" {
		n.receiver = r.Receiver
		if c.receivers[r.Receiver] == nil {
			c.add(field+".receiver", "%q is not among the receivers", r.Receiver)
		}
	}
	c.groupBy(field, r, n)
	n.groupWait = c.duration(field+".group_wait", r.GroupWait, n.groupWait)
	n.groupInterval = c.positive(field+".group_interval", r.GroupInterval, n.groupInterval)
	n.repeatInterval = c.positive(field+".repeat_interval", r.RepeatInterval, n.repeatInterval)
	if len(r.Labels) > 0 {
		n.labels = maps.Clone(from.labels)
		if n.labels == nil {
			n.labels = map[string]string{}
		}
		maps.Copy(n.labels, r.Labels)
	}
	n.mute, n.active = r.MuteTimeIntervals, r.ActiveTimeIntervals
	for what, names := range map[string][]string{"mute_time_intervals": n.mute, "active_time_intervals": n.active} {
		for _, name := range names {
			if _, ok := c.intervals[name]; !ok {
				c.add(field+"."+what, "%q is not among the time intervals", name)
			}
		}
	}
	n.matchers = c.matchers(field, "match", r.Match, r.MatchRE, r.Matchers)
	for i, child := range r.Routes {
		n.children = append(n.children, c.route(fmt.Sprintf("%s.routes[%d]", field, i), child, n.options, depth+1))
	}
	return n
}

func (c *compiler) groupBy(field string, r Route, n *node) {
	if r.GroupBy == nil {
		return
	}
	if slices.Contains(r.GroupBy, "...") {
		if len(r.GroupBy) > 1 {
			c.add(field+".group_by", "must have ... alone, or labels")
		}
		n.groupByAll, n.groupBy = true, nil
		return
	}
	n.groupByAll, n.groupBy = false, slices.Clone(r.GroupBy)
	slices.Sort(n.groupBy)
	for i, name := range n.groupBy {
		if !matching.Name(name) {
			c.add(field+".group_by", "%q is not a label", name)
		}
		if i > 0 && n.groupBy[i-1] == name {
			c.add(field+".group_by", "names %q twice", name)
		}
	}
}

// matchers joins the three ways of writing matchers, in Alertmanager's order.
func (c *compiler) matchers(field, prefix string, equal, pattern map[string]string, list []string) labels.Matchers {
	var all labels.Matchers
	for _, part := range []struct {
		suffix string
		kind   labels.MatchType
		set    map[string]string
	}{{"", labels.MatchEqual, equal}, {"_re", labels.MatchRegexp, pattern}} {
		for _, name := range slices.Sorted(maps.Keys(part.set)) {
			m, err := labels.NewMatcher(part.kind, name, part.set[name])
			if err != nil || !matching.ClassicName(name) {
				c.add(field+"."+prefix+part.suffix, "%q and %q make no matcher", name, part.set[name])
				continue
			}
			all = append(all, m)
		}
	}
	for i, text := range list {
		some, err := matching.Parse(text)
		if err != nil {
			c.add(fmt.Sprintf("%s.%sers[%d]", field, prefix, i), "%v", err)
			continue
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b *labels.Matcher) int {
		for _, order := range []int{strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value), int(a.Type) - int(b.Type)} {
			if order != 0 {
				return order
			}
		}
		return 0
	})
	return all
}

func (c *compiler) inhibition(field string, r InhibitRule) inhibition.Rule {
	for _, name := range r.Equal {
		if !matching.Name(name) {
			c.add(field+".equal", "%q is not a label", name)
		}
	}
	return inhibition.Rule{Name: r.Name, Equal: r.Equal,
		Source: c.matchers(field, "source_match", r.SourceMatch, r.SourceMatchRE, r.SourceMatchers),
		Target: c.matchers(field, "target_match", r.TargetMatch, r.TargetMatchRE, r.TargetMatchers)}
}

// CompileInhibition checks one rule that stands for itself.
func CompileInhibition(r InhibitRule) (inhibition.Rule, error) {
	c := &compiler{}
	rule := c.inhibition("spec", r)
	return rule, core.InvalidAll(c.bad)
}

func (c *compiler) duration(field, text string, otherwise time.Duration) time.Duration {
	if text == "" {
		return otherwise
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		c.add(field, "must be a duration such as 30s, 5m or 4h")
	}
	return time.Duration(d)
}

func (c *compiler) positive(field, text string, otherwise time.Duration) time.Duration {
	before := len(c.bad)
	d := c.duration(field, text, otherwise)
	if d <= 0 && len(c.bad) == before {
		c.add(field, "must not be zero")
	}
	return d
}

// named reads a time interval with Alertmanager's own reader.
func (c *compiler) named(field string, n NamedInterval) {
	if _, known := c.intervals[n.Name]; known {
		c.add(field+".name", "is used twice: %q", n.Name)
		return
	}
	c.intervals[n.Name] = []timeinterval.TimeInterval{}
	for i, one := range n.Intervals {
		for _, list := range [][]any{one.Weekdays, one.DaysOfMonth, one.Months, one.Years} {
			for j := range list {
				if n, ok := list[j].(float64); ok {
					list[j] = fmt.Sprint(int64(n)) // YAML reads 2027 as a number
				}
			}
		}
		text, err := json.Marshal(one)
		var ready timeinterval.TimeInterval
		if err == nil {
			decoder := json.NewDecoder(bytes.NewReader(text))
			err = decoder.Decode(&ready)
		}
		if err != nil {
			c.add(fmt.Sprintf("%s.time_intervals[%d]", field, i), "%v", err)
			continue
		}
		c.intervals[n.Name] = append(c.intervals[n.Name], ready)
	}
}

func (c *compiler) templates(texts []string, external *url.URL) *template.Template {
	t, err := template.FromGlobs(nil)
	if err != nil {
		panic("routing: the built-in templates do not parse: " + err.Error())
	}
	for i, text := range texts {
		if err := t.Parse(strings.NewReader(text)); err != nil {
			c.add(fmt.Sprintf("spec.templates[%d]", i), "%v", err)
		}
	}
	if t.ExternalURL = external; external == nil {
		t.ExternalURL = &url.URL{}
	}
	return t
}

var errNoAddress = errors.New("must be an http or https address, a template of one, or secret:NAME")
