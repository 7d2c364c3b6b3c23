package sources_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/logs/sources"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// fleet is two agents that follow what they are told, and one that is too old.
type fleet struct {
	mu    sync.Mutex
	list  []agents.Agent
	away  []agents.Agent
	calls int
	fails map[string]error
}

func (f *fleet) Connected(context.Context) ([]agents.Agent, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]agents.Agent(nil), f.list...), nil
}

// Agent also knows one that is away.
func (f *fleet) Agent(_ context.Context, id string) (agents.Agent, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range append(f.list, f.away...) {
		if a.ID == id {
			return a, nil
		}
	}
	return agents.Agent{}, core.NotFound("agent", id)
}

func (f *fleet) Call(_ context.Context, agent, method string, in, _ any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if err := f.fails[agent]; err != nil {
		return err
	}
	for i := range f.list {
		if f.list[i].ID == agent && method == protocol.MethodLogs {
			told := in.(protocol.LogSources)
			f.list[i].Logs = protocol.LogStatus{Revision: told.Revision}
			for _, s := range told.Sources {
				f.list[i].Logs.Sources = append(f.list[i].Logs.Sources, protocol.LogSourceStatus{Name: s.Name, Records: 7})
			}
		}
	}
	return nil
}

func (f *fleet) follows(agent string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, a := range f.list {
		if a.ID == agent {
			for _, s := range a.Logs.Sources {
				names = append(names, s.Name)
			}
		}
	}
	return strings.Join(names, " ")
}

// Select knows one selector; broken is one that cannot be asked at the moment.
func (f *fleet) Select(_ context.Context, selector string) ([]string, error) {
	switch selector {
	case "class = host":
		return []string{"item-web", "item-db"}, nil
	case "name = db":
		return []string{"item-db"}, nil
	}
	return nil, core.Invalid("selector", "cannot be read")
}

type world struct {
	t     *testing.T
	ctx   context.Context
	db    *sqldb.DB
	c     *sources.Component
	fleet *fleet
}

func (w *world) declare(name, spec string) error {
	return w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
		_, err := w.c.Kinds()[0].Apply(w.ctx, tx, name, json.RawMessage(spec))
		return err
	})
}

func (w *world) expect(what string, agent, names string) {
	w.t.Helper()
	if err := w.c.Round(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	if got := w.fleet.follows(agent); got != names {
		w.t.Errorf("%s: %s follows %q, not %q", what, agent, got, names)
	}
}

func setup(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	ctx := auth.With(context.Background(), auth.System("test"))
	if err := sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "logsources", sources.Migrations()); err != nil {
		t.Fatal(err)
	}
	able := []string{"checks", protocol.CapabilityLogs}
	f := &fleet{fails: map[string]error{}, list: []agents.Agent{{ID: "web", Name: "web", Item: "item-web", Capabilities: able}, {ID: "db", Name: "db", Item: "item-db", Capabilities: able},
		{ID: "old", Name: "old", Item: "item-old"}, {ID: "new", Name: "new", Capabilities: able}}}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	c, err := sources.New(sources.Defaults(), sources.Dependencies{DB: db, Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids}), Agents: f, Items: f, Clock: clock, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, ctx: ctx, db: db, c: c, fleet: f}
}

// TestWhoFollowsWhat declares, changes and deletes sources.
func TestWhoFollowsWhat(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		w.expect("nothing is declared", "web", "")
		if w.fleet.calls != 0 {
			t.Errorf("%d calls for nothing", w.fleet.calls)
		}
		for name, spec := range map[string]string{
			"all":   `{"journal": {"priority": "warning"}}`,
			"hosts": `{"selector": "class = host", "files": {"paths": ["/var/log/*.log"], "multiline": {"preset": "java"}}, "app": "shop"}`,
			"only":  `{"selector": "name = db", "files": {"paths": ["/var/log/postgresql/*.log"]}}`,
			"off":   `{"disabled": true, "journal": {}}`,
		} {
			if err := w.declare(name, spec); err != nil {
				t.Fatal(err)
			}
		}
		w.expect("all hosts", "web", "all hosts")
		w.expect("one host", "db", "all hosts only")
		w.expect("an agent whose host nobody knows yet", "new", "all")
		w.expect("one that is too old", "old", "")
		calls := w.fleet.calls
		w.expect("again", "db", "all hosts only")
		if w.fleet.calls != calls || calls != 3 {
			t.Errorf("%d calls, then %d", calls, w.fleet.calls)
		}
		if err := w.declare("hosts", `{"selector": "name = db", "files": {"paths": ["/var/log/*.log"]}}`); err != nil {
			t.Fatal(err)
		}
		w.expect("after a change", "web", "all")
		if err := w.db.Write(w.ctx, func(tx *sqldb.Tx) error {
			_, err := w.c.Kinds()[0].Delete(w.ctx, tx, "all")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.expect("after it was deleted", "web", "")
		w.expect("the others stay", "db", "hosts only")
		states, err := w.c.States(w.ctx)
		if err != nil || len(states) != 3 || states[0].Name != "hosts" || len(states[0].Agents) != 1 || states[0].Agents[0].Status.Records != 7 {
			t.Errorf("%+v %v", states, err)
		}
		var entries int
		if err := db.QueryRow(w.ctx, "SELECT count(*) FROM ledger_entry WHERE type LIKE 'logs.source.%'").Scan(&entries); err != nil || entries != 6 {
			t.Errorf("%d entries in the ledger, %v", entries, err)
		}
	})
}

// What one agent is to follow is told of that one alone, also while it is away,
// and only to who may see the agent.
func TestWhatOneAgentFollows(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	w.fleet.away = []agents.Agent{{ID: "lost", Name: "lost", Team: "shop", Capabilities: []string{protocol.CapabilityLogs},
		Logs: protocol.LogStatus{Sources: []protocol.LogSourceStatus{{Name: "all", Behind: 5}}}}}
	for name, spec := range map[string]string{
		"all":  `{"journal": {}}`,
		"only": `{"selector": "name = db", "files": {"paths": ["/var/log/postgresql/*.log"]}}`,
		"off":  `{"disabled": true, "journal": {}}`,
	} {
		if err := w.declare(name, spec); err != nil {
			t.Fatal(err)
		}
	}
	w.expect("before it is asked", "db", "all only")
	for agent, want := range map[string]string{"db": "all only", "web": "all", "lost": "all"} {
		states, err := w.c.StatesOf(w.ctx, agent)
		var got []string
		for _, s := range states {
			got = append(got, s.Name)
			if len(s.Agents) != 1 || s.Agents[0].Agent != agent || s.Agents[0].Status == nil {
				t.Errorf("%s: %+v", agent, s.Agents)
			}
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s follows %q, not %q; %v", agent, got, want, err)
		}
	}
	other := auth.With(w.ctx, auth.NewPrincipal(auth.KindUser, "u", "Una", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "net"}))
	if _, err := w.c.StatesOf(other, "lost"); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("an agent of another team: %v", err)
	}
	if _, err := w.c.StatesOf(other, "web"); err != nil {
		t.Errorf("a common agent: %v", err)
	}
}

// An agent that does not take its sources is told of, and the others get theirs.
func TestAnAgentThatRefuses(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	w.fleet.fails["web"] = core.Invalid("encoding", "is not known to this agent")
	if err := w.declare("all", `{"files": {"paths": ["/var/log/*.log"], "encoding": "utf-16le"}}`); err != nil {
		t.Fatal(err)
	}
	w.expect("the one that can", "db", "all")
	states, err := w.c.States(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, f := range states[0].Agents {
		said[f.Name] = f.Error
	}
	if said["web"] != "encoding is not known to this agent" || said["db"] != "" || !strings.Contains(said["old"], "too old") {
		t.Errorf("%v", said)
	}
}

func TestSpecsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	for spec, field := range map[string]string{
		`{}`: "spec.files",
		`{"journal": {}, "files": {"paths": ["/a"]}}`:                                "spec.files",
		`{"files": {"paths": []}}`:                                                   "spec.files.paths",
		`{"files": {"paths": ["var/log"]}}`:                                          "spec.files.paths[0]",
		`{"files": {"paths": ["/a"], "multiline": {}}}`:                              "spec.files.multiline",
		`{"files": {"paths": ["/a"], "multiline": {"start": "("}}}`:                  "spec.files.multiline.start",
		`{"files": {"paths": ["/a"], "maxLine": 5}}`:                                 "spec.files.maxLine",
		`{"journal": {"units": ["--flush"]}, "labels": {"9": "x"}}`:                  "spec.labels.9",
		`{"journal": {"units": ["a b"]}}`:                                            "spec.journal.units[0]",
		`{"journal": {}, "selector": "class =="}`:                                    "spec.selector",
		`{"files": {"paths": ["/a"], "multiline": {"start": "x", "continue": "y"}}}`: "spec.files.multiline",
		`{"files": {"paths": ["/a"]}, "colour": 1}`:                                  "spec.colour",
	} {
		err := w.declare("x", spec)
		if err == nil || !strings.Contains(err.Error(), field+":") {
			t.Errorf("%s: %v does not name %s", spec, err, field)
		}
	}
}
