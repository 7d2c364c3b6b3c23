package changes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/desk/changes"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// start is a Monday.
var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// world is changes with everything around them.
type world struct {
	t      *testing.T
	ledger *ledger.Ledger
	clock  *coretest.Clock
	c      *changes.Component
	api    *httpapi.API
}

// both runs a test on both engines.
func both(t *testing.T, cfg changes.Configuration, body func(t *testing.T, w *world)) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		for module, files := range map[string]fs.FS{"ledger": ledger.Migrations(), "changes": changes.Migrations()} {
			if err := sqldb.Migrate(t.Context(), db, module, files); err != nil {
				t.Fatal(module, err)
			}
		}
		w := &world{t: t, clock: coretest.NewClock(start)}
		log, ids := slog.New(slog.DiscardHandler), core.NewIDs(w.clock, nil)
		w.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: core.SystemClock{}, IDs: ids, Log: log})
		if err := w.ledger.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.ledger.Stop(context.Background()) })
		var err error
		if w.c, err = changes.New(cfg, changes.Dependencies{DB: db, Ledger: w.ledger, Clock: w.clock, IDs: ids, Items: known{}, Teams: known{}}); err != nil {
			t.Fatal(err)
		}
		w.api = httpapi.New("test", log)
		w.c.Routes(w.api)
		body(t, w)
	})
}

// known is a graph of two items and an installation of two teams.
type known struct{}

func (known) Names(_ context.Context, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		if id == "db" || id == "web" {
			out[id] = "the " + id
		}
	}
	return out, nil
}

func (known) Team(_ context.Context, name string) (string, error) {
	if id := strings.TrimPrefix(name, "team-"); id == "web" || id == "dba" {
		return "team-" + id, nil
	}
	return "", nil
}

// as makes a principal of a role, everywhere or for a team.
func as(id, role, team string) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, id, "User "+id, auth.BuiltinRoles(), auth.Grant{Role: role, Team: team})
}

type data map[string]any

// call makes a request and decodes the answer into out, which may be nil.
func (w *world) call(p *auth.Principal, method, path string, body, out any, header ...string) int {
	w.t.Helper()
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		reader = strings.NewReader(string(encoded))
	}
	r := httptest.NewRequest(method, "/api/v1"+path, reader)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(answer, r.WithContext(auth.With(r.Context(), p)))
	if ch, ok := out.(*changes.Change); ok {
		*ch = changes.Change{} // what an answer leaves out is not there
	}
	if out != nil {
		if err := json.Unmarshal(answer.Body.Bytes(), out); err != nil {
			w.t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
		}
	}
	return answer.Code
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// planned drafts a change for tomorrow, ten to twelve.
func (w *world) planned(p *auth.Principal, more data) (ch changes.Change) {
	w.t.Helper()
	body := data{"title": "Replace the disk", "reason": "It reports errors", "risk": "low", "items": []string{"web", "db", "db"},
		"plannedStart": start.Add(25 * time.Hour), "plannedEnd": start.Add(27 * time.Hour)}
	for k, v := range more {
		body[k] = v
	}
	expect(w.t, "draft", w.call(p, "POST", "/changes", body, &ch), 201)
	return ch
}

func TestAChangeFromDraftToDone(t *testing.T) {
	both(t, changes.Defaults(), func(t *testing.T, w *world) {
		olga, max := as("olga", auth.Operator, ""), as("max", auth.Manager, "")
		ch := w.planned(olga, nil)
		at := "/changes/" + ch.ID
		expect(t, "number", ch.Number, "CHG-000001")
		expect(t, "items", ch.Items, []string{"db", "web"})
		expect(t, "actions", ch.Actions, []changes.Action{"request", "cancel"})

		var problem httpapi.Problem
		expect(t, "approve a draft", w.call(max, "POST", at+"/decision", data{"action": "approve"}, &problem), 409)
		expect(t, "request", w.call(olga, "POST", at+"/transition", data{"action": "request"}, &ch), 200)
		expect(t, "requester", ch.Requester.ID, "olga")
		expect(t, "write what is asked for", w.call(olga, "PUT", at, data{"title": "Another"}, &problem), 409)
		expect(t, "an operator decides", w.call(olga, "POST", at+"/decision", data{"action": "approve"}, &problem), 403)
		expect(t, "reject without a reason", w.call(max, "POST", at+"/decision", data{"action": "reject", "reason": " "}, &problem), 422)
		expect(t, "by number", w.call(max, "GET", "/changes/chg-1", nil, &ch), 200)
		expect(t, "actions of who may decide", ch.Actions, []changes.Action{"approve", "reject", "revise", "cancel"})
		expect(t, "stale", w.call(max, "POST", at+"/decision", data{"action": "approve"}, &problem, "If-Match", `"1"`), 412)
		w.clock.Advance(time.Hour)
		expect(t, "approve", w.call(max, "POST", at+"/decision", data{"action": "approve", "reason": "Spare parts are there"}, &ch, "If-Match", httpapi.ETag(ch.Version)), 200)
		expect(t, "who", ch.Decider.Name, "User max")
		expect(t, "when", ch.DecidedAt, start.Add(time.Hour))
		expect(t, "why", ch.Decision, "Spare parts are there")
		from, to, ok := work(t, w, ch.ID)
		expect(t, "work", []any{from, to, ok}, []any{start.Add(25 * time.Hour), start.Add(27 * time.Hour), true})

		expect(t, "who asked moves it", w.call(olga, "POST", at+"/plan", data{"plannedStart": start.Add(26 * time.Hour), "plannedEnd": start.Add(28 * time.Hour)}, &problem), 403)
		expect(t, "backwards", w.call(max, "POST", at+"/plan", data{"plannedStart": start.Add(26 * time.Hour), "plannedEnd": start.Add(25 * time.Hour)}, &problem), 422)
		expect(t, "field", problem.Errors[0].Field, "plannedEnd")
		expect(t, "move", w.call(max, "POST", at+"/plan", data{"plannedStart": start.Add(26 * time.Hour), "plannedEnd": start.Add(28 * time.Hour)}, &ch), 200)
		expect(t, "still approved", ch.State, changes.Approved)
		w.clock.Advance(24*time.Hour + 30*time.Minute)
		expect(t, "start", w.call(olga, "POST", at+"/transition", data{"action": "start"}, &ch), 200)
		from, _, _ = work(t, w, ch.ID)
		expect(t, "work begins when it began", from, start.Add(25*time.Hour+30*time.Minute))
		expect(t, "move what has begun", w.call(max, "POST", at+"/plan", data{"plannedStart": start.Add(27 * time.Hour), "plannedEnd": start.Add(28 * time.Hour)}, &problem), 422)
		expect(t, "extend", w.call(max, "POST", at+"/plan", data{"plannedStart": start.Add(26 * time.Hour), "plannedEnd": start.Add(29 * time.Hour)}, &ch), 200)
		w.clock.Advance(time.Hour)
		expect(t, "finish", w.call(olga, "POST", at+"/transition", data{"action": "finish", "reason": "Went well"}, &ch), 200)
		_, to, _ = work(t, w, ch.ID)
		expect(t, "work ends when it ended", to, start.Add(26*time.Hour+30*time.Minute))
		expect(t, "nothing more", len(ch.Actions), 0)
		expect(t, "no more", w.call(olga, "POST", at+"/transition", data{"action": "cancel", "reason": "x"}, &problem), 409)
		expect(t, "not there", w.call(olga, "GET", "/changes/CHG-000077", nil, &problem), 404)

		expect(t, "ledger", w.story(), "created requested approved moved started moved finished")
	})
}

// story is what the ledger tells, in order.
func (w *world) story() string {
	w.t.Helper()
	entries, err := w.ledger.List(w.t.Context(), ledger.Query{Types: []string{"desk.change."}, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	var verbs []string
	for i := len(entries) - 1; i >= 0; i-- {
		verbs = append(verbs, strings.TrimPrefix(entries[i].Type, "desk.change."))
		if e := entries[i]; e.Module != "changes" || e.Subject.Kind != "change" || !strings.HasPrefix(e.Summary, "CHG-0000") {
			w.t.Errorf("%+v", e)
		}
	}
	return strings.Join(verbs, " ")
}

func work(t *testing.T, w *world, id string) (from, to time.Time, ok bool) {
	t.Helper()
	ch, err := w.c.Read(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return ch.Work()
}

func TestWhoAskedDoesNotDecide(t *testing.T) {
	ask := func(w *world, max *auth.Principal) (changes.Change, int) {
		ch := w.planned(max, nil)
		w.call(max, "POST", "/changes/"+ch.ID+"/transition", data{"action": "request"}, &ch)
		var shown changes.Change
		w.call(max, "GET", "/changes/"+ch.ID, nil, &shown)
		return shown, w.call(max, "POST", "/changes/"+ch.ID+"/decision", data{"action": "approve"}, nil)
	}
	t.Run("of two", func(t *testing.T) {
		both(t, changes.Defaults(), func(t *testing.T, w *world) {
			ch, status := ask(w, as("max", auth.Manager, ""))
			expect(t, "approve his own", status, 403)
			expect(t, "is not offered", ch.Actions, []changes.Action{"revise", "cancel"})
			expect(t, "another one", w.call(as("mia", auth.Manager, ""), "POST", "/changes/"+ch.ID+"/decision", data{"action": "approve"}, nil), 200)
		})
	})
	t.Run("alone", func(t *testing.T) {
		both(t, changes.Configuration{SelfApproval: true}, func(t *testing.T, w *world) {
			_, status := ask(w, as("max", auth.Manager, ""))
			expect(t, "approve his own", status, 200)
		})
	})
}

func TestARevisedChangeLosesItsApproval(t *testing.T) {
	both(t, changes.Defaults(), func(t *testing.T, w *world) {
		olga, max := as("olga", auth.Operator, ""), as("max", auth.Manager, "")
		ch := w.planned(olga, nil)
		at := "/changes/" + ch.ID
		w.call(olga, "POST", at+"/transition", data{"action": "request"}, nil)
		expect(t, "reject", w.call(max, "POST", at+"/decision", data{"action": "reject", "reason": "Not on a Tuesday"}, &ch), 200)
		expect(t, "revise", w.call(olga, "POST", at+"/transition", data{"action": "revise"}, &ch), 200)
		if ch.State != changes.Drafted || ch.Decider != nil || ch.Decision != "" || ch.Requester != nil {
			t.Errorf("%+v", ch)
		}
		expect(t, "write", w.call(olga, "PUT", at, data{"title": "Replace the disk", "reason": "Errors", "items": []string{"db"}, "plannedStart": start.Add(49 * time.Hour), "plannedEnd": start.Add(50 * time.Hour)}, &ch), 200)
		expect(t, "risk", ch.Risk, changes.ModerateRisk)
		w.call(olga, "POST", at+"/transition", data{"action": "request"}, nil)
		w.call(max, "POST", at+"/decision", data{"action": "approve"}, nil)
		w.call(olga, "POST", at+"/transition", data{"action": "revise"}, &ch)
		if _, _, ok := work(t, w, ch.ID); ok {
			t.Error("a draft is worked on")
		}
		// Given up while it was on, and one that never came.
		for i, advance := range []time.Duration{49*time.Hour + 30*time.Minute, -1} {
			w.call(olga, "POST", at+"/transition", data{"action": "request"}, nil)
			expect(t, "approve", w.call(max, "POST", at+"/decision", data{"action": "approve"}, nil), 200)
			if advance > 0 {
				w.clock.Advance(advance)
			}
			expect(t, "cancel without a reason", w.call(olga, "POST", at+"/transition", data{"action": "cancel"}, nil), 422)
			expect(t, "cancel", w.call(olga, "POST", at+"/transition", data{"action": "cancel", "reason": "No parts"}, &ch), 200)
			_, to, ok := work(t, w, ch.ID)
			expect(t, "worked on", ok, i == 0)
			if i == 0 {
				expect(t, "until", to, start.Add(49*time.Hour+30*time.Minute))
			}
			ch = w.planned(olga, data{"plannedStart": start.Add(100 * time.Hour), "plannedEnd": start.Add(101 * time.Hour)})
			at = "/changes/" + ch.ID
		}
	})
}

func TestWhatIsRefusedOfADraft(t *testing.T) {
	both(t, changes.Defaults(), func(t *testing.T, w *world) {
		olga := as("olga", auth.Operator, "")
		for field, more := range map[string]data{
			"title":        {"title": "  a  "},
			"items":        {"items": []string{"db", "gone"}},
			"plannedEnd":   {"plannedEnd": start},
			"plannedStart": {"plannedStart": nil},
			"team":         {"team": "nobody"},
		} {
			body := data{"title": "Replace the disk", "plannedStart": start.Add(time.Hour), "plannedEnd": start.Add(2 * time.Hour)}
			for k, v := range more {
				body[k] = v
				if v == nil {
					delete(body, k)
				}
			}
			var problem httpapi.Problem
			expect(t, field, w.call(olga, "POST", "/changes", body, &problem), 422)
			if len(problem.Errors) != 1 || problem.Errors[0].Field != field {
				t.Errorf("%s: %+v", field, problem.Errors)
			}
		}
		var ch changes.Change
		var problem httpapi.Problem
		expect(t, "a title is enough", w.call(olga, "POST", "/changes", data{"title": "Some day"}, &ch), 201)
		expect(t, "number has no gap", ch.Number, "CHG-000001")
		expect(t, "not to be decided on", w.call(olga, "POST", "/changes/"+ch.ID+"/transition", data{"action": "request"}, &problem), 422)
		expect(t, "what is missing", len(problem.Errors), 2)
	})
}

func TestTeamsSeeTheirOwnChanges(t *testing.T) {
	both(t, changes.Defaults(), func(t *testing.T, w *world) {
		all, web, dba := as("olga", auth.Operator, ""), as("paul", auth.Operator, "team-web"), as("rita", auth.Manager, "team-dba")
		ch := w.planned(all, data{"team": "web"})
		at := "/changes/" + ch.ID
		w.call(all, "POST", at+"/transition", data{"action": "request"}, nil)
		expect(t, "its team", w.call(web, "GET", at, nil, nil), 200)
		expect(t, "another team", w.call(dba, "GET", at, nil, nil), 404)
		expect(t, "another team decides", w.call(dba, "POST", at+"/decision", data{"action": "approve"}, nil), 404)
		expect(t, "auditor", w.call(as("paul", auth.Auditor, ""), "POST", at+"/transition", data{"action": "cancel", "reason": "x"}, nil), 403)
		expect(t, "for another team", w.call(dba, "POST", "/changes", data{"title": "Not mine", "team": "web"}, nil), 403)
		var page struct{ Items []changes.Change }
		for query, want := range map[string]int{"": 1, "?q=disk": 1, "?q=chg-1": 1, "?q=CHG-000002": 0, "?affects=db": 1, "?affects=mail": 0, "?where=state=requested": 1, "?where=risk=high": 0, "?sort=plannedStart": 1} {
			page.Items = nil
			expect(t, "list "+query, w.call(web, "GET", "/changes"+query, nil, &page), 200)
			expect(t, "list "+query, len(page.Items), want)
			if want > 0 && len(page.Items) > 0 {
				expect(t, "items", page.Items[0].Items, []string{"db", "web"})
			}
		}
		page.Items = nil
		w.call(dba, "GET", "/changes", nil, &page)
		expect(t, "list of another team", len(page.Items), 0)
	})
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"CHG-000001", "chg-7", "CHG-", "CHG-0", "INC-1", "CHG-9223372036854775808", "CHG--1", "7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var n changes.Number
		if n.UnmarshalText([]byte(text)) != nil {
			return
		}
		var again changes.Number
		if n <= 0 || again.UnmarshalText([]byte(n.String())) != nil || again != n {
			t.Errorf("%q: %d, then %d", text, n, again)
		}
	})
}
