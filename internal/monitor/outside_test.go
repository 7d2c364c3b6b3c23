package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/beat"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// settled waits until nothing is left to be taken in.
func (b *bench) settled() {
	b.t.Helper()
	for wait := time.Now(); time.Since(wait) < 10*time.Second; time.Sleep(2 * time.Millisecond) {
		list, err := b.c.store.pingsWhere(context.Background(), "NOT taken", "id")
		if err == nil && len(list) == 0 {
			return
		}
	}
	b.t.Fatal("what came from outside is not taken in")
}

// leap lets time pass as if the server had listened all the while.
func (b *bench) leap(clock *jumping, d time.Duration) {
	b.t.Helper()
	a := b.c.leader.Load().absences
	before := len(a.all())
	clock.jump(d)
	for wait := time.Now(); len(a.all()) == before; time.Sleep(5 * time.Millisecond) {
		if time.Since(wait) > 10*time.Second {
			b.t.Fatal("the jump is not noticed")
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = a.list[:before]
}

func (b *bench) one(check *Check) *target {
	b.t.Helper()
	if err := b.c.leader.Load().reload(context.Background(), check.ID); err != nil {
		b.t.Fatal(err)
	}
	list := b.c.leader.Load().find(check.ID)
	if len(list) != 1 {
		b.t.Fatalf("%d targets", len(list))
	}
	return list[0]
}

func TestAHeartbeatFollowsItsJob(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		b.start()
		ctx := context.Background()
		check := b.check("backup", CheckSpec{Item: itemID, Heartbeat: &beat.Heartbeat{Cron: "0 2 * * *", TimeZone: "Europe/Berlin"}})
		b.one(check)
		api := b.as(auth.System("test"))
		path := api.call("POST", "/checks/backup/heartbeat-address", object{}, 200)["path"].(string)
		token := strings.TrimPrefix(path, "/api/v1/heartbeats/")
		nobody := &caller{t, api.api, nil}
		raw := func(method, path, body string, want int) {
			t.Helper()
			req := httptest.NewRequest(method, path, strings.NewReader(body))
			rec := httptest.NewRecorder()
			nobody.api.Handler().ServeHTTP(rec, req)
			if rec.Code != want {
				t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body.String())
			}
		}
		raw("GET", path+"/start", "", 200)
		b.settled()
		raw("POST", path+"/3", "tar: no space\nsecond line", 200)
		raw("HEAD", path, "", 200)
		raw("GET", path+"/pause", "", 422)
		raw("GET", path+"x", "", 404)
		raw("PUT", path, "", 405)
		ev := b.wait(2)
		if ev[0].Kind != core.Problem || !strings.Contains(ev[0].Title, "the job ended with code 3: tar: no space after") || ev[1].Kind != core.Cleared {
			t.Fatalf("%+v", ev)
		}
		b.settled()
		pings := api.call("GET", "/checks/backup/pings", nil, 200)
		items := pings["items"].([]any)
		if len(items) != 3 || items[1].(object)["signal"] != "fail" || items[1].(object)["detail"] != "tar: no space\nsecond line" || items[2].(object)["signal"] != "start" || pings["addressed"] == nil {
			t.Fatalf("%v", pings)
		}
		api.call("POST", "/checks/backup/run", nil, http.StatusConflict)

		// Only the hash of the secret is stored; a new address ends the old one.
		var stored int
		if err := db.QueryRow(ctx, "SELECT COUNT(*) FROM monitor_token WHERE hash = $1", token).Scan(&stored); err != nil || stored != 0 {
			t.Fatal(stored, err)
		}
		api.call("POST", "/checks/backup/heartbeat-address", object{}, 200)
		raw("GET", path, "", 404)
		entries, err := b.ledger.List(ctx, ledger.Query{Types: []string{"monitor.heartbeat.rotated"}})
		if err != nil || len(entries) != 2 || strings.Contains(fmt.Sprint(entries), token) {
			t.Fatalf("%v %v", entries, err)
		}
	})
}

// A heartbeat is missed once, also over a restart, and not for the time in
// which the server was down.
func TestAMissedHeartbeat(t *testing.T) {
	t.Parallel()
	b, clock := newBench(t, sqldbtest.SQLite(t)), &jumping{}
	b.deps.Clock = clock
	b.start()
	ctx := context.Background()
	h := &beat.Heartbeat{Every: probe.Duration(time.Hour), Grace: probe.Duration(5 * time.Minute)}
	check := b.check("job", CheckSpec{Item: itemID, Heartbeat: h})
	ping := func() {
		t.Helper()
		tg := b.one(check)
		if err := b.c.keepPings(ctx, []ping{{Ping: Ping{ID: b.deps.IDs.New(), Target: tg.id, At: clock.Now(), Signal: signalSuccess, Output: "the job ended well"}}}); err != nil {
			t.Fatal(err)
		}
		b.settled()
	}
	judged := func() Status {
		t.Helper()
		tg := b.one(check)
		b.c.leader.Load().judge(ctx, tg)
		tg.mu.Lock()
		defer tg.mu.Unlock()
		return tg.state.Show()
	}
	if got := judged(); got != Pending {
		t.Fatalf("before the first ping it is %s", got)
	}
	ping()
	if got := judged(); got != StatusOK {
		t.Fatalf("after a ping it is %s", got)
	}

	// The server is down when the job wants to ping.
	b.leap(clock, 50*time.Minute)
	if err := b.c.store.noteAlive(ctx); err != nil {
		t.Fatal(err)
	}
	_ = b.c.Stop(ctx)
	clock.jump(20 * time.Minute)
	b.start()
	if got := judged(); got != StatusOK || len(b.events.all()) != 0 {
		t.Fatalf("after the server was down it is %s, %+v", got, b.events.all())
	}
	// The next one counts.
	b.leap(clock, time.Hour)
	if got := judged(); got != Critical {
		t.Fatalf("without a ping it is %s", got)
	}
	if ev := b.wait(1); ev[0].Kind != core.Problem || !strings.Contains(ev[0].Title, "no ping since") {
		t.Fatalf("%+v", ev)
	}
	if judged(); len(b.events.all()) != 1 {
		t.Fatalf("%+v", b.events.all())
	}
	ping()
	if ev := b.wait(2); ev[1].Kind != core.Cleared {
		t.Fatalf("%+v", ev)
	}
}

func TestResultsThatOthersPush(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, clock := newBench(t, db), &jumping{}
		b.deps.Clock = clock
		for i := range 3 {
			b.items.put(Item{ID: fmt.Sprintf("01arz3ndektsv4rrffq69g5fa%d", i), Name: fmt.Sprintf("host%d", i), Class: "server"})
		}
		b.start()
		ctx := context.Background()
		one := 1
		check := b.check("disk", CheckSpec{Selector: "server", Passive: &beat.Passive{StaleAfter: probe.Duration(10 * time.Minute)}, Retries: &one})
		if err := b.c.leader.Load().reload(ctx, check.ID); err != nil {
			t.Fatal(err)
		}
		api := b.as(auth.System("test"))
		push := func(results ...object) object { return api.call("POST", "/check-results", results, 200) }
		got := push(
			object{"check": "disk", "host": "host0", "status": "critical", "output": "DISK CRITICAL - full | free=0B;10;5"},
			object{"check": "disk", "item": "01arz3ndektsv4rrffq69g5fa1", "status": "0"},
			object{"check": "disk", "host": "nobody", "status": "ok"},
			object{"check": "disk", "status": "ok"},
			object{"check": "ghost", "status": "ok"},
			object{"check": "disk", "host": "host0", "status": "fine"},
		)
		if got["accepted"] != 2.0 || len(got["refused"].([]any)) != 4 {
			t.Fatalf("%v", got)
		}
		for i, code := range []string{"invalid", "invalid", "not_found", "invalid"} {
			if r := got["refused"].([]any)[i].(object); r["index"] != float64(i+2) || r["code"] != code {
				t.Errorf("%v", r)
			}
		}
		b.settled()
		if n := len(b.events.all()); n != 0 {
			t.Fatalf("a fault counts after its retries: %d events", n)
		}
		push(object{"check": "disk", "host": "host0", "status": "2", "output": "still"})
		if ev := b.wait(1); ev[0].Item != "01arz3ndektsv4rrffq69g5fa0" || ev[0].Kind != core.Problem {
			t.Fatalf("%+v", ev)
		}
		res, err := b.metrics.Query(ctx, `mainstay_check_perfdata{metric="free",check="disk"}`, time.Now())
		if err != nil || len(res.Series) != 1 {
			t.Fatalf("%+v %v", res, err)
		}
		api.call("POST", "/check-results", object{"check": "disk", "status": "ok"}, 422)

		// As send_nsca does.
		req := httptest.NewRequest("POST", "/api/v1/check-results/nsca", strings.NewReader("host0\tdisk\t0\tDISK OK | free=9B\n\nbroken\nhost1\tdisk\t7\tx\n"))
		req = req.WithContext(auth.With(req.Context(), auth.System("test")))
		rec := httptest.NewRecorder()
		api.api.Handler().ServeHTTP(rec, req)
		if want := `{"accepted":1,"refused":[{"index":2,`; rec.Code != 200 || !strings.HasPrefix(rec.Body.String(), want) || !strings.Contains(rec.Body.String(), `"index":3`) {
			t.Fatalf("%d %s", rec.Code, rec.Body.String())
		}
		if ev := b.wait(2); ev[1].Kind != core.Cleared {
			t.Fatalf("%+v", ev)
		}

		// Who may not push for a team's check does not.
		spec := check.Spec
		spec.Team = "payments"
		b.check("disk", spec)
		probes := auth.NewPrincipal(auth.KindUser, "p", "p", auth.Roles{"feeder": {Name: "feeder", Permissions: auth.NewSet("check-results:write")}}, auth.Grant{Role: "feeder", Team: "web"})
		(&caller{t, api.api, probes}).call("POST", "/check-results", object{"check": "disk", "host": "host0", "status": "ok"}, 422)

		// A result that is not renewed goes stale.
		e := b.c.leader.Load()
		if err := e.reload(ctx, check.ID); err != nil {
			t.Fatal(err)
		}
		b.leap(clock, 11*time.Minute)
		for _, tg := range e.find(check.ID) {
			for range 2 {
				e.judge(ctx, tg)
			}
		}
		if ev := b.wait(4); ev[2].Severity != core.Minor || !strings.Contains(ev[2].Title, "it is stale after 10m") {
			t.Fatalf("%+v", ev)
		}
	})
}

// What is accepted is taken in once, also when the process ends in between.
func TestPushedResultsSurviveARestart(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	ctx := context.Background()
	check := b.check("job", CheckSpec{Item: itemID, Passive: &beat.Passive{}})
	b.one(check)
	_ = b.c.Stop(ctx)
	raw := json.RawMessage(`{"check":"job","status":"critical","output":"it failed"}`)
	if got, err := b.c.Push(ctx, "test", []json.RawMessage{raw}, func(*Check) error { return nil }); err != nil || got.Accepted != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	b.start()
	if ev := b.wait(1); !strings.Contains(ev[0].Title, "it failed") {
		t.Fatalf("%+v", ev)
	}
	b.settled()
	if list, err := b.c.store.results(ctx, check.ID, time.Time{}, 10); err != nil || len(list) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
}

// FuzzPushed: whatever is sent is taken or refused, and what is taken is bounded.
func FuzzPushed(f *testing.F) {
	f.Add([]byte(`{"check":"a","status":"1","output":"x | a=1;2"}`), "host\tdisk\t0\tok | a=1")
	f.Add([]byte(`{"check":1}`), "h\t0\tup")
	f.Add([]byte(`[]`), "\t\t\t")
	f.Fuzz(func(t *testing.T, raw []byte, line string) {
		var r PushedResult
		if json.NewDecoder(bytes.NewReader(raw)).Decode(&r) == nil {
			if res, err := r.result(); err == nil && (len(res.Output) > 512 || len(res.Detail) > 8<<10) {
				t.Errorf("%d %d", len(res.Output), len(res.Detail))
			}
		}
		if r, err := readNSCA(line, "alive"); err == nil && (r.Host == "" || r.Check == "") {
			t.Errorf("%q: %+v", line, r)
		}
		if _, _, _, err := readSignal(line); err != nil && core.CodeOf(err) != core.CodeInvalid {
			t.Error(err)
		}
	})
}
