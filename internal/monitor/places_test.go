package monitor

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// sites are agents at three places, by id.
type sites struct {
	mu    sync.Mutex
	found map[string]string
}

func (s *sites) set(agent, found string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found[agent] = found
}

func (s *sites) RunCheck(_ context.Context, agent string, _ probe.Spec) (probe.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, err := probe.ParseState(s.found[agent])
	if err != nil {
		return probe.Result{}, core.Errorf(core.CodeUnavailable, "the agent is not connected")
	}
	return probe.Result{State: state, Output: "as seen by " + agent, Duration: probe.Duration(time.Millisecond)}, nil
}

func (s *sites) Place(_ context.Context, name string) (string, string, error) {
	if id, ok := map[string]string{"berlin": "id-b", "tokyo": "id-t", "lima": "id-l", "id-l": "id-l"}[name]; ok {
		return id, map[string]string{"id-b": "berlin", "id-t": "tokyo", "id-l": "lima"}[id], nil
	}
	return "", "", core.NotFound("agent", name)
}

func TestDownOnlyWhenEnoughPlacesAgree(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	where := &sites{found: map[string]string{"id-b": "ok", "id-t": "ok", "id-l": "ok"}}
	b.deps.Agents, b.deps.Places = where, where
	b.items.put(Item{ID: hostID(1), Name: "probe-lima", Class: "probe", Agent: "id-l"})
	b.start()
	none := 0
	check := b.check("site", CheckSpec{Item: itemID, Locations: []string{"berlin", "tokyo"}, Places: "probe", Agree: 2, Retries: &none,
		Interval: probe.Duration(time.Hour), Spec: probe.Spec{TCP: &probe.TCP{Address: "example.com:443"}}})
	ctx := context.Background()
	run := func(want Status, votes int) Result {
		t.Helper()
		res, err := b.c.RunNow(ctx, check.ID)
		if err != nil || res.Status != want || len(res.Votes) != votes {
			t.Fatalf("%+v %v", res, err)
		}
		return res
	}
	run(StatusOK, 3)
	where.set("id-t", "critical")
	run(StatusOK, 3)
	where.set("id-b", "critical")
	res := run(Critical, 3)
	if !strings.HasPrefix(res.Output, "failing at 2 of 3 places (berlin, tokyo), 2 must agree: berlin: as seen by id-b") {
		t.Error(res.Output)
	}
	b.wait(1)
	api := b.as(auth.System("test"))
	why := api.call("GET", "/checks/site/why", nil, 200)["why"].([]any)
	text := ""
	for _, f := range why {
		text += f.(object)["kind"].(string) + ": " + f.(object)["text"].(string) + "\n"
	}
	for _, want := range []string{"location: tokyo found it critical: as seen by id-t", "location: lima found it ok", "location: 2 of 3 locations must find a fault", "alert: An alert is open (critical)."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	results := api.call("GET", "/checks/site/results", nil, 200)["items"].([]any)
	if len(results[0].(object)["votes"].([]any)) != 3 || results[len(results)-1].(object)["votes"] == nil {
		t.Errorf("%v", results[0])
	}
	where.set("id-b", "ok")
	run(StatusOK, 3)

	// A place that is away does not count; when nobody is there it is not known.
	where.set("id-l", "away")
	if res := run(StatusOK, 3); !strings.Contains(res.Output, "away: lima") {
		t.Error(res.Output)
	}
	for _, id := range []string{"id-b", "id-t"} {
		where.set(id, "away")
	}
	if res := run(Unknown, 3); res.Hard || !strings.Contains(res.Output, "none of 3 places could run the check") {
		t.Errorf("%+v", res)
	}
	got, err := b.metrics.Query(ctx, `mainstay_check_location_up{check="site"}`, time.Now())
	if err != nil || len(got.Series) != 3 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestLocationsAreValidated(t *testing.T) {
	t.Parallel()
	tcp := probe.Spec{TCP: &probe.TCP{Address: "example.com:443"}}
	for field, spec := range map[string]CheckSpec{
		"spec.agree":        {Spec: tcp, Agree: 1},
		"spec.locations":    {Spec: tcp, Locations: []string{"a"}, RunOn: onAgent},
		"spec.locations[1]": {Spec: tcp, Locations: []string{"a", "a"}},
		"spec.locations[0]": {Spec: probe.Spec{Service: &probe.Service{Name: "ssh"}}, Locations: []string{"server"}},
	} {
		spec.Item = itemID
		err := spec.validate("x", Defaults())
		if e, ok := err.(*core.Error); !ok || len(e.Details) == 0 || e.Details[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	spec := CheckSpec{Spec: tcp, Item: itemID, Locations: []string{"a", "b"}, Agree: 3}
	if err := spec.validate("x", Defaults()); err == nil {
		t.Error("three of two cannot agree")
	}
}
