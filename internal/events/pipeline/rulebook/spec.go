package rulebook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/probe"
)

// Spec is a document of the kind EventRules: rules that are asked in order.
type Spec struct {
	Order       int        `json:"order,omitempty" minimum:"-100000" maximum:"100000" doc:"Documents with a smaller one come first; those of one order by their name"`
	Enabled     *bool      `json:"enabled,omitempty" doc:"Without it the rules act; false keeps them as a draft"`
	Description string     `json:"description,omitempty" maxLength:"4000"`
	Rules       []RuleSpec `json:"rules" nullable:"false" minItems:"1" maxItems:"500"`
}

// On says whether the document's rules act.
func (s Spec) On() bool { return s.Enabled == nil || *s.Enabled }

// RuleSpec is one rule: a condition, and what it does with the events that fulfil it.
type RuleSpec struct {
	Name        string            `json:"name" minLength:"1" maxLength:"200"`
	Description string            `json:"description,omitempty" maxLength:"4000"`
	Enabled     *bool             `json:"enabled,omitempty"`
	When        string            `json:"when,omitempty" maxLength:"4096" doc:"A condition in CEL over event and item; every event when absent" example:"event.source == \"trap\" && event.labels.ifName.startsWith(\"ge-\")"`
	Lookup      []LookupSpec      `json:"lookup,omitempty" maxItems:"10" doc:"Rows of tables, for the expressions that follow, as row"`
	Enrich      []string          `json:"enrich,omitempty" maxItems:"20" enum:"owner,site,service,team,name,class" doc:"What the graph knows of the item, as labels"`
	Set         *SetSpec          `json:"set,omitempty"`
	Labels      map[string]string `json:"labels,omitempty" doc:"Expressions by label; an empty text takes the label away"`
	Annotations map[string]string `json:"annotations,omitempty" doc:"Expressions by annotation"`
	Clears      string            `json:"clears,omitempty" maxLength:"4096" doc:"An expression: the key, or the list of keys, of alerts that this event clears"`
	Drop        bool              `json:"drop,omitempty" doc:"It opens no alert; it is recorded as dropped"`
	Discard     bool              `json:"discard,omitempty" doc:"It opens no alert and is not recorded, only counted"`
	Threshold   *ThresholdSpec    `json:"threshold,omitempty"`
	Hold        probe.Duration    `json:"hold,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"It becomes an alert only when it is not cleared within this"`
	Flapping    *FlappingSpec     `json:"flapping,omitempty"`
	Storm       *StormSpec        `json:"storm,omitempty"`
	Expire      probe.Duration    `json:"expire,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"The alert clears by itself when nothing repeats it for this long"`
	Escalate    []EscalateSpec    `json:"escalate,omitempty" maxItems:"10"`
	Stop        bool              `json:"stop,omitempty" doc:"No further rule is asked"`
}

// On says whether the rule acts, in a document that does.
func (r RuleSpec) On() bool { return r.Enabled == nil || *r.Enabled }

// SetSpec are the fields a rule sets, each by an expression.
type SetSpec struct {
	Severity    string `json:"severity,omitempty" maxLength:"4096" doc:"info, warning, minor, major, critical; or an expression that gives one"`
	Kind        string `json:"kind,omitempty" maxLength:"4096" doc:"problem, clear or notice; or an expression that gives one"`
	Key         string `json:"key,omitempty" maxLength:"4096" doc:"Events of one key are one alert; an expression"`
	Title       string `json:"title,omitempty" maxLength:"4096"`
	Description string `json:"description,omitempty" maxLength:"4096"`
	URL         string `json:"url,omitempty" maxLength:"4096"`
	Team        string `json:"team,omitempty" maxLength:"4096" doc:"Whose alert it is; an expression"`
}

// LookupSpec finds a row.
type LookupSpec struct {
	Table string `json:"table" minLength:"1" maxLength:"200" doc:"Name of a document of the kind LookupTable"`
	Key   string `json:"key" minLength:"1" maxLength:"4096" doc:"An expression that gives the row's key"`
}

// ThresholdSpec lets events pass once they are many.
type ThresholdSpec struct {
	Count  int            `json:"count" minimum:"2" maximum:"1000"`
	Within probe.Duration `json:"within" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	By     string         `json:"by,omitempty" maxLength:"4096" doc:"What is counted together, an expression; the event's key when absent"`
}

// FlappingSpec makes one alert of a condition that comes and goes.
type FlappingSpec struct {
	Changes int            `json:"changes" minimum:"2" maximum:"100"`
	Within  probe.Duration `json:"within" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	Calm    probe.Duration `json:"calm" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"Without a change for this long it counts as stable again"`
}

// StormSpec summarises the events of a source that sends too many.
type StormSpec struct {
	Rate int            `json:"rate" minimum:"1" maximum:"1000000" doc:"Events that may come within per"`
	Per  probe.Duration `json:"per" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	By   string         `json:"by,omitempty" maxLength:"4096" doc:"What is one source, an expression; the event's source when absent"`
	Calm probe.Duration `json:"calm,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"The storm is over when the rate was kept for this long; per when absent"`
}

// EscalateSpec raises the severity of an alert that nobody has acknowledged.
type EscalateSpec struct {
	After    probe.Duration `json:"after" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	Severity string         `json:"severity" enum:"info,warning,minor,major,critical"`
}

// Document is a rule set with its name.
type Document struct {
	Name string `json:"name"`
	Spec Spec   `json:"spec"`
}

// Parse reads and checks a spec.
func Parse(text json.RawMessage) (Spec, error) {
	var spec Spec
	if err := declare.Decode(text, &spec); err != nil {
		return spec, err
	}
	return spec, spec.Validate()
}

const longest = 7 * 24 * time.Hour

type faults []core.Detail

func (f *faults) need(ok bool, field, rule string) {
	if !ok {
		*f = append(*f, core.Detail{Field: field, Rule: rule})
	}
}

func (f *faults) span(d probe.Duration, field string) {
	f.need(d > 0 && d.Std() <= longest, field, "must be more than 0s and at most 168h")
}

// Validate names every field that cannot work; expressions are tried as well.
func (s Spec) Validate() error {
	var f faults
	f.need(len(s.Rules) > 0, "spec.rules", "must hold at least one rule")
	f.need(len(s.Rules) <= 500, "spec.rules", "must be at most 500")
	seen := map[string]bool{}
	for i, r := range s.Rules {
		at := fmt.Sprintf("spec.rules[%d].", i)
		f.need(r.Name != "" && len(r.Name) <= 200 && !strings.ContainsAny(r.Name, "\n\x00"), at+"name", "must have 1 to 200 bytes on one line")
		f.need(!seen[r.Name], at+"name", "must differ from the names of the document's other rules")
		seen[r.Name] = true
		r.validate(at, &f)
	}
	if len(f) == 0 {
		_, err := Compile([]Document{{Name: "spec", Spec: s}}, Options{Drafts: true})
		return err
	}
	return core.InvalidAll(f)
}

func (r RuleSpec) validate(at string, f *faults) {
	acts := r.Set != nil && *r.Set != (SetSpec{}) || len(r.Labels)+len(r.Annotations)+len(r.Enrich) > 0 || r.Clears != "" || r.Drop || r.Discard ||
		r.Threshold != nil || r.Hold != 0 || r.Flapping != nil || r.Storm != nil || r.Expire != 0 || len(r.Escalate) > 0 || r.Stop
	f.need(acts, strings.TrimSuffix(at, "."), "must do something: set, labels, drop, hold, stop ...")
	remembers := r.Threshold != nil || r.Hold != 0 || r.Flapping != nil || r.Storm != nil || len(r.Escalate) > 0
	f.need(!(r.Drop && r.Discard), at+"discard", "must not be said beside drop")
	f.need(!((r.Drop || r.Discard) && remembers), at+"drop", "must not be said beside what remembers events: they would not reach it")
	for _, what := range r.Enrich {
		f.need(slices.Contains(enrichments(), what), at+"enrich", "must be of "+strings.Join(enrichments(), ", "))
	}
	for name := range r.Labels {
		f.need(name != "" && len(name) <= 200, at+"labels", "a name must have 1 to 200 bytes")
	}
	if r.Hold != 0 {
		f.span(r.Hold, at+"hold")
	}
	if r.Expire != 0 {
		f.span(r.Expire, at+"expire")
	}
	if t := r.Threshold; t != nil {
		f.need(t.Count >= 2 && t.Count <= 1000, at+"threshold.count", "must be 2 to 1000")
		f.span(t.Within, at+"threshold.within")
	}
	if p := r.Flapping; p != nil {
		f.need(p.Changes >= 2 && p.Changes <= 100, at+"flapping.changes", "must be 2 to 100")
		f.span(p.Within, at+"flapping.within")
		f.span(p.Calm, at+"flapping.calm")
	}
	if s := r.Storm; s != nil {
		f.need(s.Rate >= 1 && s.Rate <= 1_000_000, at+"storm.rate", "must be 1 to 1000000")
		f.span(s.Per, at+"storm.per")
		f.need(s.Calm == 0 || s.Calm > 0 && s.Calm.Std() <= longest, at+"storm.calm", "must be at most 168h")
	}
	before := probe.Duration(0)
	for i, e := range r.Escalate {
		field := fmt.Sprintf("%sescalate[%d].", at, i)
		f.span(e.After, field+"after")
		f.need(e.After > before, field+"after", "must be longer than that of the step before")
		before = e.After
		severity, err := core.ParseSeverity(e.Severity)
		f.need(err == nil && severity > core.Clear, field+"severity", "must be one of info, warning, minor, major, critical")
	}
}

func enrichments() []string { return []string{"owner", "site", "service", "team", "name", "class"} }
