package jobs_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/jobs"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

const item = "01arz3ndektsv4rrffq69g5fav"

func TestARunbookRunsItsGraph(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db, func(req jobs.ExecRequest, print func(stream, text string), _ <-chan struct{}) jobs.Exit {
			print("stdout", req.Step+" for "+req.Env["PARAM_SERVICE_NAME"]+"\n")
			print("stderr", "the key is "+req.Env["KEY"][:6])
			print("stderr", req.Env["KEY"][6:]+"\n")
			return jobs.Exit{}
		})
		w.around.SetSecret("db/key", "hunter2-hunter2")
		w.around.SetCheck("db-up", true)
		w.apply(`
kind: Runbook
name: restart
spec:
  title: Restart a service
  parameters:
    - {name: serviceName, required: true, pattern: "[a-z]+"}
    - {name: tries, type: int, default: 3}
  steps:
    - id: stop
      shell: {script: "systemctl stop $PARAM_SERVICE_NAME", agent: $item, env: {KEY: "secret:db/key"}}
    - id: left
      needs: [stop]
      shell: {command: [/bin/systemctl, "--user=${serviceName}", "${tries}"], agent: $item, env: {KEY: "secret:db/key"}}
    - id: right
      needs: [stop]
      wait: {duration: 20ms}
    - id: check
      needs: [left, right]
      verify: {checks: [db-up], within: 5s}
`)
		r := w.await(w.run(jobs.Request{Runbook: "restart", Parameters: map[string]any{"serviceName": "postgres"}, Why: "it hangs",
			Subject: jobs.Subject{Item: item}}).ID)
		if r.State != jobs.Succeeded || states(r) != "stop=succeeded left=succeeded right=succeeded check=succeeded" {
			t.Fatalf("%s (%s): %s", r.State, r.Error, states(r))
		}
		begun := w.agent.Begun()
		if len(begun) != 2 || begun[0].ID != r.ID+"/stop/1" || begun[0].Script != "systemctl stop $PARAM_SERVICE_NAME" || begun[0].Env["PARAM_TRIES"] != "3" ||
			begun[0].Env["MAINSTAY_RUN"] != r.ID || begun[0].Env["MAINSTAY_STEP"] != "stop" || begun[0].Env["MAINSTAY_ATTEMPT"] != "1" ||
			!slices.Equal(begun[1].Command, []string{"/bin/systemctl", "--user=postgres", "3"}) {
			t.Errorf("the agent was asked for %+v", begun)
		}
		out := w.output(r.ID)
		if !strings.Contains(out, "stop for postgres") || !strings.Contains(out, "the key is "+secrets.Mask) || strings.Contains(out, "hunter2") {
			t.Errorf("output: %q", out)
		}
		if got := types(t, w.ledger, "jobs.run."); got[0] != "run.requested" || got[1] != "run.started" || got[len(got)-1] != "run.finished" || len(got) != 11 {
			t.Errorf("the ledger tells %v", got)
		}
		if _, err := w.Run(t.Context(), jobs.Request{Runbook: "restart", Actor: ana, Parameters: map[string]any{"serviceName": "$(reboot)", "x": 1}}); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("bad parameters gave %v", err)
		}
	})
}

func TestFailureStopsOrContinues(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db, func(req jobs.ExecRequest, _ func(stream, text string), _ <-chan struct{}) jobs.Exit {
			return jobs.Exit{Code: len(req.Script) - len("ok")}
		})
		w.apply(`
kind: Runbook
name: stops
spec:
  steps:
    - {id: a, shell: {script: bad, agent: $item}}
    - {id: b, shell: {script: ok, agent: $item}}
---
kind: Runbook
name: continues
spec:
  steps:
    - {id: a, onFailure: continue, shell: {script: bad, agent: $item}}
    - {id: b, shell: {script: ok, agent: $item}}
---
kind: Runbook
name: retries
spec:
  steps:
    - {id: a, repeatable: true, retry: {attempts: 3, backoff: 5ms}, shell: {script: worse, agent: $item}}
`)
		for name, want := range map[string]string{"stops": "failed a=failed b=skipped", "continues": "succeeded a=failed b=succeeded", "retries": "failed a=failed"} {
			r := w.await(w.run(jobs.Request{Runbook: name, Subject: jobs.Subject{Item: item}}).ID)
			if got := r.State + " " + states(r); got != want {
				t.Errorf("%s: %s, want %s (%s)", name, got, want, r.Error)
			}
			if name == "retries" && r.Steps[0].Attempt != 3 {
				t.Errorf("tried %d times", r.Steps[0].Attempt)
			}
		}
	})
}

func TestApprovalAndRejection(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db, nil)
		w.apply(`
kind: Runbook
name: ask
spec:
  steps:
    - {id: may-i, approval: {message: "Restart the shop?", team: shop}}
    - {id: then, wait: {duration: 1ms}}
`)
		all := func(string) bool { return true }
		for approve, want := range map[bool]string{true: "succeeded may-i=succeeded then=succeeded", false: "failed may-i=failed then=skipped"} {
			id := w.run(jobs.Request{Runbook: "ask"}).ID
			w.until("it asks", func() bool { return w.read(id).Steps[0].State == jobs.Waiting })
			if _, err := w.Decide(t.Context(), id, "may-i", approve, ana, "", func(team string) bool { return team != "shop" }); core.CodeOf(err) != core.CodeForbidden {
				t.Errorf("someone of another team decided: %v", err)
			}
			if _, err := w.Decide(t.Context(), id, "may-i", approve, ana, "go on", all); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Decide(t.Context(), id, "may-i", approve, ana, "", all); core.CodeOf(err) != core.CodeConflict {
				t.Errorf("a second decision gave %v", err)
			}
			r := w.await(id)
			if got := r.State + " " + states(r); got != want || r.Steps[0].DecidedBy != "Ana" {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}

func TestCancelStopsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db, func(_ jobs.ExecRequest, print func(stream, text string), stop <-chan struct{}) jobs.Exit {
			print("stdout", "working\n")
			<-stop
			return jobs.Exit{Code: -1}
		})
		w.apply(`
kind: Runbook
name: long
spec:
  steps:
    - {id: work, shell: {script: sleep, agent: $item}}
    - {id: nap, needs: [], wait: {duration: 1h}}
    - {id: after, needs: [work, nap], wait: {duration: 1ms}}
`)
		id := w.run(jobs.Request{Runbook: "long", Subject: jobs.Subject{Item: item}}).ID
		w.until("it works", func() bool { return strings.Contains(w.output(id), "working") })
		if _, err := w.Cancel(t.Context(), id, ana, "enough"); err != nil {
			t.Fatal(err)
		}
		r := w.await(id)
		if got := r.State + " " + states(r); got != "cancelled work=cancelled nap=cancelled after=cancelled" {
			t.Error(got)
		}
		if _, err := w.Cancel(t.Context(), id, ana, ""); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("a second cancel gave %v", err)
		}
	})
}

func TestTimeoutOfTheRunEndsItsSteps(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db, func(_ jobs.ExecRequest, _ func(stream, text string), stop <-chan struct{}) jobs.Exit {
			<-stop
			return jobs.Exit{Code: -1}
		})
		w.apply(`
kind: Runbook
name: slow
spec:
  timeout: 300ms
  steps: [{id: work, shell: {script: sleep, agent: $item}}, {id: next, wait: {duration: 1ms}}]
`)
		r := w.await(w.run(jobs.Request{Runbook: "slow", Subject: jobs.Subject{Item: item}}).ID)
		if got := r.State + " " + states(r); got != "failed work=cancelled next=skipped" || !strings.Contains(r.Error, "longer than 300ms") {
			t.Errorf("%s: %s", got, r.Error)
		}
	})
}

func TestConcurrencyLimitQueuesRuns(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		var now, most atomic.Int32
		w := setup(t, db, func(jobs.ExecRequest, func(stream, text string), <-chan struct{}) jobs.Exit {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(10 * time.Millisecond)
			now.Add(-1)
			return jobs.Exit{}
		})
		w.apply(`
kind: Runbook
name: one
spec:
  concurrency: 1
  steps: [{id: work, shell: {script: x, agent: $item}}]
`)
		var ids []string
		for range 6 {
			ids = append(ids, w.run(jobs.Request{Runbook: "one", Subject: jobs.Subject{Item: item}}).ID)
		}
		for _, id := range ids {
			if r := w.await(id); r.State != jobs.Succeeded {
				t.Errorf("%s: %s", r.State, r.Error)
			}
		}
		if most.Load() != 1 {
			t.Errorf("%d ran at once", most.Load())
		}
	})
}

func TestRestartAttachesToTheSameExecution(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		proceed := make(chan struct{})
		w := setup(t, db, func(_ jobs.ExecRequest, print func(stream, text string), _ <-chan struct{}) jobs.Exit {
			print("stdout", "one\n")
			<-proceed
			print("stdout", "two\n")
			return jobs.Exit{}
		})
		w.apply("kind: Runbook\nname: r\nspec: {steps: [{id: work, shell: {script: x, agent: $item}}]}\n")
		id := w.run(jobs.Request{Runbook: "r", Subject: jobs.Subject{Item: item}}).ID
		w.until("it prints", func() bool { return w.output(id) == "one\n" })
		w.restart()
		w.restart()
		close(proceed)
		if r := w.await(id); r.State != jobs.Succeeded || len(w.agent.Begun()) != 1 || w.output(id) != "one\ntwo\n" {
			t.Errorf("%s (%s), begun %d times, output %q", r.State, r.Error, len(w.agent.Begun()), w.output(id))
		}
	})
}

func TestAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		var n atomic.Int32
		w := setup(t, db, func(req jobs.ExecRequest, _ func(stream, text string), _ <-chan struct{}) jobs.Exit {
			if req.Attempt == 1 {
				n.Add(1)
				select {}
			}
			return jobs.Exit{}
		})
		w.apply(`
kind: Runbook
name: once
spec: {steps: [{id: work, shell: {script: x, agent: $item}}, {id: next, wait: {duration: 1ms}}]}
---
kind: Runbook
name: again
spec: {steps: [{id: work, repeatable: true, retry: {attempts: 2, backoff: 1ms}, shell: {script: x, agent: $item}}]}
`)
		once := w.run(jobs.Request{Runbook: "once", Subject: jobs.Subject{Item: item}}).ID
		again := w.run(jobs.Request{Runbook: "again", Subject: jobs.Subject{Item: item}}).ID
		w.until("both are begun", func() bool { return n.Load() == 2 })
		w.agent.Forget()
		r := w.await(once)
		if got := r.State + " " + states(r); got != "failed work=interrupted next=skipped" || !strings.Contains(r.Error, "cannot tell how it ended") {
			t.Errorf("%s: %s", got, r.Error)
		}
		if r := w.await(again); r.State != jobs.Succeeded || r.Steps[0].Attempt != 2 {
			t.Errorf("the repeatable one: %s after %d", r.State, r.Steps[0].Attempt)
		}
	})
}

func TestAnAgentThatIsOffline(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t), func(jobs.ExecRequest, func(stream, text string), <-chan struct{}) jobs.Exit { return jobs.Exit{} })
	w.apply(`kind: Runbook
name: waits
spec: {steps: [{id: work, shell: {script: x, agent: $item}}]}
---
kind: Runbook
name: waits-not-long
spec: {steps: [{id: work, timeout: 1s, shell: {script: x, agent: $item}}]}
---
kind: Runbook
name: fails
spec: {steps: [{id: work, shell: {script: x, agent: $item, whenAway: fail}}]}
`)
	w.agent.SetOffline(true)
	about := jobs.Subject{Item: item}
	waits, notLong, fails := w.run(jobs.Request{Runbook: "waits", Subject: about}).ID, w.run(jobs.Request{Runbook: "waits-not-long", Subject: about}).ID,
		w.run(jobs.Request{Runbook: "fails", Subject: about}).ID
	away := jobs.ErrAgentOffline.Error()
	w.until("the run says what it waits for", func() bool {
		s := w.read(waits).Steps[0]
		return s.State == jobs.Running && s.Agent != "" && s.Message == "waits: "+away
	})
	if r := w.await(fails); r.State != jobs.Failed || r.Steps[0].State != jobs.Failed || r.Steps[0].Message != away {
		t.Errorf("%s: %+v", r.State, r.Steps)
	}
	if r := w.await(notLong); r.State != jobs.Failed || r.Steps[0].State != jobs.Failed || r.Steps[0].Message != "not possible within 1s: "+away {
		t.Errorf("%s: %+v", r.State, r.Steps)
	}
	w.agent.SetOffline(false)
	if r := w.await(waits); r.State != jobs.Succeeded || r.Steps[0].Message != "" {
		t.Errorf("%s: %s %+v", r.State, r.Error, r.Steps)
	}
	if begun := w.agent.Begun(); len(begun) != 1 || begun[0].Run != waits {
		t.Errorf("begun: %+v", begun)
	}
}

func TestHTTPSteps(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		var seen []string
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			seen = append(seen, fmt.Sprintf("%s %s %s %s", r.Method, r.RequestURI, r.Header.Get("Authorization"), body))
			fmt.Fprint(rw, "deployed with top-secret-token")
		}))
		t.Cleanup(server.Close)
		w := setup(t, db, nil)
		w.around.SetSecret("token", "top-secret-token")
		w.apply(strings.ReplaceAll(`
kind: Runbook
name: call
spec:
  parameters: [{name: name}]
  steps:
    - id: call
      http:
        method: POST
        url: SERVER/deploy/${name}?why=${name}
        headers: {Authorization: "Bearer ${secret:token}"}
        body: {service: "${name}", n: 1}
        expect: {status: [200], body: "^deployed"}
    - id: wrong
      http: {url: SERVER/, expect: {status: [204]}}
`, "SERVER", server.URL))
		r := w.await(w.run(jobs.Request{Runbook: "call", Parameters: map[string]any{"name": `a/b&c"d`}}).ID)
		if r.State != jobs.Failed || states(r) != "call=succeeded wrong=failed" {
			t.Errorf("%s (%s): %s", r.State, r.Error, states(r))
		}
		want := `POST /deploy/a%2Fb%26c%22d?why=a%2Fb%26c%22d Bearer top-secret-token {"n":1,"service":"a/b\u0026c\"d"}`
		if !slices.Contains(seen, want) {
			t.Errorf("sent %q, want %q", seen, want)
		}
		if out := w.output(r.ID); strings.Contains(out, "top-secret") || !strings.Contains(out, secrets.Mask) {
			t.Errorf("output: %q", out)
		}
	})
}

func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t), func(_ jobs.ExecRequest, print func(stream, text string), _ <-chan struct{}) jobs.Exit {
		for i := range 600 {
			print("stdout", fmt.Sprintf("%05d%s\n", i, strings.Repeat("x", 16<<10)))
		}
		return jobs.Exit{}
	})
	w.apply("kind: Runbook\nname: r\nspec: {steps: [{id: work, shell: {script: x, agent: $item}}]}\n")
	r := w.await(w.run(jobs.Request{Runbook: "r", Subject: jobs.Subject{Item: item}}).ID)
	out := w.output(r.ID)
	if len(out) > 7<<20 || !strings.HasPrefix(out, "00000") || !strings.Contains(out, "were not kept") || !strings.Contains(out, "00599x") {
		t.Errorf("%d bytes kept, head %.10q, note %v, end %v", len(out), out, strings.Contains(out, "were not kept"), strings.Contains(out, "00599x"))
	}
}

func TestRerun(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t), nil)
	w.apply("kind: Runbook\nname: r\nspec: {parameters: [{name: a}], steps: [{id: work, wait: {duration: 1ms}}]}\n")
	first := w.await(w.run(jobs.Request{Runbook: "r", Parameters: map[string]any{"a": "b"}}).ID)
	second, err := w.Rerun(t.Context(), first.ID, ana, jobs.ByPerson)
	if err != nil || second.RerunOf != first.ID || second.Parameters["a"] != "b" || w.await(second.ID).State != jobs.Succeeded {
		t.Errorf("%+v (%v)", second, err)
	}
	if _, err := w.Rerun(t.Context(), "nope", ana, jobs.ByPerson); core.CodeOf(err) != core.CodeNotFound || errors.Is(err, sqldb.ErrNoRows) {
		t.Error(err)
	}
}
