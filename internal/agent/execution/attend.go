package execution

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// lingering is how long output is still read after the program itself ended
// while a child of it, such as a daemon it started, keeps the pipe open.
const lingering = time.Second

// stopped says why the agent ends a program.
type stopped struct {
	outcome protocol.Outcome
	reason  string
}

func (s stopped) Error() string { return s.reason }

// attend sees a running program to its end and records it.
func (e *Engine) attend(ctx context.Context, command protocol.Command, started *entry, program *exec.Cmd, p *process) {
	defer e.wait.Done()
	defer p.cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	err, why := e.supervise(ctx, command, program, ended)

	exit := describe(program, err, why)
	exit.Started, exit.Finished = started.At, e.clock.Now()
	settled := *started
	settled.Last, exit.OutputBytes, exit.Truncated = p.out.finish()
	settled.Exit = &exit

	e.mu.Lock()
	if err := e.journal.put(&settled); err != nil {
		// Not durable, but known as long as this process lives; the next one will say "interrupted".
		e.log.Error("record the end of an execution", "execution", started.Execution, "error", err)
		e.journal.entries[settled.Execution] = &settled
	}
	delete(e.running, settled.Execution)
	e.mu.Unlock()
	close(p.done)
}

// supervise waits for the program, stopping its group at the time limit or on
// request: politely first, then for good.
func (e *Engine) supervise(ctx context.Context, command protocol.Command, program *exec.Cmd, ended <-chan error) (error, *stopped) {
	limit := e.clock.NewTimer(command.Timeout)
	defer limit.Stop()
	var why stopped
	select {
	case err := <-ended:
		return err, nil
	case <-limit.C():
		why = stopped{protocol.TimedOut, fmt.Sprintf("stopped: it ran longer than %s", command.Timeout)}
	case <-ctx.Done():
		if !errors.As(context.Cause(ctx), &why) {
			why = stopped{protocol.Cancelled, "cancelled"}
		}
	}
	terminate(program)
	grace := e.clock.NewTimer(command.Grace)
	defer grace.Stop()
	select {
	case err := <-ended:
		kill(program) // members of the group that outlived their leader
		return err, &why
	case <-grace.C():
		why.reason += fmt.Sprintf("; killed after a grace of %s", command.Grace)
	}
	kill(program)
	return <-ended, &why
}

// describe turns what the operating system says into an Exit.
func describe(program *exec.Cmd, err error, why *stopped) protocol.Exit {
	exit := protocol.Exit{Outcome: protocol.Exited, Code: -1}
	if program.ProcessState != nil {
		exit.Code = program.ProcessState.ExitCode()
		exit.Signal = signalOf(program.ProcessState)
	}
	var status *exec.ExitError
	switch {
	case why != nil:
		exit.Outcome, exit.Reason = why.outcome, why.reason
	case exit.Signal != "":
		exit.Reason = "ended by signal " + exit.Signal
	case err == nil || errors.As(err, &status) || errors.Is(err, exec.ErrWaitDelay):
		if exit.Code != 0 {
			exit.Reason = fmt.Sprintf("exit code %d", exit.Code)
		}
	default:
		exit.Reason = err.Error()
	}
	return exit
}

// message is what a person is told of err.
func message(err error) string {
	var coded *core.Error
	if errors.As(err, &coded) && coded.Cause == nil {
		return coded.Error()
	}
	return err.Error()
}
