package monitor

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"mainstay/internal/core"
)

// Configuration of monitoring.
type Configuration struct {
	// Workers bounds how many probes run at once.
	Workers int `yaml:"workers" json:"workers"`
	// Patience is how long a run may take before another worker takes the place
	// of its own: targets that hang do not hold up the others.
	Patience time.Duration `yaml:"patience" json:"patience"`
	// SlowWorkers bounds how many runs may have left their place at once.
	SlowWorkers int `yaml:"slowWorkers" json:"slowWorkers"`
	// KeepPings is how many pings of each heartbeat are kept.
	KeepPings int `yaml:"keepPings" json:"keepPings"`
	// MinInterval is the shortest interval a check may have.
	MinInterval time.Duration `yaml:"minInterval" json:"minInterval"`
	// KeepResults is how many results of each target are kept.
	KeepResults int `yaml:"keepResults" json:"keepResults"`
	// Flush is how long results may wait to be stored together.
	Flush time.Duration `yaml:"flush" json:"flush"`
	// FirstRun spreads the first run of new checks.
	FirstRun time.Duration `yaml:"firstRun" json:"firstRun"`
	// RestoreGrace is how long after a start a firing rule whose series is
	// missing is not taken for ended.
	RestoreGrace time.Duration `yaml:"restoreGrace" json:"restoreGrace"`
	// RuleWorkers bounds how many groups of metric rules are evaluated at once,
	// RuleTimeout how long one rule may take.
	RuleWorkers int           `yaml:"ruleWorkers" json:"ruleWorkers"`
	RuleTimeout time.Duration `yaml:"ruleTimeout" json:"ruleTimeout"`
	// RuleExternalLabels and RuleExternalURL are what the templates of rule files
	// know as $externalLabels and $externalURL.
	RuleExternalLabels map[string]string `yaml:"ruleExternalLabels" json:"ruleExternalLabels"`
	RuleExternalURL    string            `yaml:"ruleExternalURL" json:"ruleExternalURL"`
	// AgentGrace is how long after a start, or after a check was made, an agent
	// that is not there is not taken for a fault.
	AgentGrace time.Duration `yaml:"agentGrace" json:"agentGrace"`
	// CommandDirectories are where programs of command checks that run on the
	// server may lie. Declaring such a check needs the permission checks:admin:
	// plugins can start other programs. Empty: no commands on the server.
	CommandDirectories []string `yaml:"commandDirectories" json:"commandDirectories"`
}

// Defaults suit from one to ten thousand checks.
func Defaults() Configuration {
	return Configuration{
		Workers:            64,
		Patience:           200 * time.Millisecond,
		SlowWorkers:        2048,
		KeepPings:          100,
		MinInterval:        time.Second,
		KeepResults:        100,
		Flush:              200 * time.Millisecond,
		FirstRun:           3 * time.Second,
		RestoreGrace:       2 * time.Minute,
		RuleWorkers:        4,
		RuleTimeout:        10 * time.Second,
		AgentGrace:         time.Minute,
		CommandDirectories: []string{"/usr/lib/nagios/plugins", "/usr/lib64/nagios/plugins", "/usr/lib/monitoring-plugins", "/usr/local/lib/nagios/plugins"},
	}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	fail(c.Workers > 0 && c.Workers <= 10_000, "workers", "must be between 1 and 10000")
	fail(c.Patience >= time.Millisecond && c.Patience <= time.Minute, "patience", "must be between 1ms and 1m")
	fail(c.SlowWorkers >= 0 && c.SlowWorkers <= 100_000, "slowWorkers", "must be between 0 and 100000")
	fail(c.KeepPings > 0 && c.KeepPings <= 10_000, "keepPings", "must be between 1 and 10000")
	fail(c.MinInterval >= 10*time.Millisecond, "minInterval", "must be at least 10ms")
	fail(c.KeepResults > 0 && c.KeepResults <= 10_000, "keepResults", "must be between 1 and 10000")
	fail(c.Flush > 0 && c.Flush <= 5*time.Second, "flush", "must be between 0s and 5s")
	fail(c.FirstRun >= 0, "firstRun", "must not be negative")
	fail(c.RuleWorkers > 0 && c.RuleWorkers <= 1000, "ruleWorkers", "must be between 1 and 1000")
	fail(c.RuleTimeout >= 10*time.Millisecond && c.RuleTimeout <= 10*time.Minute, "ruleTimeout", "must be between 10ms and 10m")
	_, err := url.Parse(c.RuleExternalURL)
	fail(err == nil, "ruleExternalURL", "must be a URL")
	fail(c.AgentGrace >= 0, "agentGrace", "must not be negative")
	fail(c.RestoreGrace >= 0, "restoreGrace", "must not be negative")
	for i, dir := range c.CommandDirectories {
		fail(filepath.IsAbs(dir) && filepath.Clean(dir) != "/", fmt.Sprintf("commandDirectories[%d]", i), "must be an absolute path below the root")
	}
	return core.InvalidAll(bad)
}

// mayRun says whether a program lies in one of the directories. Links are
// followed, so that none leads out of them.
func (c Configuration) mayRun(program string) bool {
	for _, p := range []string{program, resolved(program)} {
		if !slices.ContainsFunc(c.CommandDirectories, func(dir string) bool {
			return within(dir, p) || within(resolved(dir), p)
		}) {
			return false
		}
	}
	return true
}

func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// resolved is the path behind links; a path that does not exist is itself.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Clean(path)
}
