package jobs_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mainstay/internal/jobs"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// serve registers the routes and lets requests choose who they are from:
// "role" or "role@team".
func (w *world) serve() *httptest.Server {
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	w.Routes(api)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		role, team, _ := strings.Cut(r.Header.Get("As"), "@")
		p := auth.NewPrincipal(auth.KindUser, "u", "Una", auth.BuiltinRoles(), auth.Grant{Role: role, Team: team})
		api.Handler().ServeHTTP(rw, r.WithContext(auth.With(r.Context(), p)))
	}))
	w.t.Cleanup(server.Close)
	return server
}

// call sends JSON and reads the answer into out.
func (w *world) call(server *httptest.Server, as, method, path, in string, out any) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, server.URL+"/api/v1"+path, strings.NewReader(in))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("As", as)
	if in != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if out != nil {
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			w.t.Fatalf("%s %s: %d: %v", method, path, resp.StatusCode, err)
		}
	}
	return resp.StatusCode
}

type page[T any] struct {
	Items []T `json:"items"`
}

func TestTheAPIStartsShowsAndFollowsRuns(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		proceed := make(chan struct{})
		w := setup(t, db, func(_ jobs.ExecRequest, print func(stream, text string), _ <-chan struct{}) jobs.Exit {
			print("stdout", "first\n")
			<-proceed
			print("stdout", "last\n")
			return jobs.Exit{}
		})
		w.apply(`
kind: Runbook
name: work
spec:
  parameters: [{name: what, required: true}]
  steps: [{id: ask, approval: {message: "Sure?"}}, {id: do, shell: {script: x, agent: $item}}]
---
kind: Runbook
name: theirs
spec: {team: others, steps: [{id: do, wait: {duration: 1ms}}]}
`)
		s := w.serve()
		var books page[jobs.RunbookView]
		if code := w.call(s, "operator@shop", "GET", "/runbooks", "", &books); code != 200 || len(books.Items) != 1 || books.Items[0].Spec.Steps[1].Shell == nil {
			t.Fatalf("%d: %+v", code, books)
		}
		var problem struct{ Errors []struct{ Field string } }
		if code := w.call(s, "operator", "POST", "/runbooks/work/run", `{"parameters":{}}`, &problem); code != 422 || problem.Errors[0].Field != "parameters.what" {
			t.Errorf("%d %+v", code, problem)
		}
		if code := w.call(s, "auditor", "POST", "/runbooks/work/run", `{}`, nil); code != 403 {
			t.Errorf("an auditor starts a run: %d", code)
		}
		if code := w.call(s, "operator@shop", "POST", "/runbooks/theirs/run", `{}`, nil); code != 404 {
			t.Errorf("another team's runbook: %d", code)
		}
		var run jobs.Run
		if code := w.call(s, "operator", "POST", "/runbooks/work/run", fmt.Sprintf(`{"parameters":{"what":"it"},"item":%q,"why":"because"}`, item), &run); code != 201 ||
			run.Trigger != jobs.ByPerson || run.Actor.Name != "Una" {
			t.Fatalf("%d %+v", code, run)
		}
		w.until("it asks", func() bool { return w.read(run.ID).Steps[0].State == jobs.Waiting })
		if code := w.call(s, "auditor", "POST", "/runs/"+run.ID+"/steps/ask/approve", "", nil); code != 403 {
			t.Errorf("an auditor approves: %d", code)
		}
		if code := w.call(s, "operator", "POST", "/runs/"+run.ID+"/steps/ask/approve", `{"comment":"ok"}`, nil); code != 200 {
			t.Errorf("approve: %d", code)
		}
		w.until("it prints", func() bool { return w.output(run.ID) == "first\n" })
		events := w.follow(s, run.ID)
		if e := <-events; !strings.Contains(e, `"text":"first\n"`) {
			t.Errorf("first event: %s", e)
		}
		close(proceed)
		if e := <-events; !strings.Contains(e, `"text":"last\n"`) {
			t.Errorf("second event: %s", e)
		}
		if e := <-events; !strings.Contains(e, `"state":"succeeded"`) {
			t.Errorf("end: %s", e)
		}
		var runs page[jobs.Run]
		if code := w.call(s, "auditor", "GET", "/runs?where=runbook=work&where=state=succeeded&q=because", "", &runs); code != 200 || len(runs.Items) != 1 || len(runs.Items[0].Steps) != 2 {
			t.Errorf("%d %+v", code, runs)
		}
		var view jobs.RunView
		if code := w.call(s, "auditor", "GET", "/runs/"+run.ID, "", &view); code != 200 || len(view.Attempts) != 1 || view.Definition == nil {
			t.Errorf("%d %+v", code, view)
		}
		if code := w.call(s, "operator", "POST", "/runs/"+run.ID+"/rerun", "", &run); code != 201 || run.RerunOf != view.ID {
			t.Errorf("rerun: %d %+v", code, run)
		}
		if code := w.call(s, "operator", "POST", "/runs/"+run.ID+"/cancel", `{"comment":"enough"}`, nil); code != 200 || w.await(run.ID).State != jobs.Cancelled {
			t.Errorf("cancel: %d", code)
		}
		var chunks page[jobs.Chunk]
		if code := w.call(s, "auditor", "GET", "/runs/"+view.ID+"/output?follow=false&after=1", "", &chunks); code != 200 || len(chunks.Items) != 1 {
			t.Errorf("%d %+v", code, chunks)
		}
	})
}

// follow reads the data lines of the output stream.
func (w *world) follow(s *httptest.Server, run string) <-chan string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", s.URL+"/api/v1/runs/"+run+"/output?after=0", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("As", "auditor")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatalf("%d %s", resp.StatusCode, resp.Header)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer resp.Body.Close()
		for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
			if data, ok := strings.CutPrefix(scan.Text(), "data: "); ok {
				lines <- data
			}
		}
	}()
	return lines
}

func TestTheAPIOfRemediation(t *testing.T) {
	t.Parallel()
	w := healer(t, sqldbtest.SQLite(t), "approval", true)
	s := w.serve()
	w.situation("opened", "s1", database)
	w.latest("s1", jobs.Proposed)
	var list page[jobs.RemediationView]
	if code := w.call(s, "auditor", "GET", "/remediations?where=enabled=true", "", &list); code != 200 || len(list.Items) != 1 {
		t.Errorf("%d %+v", code, list)
	}
	var decisions page[jobs.Decision]
	if code := w.call(s, "auditor", "GET", "/remediations/heal/decisions?where=state=proposed", "", &decisions); code != 200 || len(decisions.Items) != 1 {
		t.Fatalf("%d %+v", code, decisions)
	}
	if code := w.call(s, "auditor", "GET", "/decisions?where=subject=s1", "", &decisions); code != 200 || len(decisions.Items) != 1 {
		t.Errorf("%d %+v", code, decisions)
	}
	var report jobs.TestReport
	if code := w.call(s, "auditor", "POST", "/remediations/heal/test", `{"situation":"s1"}`, &report); code != 200 || report.Applied != 1 {
		t.Errorf("%d %+v", code, report)
	}
	var sw jobs.KillSwitch
	if code := w.call(s, "operator@shop", "PUT", "/remediations/kill-switch", `{"on":true}`, nil); code != 403 {
		t.Errorf("an operator of one team switches all off: %d", code)
	}
	if code := w.call(s, "operator", "PUT", "/remediations/kill-switch", `{"on":true,"cancelRunning":true}`, &sw); code != 200 || !sw.On || sw.By != "Una" || sw.Running != 0 {
		t.Errorf("%d %+v", code, sw)
	}
	approve := "/decisions/" + decisions.Items[0].ID + "/approve"
	if code := w.call(s, "operator", "POST", approve, "", nil); code != 409 {
		t.Errorf("approved while switched off: %d", code)
	}
	if code := w.call(s, "operator", "PUT", "/remediations/kill-switch", `{"on":false}`, &sw); code != 200 || sw.On {
		t.Errorf("%d %+v", code, sw)
	}
	if code := w.call(s, "operator", "POST", approve, `{"comment":"do it"}`, nil); code != 200 {
		t.Errorf("approve: %d", code)
	}
	w.latest("s1", jobs.Verified)
}
