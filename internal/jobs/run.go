package jobs

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
)

// Trigger says what kind of thing started a run.
type Trigger string

// The triggers.
const (
	ByPerson      Trigger = "person"
	ByRemediation Trigger = "remediation"
	BySchedule    Trigger = "schedule"
	ByAPI         Trigger = "api"
)

// Subject is what a run is about; every field may be empty.
type Subject struct {
	Item      string   `json:"item,omitempty"`
	Situation string   `json:"situation,omitempty"`
	Alert     string   `json:"alert,omitempty"`
	Incident  string   `json:"incident,omitempty"`
	Checks    []string `json:"checks,omitempty"` // that tell whether the situation is over
}

// Run is one execution of a runbook: who started it, why, with what, on which
// definition, and how each step went.
type Run struct {
	ID         string            `json:"id"`
	Runbook    string            `json:"runbook"`
	Title      string            `json:"title"`
	State      string            `json:"state" enum:"queued,running,cancelling,succeeded,failed,cancelled"`
	Error      string            `json:"error,omitempty"`
	Trigger    Trigger           `json:"trigger" enum:"person,remediation,schedule,api"`
	Actor      ledger.Actor      `json:"actor"`
	Why        string            `json:"why,omitempty"`
	Cause      string            `json:"cause,omitempty" doc:"Ledger entry that led to it"`
	Decision   string            `json:"decision,omitempty" doc:"Remediation decision it carries out"`
	RerunOf    string            `json:"rerunOf,omitempty"`
	Team       string            `json:"team,omitempty"`
	Parameters map[string]string `json:"parameters"`
	Subject
	CreatedAt  time.Time  `json:"createdAt"`
	StartedAt  *time.Time `json:"startedAt,omitempty"`
	FinishedAt *time.Time `json:"finishedAt,omitempty"`
	Steps      []StepRun  `json:"steps,omitempty"`
	Definition *Runbook   `json:"definition,omitempty"`

	entry string // the ledger entry of its latest change, the cause of the next
}

// StepRun is how one step of a run went, as of its latest attempt.
type StepRun struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Kind       string          `json:"kind" enum:"shell,http,wait,verify,approval"`
	State      string          `json:"state" enum:"pending,waiting,running,retrying,succeeded,failed,cancelled,skipped,interrupted"`
	Attempt    int             `json:"attempt"`
	Agent      string          `json:"agent,omitempty"`
	ExitCode   *int            `json:"exitCode,omitempty"`
	Message    string          `json:"message,omitempty"`
	DecidedBy  string          `json:"decidedBy,omitempty" doc:"Who approved or rejected"`
	Outcome    json.RawMessage `json:"outcome,omitempty" doc:"What the kind of step has to tell: checks, status of the answer"`
	StartedAt  *time.Time      `json:"startedAt,omitempty"`
	FinishedAt *time.Time      `json:"finishedAt,omitempty"`
	RetryAt    *time.Time      `json:"retryAt,omitempty"`

	dispatched bool // its attempt may have had effects
}

// execution is the id an agent knows an attempt by.
func execution(run, step string, attempt int) string {
	return fmt.Sprintf("%s/%s/%d", run, step, attempt)
}

// Ref points at the run.
func (r *Run) Ref() core.Ref { return core.Ref{Kind: "run", ID: r.ID} }

func (r *Run) step(id string) *StepRun {
	for i := range r.Steps {
		if r.Steps[i].ID == id {
			return &r.Steps[i]
		}
	}
	return nil
}

// acted says whether the run may have changed anything: a script or a request
// of it has begun.
func (r *Run) acted() bool {
	return slices.ContainsFunc(r.Steps, func(s StepRun) bool { return (s.Kind == "shell" || s.Kind == "http") && s.Attempt > 0 })
}

// newSteps are the steps of a run that has not begun.
func newSteps(def *Runbook) []StepRun {
	steps := make([]StepRun, len(def.Steps))
	for i := range def.Steps {
		s := &def.Steps[i]
		steps[i] = StepRun{ID: s.ID, Name: s.Label(), Kind: s.Kind(), State: Pending}
	}
	return steps
}

func at(t time.Time) *time.Time { return &t }
