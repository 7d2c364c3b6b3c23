package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Agent is one `mainstay agent`, a process of its own.
type Agent struct {
	Data string

	process
	server *Server
	token  string
}

// NewAgent makes an enrolment token for an agent with the given policy file.
func (s *Server) NewAgent(name, policy string) *Agent {
	s.t.Helper()
	a := &Agent{process: process{t: s.t, name: "agent", program: s.program}, Data: s.t.TempDir(), server: s}
	var enrolment struct{ Token string }
	if err := s.Call("POST", "/api/v1/enrolments", map[string]string{"name": name}, &enrolment); err != nil {
		s.t.Fatal(err)
	}
	a.token = enrolment.Token
	if err := os.WriteFile(filepath.Join(a.Data, "policy.yaml"), []byte(policy), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(a.finish)
	return a
}

// Start runs the agent; it connects by itself. The token is used once.
func (a *Agent) Start() {
	a.t.Helper()
	cmd := exec.Command(a.program, "agent", "--server", a.server.URL, "--data", a.Data)
	cmd.Env = os.Environ()
	if a.token != "" {
		cmd.Env, a.token = append(cmd.Env, "MAINSTAY_ENROL="+a.token), ""
	}
	a.launch(cmd)
}

// WaitKnown waits until the agent is connected and the host it runs on is an item.
func (a *Agent) WaitKnown() {
	a.t.Helper()
	a.server.Eventually(30*time.Second, "the agent is known", func() error {
		var page struct {
			Items []struct {
				Item      string `json:"item"`
				Connected bool   `json:"connected"`
			}
		}
		if err := a.server.Call("GET", "/api/v1/agents", nil, &page); err != nil {
			return err
		}
		if len(page.Items) != 1 || !page.Items[0].Connected || page.Items[0].Item == "" {
			return fmt.Errorf("agents: %+v", page.Items)
		}
		return nil
	})
}
