package jobs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// mostAnswer bounds how much of an answer is read.
const mostAnswer = 256 << 10

// http sends the step's request once. If an earlier process had begun it, the
// request goes out again only where that does no harm: safe methods (RFC 9110,
// 9.2.1) and repeatable steps.
func (a *attempt) http(ctx context.Context) (result, error) {
	if a.c.deps.HTTP == nil {
		return failure("this installation sends no requests"), nil
	}
	harmless := a.def.Repeatable || a.method() == http.MethodGet || a.method() == http.MethodHead
	if a.step.dispatched && !harmless {
		return result{state: Interrupted, message: "the request was under way when the server stopped"}, nil
	}
	if res, end := ending(a.run); end {
		return res, nil
	}
	values, err := a.secrets(ctx, a.def.secrets())
	if err != nil {
		if givesUp(err) || a.c.deps.Clock.Now().After(a.deadline()) {
			return failure("%s", err), nil
		}
		return result{}, err
	}
	if !a.step.dispatched {
		if err := a.mark(ctx, "", true, ""); err != nil {
			return result{}, err
		}
	}
	if a.out, err = a.c.openOutput(ctx, a.run.ID, a.step); err != nil {
		return result{}, err
	}
	res := a.send(ctx, values)
	if err := a.out.close(ctx, 0); err != nil {
		return result{}, err
	}
	if ctx.Err() != nil && res.state != Succeeded {
		return result{}, ctx.Err()
	}
	res.message = a.out.mask.String(res.message)
	return res, nil
}

func (a *attempt) method() string {
	if a.def.HTTP.Method == "" {
		return http.MethodGet
	}
	return a.def.HTTP.Method
}

// request is the step's request with parameters and secrets filled in.
func (a *attempt) request(ctx context.Context, secrets map[string]string) (*http.Request, error) {
	values := map[string]string{}
	for name, v := range a.run.Parameters {
		values[name] = v
	}
	for name, v := range secrets {
		values[secretPrefix+name] = v
	}
	body, structured, err := expandBody(a.def.HTTP.Body, values)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, a.method(), expand(a.def.HTTP.URL, a.run.Parameters, inURL), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if structured {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", "Mainstay")
	// An intermediary or a careful server can tell a repeated request by it.
	req.Header.Set("Idempotency-Key", execution(a.run.ID, a.step.ID, a.step.Attempt))
	for name, v := range a.def.HTTP.Headers {
		req.Header.Set(name, expand(v, values, inHeader))
	}
	return req, nil
}

func (a *attempt) send(ctx context.Context, secrets map[string]string) result {
	ctx, cancel := context.WithTimeout(ctx, max(time.Second, a.deadline().Sub(a.c.deps.Clock.Now())))
	defer cancel()
	go a.stopOnEnd(ctx, cancel)
	req, err := a.request(ctx, secrets)
	if err != nil {
		return failure("%s", err)
	}
	began := a.c.deps.Clock.Now()
	answer, err := a.c.deps.HTTP.Do(req)
	if err != nil {
		return failure("%s", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	a.out.note(fmt.Sprintf("%s %s: %s (%s)\n", req.Method, req.URL.Redacted(), answer.Status, a.c.deps.Clock.Now().Sub(began).Round(time.Millisecond)))
	a.out.write(Output{Stream: "stdout", Data: body})
	if err != nil {
		return failure("the answer broke off: %s", err)
	}
	res := a.def.HTTP.Expect.judge(answer.StatusCode, body)
	res.outcome = []byte(marshal(map[string]any{"status": answer.StatusCode}))
	return res
}

// stopOnEnd ends the request when the run ends.
func (a *attempt) stopOnEnd(ctx context.Context, cancel context.CancelFunc) {
	news, done := a.c.signals.watch(a.run.ID)
	defer done()
	for {
		timer := a.c.deps.Clock.NewTimer(time.Second)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-news:
		case <-timer.C():
		}
		timer.Stop()
		if run, err := loadRun(ctx, a.c.deps.DB, a.run.ID); err == nil {
			if _, end := ending(run); end {
				cancel()
				return
			}
		}
	}
}

// judge compares an answer with what was expected.
func (e Expectation) judge(status int, body []byte) result {
	switch {
	case len(e.Status) == 0 && (status < 200 || status > 299):
		return failure("the answer has status %d, not 200 to 299", status)
	case len(e.Status) > 0 && !slices.Contains(e.Status, status):
		return failure("the answer has status %d, not one of %v", status, e.Status)
	}
	if e.Body != "" {
		pattern, err := regexp.Compile(e.Body)
		if err != nil || !pattern.Match(body) {
			return failure("the body of the answer does not match %s", e.Body)
		}
	}
	return succeeded(fmt.Sprintf("status %d", status))
}
