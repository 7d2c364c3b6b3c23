package probe

import (
	"context"
	"regexp"

	"github.com/shirou/gopsutil/v4/process"
)

// Process counts the processes of this host that match.
type Process struct {
	Name    string `json:"name,omitempty" doc:"regular expression for the whole process name"`
	Command string `json:"command,omitempty" doc:"regular expression for the command line"`
	User    string `json:"user,omitempty" doc:"the user they run as"`
	Min     *int   `json:"min,omitempty" doc:"how many there must be; 1 when left out"`
	Max     *int   `json:"max,omitempty" doc:"how many there may be; no bound when left out"`
}

func (p *Process) validate(f *fields) {
	f.check(p.Name != "" || p.Command != "", "name", "a process needs a name or a command")
	checkRegexp(f, "name", p.Name)
	checkRegexp(f, "command", p.Command)
	f.check(p.Min == nil || *p.Min >= 0, "min", "must not be negative")
	f.check(p.Max == nil || *p.Max >= 0, "max", "must not be negative")
	f.check(p.Min == nil || p.Max == nil || *p.Min <= *p.Max, "max", "must not be below min")
}

func (spec *Process) probe(ctx context.Context, _ Runner, res *Result) {
	all, err := process.ProcessesWithContext(ctx)
	if err != nil {
		res.Set(Unknown, "the processes cannot be listed: %s", Why(err))
		return
	}
	name, command := regexp.MustCompile("^(?:"+spec.Name+")$"), regexp.MustCompile(spec.Command)
	count, memory, cpu := 0, 0.0, 0.0
	for _, p := range all {
		if !spec.matches(ctx, p, name, command) {
			continue
		}
		count++
		if m, err := p.MemoryInfoWithContext(ctx); err == nil {
			memory += float64(m.RSS)
		}
		if t, err := p.TimesWithContext(ctx); err == nil {
			cpu += t.User + t.System
		}
	}
	least := 1
	if spec.Min != nil {
		least = *spec.Min
	}
	res.Measure("processes", "", float64(count))
	res.Measure("memory", "bytes", memory)
	res.Measure("cpu", "seconds", cpu)
	res.Set(OK, "%d processes of %s", count, spec.label())
	switch {
	case count < least:
		res.Worsen(Critical, "at least %d are needed", least)
	case spec.Max != nil && count > *spec.Max:
		res.Worsen(Critical, "at most %d are allowed", *spec.Max)
	}
}

func (p *Process) label() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Command
}

// matches ignores processes that end while they are looked at.
func (p *Process) matches(ctx context.Context, proc *process.Process, name, command *regexp.Regexp) bool {
	if p.Name != "" {
		if got, err := proc.NameWithContext(ctx); err != nil || !name.MatchString(got) {
			return false
		}
	}
	if p.Command != "" {
		if got, err := proc.CmdlineWithContext(ctx); err != nil || !command.MatchString(got) {
			return false
		}
	}
	if p.User != "" {
		if got, err := proc.UsernameWithContext(ctx); err != nil || got != p.User {
			return false
		}
	}
	return true
}
