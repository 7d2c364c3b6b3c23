package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/expression"
)

// Remediation starts a runbook when a situation or an alert fits a condition,
// as far as its guards allow.
type Remediation struct {
	Title       string            `json:"title,omitempty"`
	Description string            `json:"description,omitempty"`
	Team        string            `json:"team,omitempty" doc:"Team that owns it; empty is common to all"`
	Enabled     *bool             `json:"enabled,omitempty" doc:"true when not said"`
	On          string            `json:"on,omitempty" doc:"situation (when not said) or alert"`
	Condition   string            `json:"condition" doc:"CEL over situation, alert and item"`
	Runbook     string            `json:"runbook"`
	Parameters  map[string]string `json:"parameters,omitempty" doc:"Runbook parameters as CEL over situation, alert and item"`
	Mode        string            `json:"mode,omitempty" doc:"approval (when not said) or automatic"`
	Approvers   string            `json:"approvers,omitempty" doc:"Team that decides on proposals; the owner when not said"`
	Guards      Guards            `json:"guards,omitempty"`
	Verify      Verification      `json:"verify,omitempty"`
}

// What a remediation looks at, and how it acts.
const (
	OnSituation = "situation"
	OnAlert     = "alert"

	Automatic    = "automatic"
	WithApproval = "approval"
)

// Guards hold a remediation back.
type Guards struct {
	MaxAttempts   int      `json:"maxAttempts,omitempty" doc:"Runs for one situation or alert; 3 when not said"`
	CoolDown      Duration `json:"coolDown,omitempty" doc:"Between two runs for one item; 10m when not said"`
	Settle        Duration `json:"settle,omitempty" doc:"How long the item must have been the cause, since those that fail later may be; jobs.settle of the configuration (2s) when not said"`
	BlastRadius   int      `json:"blastRadius,omitempty" doc:"Most items that may depend on the item; 0 is no limit"`
	InMaintenance bool     `json:"inMaintenance,omitempty" doc:"Act also while the item is in maintenance"`
}

// Verification says how long the failing checks may take to be well after the run.
type Verification struct {
	Within Duration `json:"within,omitempty" doc:"1m when not said"`
}

const (
	defaultMaxAttempts = 3
	defaultCoolDown    = 10 * time.Minute
)

func (r *Remediation) enabled() bool { return r.Enabled == nil || *r.Enabled }

func (r *Remediation) on() string {
	if r.On == "" {
		return OnSituation
	}
	return r.On
}

func (r *Remediation) maxAttempts() int {
	if r.Guards.MaxAttempts == 0 {
		return defaultMaxAttempts
	}
	return r.Guards.MaxAttempts
}

func (r *Remediation) approvers() string {
	if r.Approvers != "" {
		return r.Approvers
	}
	return r.Team
}

// ParseRemediation reads and checks the spec of a Remediation document.
func ParseRemediation(spec json.RawMessage) (*Remediation, error) {
	var r Remediation
	if err := declare.Decode(spec, &r); err != nil {
		return nil, err
	}
	return &r, r.validate()
}

func (r *Remediation) validate() error {
	var wrong []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			wrong = append(wrong, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	check(r.Condition != "", "condition", "must not be empty")
	check(len(r.Condition) <= expression.Longest, "condition", fmt.Sprintf("must not be longer than %d bytes", expression.Longest))
	check(r.Runbook != "", "runbook", "must name a runbook")
	check(r.On == "" || r.On == OnSituation || r.On == OnAlert, "on", "must be situation or alert")
	check(r.Mode == "" || r.Mode == Automatic || r.Mode == WithApproval, "mode", "must be approval or automatic")
	check(r.Guards.MaxAttempts >= 0, "guards.maxAttempts", "must not be negative")
	check(r.Guards.CoolDown >= 0, "guards.coolDown", "must not be negative")
	check(r.Guards.Settle >= 0, "guards.settle", "must not be negative")
	check(r.Guards.BlastRadius >= 0, "guards.blastRadius", "must not be negative")
	check(r.Verify.Within >= 0 && time.Duration(r.Verify.Within) <= 24*time.Hour, "verify.within", "must be between 0 and 24h")
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		text := r.Parameters[name]
		check(text != "" && len(text) <= expression.Longest, "parameters."+name, "must be an expression")
	}
	return core.InvalidAll(wrong)
}
