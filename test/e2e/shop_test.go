package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/test/harness"
	"mainstay/test/peers"
)

// shop is the three-tier example on free ports, and the server that watches it.
type shop struct {
	t      testing.TB
	server *harness.Server
	agent  *harness.Agent // when it is a process of its own
	work   string
	port   int    // of nginx
	pause  string // what a repair does before it repairs
	env    []string
}

// newShop starts the servers of the example and an installation, with the agent
// in its process, that has its documents.
func newShop(t testing.TB, env ...string) *shop {
	t.Helper()
	s := openShop(t, env...)
	s.allow()
	s.server.Start()
	s.settle()
	return s
}

// newShopApart is newShop with the agent as a process of its own. What a repair
// does takes long enough to be interrupted.
func newShopApart(t testing.TB, env ...string) *shop {
	t.Helper()
	s := openShop(t, append(env, "MAINSTAY_AGENT_ENABLED=false")...)
	s.pause = "sleep 1\n          "
	s.server.Start()
	s.agent = s.server.NewAgent("shop", s.policy())
	s.agent.Start()
	s.agent.WaitKnown()
	s.settle()
	return s
}

// openShop starts the servers of the example and prepares an installation.
func openShop(t testing.TB, env ...string) *shop {
	t.Helper()
	work, err := os.MkdirTemp("", "mainstay-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(work, 0o755); err != nil { // PostgreSQL runs as another user when we are root
		t.Fatal(err)
	}
	s := &shop{t: t, work: work, port: peers.FreePort(t)}
	s.env = append(os.Environ(), "SHOP_WORK="+work, fmt.Sprintf("SHOP_NGINX_PORT=%d", s.port),
		fmt.Sprintf("SHOP_APP_PORT=%d", peers.FreePort(t)), fmt.Sprintf("SHOP_DB_PORT=%d", peers.FreePort(t)))
	t.Cleanup(func() { s.run("clean") })
	s.run("start")
	s.server = harness.New(t, env...)
	t.Cleanup(func() {
		if t.Failed() {
			s.tell()
		}
	})
	return s
}

// tell logs what the server says of a thread that went wrong.
func (s *shop) tell() {
	for _, path := range []string{"/situations?limit=5&sort=-openedAt", "/alerts?limit=20&sort=-openedAt", "/runs?limit=5", "/decisions?limit=5", "/tasks?limit=20", "/incidents?limit=5&sort=-openedAt"} {
		var page struct{ Items []struct{ ID string } }
		var text json.RawMessage
		err := s.server.Call("GET", "/api/v1"+path, nil, &text)
		s.t.Logf("%s: %s %v", path, text, err)
		if err != nil || !strings.HasPrefix(path, "/situations") || json.Unmarshal(text, &page) != nil || len(page.Items) == 0 {
			continue
		}
		err = s.server.Call("GET", "/api/v1/situations/"+page.Items[0].ID, nil, &text)
		s.t.Logf("the newest situation: %s %v", text, err)
	}
}

// settle applies the documents and waits until all is well.
func (s *shop) settle() {
	s.t.Helper()
	s.apply()
	s.healthy()
	if list, err := s.incidents(); err != nil || len(list) > 0 {
		s.t.Fatalf("a healthy shop has incidents: %+v, %v", list, err)
	}
}

func (s *shop) run(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(filepath.Join(harness.Root(s.t), "examples", "three-tier", "run.sh"), args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("run.sh %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// allow writes the policy of the host before its agent starts.
func (s *shop) allow() {
	s.t.Helper()
	dir := filepath.Join(s.server.Data, "agent")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(s.policy()), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) policy() string { return "checks: [\"*\"]\n" + s.run("policy") }

// apply writes the documents for this machine, lets every repair leave a trace,
// and applies them twice: the second time nothing changes.
func (s *shop) apply() {
	s.t.Helper()
	dir := filepath.Join(s.work, "documents")
	s.run("documents", dir)
	path := filepath.Join(dir, "runbooks.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	traced := bytes.ReplaceAll(text, []byte(`exec "$work/control"`), []byte(`echo "$MAINSTAY_RUN $MAINSTAY_STEP $MAINSTAY_ATTEMPT" >>"`+s.trace()+"\"\n          "+s.pause+"exec \"$work/control\""))
	traced = bytes.ReplaceAll(traced, []byte("repeatable: true"), []byte("repeatable: false"))
	if bytes.Equal(traced, text) {
		s.t.Fatal("the runbooks do not call control any more")
	}
	if err := os.WriteFile(path, traced, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.edit(filepath.Join(dir, "remediations.yaml"), "coolDown: 1m", "coolDown: 1s") // the same fault is made again at once
	for _, want := range []string{"created", "unchanged"} {
		out, err := s.server.CLI("apply", "-f", dir)
		if err != nil || !strings.Contains(out, want) {
			s.t.Fatalf("apply: %v\n%s", err, out)
		}
	}
}

func (s *shop) edit(path, before, after string) {
	s.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	changed := bytes.ReplaceAll(text, []byte(before), []byte(after))
	if bytes.Equal(changed, text) {
		s.t.Fatalf("%s does not hold %q", path, before)
	}
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) trace() string { return filepath.Join(s.work, "repairs") }

// traces are the executions of scripts, each as run, step and attempt.
func (s *shop) traces() []string {
	text, err := os.ReadFile(s.trace())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")[:strings.Count(string(text), "\n")]
}

// repairs is how often a runbook's script was run.
func (s *shop) repairs() int { return len(s.traces()) }

type check struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Targets []struct {
		Status string `json:"status"`
		Hard   bool   `json:"hard"`
		Item   string `json:"item"`
	} `json:"targets"`
}

// healthy waits until all checks of the shop are good and customers see it.
func (s *shop) healthy() {
	s.t.Helper()
	s.server.Eventually(60*time.Second, "the shop is healthy", func() error {
		for _, name := range []string{"shop-database", "shop-application", "shop-nginx"} {
			var page struct{ Items []check }
			if err := s.server.Call("GET", "/api/v1/checks?where=name="+name, nil, &page); err != nil {
				return err
			}
			if len(page.Items) != 1 {
				return fmt.Errorf("%d checks named %s", len(page.Items), name)
			}
			var c check
			if err := s.server.Call("GET", "/api/v1/checks/"+page.Items[0].ID, nil, &c); err != nil {
				return err
			}
			for _, target := range c.Targets {
				if target.Status != "ok" || !target.Hard || target.Item == "" {
					return fmt.Errorf("%s: %+v", name, target)
				}
			}
			if len(c.Targets) == 0 {
				return fmt.Errorf("%s has no target", name)
			}
		}
		return s.answers()
	})
}

// answers says whether customers see the shop.
func (s *shop) answers() error {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", s.port))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

type incident struct {
	ID         string    `json:"id"`
	Title      string    `json:"title"`
	State      string    `json:"state"`
	Situation  string    `json:"situation"`
	Item       string    `json:"item"`
	Checks     []string  `json:"checks"`
	Resolution string    `json:"resolution"`
	Services   []service `json:"services"`
}

type service struct {
	Name string `json:"name"`
}

func (s *shop) incidents() ([]incident, error) {
	var page struct{ Items []incident }
	err := s.server.Call("GET", "/api/v1/incidents?sort=-openedAt&limit=500", nil, &page)
	return page.Items, err
}

// resolved waits until there are n incidents and the newest is resolved, and returns it.
func (s *shop) resolved(n int, within time.Duration) incident {
	s.t.Helper()
	var newest incident
	s.server.Eventually(within, fmt.Sprintf("incident %d is resolved", n), func() error {
		list, err := s.incidents()
		if err != nil {
			return err
		}
		if len(list) != n {
			return fmt.Errorf("%d incidents", len(list))
		}
		if newest = list[0]; newest.State != "resolved" && newest.State != "closed" {
			return fmt.Errorf("%s is %s", newest.Title, newest.State)
		}
		return nil
	})
	if err := s.server.Call("GET", "/api/v1/incidents/"+newest.ID, nil, &newest); err != nil {
		s.t.Fatal(err)
	}
	return newest
}

// repairing waits until a script runs that none of the earlier traces is of.
func (s *shop) repairing(earlier []string) {
	s.t.Helper()
	s.server.Eventually(90*time.Second, "a repair begins", func() error {
		if len(s.traces()) == len(earlier) {
			return fmt.Errorf("no new line in %s", s.trace())
		}
		return nil
	})
}

// name is what the graph calls an item.
func (s *shop) name(item string) string {
	s.t.Helper()
	var i struct {
		Name string `json:"name"`
	}
	if err := s.server.Call("GET", "/api/v1/items/"+item, nil, &i); err != nil {
		s.t.Fatal(err)
	}
	return i.Name
}

type situation struct {
	ID         string `json:"id"`
	State      string `json:"state"`
	RootItem   string `json:"rootItem"`
	Candidates []struct {
		Item    string `json:"item"`
		Reasons []struct {
			Text string `json:"text"`
		} `json:"reasons"`
	} `json:"candidates"`
	Members []struct {
		Alert struct {
			Title string `json:"title"`
			State string `json:"state"`
		} `json:"alert"`
	} `json:"members"`
}

func (s *shop) situation(id string) situation {
	s.t.Helper()
	var out situation
	if err := s.server.Call("GET", "/api/v1/situations/"+id, nil, &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

type run struct {
	ID        string `json:"id"`
	Runbook   string `json:"runbook"`
	State     string `json:"state"`
	Situation string `json:"situation"`
	Error     string `json:"error"`
	Steps     []step `json:"steps"`
}

type step struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Message string `json:"message"`
}

func (s *shop) runs() []run {
	s.t.Helper()
	var page struct{ Items []run }
	if err := s.server.Call("GET", "/api/v1/runs?limit=500", nil, &page); err != nil {
		s.t.Fatal(err)
	}
	return page.Items
}

// verifyLedger recomputes the chain.
func (s *shop) verifyLedger() {
	s.t.Helper()
	if out, err := s.server.CLI("ledger", "verify", "--data", s.server.Data); err != nil {
		s.t.Fatalf("ledger verify: %v: %s", err, out)
	}
}
