package agents_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestEnrolment(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		if code := w.call(auth.Operator, "POST", "/enrolments", `{}`, nil); code != 403 {
			t.Errorf("an operator makes tokens: %d", code)
		}
		h := newHost()
		if code := w.enrol(h, "mse_wrong"); code != 403 {
			t.Errorf("a wrong token: %d", code)
		}
		_, token := w.token(`{"name":"for db1"}`)
		if code := w.enrol(h, token); code != 201 || h.name != "db1" {
			t.Fatalf("%d %+v", code, h)
		}
		// The answer was lost and the host asks again.
		first := h.id
		if code := w.enrol(h, token); code != 201 || h.id != first {
			t.Errorf("asked again: %d, %s became %s", code, first, h.id)
		}
		if code := w.enrol(newHost(), token); code != 403 {
			t.Errorf("a used token: %d", code)
		}
		_, spare := w.token(`{}`)
		if code := w.enrol(h, spare); code != 201 || h.id != first {
			t.Errorf("enrolled already: %d, %s became %s", code, first, h.id)
		}
		if code := w.enrol(newHost(), spare); code != 201 {
			t.Errorf("the token was left unused, and is refused: %d", code)
		}
		id, token := w.token(`{}`)
		if code := w.call(auth.Administrator, "POST", "/enrolments/"+id+"/revoke", "", nil); code != 200 {
			t.Errorf("revoke: %d", code)
		}
		if code := w.enrol(newHost(), token); code != 403 {
			t.Errorf("a revoked token: %d", code)
		}
		_, token = w.token(`{"expiresIn":"1h"}`)
		twin := newHost()
		if code := w.enrol(twin, token); code != 201 || twin.name != "db1-3" {
			t.Errorf("the same name again: %d %+v", code, twin)
		}
		for _, body := range []string{`{"expiresIn":"soon"}`, `{"expiresIn":"1s"}`, `{"expiresIn":"10000h"}`, `{"nonsense":1}`} {
			if code := w.call(auth.Administrator, "POST", "/enrolments", body, nil); code != 422 {
				t.Errorf("%s: %d", body, code)
			}
		}
		var list struct{ Items []agents.Enrolment }
		if code := w.call(auth.Administrator, "GET", "/enrolments", "", &list); code != 200 || len(list.Items) != 4 {
			t.Errorf("%d %+v", code, list)
		}
		if text, _ := json.Marshal(list); strings.Contains(string(text), "mse_") {
			t.Error("a token is shown again")
		}
	})
}

func TestGuessingIsThrottled(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	_, token := w.token(`{}`)
	refused := 0
	for range 60 {
		if w.enrol(newHost(), "mse_guess") == 429 {
			refused++
		}
	}
	if refused < 20 {
		t.Errorf("%d of 60 guesses were throttled", refused)
	}
	w.await("patience to return", func() bool { return w.enrol(newHost(), token) != 429 })
}

func TestPresence(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		h := newHost()
		_, token := w.token(`{}`)
		w.enrol(h, token)
		nc, err := w.connect(h)
		if err != nil {
			t.Fatal(err)
		}
		beat, _ := json.Marshal(protocol.Beat{Instance: "i", Version: "0.0.1", Hostname: "db1\x00", OS: "linux", Arch: "amd64", Capabilities: []string{"checks"},
			Policy: protocol.PolicySummary{Checks: []string{"*"}, Runbooks: []string{}}, Queued: 3, Lag: 2 * time.Second})
		if _, err := nc.Request(protocol.BeatSubject(h.id), beat, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		var a agents.Agent
		w.await("the beat to be written", func() bool {
			w.call(auth.Auditor, "GET", "/agents/"+h.id, "", &a)
			return a.Connected
		})
		if a.Queued != 3 || a.LagSeconds != 2 || a.Hostname != "db1" || a.Policy.Checks[0] != "*" {
			t.Errorf("%+v", a)
		}
		w.await("the agent to count as lost", func() bool {
			w.call(auth.Auditor, "GET", "/agents/"+h.id, "", &a)
			return !a.Connected
		})
		if late := a.ChangedAt.Sub(a.SeenAt); late < 2*time.Second || late > 5*time.Second {
			t.Errorf("lost after %s", late)
		}
		if _, err := nc.Request(protocol.BeatSubject(h.id), beat, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		w.await("the agent to come back", func() bool { return len(w.entries(h)) == 4 })
		want := []string{"agents.agent.enrolled", "agents.agent.connected", "agents.agent.lost", "agents.agent.connected"}
		if got := w.entries(h); !slices.Equal(got, want) {
			t.Errorf("%v", got)
		}
	})
}

func TestRemovedAgentIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	h := newHost()
	_, token := w.token(`{}`)
	w.enrol(h, token)
	nc, err := w.connect(h)
	if err != nil {
		t.Fatal(err)
	}
	if code := w.call(auth.Manager, "DELETE", "/agents/"+h.id, "", nil); code != 403 {
		t.Errorf("a manager removes agents: %d", code)
	}
	if code := w.call(auth.Administrator, "DELETE", "/agents/"+h.id, "", nil); code != 204 {
		t.Fatalf("%d", code)
	}
	w.await("the connection to end", nc.IsClosed)
	if _, err := w.connect(h); err == nil {
		t.Fatal("a removed agent connects")
	}
	if code := w.enrol(h, token); code != 403 {
		t.Errorf("a removed agent enrols with its old token: %d", code)
	}
}

func TestTeamsAndNames(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db)
		h, other := newHost(), newHost()
		_, token := w.token(`{"team":"red"}`)
		w.enrol(h, token)
		_, token = w.token(`{"team":"blue"}`)
		w.enrol(other, token)
		var list struct{ Items []agents.Agent }
		w.call("operator/red", "GET", "/agents?sort=-name&where=connected=false", "", &list)
		if len(list.Items) != 1 || list.Items[0].ID != h.id {
			t.Errorf("%+v", list)
		}
		if code := w.call("operator/red", "GET", "/agents/"+other.id, "", nil); code != 404 {
			t.Errorf("another team's agent: %d", code)
		}
		if code := w.call(auth.Manager, "PATCH", "/agents/"+other.id, `{"name":"db1"}`, nil); code != 409 {
			t.Errorf("a taken name: %d", code)
		}
		var a agents.Agent
		if code := w.call(auth.Manager, "PATCH", "/agents/"+other.id, `{"name":"db2","team":""}`, &a); code != 200 || a.Name != "db2" || a.Team != "" {
			t.Errorf("%d %+v", code, a)
		}
		if a, err := w.agents.Find(t.Context(), "db2"); err != nil || a.ID != other.id {
			t.Errorf("%+v %v", a, err)
		}
		if err := w.agents.BindItem(t.Context(), h.id, "item1"); err != nil {
			t.Fatal(err)
		}
		if a, err := w.agents.OfItem(t.Context(), "item1"); err != nil || a.ID != h.id {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	w := setup(t, sqldbtest.SQLite(t))
	h := newHost()
	_, token := w.token(`{}`)
	w.enrol(h, token)
	nc, err := w.connect(h)
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(b protocol.Batch) protocol.Receipt {
		t.Helper()
		data, err := b.Pack()
		if err != nil {
			t.Fatal(err)
		}
		msg, err := nc.Request(protocol.UpSubject(h.id), data, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var r protocol.Receipt
		_ = json.Unmarshal(msg.Data, &r)
		return r
	}
	record := func(seq uint64, kind, data string) protocol.Record {
		return protocol.Record{Seq: seq, Kind: kind, Data: json.RawMessage(data)}
	}
	sample := `[{"n":"up","t":1,"v":1}]`
	batch := protocol.Batch{Epoch: "e", Records: []protocol.Record{
		record(1, protocol.KindMetrics, sample), record(2, protocol.KindMetrics, `"nonsense"`), record(3, "unheard of", `{}`), record(4, protocol.KindReport, `{"a":1}`)}}
	if r := deliver(batch); r.Accepted != 4 || r.Rejected != 2 || r.Error != "" {
		t.Errorf("%+v", r)
	}
	if r := deliver(batch); r.Accepted != 4 || len(w.sink.samples) != 1 || len(w.sink.reports) != 1 {
		t.Errorf("sent again: %+v, %+v", r, w.sink)
	}
	w.sink.set(core.Errorf(core.CodeUnavailable, "disk full"))
	more := protocol.Batch{Epoch: "e", Records: []protocol.Record{record(5, protocol.KindMetrics, sample), record(6, protocol.KindReport, `{"a":2}`), record(7, protocol.KindMetrics, sample)}}
	if r := deliver(more); r.Accepted != 5 || r.Error == "" || strings.Contains(r.Error, "disk") {
		t.Errorf("a failing sink: %+v", r)
	}
	w.sink.set(nil)
	if r := deliver(more); r.Accepted != 7 || len(w.sink.samples) != 3 || len(w.sink.reports) != 2 {
		t.Errorf("after the failure: %+v, %+v", r, w.sink)
	}
	if msg, err := nc.Request(protocol.UpSubject(h.id), []byte("no gzip"), 10*time.Second); err != nil || !strings.Contains(string(msg.Data), "cannot be read") {
		t.Errorf("%s %v", msg.Data, err)
	}
}
