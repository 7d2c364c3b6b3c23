package jobstest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"mainstay/internal/jobs"
)

// line is one line of the answer to a run: output, or the end.
type line struct {
	Output *jobs.Output
	Exit   *jobs.Exit
	Error  string
}

// ServeHTTP offers the agent to other processes: POST /run and POST
// /cancel?execution=. Remote is its client.
func (a *Agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/cancel" {
		if err := a.Cancel(r.Context(), "", r.URL.Query().Get("execution")); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
		return
	}
	var req jobs.ExecRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := json.NewEncoder(w)
	send := func(l line) {
		if answer.Encode(l) == nil {
			http.NewResponseController(w).Flush()
		}
	}
	exit, err := a.Run(r.Context(), "", req, func(o jobs.Output) { send(line{Output: &o}) })
	if err != nil {
		send(line{Error: err.Error()})
		return
	}
	send(line{Exit: &exit})
}

// Remote reaches an Agent of another process by its URL.
type Remote string

// Run keeps the contract of jobs.AgentRunner.
func (r Remote) Run(ctx context.Context, _ string, req jobs.ExecRequest, onOutput func(jobs.Output)) (jobs.Exit, error) {
	body, err := r.post(ctx, "/run", req)
	if err != nil {
		return jobs.Exit{}, err
	}
	defer body.Close()
	for d := json.NewDecoder(body); ; {
		var l line
		if err := d.Decode(&l); err != nil {
			return jobs.Exit{}, err
		}
		switch {
		case l.Output != nil:
			onOutput(*l.Output)
		case l.Exit != nil:
			return *l.Exit, nil
		case l.Error == jobs.ErrUnknownOutcome.Error():
			return jobs.Exit{}, jobs.ErrUnknownOutcome
		default:
			return jobs.Exit{}, errors.New(l.Error)
		}
	}
}

// Cancel keeps the contract of jobs.AgentRunner.
func (r Remote) Cancel(ctx context.Context, _, execution string) error {
	body, err := r.post(ctx, "/cancel?execution="+execution, nil)
	if err != nil {
		return err
	}
	return body.Close()
}

func (r Remote) post(ctx context.Context, path string, v any) (io.ReadCloser, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(r)+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("the agent answers %s", answer.Status)
	}
	return answer.Body, nil
}
