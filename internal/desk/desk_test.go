package desk_test

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/desk"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// start is a Monday.
var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// world is a desk with everything around it.
type world struct {
	t      *testing.T
	db     *sqldb.DB
	ledger *ledger.Ledger
	clock  *coretest.Clock
	desk   *desk.Component
	api    *httpapi.API
	graph  *fakeGraph

	attachments string // directory
}

// both runs a test on both engines.
func both(t *testing.T, body func(t *testing.T, w *world)) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) { body(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	for module, files := range map[string]fs.FS{"ledger": ledger.Migrations(), "desk": desk.Migrations()} {
		if err := sqldb.Migrate(t.Context(), db, module, files); err != nil {
			t.Fatal(module, err)
		}
	}
	clock, log := coretest.NewClock(start), slog.New(slog.DiscardHandler)
	ids := core.NewIDs(clock, nil)
	w := &world{t: t, db: db, clock: clock, graph: &fakeGraph{}}
	// The ledger polls by the real clock; the desk's time is the test's.
	w.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: core.SystemClock{}, IDs: ids, Log: log})
	cfg := desk.Defaults()
	cfg.Attachments = t.TempDir()
	w.attachments = cfg.Attachments
	var err error
	w.desk, err = desk.New(cfg, desk.Dependencies{DB: db, Ledger: w.ledger, Clock: clock, IDs: ids, Log: log, Graph: w.graph, Directory: fakeDirectory{}, Checks: fakeChecks{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ledger.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.ledger.Stop(context.Background()) })
	w.api = httpapi.New("test", log)
	w.desk.Routes(w.api)
	return w
}

type fakeGraph struct{ failing bool }

func (g *fakeGraph) Services(_ context.Context, items []string) ([]desk.Service, error) {
	if g.failing {
		return nil, core.Errorf(core.CodeUnavailable, "no graph")
	}
	for _, item := range items {
		if item == "db" {
			return []desk.Service{{ID: "shop", Name: "Web shop", Criticality: desk.High}}, nil
		}
	}
	return nil, nil
}

func (g *fakeGraph) Facts(_ context.Context, items []string) (out []desk.Facts, err error) {
	if g.failing {
		return nil, core.Errorf(core.CodeUnavailable, "no graph")
	}
	for _, item := range items {
		out = append(out, desk.Facts{ID: item, Name: item, Class: map[string]string{"db": "database"}[item], Team: map[string]string{"web": "team-web"}[item]})
	}
	return out, nil
}

type fakeDirectory struct{}

func (fakeDirectory) Team(_ context.Context, name string) (desk.Entity, bool, error) {
	id := strings.TrimPrefix(name, "team-")
	return desk.Entity{ID: "team-" + id, Name: "The " + id + " team"}, id == "web" || id == "dba", nil
}

func (fakeDirectory) User(_ context.Context, id string) (desk.Entity, bool, error) {
	return desk.Entity{ID: id, Name: "User " + id}, id == "olga" || id == "rita" || id == "paul", nil
}

type fakeChecks struct{}

func (fakeChecks) CheckNames(_ context.Context, ids []string) (map[string]string, error) {
	return map[string]string{"c1": "postgres *answers*", "c2": "app"}, nil
}

// as makes a principal of a role, everywhere or for a team.
func as(id, role, team string) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, id, "User "+id, auth.BuiltinRoles(), auth.Grant{Role: role, Team: team})
}

// call makes a request and decodes the answer into out, which may be nil.
func (w *world) call(p *auth.Principal, method, path string, body, out any, header ...string) int {
	w.t.Helper()
	var reader io.Reader
	contentType := "application/json"
	switch body := body.(type) {
	case nil:
	case []byte:
		reader, contentType = strings.NewReader(string(body)), "application/octet-stream"
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		reader = strings.NewReader(string(encoded))
	}
	r := httptest.NewRequest(method, "/api/v1"+path, reader)
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(answer, r.WithContext(auth.With(r.Context(), p)))
	if out != nil {
		if err := json.Unmarshal(answer.Body.Bytes(), out); err != nil {
			w.t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
		}
	}
	if answer.Code >= 500 {
		w.t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	return answer.Code
}

type data map[string]any

// happens appends an entry to the ledger, as another module would.
func (w *world) happens(kind string, subject core.Ref, item, summary string, d data) {
	w.t.Helper()
	encoded, err := json.Marshal(d)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.db.Write(w.t.Context(), func(tx *sqldb.Tx) error {
		_, err := w.ledger.Append(w.t.Context(), tx, ledger.Entry{At: w.clock.Now(), Actor: ledger.System("test"), Module: strings.SplitN(kind, ".", 2)[0], Type: kind, Subject: subject, Item: item, Summary: summary, Data: encoded})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// situation appends an entry about the one situation of most tests.
func (w *world) situation(verb string, severity core.Severity, items ...string) {
	w.t.Helper()
	checks, why := []string{"c1", "c2", "c3"}, ""
	if verb == "closed" { // what is clear is not listed
		checks, why = []string{}, "Every alert of it has cleared."
	}
	w.happens("events.situation."+verb, core.Ref{Kind: "situation", ID: "s1"}, items[0], "The situation "+verb, data{
		"id": "s1", "title": "PostgreSQL is down", "severity": severity, "rootCause": data{"item": items[0]}, "items": items, "checks": checks, "why": why})
}

// await waits until the desk's entry about an incident is in the ledger, and
// returns how many there are.
func (w *world) await(kind string, want int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	seen := 0
	err := w.ledger.Follow(ctx, 0, func(e *ledger.Entry) bool { return e.Type == kind }, func(ledger.Entry) error {
		if seen++; seen == want {
			return io.EOF
		}
		return nil
	})
	if err != io.EOF {
		w.t.Fatalf("%d entries %s, want %d (%v); consumer %+v", seen, kind, want, err, w.ledger.Consumers())
	}
}

// only returns the one incident there is.
func (w *world) only() desk.Incident {
	w.t.Helper()
	var page struct{ Items []desk.Incident }
	w.call(as("olga", auth.Operator, ""), "GET", "/incidents", nil, &page)
	if len(page.Items) != 1 {
		w.t.Fatalf("%d incidents", len(page.Items))
	}
	var inc desk.Incident
	w.call(as("olga", auth.Operator, ""), "GET", "/incidents/"+page.Items[0].ID, nil, &inc)
	return inc
}

// timeline returns "kind: summary" lines.
func (w *world) timeline(id string) string {
	w.t.Helper()
	var page struct{ Items []desk.Note }
	w.call(as("olga", auth.Operator, ""), "GET", "/incidents/"+id+"/timeline", nil, &page)
	var lines []string
	for _, n := range page.Items {
		lines = append(lines, n.Kind+": "+n.Summary)
	}
	return strings.Join(lines, "\n")
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
