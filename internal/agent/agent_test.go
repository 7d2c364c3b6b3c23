//go:build unix

package agent_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/probe"
)

// execute runs a command on the agent and returns all of its output.
func execute(t *testing.T, w *world, id string, c agents.Command) (string, agents.Exit) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var out strings.Builder
	exit, err := w.agents.Run(ctx, id, c, func(chunk agents.Chunk) { out.Write(chunk.Data) })
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), exit
}

func TestFactsAndMetricsComeAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	began := time.Now()
	a := w.run(w.configuration(""))
	await(t, "facts and metrics", func() bool { r, s := w.sink.counts(); return r > 0 && s > 0 })
	t.Logf("first facts and metrics after %s", time.Since(began))
	var report struct {
		Source     string
		Scope      string
		ObservedAt time.Time
		Items      []struct {
			Class      string
			Identities []core.Identity
		}
		Complete []string
	}
	if err := json.Unmarshal(w.sink.reports[0], &report); err != nil {
		t.Fatal(err)
	}
	if report.Source != "agent" || report.Scope != a.ID() || time.Since(report.ObservedAt) > time.Minute || !slices.Contains(report.Complete, "filesystem") {
		t.Errorf("%+v", report)
	}
	await(t, "the beat", func() bool { got, err := w.agents.Agent(t.Context(), a.ID()); return err == nil && got.Connected })
	// An unchanged host reports nothing new, unless it is asked to.
	await(t, "calm", func() bool {
		before, _ := w.sink.counts()
		time.Sleep(2500 * time.Millisecond)
		after, _ := w.sink.counts()
		return before == after
	})
	before, _ := w.sink.counts()
	if err := w.agents.RefreshFacts(t.Context(), a.ID()); err != nil {
		t.Fatal(err)
	}
	await(t, "the report asked for", func() bool { after, _ := w.sink.counts(); return after > before })
}

func TestCommands(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a := w.run(w.configuration("commands:\n  - runbooks: [allowed]\n    scripts: true\n"))
	out, exit := execute(t, w, a.ID(), agents.Command{Execution: "r/s/1", Runbook: "allowed", Script: "echo one; echo two >&2; exit 7"})
	if !strings.Contains(out, "one\n") || !strings.Contains(out, "two\n") || exit.Code != 7 || exit.Outcome != protocol.Exited {
		t.Errorf("%q %+v", out, exit)
	}
	again, exitAgain := execute(t, w, a.ID(), agents.Command{Execution: "r/s/1", Runbook: "allowed", Script: "echo one; echo two >&2; exit 7"})
	if again != out || exitAgain != exit {
		t.Errorf("asked again: %q %+v", again, exitAgain)
	}
	_, exit = execute(t, w, a.ID(), agents.Command{Execution: "r/s/2", Runbook: "other", Script: "id"})
	if exit.Outcome != protocol.Refused || !strings.Contains(exit.Reason, `does not allow the runbook "other"`) {
		t.Errorf("%+v", exit)
	}
	// Much output, past one answer's size, arrives whole and in order.
	out, exit = execute(t, w, a.ID(), agents.Command{Execution: "r/s/3", Runbook: "allowed", Script: "seq 1 200000", MaxOutput: 4 << 20})
	if lines := strings.Count(out, "\n"); lines != 200000 || !strings.HasSuffix(out, "\n200000\n") || !exit.OK() {
		t.Errorf("%d lines, %+v", lines, exit)
	}
}

func TestOutputIsLiveAndCancelEndsIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a := w.run(w.configuration(allowAll))
	seen := make(chan time.Time, 1)
	done := make(chan agents.Exit, 1)
	began := time.Now()
	go func() {
		exit, err := w.agents.Run(context.Background(), a.ID(), agents.Command{Execution: "1", Runbook: "x", Script: "echo first; sleep 300"}, func(agents.Chunk) {
			select {
			case seen <- time.Now():
			default:
			}
		})
		if err != nil {
			t.Error(err)
		}
		done <- exit
	}()
	at := <-seen
	t.Logf("first output after %s", at.Sub(began))
	if err := w.agents.Cancel(t.Context(), a.ID(), "1", "not needed"); err != nil {
		t.Fatal(err)
	}
	if exit := <-done; exit.Outcome != protocol.Cancelled || exit.Reason != "not needed" {
		t.Errorf("%+v", exit)
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a := w.run(w.configuration("checks: [tcp, command]\nplugins: [/bin/echo]\n"))
	await(t, "the agent", func() bool { return w.agents.RefreshFacts(t.Context(), a.ID()) == nil })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	spec := probe.Spec{TCP: &probe.TCP{Address: listener.Addr().String()}}
	if result, err := w.agents.RunCheck(t.Context(), a.ID(), spec); err != nil || result.State != probe.OK {
		t.Errorf("%+v %v", result, err)
	}
	for name, spec := range map[string]probe.Spec{
		"a kind":    {DNS: &probe.DNS{}},
		"a program": {Command: &probe.Command{Path: "/bin/sh", Args: []string{"-c", "true"}}},
		"a detour":  {Command: &probe.Command{Path: "/bin/../bin/sh"}},
	} {
		if _, err := w.agents.RunCheck(t.Context(), a.ID(), spec); core.CodeOf(err) != core.CodeForbidden {
			t.Errorf("%s that is not allowed: %v", name, err)
		}
	}
	if result, err := w.agents.RunCheck(t.Context(), a.ID(), probe.Spec{Command: &probe.Command{Path: "/bin/echo", Args: []string{"fine"}}}); err != nil || result.Output != "fine" {
		t.Errorf("%+v %v", result, err)
	}
}

// TestKilledAgent kills an agent in a process of its own in the middle of a
// command and while the server is away; the next one delivers what it measured
// and says that the command was interrupted.
func TestKilledAgent(t *testing.T) {
	t.Parallel()
	w := setup(t)
	cfg := w.configuration(allowAll)
	mark := filepath.Join(t.TempDir(), "mark")
	kill := child(t, cfg)
	var id string
	await(t, "the agent", func() bool { id = identityOf(cfg.Data); return id != "" })
	c := agents.Command{Execution: "1", Runbook: "x", Script: "echo $$ >> " + mark + "; echo begun; sleep 300"}
	begun := make(chan struct{}, 1)
	ended := make(chan agents.Exit, 1)
	go func() {
		exit, err := w.agents.Run(context.Background(), id, c, func(agents.Chunk) { begun <- struct{}{} })
		if err != nil {
			t.Error(err)
		}
		ended <- exit
	}()
	<-begun
	kill()
	kill = child(t, cfg)
	if exit := <-ended; exit.Outcome != protocol.Interrupted {
		t.Errorf("%+v", exit)
	}
	if _, exit := execute(t, w, id, c); exit.Outcome != protocol.Interrupted {
		t.Errorf("sent again: %+v", exit)
	}
	if data, _ := os.ReadFile(mark); strings.Count(string(data), "\n") != 1 {
		t.Errorf("ran more than once: %q", data)
	}
	// Away, killed, back: nothing that was queued is lost.
	await(t, "metrics", func() bool { return len(w.sink.times()) > 0 })
	w.stop()
	time.Sleep(3 * time.Second)
	kill()
	child(t, cfg)
	w.start()
	count := len(w.sink.times())
	await(t, "what was measured meanwhile", func() bool { return len(w.sink.times()) >= count+3 })
	// What was delivered but not yet confirmed when it was killed comes again.
	var first []int64
	for _, at := range w.sink.times() {
		if !slices.Contains(first, at) {
			first = append(first, at)
		}
	}
	if !slices.IsSorted(first) {
		t.Errorf("out of order: %v", first)
	}
}

// An agent that is killed again and again, at seeded random moments, runs no
// execution twice, and what it calls a success has happened.
// MAINSTAY_SOAK_KILLS sets how often.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	kills := 5
	if n, err := strconv.Atoi(os.Getenv("MAINSTAY_SOAK_KILLS")); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	w := setup(t)
	cfg := w.configuration(allowAll)
	kill := child(t, cfg)
	id := identityOf(cfg.Data)
	mark := filepath.Join(t.TempDir(), "mark")
	over := make(chan struct{})
	outcomes := make(chan map[string]agents.Exit, 1)
	go func() {
		exits := map[string]agents.Exit{}
		defer func() { outcomes <- exits }()
		for n := 1; ; n++ {
			select {
			case <-over:
				return
			default:
			}
			name := fmt.Sprintf("run/step/%d", n)
			exit, err := w.agents.Run(context.Background(), id, agents.Command{Execution: name, Runbook: "x", Script: "echo " + name + " >> " + mark + "; sleep 0.1"}, nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			exits[name] = exit
		}
	}()
	for range kills {
		time.Sleep(time.Duration(100+random.IntN(900)) * time.Millisecond)
		kill()
		kill = child(t, cfg)
	}
	close(over)
	exits := <-outcomes
	data, _ := os.ReadFile(mark)
	count := map[string]int{}
	for line := range strings.Lines(string(data)) {
		count[strings.TrimSpace(line)]++
	}
	interrupted := 0
	for name, exit := range exits {
		if count[name] > 1 || exit.OK() && count[name] != 1 {
			t.Errorf("%s ran %d times: %+v", name, count[name], exit)
		}
		if exit.Outcome == protocol.Interrupted {
			interrupted++
		}
	}
	t.Logf("%d executions, %d interrupted by %d kills", len(exits), interrupted, kills)
}

func identityOf(dir string) string {
	var id struct{ Agent string }
	data, err := os.ReadFile(filepath.Join(dir, "identity.json"))
	if err == nil {
		_ = json.Unmarshal(data, &id)
	}
	return id.Agent
}

// child runs an agent in a process of its own and returns what kills it.
func child(t *testing.T, cfg agent.Configuration) (kill func()) {
	t.Helper()
	text, _ := json.Marshal(cfg)
	process := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$")
	process.Env = append(os.Environ(), "AGENT_HELPER="+string(text), "AGENT_TOKEN="+cfg.Token)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "running" {
	}
	killed := false
	kill = func() {
		if !killed {
			killed = true
			_ = process.Process.Kill()
			_ = process.Wait()
		}
	}
	t.Cleanup(kill)
	return kill
}

func TestHelperProcess(t *testing.T) {
	text := os.Getenv("AGENT_HELPER")
	if text == "" {
		t.Skip("the child of TestKilledAgent")
	}
	var cfg agent.Configuration
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Token = os.Getenv("AGENT_TOKEN")
	a, err := agent.New(cfg, agent.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	fmt.Println("running")
	select {}
}

func TestInProcess(t *testing.T) {
	t.Parallel()
	w := setup(t)
	cfg := w.configuration("")
	cfg.Server, cfg.Token = "", ""
	begin := func() *agent.Component {
		a, err := agent.New(cfg, agent.Dependencies{Transport: w.bus.InProcess(), Enrol: w.agents.EnrolResident})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := begin()
	id := a.ID()
	await(t, "facts", func() bool { r, _ := w.sink.counts(); return r > 0 })
	if _, exit := execute(t, w, id, agents.Command{Execution: "1", Runbook: "x", Script: "id"}); exit.Outcome != protocol.Refused {
		t.Errorf("the default policy allows commands: %+v", exit)
	}
	stop(t, a)
	a = begin()
	defer stop(t, a)
	if a.ID() != id {
		t.Errorf("%s became %s", id, a.ID())
	}
	if got, err := w.agents.Agent(t.Context(), id); err != nil || !got.Resident {
		t.Errorf("%+v %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	cfg := w.configuration("")
	cfg.Token = "mse_wrong"
	for token, word := range map[string]string{"mse_wrong": "not valid", "": "token is needed"} {
		cfg.Token = token
		a, err := agent.New(cfg, agent.Dependencies{})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Start(t.Context()); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("token %q: %v", token, err)
		}
	}
	cfg.Token = w.token()
	w.run(cfg)
	second, _ := agent.New(cfg, agent.Dependencies{})
	if err := second.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "another agent uses") {
		t.Errorf("two agents in one directory: %v", err)
	}
}

// A removed agent stays out until it gets a new token.
func TestRemovedAgentEnrolsAnew(t *testing.T) {
	t.Parallel()
	w := setup(t)
	cfg := w.configuration("")
	a := w.run(cfg)
	first := a.ID()
	await(t, "facts", func() bool { r, _ := w.sink.counts(); return r > 0 })
	if err := w.agents.Remove(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	stop(t, a)
	a = w.run(cfg) // with the token it has used
	time.Sleep(500 * time.Millisecond)
	if _, err := w.agents.Agent(t.Context(), first); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("a removed agent came back: %v", err)
	}
	if err := w.agents.RefreshFacts(t.Context(), first); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("a removed agent is connected: %v", err)
	}
	stop(t, a)
	cfg.Token = w.token()
	if a = w.run(cfg); a.ID() == first || a.ID() == "" {
		t.Errorf("%s enrolled as %q", first, a.ID())
	}
	await(t, "the agent", func() bool { return w.agents.RefreshFacts(t.Context(), a.ID()) == nil })
}

// An agent that starts while its server is away enrols when it comes back.
func TestServerIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	cfg := w.configuration("")
	w.stop()
	a := w.run(cfg)
	if a.ID() != "" {
		t.Error("enrolled by nobody")
	}
	w.start()
	await(t, "facts", func() bool { r, _ := w.sink.counts(); return r > 0 })
}

// TestOneOfTwoAgentsMeasures has two agents on one host, and the one that
// measures go.
func TestOneOfTwoAgentsMeasures(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first, second := w.run(w.configuration("")), w.run(w.configuration(""))
	for _, a := range []*agent.Component{first, second} {
		if err := w.agents.BindItem(t.Context(), a.ID(), "host"); err != nil {
			t.Fatal(err)
		}
	}
	const ofHost, own = "system_uptime_seconds", "mainstay_agent_queue_records"
	behind := func(a *agent.Component) time.Duration {
		return w.sink.measured(a.ID(), own).Sub(w.sink.measured(a.ID(), ofHost))
	}
	await(t, "the second to leave it to the first", func() bool { return behind(second) > 2*time.Second })
	if d := behind(first); d > time.Second {
		t.Errorf("the first has not measured for %s", d)
	}
	stop(t, first)
	if err := w.agents.Remove(auth.With(t.Context(), auth.System("test")), first.ID()); err != nil {
		t.Fatal(err)
	}
	await(t, "the second to measure again", func() bool { return behind(second) == 0 })
}
