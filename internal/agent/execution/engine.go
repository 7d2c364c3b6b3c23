package execution

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

const (
	outputSuffix = ".output"
	outputBudget = 256 << 20
	maxRunning   = 32
	maxWait      = 30 * time.Second
)

// Permit decides whether the host's policy allows a command; its error says why not.
type Permit func(protocol.Command) error

// Engine runs commands.
type Engine struct {
	dir    string
	clock  core.Clock
	log    *slog.Logger
	permit Permit

	mu      sync.Mutex
	journal *journal
	running map[string]*process
	closed  bool
	wait    sync.WaitGroup
}

// process is a command that runs.
type process struct {
	out    *output
	cancel context.CancelCauseFunc
	done   chan struct{}
}

// Open reads the journal in dir and settles what an earlier agent left: its
// unfinished executions are Interrupted.
func Open(dir string, clock core.Clock, log *slog.Logger, permit Permit) (*Engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	j, err := openJournal(dir, clock.Now())
	if err != nil {
		return nil, fmt.Errorf("open the journal of executions: %w", err)
	}
	e := &Engine{dir: dir, clock: clock, log: log, permit: permit, journal: j, running: map[string]*process{}}
	for _, found := range j.entries {
		if found.Exit == nil {
			if err := e.interrupt(found); err != nil {
				return nil, err
			}
		}
	}
	return e, pruneOutput(dir, outputBudget)
}

// interrupt settles an execution whose end nobody saw.
func (e *Engine) interrupt(found *entry) error {
	reason := "interrupted: the agent ended while the program ran; its outcome is unknown"
	if found.Process > 0 && killGroup(found.Process, found.Born) {
		reason += "; what was left of it has been killed"
	}
	chunks, err := readOutput(filepath.Join(e.dir, found.Output))
	if err != nil {
		return err
	}
	settled := *found
	settled.Last = uint64(len(chunks))
	settled.Exit = &protocol.Exit{Outcome: protocol.Interrupted, Code: -1, Reason: reason, Started: found.At, Finished: e.clock.Now()}
	e.log.Warn("execution interrupted", "execution", found.Execution)
	return e.journal.put(&settled)
}

// digest tells one command from another under the same identifier.
func digest(c protocol.Command) (string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), nil
}

// Start begins the execution, or returns its state when it is known already. A
// refusal by the policy is an outcome, recorded like any other.
func (e *Engine) Start(command protocol.Command) (protocol.State, error) {
	if err := command.Complete(); err != nil {
		return protocol.State{}, err
	}
	sum, err := digest(command)
	if err != nil {
		return protocol.State{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return protocol.State{}, core.Errorf(core.CodeUnavailable, "the agent is stopping")
	}
	if known, ok := e.journal.entries[command.Execution]; ok {
		if known.Digest != sum {
			return protocol.State{}, core.Errorf(core.CodeConflict, "execution %q was another command", command.Execution)
		}
		return protocol.State{Execution: command.Execution, Running: known.Exit == nil, Last: known.Last}, nil
	}
	fresh := &entry{Execution: command.Execution, Digest: sum, At: e.clock.Now()}
	if err := e.permit(command); err != nil {
		return e.settle(fresh, protocol.Refused, err)
	}
	if len(e.running) >= maxRunning {
		return protocol.State{}, core.Errorf(core.CodeTooMany, "%d commands run on this host already", maxRunning)
	}
	return e.launch(command, fresh)
}

// settle records an execution that never ran.
func (e *Engine) settle(fresh *entry, outcome protocol.Outcome, reason error) (protocol.State, error) {
	settled := *fresh
	now := e.clock.Now()
	settled.Exit = &protocol.Exit{Outcome: outcome, Code: -1, Reason: message(reason), Started: now, Finished: now}
	if err := e.journal.put(&settled); err != nil {
		return protocol.State{}, fmt.Errorf("record the execution: %w", err)
	}
	return protocol.State{Execution: fresh.Execution, Last: settled.Last}, nil
}

// launch makes the identifier durable, then starts the program.
func (e *Engine) launch(command protocol.Command, fresh *entry) (protocol.State, error) {
	fresh.Output = fmt.Sprintf("%016x-%s%s", fresh.At.UnixNano(), fresh.Digest[:12], outputSuffix)
	out, err := createOutput(filepath.Join(e.dir, fresh.Output), command.MaxOutput, e.clock.Now)
	if err != nil {
		return protocol.State{}, fmt.Errorf("create the output file: %w", err)
	}
	if err := e.journal.put(fresh); err != nil {
		out.finish()
		return protocol.State{}, fmt.Errorf("record the execution: %w", err)
	}
	program, err := prepare(command, out)
	if err == nil {
		err = program.Start()
	}
	if err != nil {
		out.finish()
		return e.settle(fresh, protocol.Failed, err)
	}
	started := *fresh
	started.Process = program.Process.Pid
	started.Born = born(started.Process)
	if err := e.journal.put(&started); err != nil {
		e.log.Error("record the process of an execution", "execution", fresh.Execution, "error", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	p := &process{out: out, cancel: cancel, done: make(chan struct{})}
	e.running[command.Execution] = p
	e.wait.Add(1)
	go e.attend(ctx, command, &started, program, p)
	return protocol.State{Execution: command.Execution, Running: true}, nil
}

// Cancel asks a running execution to end; it returns at once. Cancelling one
// that has ended, or is not known, does nothing.
func (e *Engine) Cancel(execution, reason string) {
	e.mu.Lock()
	p := e.running[execution]
	e.mu.Unlock()
	if p != nil {
		if reason == "" {
			reason = "cancelled"
		}
		p.cancel(stopped{protocol.Cancelled, reason})
	}
}

// Read returns the chunks after a number. It waits up to wait for news.
func (e *Engine) Read(ctx context.Context, execution string, after uint64, wait time.Duration) (protocol.State, error) {
	limit := e.clock.NewTimer(min(max(wait, 0), maxWait))
	defer limit.Stop()
	for {
		e.mu.Lock()
		p := e.running[execution]
		found := e.journal.entries[execution]
		e.mu.Unlock()
		if found == nil {
			return protocol.State{}, core.NotFound("execution", execution)
		}
		if p == nil {
			return e.recorded(found, after)
		}
		chunks, last, changed := p.out.after(after)
		state := protocol.State{Execution: execution, Running: true, Chunks: chunks, Last: last}
		if len(chunks) > 0 {
			return state, nil
		}
		select {
		case <-changed:
		case <-p.done:
		case <-limit.C():
			return state, nil
		case <-ctx.Done():
			return state, ctx.Err()
		}
	}
}

// recorded answers from disk for an execution that has ended.
func (e *Engine) recorded(found *entry, after uint64) (protocol.State, error) {
	state := protocol.State{Execution: found.Execution, Last: found.Last}
	if found.Output != "" && after < found.Last {
		chunks, err := readOutput(filepath.Join(e.dir, found.Output))
		if err != nil {
			return state, err
		}
		state.Chunks = bounded(chunks, after)
		if len(state.Chunks) == 0 { // pruned, or lost to a full disk
			after = found.Last
		} else {
			after = state.Chunks[len(state.Chunks)-1].Seq
		}
	}
	if after >= found.Last {
		state.Exit = found.Exit
	}
	return state, nil
}

// Running is how many commands run.
func (e *Engine) Running() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.running)
}

// Close stops what runs, recording it as Interrupted, and closes the journal.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	for _, p := range e.running {
		p.cancel(stopped{protocol.Interrupted, "interrupted: the agent was stopped while the program ran; it was ended"})
	}
	e.mu.Unlock()
	done := make(chan struct{})
	go func() { e.wait.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return e.journal.close()
}
