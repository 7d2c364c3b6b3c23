package jobs

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// Dependencies of the module. A nil interface is something this installation
// does not have: steps and guards that need it fail with a clear message.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Tasks  *tasks.Component
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger

	Agents      AgentRunner
	Hosts       Hosts
	Items       Items
	Checks      Checks
	Secrets     Secrets
	Impact      Impact
	Maintenance Maintenance
	Incidents   Incidents
	HTTP        Doer
}

// ErrUnknownOutcome says that an execution was begun and nobody can tell how
// it ended. It is never begun again unless its step is repeatable.
var ErrUnknownOutcome = errors.New("the outcome is unknown")

// ErrAgentOffline says that the agent cannot be reached and that the
// execution was not begun.
var ErrAgentOffline = errors.New("the agent is not connected")

// AgentRunner runs scripts on managed hosts.
type AgentRunner interface {
	// Run returns when the execution is over. For an id that the agent knows
	// it begins nothing: it attaches to the running execution, or returns the
	// recorded outcome. When ctx ends the execution goes on; a later Run
	// with the same id attaches to it. Two requests with one id differ in
	// Resume alone, or in the value of a secret that was changed between them.
	// Output is passed on in order, from after position req.Resume.
	Run(ctx context.Context, agent string, req ExecRequest, onOutput func(Output)) (Exit, error)
	// Cancel ends an execution, if it runs.
	Cancel(ctx context.Context, agent, execution string) error
}

// ExecRequest is one attempt of a shell step.
type ExecRequest struct {
	ID          string // run/step/attempt: at most one execution ever
	Run         string
	Step        string
	Attempt     int
	Runbook     string
	Script      string   // either a script
	Command     []string // or a program and its arguments
	Interpreter string   // program that reads the script; empty is the agent's own choice
	User        string
	Env         map[string]string
	Timeout     time.Duration
	Resume      int64 // position of the output that is stored already
}

// Output is a piece of what an execution printed.
type Output struct {
	Stream   string // stdout or stderr
	Position int64  // increases with every piece of an execution
	Data     []byte
}

// Exit is how an execution ended.
type Exit struct {
	Code      int
	Refused   string // why the agent did not begin it: policy, no such user
	TimedOut  bool
	Cancelled bool
	Lost      int64 // bytes of output that nobody kept
}

// Hosts finds the agent to talk to.
type Hosts interface {
	// AgentFor returns the agent on the host that the item is or runs on.
	AgentFor(ctx context.Context, item string) (agent string, err error)
	// Resolve finds an item by what is known of it.
	Resolve(ctx context.Context, ids []core.Identity) (item string, err error)
}

// Items reads items of the graph as the API shows them.
type Items interface {
	Item(ctx context.Context, id string) (map[string]any, error)
}

// Checks runs a check now.
type Checks interface {
	RunNow(ctx context.Context, check string) (CheckResult, error)
}

// CheckResult is what a check found.
type CheckResult struct {
	Check  string `json:"check"`
	Name   string `json:"name,omitempty"`
	OK     bool   `json:"ok"`
	State  string `json:"state,omitempty"`
	Output string `json:"output,omitempty"`
}

// Secrets resolves references, and hides values in what steps print.
type Secrets interface {
	// Resolve returns the value of a secret, name or name@version, if the
	// team that the run belongs to may use it.
	Resolve(ctx context.Context, name string, run core.Ref, team string) (value string, err error)
	Redactor(ctx context.Context) (*secrets.Redactor, error)
}

// Impact counts what depends on an item, itself included.
type Impact interface {
	Impact(ctx context.Context, item string) (int, error)
}

// Maintenance tells whether an item is being worked on, and by which window.
type Maintenance interface {
	InMaintenance(ctx context.Context, item string, at time.Time) (window string, in bool, err error)
}

// Incidents finds the incident of a situation, "" when there is none.
type Incidents interface {
	OfSituation(ctx context.Context, situation string) (incident string, err error)
}

// Doer sends a request. It refuses addresses that the installation does not
// allow users to aim at, also after redirects.
type Doer interface {
	Do(req *http.Request) (*http.Response, error)
}
