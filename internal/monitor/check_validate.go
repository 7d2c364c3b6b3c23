package monitor

import (
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// serverPlace is how a location names the server.
const serverPlace = "server"

// validate names every field at fault.
func (s CheckSpec) validate(name string, cfg Configuration) error {
	f := faults(checkName(name))
	s.validateSubject(&f)
	s.validateMeasure(&f, "spec.", cfg)
	f.check(!slices.Contains(s.DependsOn, name), "spec.dependsOn", "a check cannot depend on itself")
	for i, d := range s.DependsOn {
		f.check(d != "", fmt.Sprintf("spec.dependsOn[%d]", i), "must name a check")
	}
	s.validatePlace(&f)
	f.parameters("spec.parameters", s.Parameters)
	s.validateOverrides(&f, cfg)
	return core.InvalidAll(f)
}

func (s CheckSpec) validateSubject(f *faults) {
	ways := 0
	for _, used := range []bool{s.Item != "", len(s.Identities) > 0, s.Selector != ""} {
		if used {
			ways++
		}
	}
	f.check(ways == 1, "spec.item", "exactly one of item, identities and selector must say what the check is about")
	f.check(s.Item == "" || core.ValidID(s.Item), "spec.item", "must be the id of an item")
	f.identities("spec.identities", s.Identities)
}

// validateMeasure looks at what an override may change.
func (s CheckSpec) validateMeasure(f *faults, prefix string, cfg Configuration) {
	switch {
	case !s.pushed():
		*f = append(*f, trial(s.Spec).Validate(prefix)...)
	case s.Heartbeat != nil:
		*f = append(*f, s.Heartbeat.Validate(prefix+"heartbeat.")...)
	default:
		*f = append(*f, s.Passive.Validate(prefix+"passive.")...)
	}
	if s.pushed() {
		f.check((s.Heartbeat == nil || s.Passive == nil) && s.Spec.Kind() == "", prefix[:len(prefix)-1], "a heartbeat or passive check measures with nothing else")
		f.check(s.Interval == 0, prefix+"interval", "a check whose results come from outside is not run")
	}
	f.check(s.Interval == 0 || s.Interval.Std() >= cfg.MinInterval && s.Interval.Std() <= 24*time.Hour, prefix+"interval", fmt.Sprintf("must be between %v and 24h", cfg.MinInterval))
	f.check(s.RetryInterval >= 0 && s.RetryInterval.Std() <= s.interval(), prefix+"retryInterval", "must not be longer than the interval")
	f.check(s.Retries == nil || *s.Retries >= 0 && *s.Retries <= 100, prefix+"retries", "must be between 0 and 100")
	f.check(s.Severity == nil || *s.Severity > core.Clear, prefix+"severity", "must be one of info, warning, minor, major, critical")
	f.labels(prefix+"labels", s.Labels)
	f.check(!s.commandHere() || cfg.mayRun(s.Command.Path), prefix+"command.path", "lies in none of the directories whose programs may run on the server; an agent runs it with runOn: agent")
}

func (s CheckSpec) validatePlace(f *faults) {
	f.check(s.RunOn == "" || s.RunOn == onServer || s.RunOn == onAgent, "spec.runOn", "must be server or agent")
	f.check(s.RunOn != onServer || !s.Local(), "spec.runOn", "process and service checks run on the agent")
	f.check(s.RunOn != onServer || s.Agent == "", "spec.agent", "a check that runs on the server names no agent")
	f.check(!s.pushed() || s.RunOn == "" && s.Agent == "", "spec.runOn", "a check whose results come from outside runs nowhere")
	if !s.spread() {
		f.check(s.Agree == 0, "spec.agree", "belongs to locations")
		return
	}
	f.check(s.RunOn == "" && s.Agent == "", "spec.locations", "take the place of runOn and agent")
	f.check(!s.pushed(), "spec.locations", "a check whose results come from outside runs nowhere")
	for i, place := range s.Locations {
		at := fmt.Sprintf("spec.locations[%d]", i)
		f.check(place != "", at, "must name an agent, or be server")
		f.check(!slices.Contains(s.Locations[:i], place), at, "is named twice")
		f.check(place != serverPlace || !s.Local(), at, "process and service checks run on agents")
	}
	f.check(s.Agree >= 0 && (s.Places != "" || s.Agree <= len(s.Locations)), "spec.agree", "must not be more than there are locations")
}

func (f *faults) identities(field string, list []core.Identity) {
	for i, id := range list {
		f.check(id.Kind != "" && id.Value != "", fmt.Sprintf("%s[%d]", field, i), "must have a kind and a value")
	}
}

func (f *faults) parameters(field string, values map[string]string) {
	for k, v := range values {
		f.check(labelName.MatchString(k), field+"."+k, "must be letters, digits and _, not beginning with a digit")
		f.check(len(v) <= 1000, field+"."+k, "must be at most 1000 bytes")
	}
}

// trial is the spec with a stand-in for each of the item's values, which is
// valid as a name, a number and an address.
func trial(spec probe.Spec) probe.Spec {
	filled, err := substitute(spec, func(string) (string, bool) { return "1", true })
	if err != nil {
		return spec
	}
	return filled
}
