package jobs

import (
	"encoding/json"

	"mainstay/internal/platform/declare"
)

// Runbook is the definition of a job that people and remediations start.
type Runbook struct {
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Team        string      `json:"team,omitempty" doc:"Team that owns it; empty is common to all"`
	Concurrency int         `json:"concurrency,omitempty" doc:"Runs at once; further ones queue. 0 is no limit"`
	Timeout     Duration    `json:"timeout,omitempty" doc:"Of a whole run; 1h when not said"`
	Parameters  []Parameter `json:"parameters,omitempty"`
	Steps       []Step      `json:"steps"`
}

// Step is a node of a runbook's graph. It has exactly one of the kinds below the line.
type Step struct {
	ID         string    `json:"id"`
	Name       string    `json:"name,omitempty"`
	Needs      *[]string `json:"needs,omitempty" doc:"Steps that must be over before; the previous step when not said, [] for none"`
	Timeout    Duration  `json:"timeout,omitempty" doc:"10m when not said; approvals: 24h"`
	Repeatable bool      `json:"repeatable,omitempty" doc:"May run more than once: a retry or an unknown outcome does no harm"`
	Retry      *Retry    `json:"retry,omitempty" doc:"Only for repeatable steps"`
	OnFailure  string    `json:"onFailure,omitempty" doc:"stop (the default) or continue"`

	Shell    *ShellStep    `json:"shell,omitempty"`
	HTTP     *HTTPStep     `json:"http,omitempty"`
	Wait     *WaitStep     `json:"wait,omitempty"`
	Verify   *VerifyStep   `json:"verify,omitempty"`
	Approval *ApprovalStep `json:"approval,omitempty"`
}

// What happens to the run when a step fails for good.
const (
	StopOnFailure     = "stop"     // nothing further starts, the run fails
	ContinueOnFailure = "continue" // the steps that need it run as if it had succeeded
)

// Retry of a failed step: attempts in all, and the delay after the first
// failure, which doubles.
type Retry struct {
	Attempts int      `json:"attempts"`
	Backoff  Duration `json:"backoff,omitempty" doc:"5s when not said"`
}

// ShellStep runs a script, or one program, on a managed host. Parameters reach
// a script as environment variables alone: PARAM_<NAME>; a program also takes
// them as ${name} in its arguments, which no shell reads.
type ShellStep struct {
	Script      string            `json:"script,omitempty"`
	Command     []string          `json:"command,omitempty" doc:"Program, by its path, and arguments; instead of a script"`
	Interpreter string            `json:"interpreter,omitempty" doc:"Shell that reads the script; the system's own when not said"`
	Agent       json.RawMessage   `json:"agent" doc:"\"$item\", \"${parameter}\", an item id or a host name; or {item} or {identity: {kind, value}}"`
	User        string            `json:"user,omitempty" doc:"User on the host; the agent's policy decides who is allowed"`
	Env         map[string]string `json:"env,omitempty" doc:"Values may be secret:name"`
	WhenAway    string            `json:"whenAway,omitempty" doc:"While the agent is not connected: wait, up to the step's timeout (when not said), or fail"`
}

// What a step does whose agent is not connected.
const (
	waitWhenAway = "wait"
	failWhenAway = "fail"
)

// HTTPStep sends one request. ${name} in the path and query of the URL, in
// headers and in the strings of a structured body stands for a parameter.
type HTTPStep struct {
	Method  string            `json:"method,omitempty" doc:"GET when not said"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty" doc:"Values may hold ${secret:name}"`
	Body    json.RawMessage   `json:"body,omitempty" doc:"A string is sent as it is, anything else as JSON"`
	Expect  Expectation       `json:"expect,omitempty"`
}

// Expectation of an answer. Without a status, 200 to 299 is success.
type Expectation struct {
	Status []int  `json:"status,omitempty"`
	Body   string `json:"body,omitempty" doc:"Regular expression that the body must match"`
}

// WaitStep lets time pass.
type WaitStep struct {
	Duration Duration `json:"duration"`
}

// VerifyStep runs checks until all of them are well.
type VerifyStep struct {
	Checks []string `json:"checks" doc:"Check ids, or $situation for the checks of the run's situation"`
	Within Duration `json:"within,omitempty" doc:"1m when not said"`
}

// ApprovalStep waits for a person's decision.
type ApprovalStep struct {
	Message string `json:"message,omitempty"`
	Team    string `json:"team,omitempty" doc:"Who may decide: people with approvals:act for this team; the runbook's own when not said"`
}

// Kind names which of the kinds the step is; "" when none or several are given.
func (s *Step) Kind() string {
	kind, n := "", 0
	for name, given := range map[string]bool{
		"shell": s.Shell != nil, "http": s.HTTP != nil, "wait": s.Wait != nil, "verify": s.Verify != nil, "approval": s.Approval != nil,
	} {
		if given {
			kind = name
			n++
		}
	}
	if n != 1 {
		return ""
	}
	return kind
}

// Label is what a person calls the step.
func (s *Step) Label() string {
	if s.Name != "" {
		return s.Name
	}
	return s.ID
}

// attempts is how often the step may be started.
func (s *Step) attempts() int {
	if s.Retry == nil || !s.Repeatable {
		return 1
	}
	return max(1, s.Retry.Attempts)
}

// ParseRunbook reads and checks the spec of a Runbook document.
func ParseRunbook(spec json.RawMessage) (*Runbook, error) {
	var r Runbook
	if err := declare.Decode(spec, &r); err != nil {
		return nil, err
	}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return &r, nil
}
