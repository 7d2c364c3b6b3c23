package policy

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// Policy is what the file says.
type Policy struct {
	Checks   []string `yaml:"checks"`
	Plugins  []string `yaml:"plugins"`
	Commands []Rule   `yaml:"commands"`
	Logs     []string `yaml:"logs"`
	Journal  bool     `yaml:"journal"`
}

// Rule allows commands. All of its parts must match.
type Rule struct {
	Runbooks []string `yaml:"runbooks"`
	Users    []string `yaml:"users"`
	Paths    []string `yaml:"paths"`
	Scripts  bool     `yaml:"scripts"`
}

// Parse reads the file. An unknown key or a bad pattern is an error: a typing
// mistake must not become a hole or a puzzle.
func Parse(data []byte) (p Policy, err error) {
	// goccy/go-yaml v1.19 panics on some tags ("runbooks: !00").
	defer func() {
		if cause := recover(); cause != nil {
			p, err = Policy{}, fmt.Errorf("not readable as YAML: %v", cause)
		}
	}()
	if strings.TrimSpace(string(data)) == "" {
		return p, nil
	}
	if err := yaml.UnmarshalWithOptions(data, &p, yaml.Strict()); err != nil {
		return Policy{}, fmt.Errorf("%s", strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	return p, p.validate()
}

func (p Policy) validate() error {
	var bad []core.Detail
	check := func(field string, patterns []string, absolute bool) {
		for i, pattern := range patterns {
			at := fmt.Sprintf("%s[%d]", field, i)
			if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
				bad = append(bad, core.Detail{Field: at, Rule: "must be a pattern such as restart-*"})
			} else if absolute && !filepath.IsAbs(pattern) && !path.IsAbs(pattern) {
				bad = append(bad, core.Detail{Field: at, Rule: "must be an absolute path"})
			}
		}
	}
	check("checks", p.Checks, false)
	check("plugins", p.Plugins, true)
	check("logs", p.Logs, true)
	for i, r := range p.Commands {
		field := fmt.Sprintf("commands[%d]", i)
		check(field+".runbooks", r.Runbooks, false)
		check(field+".users", r.Users, false)
		check(field+".paths", r.Paths, true)
		if len(r.Runbooks) == 0 {
			bad = append(bad, core.Detail{Field: field + ".runbooks", Rule: "must name at least one runbook"})
		}
		if len(r.Paths) == 0 && !r.Scripts {
			bad = append(bad, core.Detail{Field: field + ".paths", Rule: "must name at least one program, or set scripts: true"})
		}
	}
	return core.InvalidAll(bad)
}

// Command says nil when the policy allows the command; executable is the
// absolute path that would be run. The error names what is missing.
func (p Policy) Command(c protocol.Command, executable string) error {
	if len(p.Commands) == 0 {
		return denied("this host allows no commands")
	}
	reason := fmt.Sprintf("this host does not allow the runbook %q", c.Runbook)
	for i, r := range p.Commands {
		if c.Runbook == "" || !matches(r.Runbooks, c.Runbook) {
			continue
		}
		switch {
		case c.User != "" && !matches(r.Users, c.User):
			reason = fmt.Sprintf("commands[%d] does not allow the user %q", i, c.User)
		case c.Script != "" && !r.Scripts:
			reason = fmt.Sprintf("commands[%d] does not allow scripts", i)
		case c.Script != "" && c.Shell != "" && !matches(r.Paths, executable):
			reason = fmt.Sprintf("commands[%d] does not allow the shell %q", i, executable)
		case c.Script == "" && !matches(r.Paths, executable):
			reason = fmt.Sprintf("commands[%d] does not allow the program %q", i, executable)
		default:
			return nil
		}
	}
	return denied(reason)
}

// Check says nil when the policy allows a check of the kind. program is the
// absolute path a check of kind "command" runs, else empty.
func (p Policy) Check(kind, program string) error {
	if !matches(p.Checks, kind) {
		return denied(fmt.Sprintf("this host does not allow checks of kind %q", kind))
	}
	if program != "" && !matches(p.Plugins, program) {
		return denied(fmt.Sprintf("this host does not allow checks to run %q (plugins)", program))
	}
	return nil
}

// LogFile says nil when the policy allows to follow the file at an absolute
// path that has no symbolic links in it. A pattern that ends with /** allows
// everything below.
func (p Policy) LogFile(file string) error {
	file = filepath.ToSlash(file)
	for _, pattern := range p.Logs {
		pattern = filepath.ToSlash(pattern)
		if directory, below := strings.CutSuffix(pattern, "/**"); below && strings.HasPrefix(file, directory+"/") {
			return nil
		}
	}
	if !matches(p.Logs, file) {
		return denied(fmt.Sprintf("this host does not allow to follow %s (logs)", file))
	}
	return nil
}

// LogJournal says nil when the policy allows to follow the system's journal.
func (p Policy) LogJournal() error {
	if !p.Journal {
		return denied("this host does not allow to follow the journal (journal)")
	}
	return nil
}

// Summary is what the server is told of the policy.
func (p Policy) Summary() protocol.PolicySummary {
	s := protocol.PolicySummary{Checks: append([]string{}, p.Checks...), Runbooks: []string{}, Logs: append([]string{}, p.Logs...), Journal: p.Journal}
	for _, r := range p.Commands {
		s.Runbooks = append(s.Runbooks, r.Runbooks...)
	}
	slices.Sort(s.Runbooks)
	s.Runbooks = slices.Compact(s.Runbooks)
	return s
}

func denied(reason string) error {
	return core.Errorf(core.CodeForbidden, "refused by the policy of the host: %s", reason)
}

func matches(patterns []string, value string) bool {
	value = filepath.ToSlash(value)
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(filepath.ToSlash(pattern), value)
		return ok && err == nil
	})
}
