package monitor

import (
	"context"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestAFaultBecomesOneEventAndItsRecoveryAnother(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, s := newBench(t, db), listen(t)
		b.items.put(Item{ID: itemID, Name: "web1"})
		b.start()
		spec := tcp(s.address)
		spec.Identities = []core.Identity{{Kind: "name", Value: "web1"}}
		c := b.check("web", spec)
		ctx := context.Background()
		if res, err := b.c.RunNow(ctx, c.ID); err != nil || res.Status != StatusOK || !res.Hard || res.Item != itemID {
			t.Fatalf("%+v %v", res, err)
		}
		s.down()
		ev := b.wait(1)[0]
		if ev.Kind != core.Problem || ev.Severity != core.Critical || ev.Key != "check:"+c.ID || ev.Item != itemID || ev.Check != c.ID || ev.Labels["check"] != "web" {
			t.Fatalf("%+v", ev)
		}
		entries, err := b.ledger.List(ctx, ledger.Query{Types: []string{"monitor.check.changed"}})
		if err != nil || len(entries) != 1 || entries[0].ID != ev.Cause || entries[0].Item != itemID {
			t.Fatalf("%+v %v", entries, err)
		}

		// A restart neither alerts again nor forgets that it has.
		_ = b.c.Stop(ctx)
		b.start()
		if res, err := b.c.RunNow(ctx, "web"); err != nil || res.Status != Critical || !res.Hard {
			t.Fatalf("%+v %v", res, err)
		}
		s = s.up()
		if got := b.wait(2); got[1].Kind != core.Cleared || got[1].Key != "check:"+c.ID {
			t.Fatalf("%+v", got)
		}
		if _, err := b.c.RunNow(ctx, c.ID); err != nil {
			t.Fatal(err)
		}
		if got := b.events.all(); len(got) != 2 {
			t.Fatalf("%+v", got)
		}
		res, err := b.metrics.Query(ctx, `mainstay_check_up{item="`+itemID+`",check="web"}`, time.Now())
		if err != nil || len(res.Series) != 1 || res.Series[0].Points[0].F != 1 {
			t.Fatalf("%+v %v", res, err)
		}
		if res, err = b.metrics.Query(ctx, `mainstay_check_perfdata{metric="connect",unit="seconds"}`, time.Now()); err != nil || len(res.Series) != 1 {
			t.Fatalf("%+v %v", res, err)
		}
	})
}

func TestEventsWaitUntilTheyAreAccepted(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.events.refuse = core.Errorf(core.CodeUnavailable, "not now")
	b.start()
	spec := tcp("127.0.0.1:1")
	spec.Item = itemID
	c := b.check("gone", spec)
	ctx := context.Background()
	for range 3 {
		if _, err := b.c.RunNow(ctx, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	_ = b.c.Stop(ctx)
	b.events.mu.Lock()
	b.events.refuse = nil
	b.events.mu.Unlock()
	b.start()
	if got := b.wait(1); eventLine(got[0]) != "problem check:"+c.ID {
		t.Fatalf("%+v", got)
	}
}

func TestAChildOfAFaultIsUnreachableAndQuiet(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	db, web := listen(t), listen(t)
	b.start()
	parent := tcp(db.address)
	parent.Item = itemID
	b.check("database", parent)
	child := tcp(web.address)
	child.Item, child.DependsOn = itemID, []string{"database"}
	none := 0
	child.Retries = &none
	b.check("web", child)
	ctx := context.Background()
	for _, name := range []string{"database", "web"} {
		if res, err := b.c.RunNow(ctx, name); err != nil || res.Status != StatusOK {
			t.Fatalf("%+v %v", res, err)
		}
	}
	web.down()
	db.down()
	// The child fails first and without retries: it still waits for its parent.
	got := b.wait(1)
	if got[0].Labels["check"] != "database" {
		t.Fatalf("%+v", got)
	}
	if res, err := b.c.RunNow(ctx, "web"); err != nil || res.Status != Unreachable {
		t.Fatalf("%+v %v", res, err)
	}
	db.up()
	web.up()
	if got := b.wait(2); got[1].Labels["check"] != "database" || got[1].Kind != core.Cleared {
		t.Fatalf("%+v", got)
	}
	if res, err := b.c.RunNow(ctx, "web"); err != nil || res.Status != StatusOK {
		t.Fatalf("%+v %v", res, err)
	}
	if got := b.events.all(); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
}

func TestASelectorMakesOneTargetAnItem(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, s := newBench(t, db), listen(t)
		host, _, _ := strings.Cut(s.address, ":")
		_, port, _ := strings.Cut(s.address, ":")
		for _, id := range []string{"01arz3ndektsv4rrffq69g5fa1", "01arz3ndektsv4rrffq69g5fa2"} {
			b.items.put(Item{ID: id, Name: "n" + id, Class: "server", Address: host, Attributes: map[string]string{"port": port}})
		}
		b.start()
		spec := tcp("${item.address}:1")
		spec.TCP.Address, spec.Selector = "placeholder:1", "server"
		spec.HTTP, spec.TCP = &probe.HTTP{URL: "http://${item.address}:${item.port}/"}, nil
		c := b.check("all", spec)
		ctx := context.Background()
		if _, err := b.c.RunNow(ctx, c.ID); err != nil {
			t.Fatal(err)
		}
		e := b.c.leader.Load()
		if got := e.find(c.ID); len(got) != 2 {
			t.Fatalf("%d targets", len(got))
		}
		// The alert of an item that is selected no more ends.
		b.wait(2) // nothing speaks HTTP there: both are faults
		b.items.mu.Lock()
		delete(b.items.items, "01arz3ndektsv4rrffq69g5fa1")
		b.items.mu.Unlock()
		if err := e.reload(ctx, c.ID); err != nil {
			t.Fatal(err)
		}
		if got := b.wait(3); got[2].Kind != core.Cleared || got[2].Item != "01arz3ndektsv4rrffq69g5fa1" {
			t.Fatalf("%+v", got)
		}
	})
}

func TestDeletingAFailingCheckEndsItsAlert(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	spec := tcp("127.0.0.1:1")
	spec.Item = itemID
	c := b.check("gone", spec)
	b.wait(1)
	if err := b.c.DeleteCheck(context.Background(), c.ID, ""); err != nil {
		t.Fatal(err)
	}
	if got := b.wait(2); got[1].Kind != core.Cleared || got[1].Key != "check:"+c.ID {
		t.Fatalf("%+v", got)
	}
}

func TestAChangedCheckRunsAsDeclared(t *testing.T) {
	t.Parallel()
	b, s := newBench(t, sqldbtest.SQLite(t)), listen(t)
	b.start()
	spec := tcp("127.0.0.1:1")
	spec.Item = itemID
	c := b.check("moving", spec)
	b.wait(1)
	spec.TCP = &probe.TCP{Address: s.address}
	b.check("moving", spec)
	if got := b.wait(2); got[1].Kind != core.Cleared {
		t.Fatalf("%+v", got)
	}
	spec.TCP = &probe.TCP{Address: "127.0.0.1:1"}
	b.check("moving", spec)
	b.wait(3)
	spec.Disabled = true
	b.check("moving", spec)
	if got := b.wait(4); got[3].Kind != core.Cleared {
		t.Fatalf("%+v", got)
	}
	if _, err := b.c.RunNow(context.Background(), c.ID); core.CodeOf(err) != core.CodeConflict {
		t.Fatalf("got %v", err)
	}
}

// agents answers in place of real ones.
type agents struct{ got chan string }

func (a agents) RunCheck(_ context.Context, id string, spec probe.Spec) (probe.Result, error) {
	a.got <- id
	if spec.Command.Env["PASSWORD"] != "hunter2" {
		return probe.Result{}, core.Errorf(core.CodeUnavailable, "no secret came")
	}
	return probe.Result{State: probe.Warning, Output: "with hunter2 it is slow", Metrics: []probe.Metric{{Name: "load", Value: 3}}}, nil
}

type vault struct{}

func (vault) Reveal(_ context.Context, reference string, check core.Ref, team string) (string, error) {
	if strings.HasPrefix(reference, "secret:blue/") && team != "blue" || check.Kind != "check" || check.ID == "" {
		return "", core.Errorf(core.CodeForbidden, "the secret belongs to another team")
	}
	return "hunter2", nil
}

func TestAnAgentRunsACheckAndSecretsStaySecret(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.items.put(Item{ID: itemID, Name: "web1", Agent: "agent-7"})
	b.deps.Agents, b.deps.Secrets = agents{make(chan string, 100)}, vault{}
	b.start()
	none := 0
	c := b.check("load", CheckSpec{
		Item: itemID, RunOn: onAgent, Retries: &none, Interval: probe.Duration(time.Hour),
		Spec: probe.Spec{Command: &probe.Command{Path: "/x", Env: map[string]string{"PASSWORD": "secret:db"}}},
	})
	res, err := b.c.RunNow(context.Background(), c.ID)
	if err != nil || res.Status != Warning || res.Output != "with *** it is slow" {
		t.Fatalf("%+v %v", res, err)
	}
	if got := b.wait(1); got[0].Severity != core.Warning || strings.Contains(got[0].Title, "hunter2") {
		t.Fatalf("%+v", got)
	}
	if id := <-b.deps.Agents.(agents).got; id != "agent-7" {
		t.Fatal(id)
	}
}

func TestASecretOfATeamIsForItsChecks(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.items.put(Item{ID: itemID, Name: "web1", Agent: "agent-7"})
	b.deps.Agents, b.deps.Secrets = agents{make(chan string, 100)}, vault{}
	b.start()
	for team, want := range map[string]Status{"blue": Warning, "red": Unknown, "": Unknown} {
		c := b.check("load-"+team, CheckSpec{Team: team, Item: itemID, RunOn: onAgent, Interval: probe.Duration(time.Hour),
			Spec: probe.Spec{Command: &probe.Command{Path: "/x", Env: map[string]string{"PASSWORD": "secret:blue/db"}}}})
		res, err := b.c.RunNow(t.Context(), c.ID)
		if err != nil || res.Status != want || want == Unknown && !strings.Contains(res.Output, "another team") {
			t.Errorf("a check of team %q: %+v %v", team, res, err)
		}
	}
}

func TestBadChecksNameTheirFields(t *testing.T) {
	t.Parallel()
	minus := -1
	for field, change := range map[string]func(*CheckSpec){
		"spec.http.url":      func(s *CheckSpec) { s.TCP, s.HTTP = nil, &probe.HTTP{URL: "x"} },
		"spec.interval":      func(s *CheckSpec) { s.Interval = probe.Duration(25 * time.Hour) },
		"spec.retries":       func(s *CheckSpec) { s.Retries = &minus },
		"spec.retryInterval": func(s *CheckSpec) { s.RetryInterval = probe.Duration(time.Hour) },
		"spec.item":          func(s *CheckSpec) { s.Selector = "x" },
		"spec.dependsOn":     func(s *CheckSpec) { s.DependsOn = []string{"c"} },
		"spec.labels.9":      func(s *CheckSpec) { s.Labels = map[string]string{"9": ""} },
		"spec.runOn":         func(s *CheckSpec) { s.RunOn = "moon" },
		"spec.identities[0]": func(s *CheckSpec) { s.Item, s.Identities = "", []core.Identity{{}} },
	} {
		spec := tcp("h:1")
		spec.Item = itemID
		change(&spec)
		err, _ := spec.validate("c", quick()).(*core.Error)
		if err == nil || len(err.Details) != 1 || err.Details[0].Field != field {
			t.Errorf("want %s, got %v", field, err)
		}
	}
}

func TestAnotherProcessHasTheLeaderRunACheck(t *testing.T) {
	t.Parallel()
	b, s := newBench(t, sqldbtest.PostgreSQL(t)), listen(t)
	b.start()
	spec := tcp(s.address)
	spec.Item, spec.Interval, spec.RetryInterval = itemID, probe.Duration(time.Hour), 0
	c := b.check("web", spec)
	other, err := New(quick(), b.deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := other.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if other.leader.Load() != nil {
		t.Fatal("two processes lead")
	}
	if res, err := other.RunNow(ctx, c.ID); err != nil || res.Status != StatusOK || res.Check != "web" || res.Item != itemID {
		t.Fatalf("%+v %v", res, err)
	}
	s.down()
	if res, err := other.RunNow(ctx, "web"); err != nil || res.Status != Critical {
		t.Fatalf("%+v %v", res, err)
	}
	// When the first process goes, the other takes over with what was known.
	_ = b.c.Stop(ctx)
	for wait := time.Now(); other.leader.Load() == nil; time.Sleep(10 * time.Millisecond) {
		if time.Since(wait) > 20*time.Second {
			t.Fatal("nobody leads")
		}
	}
	if res, err := other.RunNow(ctx, "web"); err != nil || res.Attempt < 2 {
		t.Fatalf("%+v %v", res, err)
	}
	_ = other.Stop(ctx)
}
