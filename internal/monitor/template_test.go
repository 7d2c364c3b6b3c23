package monitor

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func hostID(n int) string { return fmt.Sprintf("01arz3ndektsv4rrffq69g5fh%d", n) }

func (b *bench) host(n int, class string, attributes map[string]string) {
	b.items.put(Item{ID: hostID(n), Name: fmt.Sprintf("host%d", n), Class: class, Address: "127.0.0.1", Attributes: attributes})
}

// told waits for an event of a kind about an item.
func (b *bench) told(kind core.EventKind, item string) {
	b.t.Helper()
	for n := 0; ; n++ {
		for _, e := range b.wait(n) {
			if e.Kind == kind && e.Item == item {
				return
			}
		}
	}
}

// specs shows how a check runs on each of its items.
func (b *bench) specs(check *Check) map[string]string {
	b.t.Helper()
	out := map[string]string{}
	for _, t := range b.c.leader.Load().find(check.ID) {
		t.mu.Lock()
		out[t.item] = fmt.Sprintf("%s %s %s", t.check.Spec.interval(), t.spec.HTTP.URL, t.spec.HTTP.Latency.Critical)
		if t.fault != "" {
			out[t.item] = t.fault
		}
		t.mu.Unlock()
	}
	return out
}

func TestATemplateCoversItemsAndMakesExceptions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		b.host(1, "web", map[string]string{"port": "81"})
		b.host(2, "web", nil)
		b.host(3, "web", nil)
		b.start()
		yes, none := true, 0
		spec := CheckSpec{
			Selector: "web", Interval: probe.Duration(time.Hour), Retries: &none, Parameters: map[string]string{"path": "health"},
			Spec: probe.Spec{HTTP: &probe.HTTP{URL: "http://${item.address}:${item.port:-1}/${parameter.path}", Latency: &probe.Limits{Critical: probe.Duration(3 * time.Second)}}},
			Overrides: []Override{
				{Item: hostID(2), Interval: probe.Duration(time.Minute), Parameters: map[string]string{"path": "ping"}, Reason: "asked for by its team"},
				{Identities: []core.Identity{{Kind: "name", Value: "host2"}}, Measure: map[string]any{"http": map[string]any{"latency": map[string]any{"critical": "9s"}}}},
				{Item: hostID(3), Disabled: &yes},
			},
		}
		check := b.check("pages", spec)
		ctx := context.Background()
		e := b.c.leader.Load()
		if err := e.reload(ctx, check.ID); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{hostID(1): "1h0m0s http://127.0.0.1:81/health 3s", hostID(2): "1m0s http://127.0.0.1:1/ping 9s"}
		if got := b.specs(check); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v", got)
		}
		api := b.as(auth.System("test"))
		for query, n := range map[string]int{"disabled=true": 1, "overridden=true": 2, "disabled=false": 2} {
			if list := api.call("GET", "/checks?where="+query, nil, 200)["items"].([]any); len(list) != n {
				t.Errorf("%s: %v", query, list)
			}
		}
		view := api.call("GET", "/checks/pages", nil, 200)
		if view["total"] != 3.0 || view["states"].(object)["disabled"] != 1.0 {
			t.Errorf("%v %v", view["total"], view["states"])
		}

		// A new item is covered, and a changed one looked at, once the graph tells of them.
		b.host(4, "web", nil)
		b.host(1, "web", map[string]string{"port": "82"})
		b.host(2, "gone", nil)
		for _, entry := range []ledger.Entry{{Type: "graph.item.created", Item: hostID(4)}, {Type: "graph.item.changed", Item: hostID(1)}, {Type: "graph.item.changed", Item: hostID(2)}} {
			e.graphChanged(entry)
		}
		for id, mark := range b.c.marks.take() {
			if err := e.realign(ctx, id, mark.has); err != nil {
				t.Fatal(err)
			}
		}
		want = map[string]string{hostID(1): "1h0m0s http://127.0.0.1:82/health 3s", hostID(4): "1h0m0s http://127.0.0.1:1/health 3s"}
		if got := b.specs(check); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v", got)
		}

		// An exception made later ends the alert of the item, and a restart keeps it.
		if _, err := b.c.RunNow(ctx, check.ID); err != nil {
			t.Fatal(err)
		}
		b.told(core.Problem, hostID(4))
		spec.Overrides = append(spec.Overrides, Override{Item: hostID(4), Disabled: &yes})
		b.check("pages", spec)
		b.told(core.Cleared, hostID(4))
		_ = b.c.Stop(ctx)
		b.start()
		for wait := time.Now(); time.Since(wait) < 10*time.Second && len(b.specs(check)) == 0; {
			time.Sleep(5 * time.Millisecond)
		}
		delete(want, hostID(4))
		if got := b.specs(check); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v", got)
		}
		got := api.call("GET", "/check-coverage?selector=web", nil, 200)
		if got["items"] != 3.0 || got["covered"] != 1.0 || fmt.Sprint(got["missing"]) != "["+hostID(3)+" "+hostID(4)+"]" && fmt.Sprint(got["missing"]) != "["+hostID(4)+" "+hostID(3)+"]" {
			t.Errorf("%v", got)
		}
		api.call("GET", "/check-coverage?selector=bad", nil, 422)
	})
}

func TestExceptionsThatDoNotFitAreNamed(t *testing.T) {
	t.Parallel()
	good := func() CheckSpec {
		return CheckSpec{Selector: "class=host", Spec: probe.Spec{TCP: &probe.TCP{Address: "${item.address}:22"}}}
	}
	for field, o := range map[string]Override{
		"spec.overrides[0].item":          {},
		"spec.overrides[0].measure":       {Item: itemID, Measure: map[string]any{"tcp": map[string]any{"adress": "x:1"}}},
		"spec.overrides[0].tcp.address":   {Item: itemID, Measure: map[string]any{"tcp": map[string]any{"address": "x"}}},
		"spec.overrides[0].interval":      {Item: itemID, Interval: 1},
		"spec.overrides[0].parameters.1a": {Item: itemID, Parameters: map[string]string{"1a": ""}},
		"spec.overrides[0].labels.__x":    {Item: itemID, Labels: map[string]string{"__x": ""}},
	} {
		spec := good()
		spec.Overrides = []Override{o}
		err := spec.validate("x", Defaults())
		if e, ok := err.(*core.Error); !ok || len(e.Details) == 0 || e.Details[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	spec := good()
	spec.Overrides = []Override{{Item: itemID, Measure: map[string]any{"tcp": nil, "icmp": map[string]any{"address": "x"}}}}
	if err := spec.validate("x", Defaults()); err == nil || !strings.Contains(fmt.Sprint(err.(*core.Error).Details), "must not change the kind") {
		t.Error(err)
	}
}

// An exception must not smuggle in a program that its author may not start.
func TestAnExceptionCannotStartAnotherProgram(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	spec := CheckSpec{Selector: "web", Spec: probe.Spec{Command: &probe.Command{Path: "/usr/lib/nagios/plugins/check_x", Args: []string{"${parameter.level:-1}"}}}, RunOn: onServer}
	admin := auth.With(context.Background(), auth.System("test"))
	if _, _, err := b.c.PutCheck(admin, "x", spec, ""); err != nil {
		t.Fatal(err)
	}
	operator := auth.With(context.Background(), auth.NewPrincipal(auth.KindUser, "o", "o", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator}))
	spec.Description = "words alone"
	if _, _, err := b.c.PutCheck(operator, "x", spec, ""); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Override{
		{Item: itemID, Parameters: map[string]string{"level": "2; rm"}},
		{Item: itemID, Measure: map[string]any{"command": map[string]any{"path": "/usr/lib/nagios/plugins/check_y"}}},
	} {
		changed := spec
		changed.Overrides = []Override{o}
		if _, _, err := b.c.PutCheck(operator, "x", changed, ""); core.CodeOf(err) != core.CodeForbidden {
			t.Errorf("%+v: %v", o, err)
		}
	}
	spec.RunOn, spec.Agent = onAgent, "a"
	if _, _, err := b.c.PutCheck(operator, "y", spec, ""); err != nil {
		t.Fatal(err)
	}
	spec.RunOn, spec.Agent = onServer, ""
	if _, _, err := b.c.PutCheck(operator, "y", spec, ""); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("a program of an agent became one of the server: %v", err)
	}
}
