package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/monitor/beat"
	"mainstay/internal/platform/probe"
)

// Override says what of a check is different for some of its items. What it
// does not name stays as it is.
type Override struct {
	Item       string          `json:"item,omitempty" doc:"id of the item it is for; or give identities or selector"`
	Identities []core.Identity `json:"identities,omitempty" maxItems:"20"`
	Selector   string          `json:"selector,omitempty" maxLength:"5000"`
	Reason     string          `json:"reason,omitempty" maxLength:"500"`

	Disabled      *bool             `json:"disabled,omitempty" doc:"the item is not checked"`
	Interval      probe.Duration    `json:"interval,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	RetryInterval probe.Duration    `json:"retryInterval,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	Retries       *int              `json:"retries,omitempty"`
	Severity      *core.Severity    `json:"severity,omitempty"`
	Labels        map[string]string `json:"labels,omitempty" doc:"added to those of the check"`
	Parameters    map[string]string `json:"parameters,omitempty" doc:"take the place of those of the check"`
	Measure       map[string]any    `json:"measure,omitempty" doc:"laid over what is measured, as JSON Merge Patch does: http: {latency: {critical: 5s}}"`
}

// measure is what an override may be laid over.
type measure struct {
	probe.Spec
	Heartbeat *beat.Heartbeat `json:"heartbeat,omitempty"`
	Passive   *beat.Passive   `json:"passive,omitempty"`
}

// over returns the spec with the override laid over it.
func (o *Override) over(s CheckSpec) (CheckSpec, error) {
	if o.Disabled != nil {
		s.Disabled = *o.Disabled
	}
	if o.Interval != 0 {
		s.Interval = o.Interval
		if o.RetryInterval == 0 && s.RetryInterval > o.Interval {
			s.RetryInterval = o.Interval
		}
	}
	if o.RetryInterval != 0 {
		s.RetryInterval = o.RetryInterval
	}
	if o.Retries != nil {
		s.Retries = o.Retries
	}
	if o.Severity != nil {
		s.Severity = o.Severity
	}
	s.Labels, s.Parameters = merged(s.Labels, o.Labels), merged(s.Parameters, o.Parameters)
	if len(o.Measure) == 0 {
		return s, nil
	}
	raw, err := json.Marshal(measure{s.Spec, s.Heartbeat, s.Passive})
	if err != nil {
		return s, err
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return s, err
	}
	if raw, err = json.Marshal(mergePatch(doc, o.Measure)); err != nil {
		return s, err
	}
	var laid measure
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&laid); err != nil {
		return s, core.Errorf(core.CodeInvalid, "does not fit what is measured: %s", err)
	}
	s.Spec, s.Heartbeat, s.Passive = laid.Spec, laid.Heartbeat, laid.Passive
	return s, nil
}

// mergePatch lays patch over target. RFC 7396.
func mergePatch(target, patch map[string]any) map[string]any {
	out := maps.Clone(target)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range patch {
		switch v := value.(type) {
		case nil:
			delete(out, key)
		case map[string]any:
			below, _ := out[key].(map[string]any)
			out[key] = mergePatch(below, v)
		default:
			out[key] = v
		}
	}
	return out
}

func merged(base, over map[string]string) map[string]string {
	if len(over) == 0 {
		return base
	}
	out := maps.Clone(base)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, over)
	return out
}

func (s CheckSpec) validateOverrides(f *faults, cfg Configuration) {
	f.check(len(s.Overrides) == 0 || s.Selector != "", "spec.overrides", "belong to a check with a selector")
	for i := range s.Overrides {
		o, field := &s.Overrides[i], fmt.Sprintf("spec.overrides[%d]", i)
		ways := 0
		for _, used := range []bool{o.Item != "", len(o.Identities) > 0, o.Selector != ""} {
			if used {
				ways++
			}
		}
		f.check(ways == 1, field+".item", "exactly one of item, identities and selector must say which items")
		f.check(o.Item == "" || core.ValidID(o.Item), field+".item", "must be the id of an item")
		f.identities(field+".identities", o.Identities)
		f.parameters(field+".parameters", o.Parameters)
		laid, err := o.over(s)
		if err != nil {
			f.check(false, field+".measure", message(err))
			continue
		}
		f.check(laid.Kind() == s.Kind(), field+".measure", "must not change the kind of check")
		laid.validateMeasure(f, field+".", cfg)
	}
}

// variant is the check as it is for one item.
func (c *Check) variant(fits func(i int, o *Override) bool) *Check {
	var out *Check
	for i := range c.Spec.Overrides {
		if !fits(i, &c.Spec.Overrides[i]) {
			continue
		}
		if out == nil {
			copied := *c
			out = &copied
			out.overridden = nil
		}
		if laid, err := c.Spec.Overrides[i].over(out.Spec); err == nil { // valid when it was declared
			out.Spec = laid
			out.overridden = append(out.overridden, i)
		}
	}
	if out == nil {
		return c
	}
	return out
}

// overridden finds which overrides of a check fit which items.
type overridden []map[string]bool

// overridesOf asks the graph for the items of every override.
func (c *Component) overridesOf(ctx context.Context, check *Check) (overridden, error) {
	var out overridden
	for _, o := range check.Spec.Overrides {
		found := map[string]bool{}
		switch {
		case o.Item != "":
			found[o.Item] = true
		case o.Selector != "":
			ids, err := c.deps.Items.Select(ctx, o.Selector)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				found[id] = true
			}
		default:
			id, err := c.deps.Items.ItemOf(ctx, o.Identities)
			if code := core.CodeOf(err); code != "" && code != core.CodeNotFound && code != core.CodeConflict {
				return nil, err
			}
			found[id] = err == nil
		}
		out = append(out, found)
	}
	return out, nil
}

// of is the check as it is for an item.
func (o overridden) of(check *Check, item string) *Check {
	if len(o) == 0 {
		return check
	}
	return check.variant(func(i int, _ *Override) bool { return o[i][item] })
}

// startsPrograms says that the check, or what an override makes of it, starts
// a program on the server.
func (s CheckSpec) startsPrograms() bool {
	return slices.ContainsFunc(s.programs(), func(v CheckSpec) bool { return v.commandHere() })
}

// programs are what decides on the programs that the check starts: the spec
// and each override of it, without what has no part in it.
func (s CheckSpec) programs() []CheckSpec {
	only := func(v CheckSpec) CheckSpec {
		return CheckSpec{Spec: probe.Spec{Command: v.Command}, RunOn: v.RunOn, Agent: v.Agent, Locations: v.Locations, Places: v.Places, Parameters: v.Parameters}
	}
	out := []CheckSpec{only(s)}
	for i := range s.Overrides {
		if laid, err := s.Overrides[i].over(s); err == nil {
			out = append(out, only(laid))
		}
	}
	return out
}
