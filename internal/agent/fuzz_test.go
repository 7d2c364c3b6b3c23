//go:build unix

package agent

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mainstay/internal/agent/policy"
	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// FuzzCalls feeds arguments to every method that a server can call. The host's
// policy allows nothing, so whatever they say, nothing runs.
func FuzzCalls(f *testing.F) {
	a, err := New(Configuration{Data: f.TempDir(), Server: "http://127.0.0.1:1", BeatEvery: time.Second, MetricsEvery: time.Second, FactsEvery: time.Second, RefreshEvery: time.Second, QueueBytes: 1 << 20}, Dependencies{})
	if err != nil {
		f.Fatal(err)
	}
	if err := a.open(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = a.closeFiles(context.Background()) })
	if a.policy, err = policy.Open(denyAll(f), slog.New(slog.DiscardHandler)); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`{"execution": "r/s/1", "runbook": "x", "script": "exit 1"}`, `{"execution": "r/s/2", "runbook": "x", "argv": ["/bin/false"], "user": "root", "timeout": -1}`,
		`{"execution": "\u0000", "argv": [""], "environment": {"": ""}}`, `{"execution": "r/s/1", "after": 18446744073709551615, "wait": 1}`,
		`{"execution": "r/s/1", "reason": "x"}`, `{"tcp": {"address": "127.0.0.1:1"}}`, `{"command": {"path": "../../bin/false"}}`, `null`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	methods := a.methods()
	f.Fuzz(func(t *testing.T, argument []byte) {
		for name, method := range methods {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			result, err := method(ctx, argument)
			cancel()
			reply := protocol.Succeed(result)
			if err != nil {
				reply = protocol.Fail(err)
			}
			if name == protocol.MethodCheck && err == nil {
				t.Errorf("%s ran %s", name, argument)
			}
			data, err := json.Marshal(reply)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var state protocol.State
			if json.Unmarshal(data, &reply) == nil && reply.Open(&state) == nil && state.Exit != nil && state.Exit.Outcome != protocol.Refused && state.Exit.Outcome != protocol.Failed {
				t.Errorf("%s ran %s: %+v", name, argument, state.Exit)
			}
		}
	})
}

// FuzzEnrolment reads what answers in the server's place.
func FuzzEnrolment(f *testing.F) {
	f.Add(200, []byte(`{"agent": "01arz3ndektsv4rrffq69g5fav", "name": "web1"}`))
	f.Add(201, []byte(`{"agent": "../x"}`))
	f.Add(403, []byte(`{"title": "Forbidden", "detail": "the token was used"}`))
	f.Add(302, []byte(`<html>`))
	f.Add(503, []byte(``))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		answer := &http.Response{StatusCode: status, Request: &http.Request{URL: &url.URL{Scheme: "http", Host: "x"}}}
		var reply protocol.EnrolReply
		if err := readEnrolment(answer, body, &reply); err == nil && !core.ValidID(reply.Agent) {
			t.Errorf("%d %s is an identity", status, body)
		}
	})
}

// denyAll is a policy file that allows nothing.
func denyAll(f *testing.F) string {
	f.Helper()
	path := filepath.Join(f.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte("checks: []\ncommands: []\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	return path
}
