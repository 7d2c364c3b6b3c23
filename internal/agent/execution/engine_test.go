//go:build unix

package execution

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

func setup(t *testing.T) *Engine { t.Helper(); return open(t, t.TempDir()) }

func open(t *testing.T, dir string) *Engine {
	t.Helper()
	e, err := Open(dir, core.SystemClock{}, slog.New(slog.DiscardHandler), func(c protocol.Command) error {
		if c.Runbook == "forbidden" {
			return core.Errorf(core.CodeForbidden, "the policy does not allow runbook %q", c.Runbook)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return e
}

// finish reads until the end: all output as "stream: text" and the exit.
func finish(t *testing.T, e *Engine, execution string) (string, protocol.Exit) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var text strings.Builder
	var after uint64
	for {
		state, err := e.Read(ctx, execution, after, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range state.Chunks {
			if c.Seq != after+1 {
				t.Fatalf("chunk %d follows %d", c.Seq, after)
			}
			after = c.Seq
			fmt.Fprintf(&text, "%s: %s", c.Stream, c.Data)
		}
		if state.Exit != nil {
			return text.String(), *state.Exit
		}
	}
}

func run(t *testing.T, e *Engine, c protocol.Command) (string, protocol.Exit) {
	t.Helper()
	if _, err := e.Start(c); err != nil {
		t.Fatal(err)
	}
	return finish(t, e, c.Execution)
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for name, test := range map[string]struct {
		command protocol.Command
		output  string
		outcome protocol.Outcome
		code    int
		reason  string
	}{
		"success":     {protocol.Command{Script: "echo hi"}, "stdout: hi\n", protocol.Exited, 0, ""},
		"both":        {protocol.Command{Script: "echo no >&2; exit 3"}, "stderr: no\n", protocol.Exited, 3, "exit code 3"},
		"argv":        {protocol.Command{Argv: []string{"printf", "%s", "a b"}}, "stdout: a b", protocol.Exited, 0, ""},
		"input":       {protocol.Command{Argv: []string{"/bin/cat"}, Input: []byte("fed")}, "stdout: fed", protocol.Exited, 0, ""},
		"environment": {protocol.Command{Script: `echo "$A$INVOCATION_ID$GODEBUG"`, Environment: map[string]string{"A": "1"}}, "stdout: 1\n", protocol.Exited, 0, ""},
		"directory":   {protocol.Command{Script: "pwd", Directory: "/usr"}, "stdout: /usr\n", protocol.Exited, 0, ""},
		"signal":      {protocol.Command{Script: "kill -9 $$"}, "", protocol.Exited, -1, "ended by signal SIGKILL"},
		"timeout":     {protocol.Command{Script: "sleep 60", Timeout: 50 * time.Millisecond}, "", protocol.TimedOut, -1, "ran longer than"},
		"stubborn":    {protocol.Command{Script: "trap '' TERM; sleep 60 & wait; sleep 60", Timeout: 200 * time.Millisecond, Grace: 200 * time.Millisecond}, "", protocol.TimedOut, -1, "killed after a grace"},
		"absent":      {protocol.Command{Argv: []string{"/no/such/program"}}, "", protocol.Failed, -1, "no such file"},
		"unknown":     {protocol.Command{Argv: []string{"no-such-program"}}, "", protocol.Failed, -1, "no program"},
		"relative":    {protocol.Command{Argv: []string{"./x"}}, "", protocol.Failed, -1, "absolute path"},
		"nobody":      {protocol.Command{Script: "id", User: "no-such-user"}, "", protocol.Failed, -1, "no user"},
		"refused":     {protocol.Command{Script: "id", Runbook: "forbidden"}, "", protocol.Refused, -1, "policy does not allow"},
	} {
		t.Run(name, func(t *testing.T) {
			test.command.Execution = "run/" + name + "/1"
			output, exit := run(t, e, test.command)
			if output != test.output || exit.Outcome != test.outcome || exit.Code != test.code || !strings.Contains(exit.Reason, test.reason) {
				t.Errorf("got %q %+v", output, exit)
			}
		})
	}
}

func TestOnlyOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mark := filepath.Join(t.TempDir(), "mark")
	c := protocol.Command{Execution: "r/s/1", Script: "echo run >> " + mark + "; cat " + mark}
	e := open(t, dir)
	first, exit := run(t, e, c)
	again, exitAgain := run(t, e, c)
	if first != again || exit != exitAgain {
		t.Fatalf("%q %+v, then %q %+v", first, exit, again, exitAgain)
	}
	other := c
	other.Script = "echo other"
	if _, err := e.Start(other); core.CodeOf(err) != core.CodeConflict {
		t.Fatalf("another command under the same identifier: %v", err)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// After a restart the record answers.
	output, exit := run(t, open(t, dir), c)
	if output != "stdout: run\n" || !exit.OK() {
		t.Fatalf("after the restart: %q %+v", output, exit)
	}
	if data, _ := os.ReadFile(mark); string(data) != "run\n" {
		t.Fatalf("ran more than once: %q", data)
	}
}

func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	e := setup(t)
	output, exit := run(t, e, protocol.Command{Execution: "1", Script: "yes | head -c 300000; echo end >&2", MaxOutput: 100_000})
	if exit.OutputBytes != 300_004 || !exit.Truncated || strings.Count(output, "output cut here") != 1 || len(output) > 120_000 {
		t.Fatalf("%d bytes shown, %+v", len(output), exit)
	}
}

func TestCancelEndsTheGroup(t *testing.T) {
	t.Parallel()
	e := setup(t)
	file := filepath.Join(t.TempDir(), "pid")
	c := protocol.Command{Execution: "1", Script: "sleep 300 & echo $! > " + file + "; echo ready; wait"}
	if _, err := e.Start(c); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Read(t.Context(), "1", 0, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	e.Cancel("1", "not needed any more")
	_, exit := finish(t, e, "1")
	if exit.Outcome != protocol.Cancelled || exit.Reason != "not needed any more" {
		t.Fatalf("%+v", exit)
	}
	pid, _ := os.ReadFile(file)
	awaitGone(t, strings.TrimSpace(string(pid)))
}

// awaitGone waits until no live process has the number; a zombie is dead.
func awaitGone(t *testing.T, pid string) {
	t.Helper()
	for range 500 {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("process %s still lives", pid)
}

// A step that starts a daemon ends when the step does, though the daemon keeps
// the output open.
func TestDaemonDoesNotHoldTheStep(t *testing.T) {
	t.Parallel()
	e := setup(t)
	begin := time.Now()
	output, exit := run(t, e, protocol.Command{Execution: "1", Script: "sleep 20 & echo started"})
	if output != "stdout: started\n" || !exit.OK() || time.Since(begin) > 10*time.Second {
		t.Fatalf("%q %+v after %s", output, exit, time.Since(begin))
	}
}

// TestKilledAgent starts an engine in a process of its own, kills it with
// SIGKILL in the middle of a command, and looks at what the next one says.
func TestKilledAgent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mark := filepath.Join(dir, "mark")
	child := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$")
	child.Env = append(os.Environ(), "EXECUTION_HELPER="+dir, "EXECUTION_MARK="+mark)
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && lines.Text() != "running" {
	}
	_ = child.Process.Kill()
	_ = child.Wait()

	e := open(t, filepath.Join(dir, "executions"))
	c := helperCommand(mark)
	output, exit := run(t, e, c)
	if exit.Outcome != protocol.Interrupted || !strings.Contains(exit.Reason, "outcome is unknown") || output != "stdout: before\n" {
		t.Fatalf("%q %+v", output, exit)
	}
	pid, _ := os.ReadFile(mark)
	if strings.Count(string(pid), "\n") != 1 {
		t.Fatalf("ran more than once: %q", pid)
	}
	awaitGone(t, strings.TrimSpace(string(pid)))
}

func helperCommand(mark string) protocol.Command {
	return protocol.Command{Execution: "r/s/1", Script: "echo $$ >> " + mark + "; echo before; sleep 300"}
}

func TestHelperProcess(t *testing.T) {
	dir := os.Getenv("EXECUTION_HELPER")
	if dir == "" {
		t.Skip("the child of TestKilledAgent")
	}
	e := open(t, filepath.Join(dir, "executions"))
	if _, err := e.Start(helperCommand(os.Getenv("EXECUTION_MARK"))); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Read(t.Context(), "r/s/1", 0, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	fmt.Println("running")
	select {}
}

func TestUnusableCommands(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for field, c := range map[string]protocol.Command{
		"execution": {Script: "id"},
		"argv":      {Execution: "1"},
		"script":    {Execution: "1", Script: "id", Argv: []string{"id"}},
		"timeout":   {Execution: "1", Script: "id", Timeout: -1},
	} {
		if _, err := e.Start(c); core.CodeOf(err) != core.CodeInvalid || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := e.Read(t.Context(), "never", 0, 0); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("unknown execution: %v", err)
	}
}

func TestRunsAsAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	output, exit := run(t, setup(t), protocol.Command{Execution: "1", Script: "id -un; id -Gn; echo $HOME; echo $USER", User: "nobody"})
	if !exit.OK() || !strings.HasPrefix(output, "stdout: nobody\nnogroup\n") && !strings.Contains(output, "nobody") || strings.Contains(output, "root") {
		t.Fatalf("%q %+v", output, exit)
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"execution":"a","digest":"d","at":"2026-01-01T00:00:00Z"}` + "\n" + `{"execution":`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "journal"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(dir, time.Unix(1e9, 0))
		if err != nil {
			t.Skip()
		}
		before := len(j.entries)
		_ = j.close()
		if j, err = openJournal(dir, time.Unix(1e9, 0)); err != nil || len(j.entries) != before {
			t.Fatalf("%d entries became %v, %v", before, j, err)
		}
		_ = j.close()
	})
}
