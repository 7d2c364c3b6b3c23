package protocol

import (
	"strings"
	"time"

	"mainstay/internal/core"
)

// Command is one program to run on a managed host. Execution names this one
// attempt for all time ("<run>/<step>/<attempt>"): the agent runs a given
// execution at most once, however often it is asked.
type Command struct {
	Execution   string            `json:"execution"`
	Runbook     string            `json:"runbook"`             // on whose behalf: what the policy on the host looks at
	User        string            `json:"user,omitempty"`      // who to run as; empty: the agent's own user
	Argv        []string          `json:"argv,omitempty"`      // program and arguments, or
	Script      string            `json:"script,omitempty"`    // a script for Shell -c
	Shell       string            `json:"shell,omitempty"`     // empty: /bin/sh (cmd.exe /C on Windows)
	Directory   string            `json:"directory,omitempty"` // empty: the user's home
	Environment map[string]string `json:"environment,omitempty"`
	Input       []byte            `json:"input,omitempty"` // standard input
	Timeout     time.Duration     `json:"timeout,omitempty"`
	Grace       time.Duration     `json:"grace,omitempty"`     // from TERM to KILL
	MaxOutput   int64             `json:"maxOutput,omitempty"` // bytes kept; the rest is counted
}

// The bounds of a command, and what an unset field means.
const (
	DefaultTimeout   = 10 * time.Minute
	MaxTimeout       = 24 * time.Hour
	DefaultGrace     = 5 * time.Second
	DefaultMaxOutput = 1 << 20
	MaxMaxOutput     = 16 << 20
	MaxScript        = 96 << 10 // Linux bounds one argument to 128 KiB
	MaxExecution     = 200
)

// Complete fills unset fields and names every field that breaks a rule.
func (c *Command) Complete() error {
	var bad []core.Detail
	rule := func(broken bool, field, text string) {
		if broken {
			bad = append(bad, core.Detail{Field: field, Rule: text})
		}
	}
	rule(c.Execution == "" || len(c.Execution) > MaxExecution, "execution", "must have 1 to 200 characters")
	rule(strings.ContainsFunc(c.Execution, func(r rune) bool { return r < ' ' }), "execution", "must not hold control characters")
	rule(len(c.Argv) == 0 && c.Script == "", "argv", "needs a program, or use script")
	rule(len(c.Argv) > 0 && c.Script != "", "script", "cannot be combined with argv")
	rule(len(c.Argv) > 0 && c.Argv[0] == "", "argv[0]", "must name a program")
	rule(len(c.Script) > MaxScript, "script", "must not exceed 96 KiB")
	rule(c.Timeout < 0 || c.Timeout > MaxTimeout, "timeout", "must be at most 24h")
	rule(c.Grace < 0 || c.Grace > time.Hour, "grace", "must be at most 1h")
	rule(c.MaxOutput < 0 || c.MaxOutput > MaxMaxOutput, "maxOutput", "must be at most 16 MiB")
	for name := range c.Environment {
		rule(name == "" || strings.ContainsAny(name, "=\x00"), "environment", "has a name that is empty or holds '='")
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Grace == 0 {
		c.Grace = DefaultGrace
	}
	if c.MaxOutput == 0 {
		c.MaxOutput = DefaultMaxOutput
	}
	return core.InvalidAll(bad)
}

// The streams of a Chunk.
const (
	Stdout = "stdout"
	Stderr = "stderr"
	Note   = "note" // a remark of the agent: output was cut here
)

// Chunk is a piece of output. Seq counts from 1 without gaps, over all streams.
type Chunk struct {
	Seq    uint64    `json:"seq"`
	Stream string    `json:"stream"`
	At     time.Time `json:"at"`
	Data   []byte    `json:"data"`
}

// Outcome says how an execution ended.
type Outcome string

// The outcomes. After Interrupted nobody knows how far the program came.
const (
	Exited      Outcome = "exited"      // by itself; Code and Signal say how
	TimedOut    Outcome = "timed_out"   // stopped by the agent at its limit
	Cancelled   Outcome = "cancelled"   // stopped by the agent on request
	Refused     Outcome = "refused"     // by the policy on the host; nothing was run
	Failed      Outcome = "failed"      // the program could not be started; nothing was run
	Interrupted Outcome = "interrupted" // the agent ended while the program ran
)

// Exit is the end of an execution.
type Exit struct {
	Outcome     Outcome   `json:"outcome"`
	Code        int       `json:"code"` // -1 when there is none
	Signal      string    `json:"signal,omitempty"`
	Reason      string    `json:"reason,omitempty"` // a sentence for a person
	Started     time.Time `json:"started,omitzero"`
	Finished    time.Time `json:"finished,omitzero"`
	OutputBytes int64     `json:"outputBytes"` // everything the program wrote
	Truncated   bool      `json:"truncated,omitempty"`
}

// OK says that the program ended by itself with code 0.
func (e Exit) OK() bool { return e.Outcome == Exited && e.Code == 0 }

// ReadRequest asks for output after a sequence number. The agent waits up to
// Wait for something to report.
type ReadRequest struct {
	Execution string        `json:"execution"`
	After     uint64        `json:"after"`
	Wait      time.Duration `json:"wait"`
}

// CancelRequest asks for the end of an execution.
type CancelRequest struct {
	Execution string `json:"execution"`
	Reason    string `json:"reason,omitempty"`
}

// State is what the agent knows of an execution. Exit is present once it has
// ended and every chunk up to Last has been handed out or recorded.
type State struct {
	Execution string  `json:"execution"`
	Running   bool    `json:"running"`
	Chunks    []Chunk `json:"chunks,omitempty"`
	Last      uint64  `json:"last"`           // sequence number of the newest chunk there is
	Exit      *Exit   `json:"exit,omitempty"` // only when Chunks reach Last
}
