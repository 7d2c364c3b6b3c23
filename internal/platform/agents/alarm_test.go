package agents_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// beat sends a sign of life and returns the answer.
func (w *world) beat(nc *nats.Conn, h *host) protocol.BeatReply {
	w.t.Helper()
	data, _ := json.Marshal(protocol.Beat{Instance: "1", Version: "1.0.0", Hostname: "db1", OS: "linux", Arch: "amd64"})
	msg, err := nc.Request(protocol.BeatSubject(h.id), data, 10*time.Second)
	if err != nil {
		w.t.Fatal(err)
	}
	var reply protocol.BeatReply
	if err := json.Unmarshal(msg.Data, &reply); err != nil {
		w.t.Fatal(err)
	}
	return reply
}

// joined enrols a host and connects it.
func (w *world) joined(name string) (*host, *nats.Conn) {
	w.t.Helper()
	h := newHost()
	_, token := w.token(`{}`)
	if code := w.enrolAs(h, token, name); code != 201 {
		w.t.Fatal(code)
	}
	nc, err := w.connect(h)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(nc.Close)
	return h, nc
}

func TestALostAgentRaisesAnAlert(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db, func(c *agents.Configuration) {
			c.LostAfter, c.AlertAfter, c.AlertAs = time.Second, 3*time.Second, core.Minor
		})
		h, nc := w.joined("db1")
		if err := w.agents.BindItem(t.Context(), h.id, "item1"); err != nil {
			t.Fatal(err)
		}
		key := "agent:" + h.id
		w.beat(nc, h)
		lost := func(n int) func() bool {
			return func() bool {
				types := w.entries(h)
				return len(slices.DeleteFunc(types, func(s string) bool { return s != "agents.agent.lost" })) == n
			}
		}
		w.await("a short loss", lost(1))
		w.beat(nc, h)
		w.await("a long loss", lost(2))
		if kinds := w.events.kinds(key); len(kinds) != 0 {
			t.Fatalf("a short loss is an alert: %v", kinds)
		}
		w.await("the alert", func() bool { return slices.Equal(w.events.kinds(key), []core.EventKind{core.Problem}) })
		if e := w.events.last(); e.Item != "item1" || e.Severity != core.Minor || e.Title != "Agent db1 is lost" || e.Labels["host"] != "db1" || e.Description == "" {
			t.Errorf("%+v", e)
		}
		w.beat(nc, h)
		w.await("its end", func() bool { return slices.Equal(w.events.kinds(key), []core.EventKind{core.Problem, core.Cleared}) })
		w.await("the next alert", func() bool { return len(w.events.kinds(key)) == 3 })
		if code := w.call(auth.Administrator, "DELETE", "/agents/"+h.id, "", nil); code != 204 {
			t.Fatal(code)
		}
		if kinds := w.events.kinds(key); len(kinds) < 4 || kinds[len(kinds)-1] != core.Cleared {
			t.Errorf("a removed agent keeps its alert: %v", kinds)
		}
	})
}

func TestTheNameOfAnAgent(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	for _, c := range []struct{ token, asked, want string }{
		{"rack 7", "mine", "mine"}, {"rack 7", "", "rack 7"}, {"", "", "db1"}, {"", "", "db1-2"},
	} {
		h := newHost()
		_, token := w.token(`{"name":"` + c.token + `"}`)
		if code := w.enrolAs(h, token, c.asked); code != 201 || h.name != c.want {
			t.Errorf("token %q, asked for %q: %d %q, want %q", c.token, c.asked, code, h.name, c.want)
		}
	}
}

func TestOneOfTwoAgentsMeasuresTheirHost(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		first, ncFirst := w.joined("first")
		second, ncSecond := w.joined("second")
		for _, h := range []*host{first, second} {
			if err := w.agents.BindItem(t.Context(), h.id, "item1"); err != nil {
				t.Fatal(err)
			}
		}
		both := func() { w.beat(ncFirst, first); w.beat(ncSecond, second) }
		w.await("the second to be told", func() bool { both(); return w.beat(ncSecond, second).MeasuredBy == "first" })
		if by := w.beat(ncFirst, first).MeasuredBy; by != "" {
			t.Errorf("the first is told that %q measures", by)
		}
		var a agents.Agent
		if w.call(auth.Administrator, "GET", "/agents/"+second.id, "", &a); a.MeasuredBy != "first" {
			t.Errorf("%+v", a)
		}
		if of, err := w.agents.OfItem(t.Context(), "item1"); err != nil || of.ID != first.id {
			t.Errorf("%s %v", of.Name, err)
		}
		w.await("the second to take over", func() bool { return w.beat(ncSecond, second).MeasuredBy == "" })
		if of, err := w.agents.OfItem(t.Context(), "item1"); err != nil || of.ID != second.id {
			t.Errorf("%s %v", of.Name, err)
		}
	})
}
