package wire

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// released holds a store of each release as SQL text, for both engines:
// <release>.sqlite.sql and <release>.postgresql.sql. Before a release is made,
//
//	go test ./internal/wire -run TestRecordReleasedState -record <release>
//
// adds its own. What is there is never changed: it is what people have.
var released = filepath.Join("testdata", "released")

// TestReleasedStoresAreBroughtUpToDate opens what each release left behind: no
// row is lost, and everything can be read.
func TestReleasedStoresAreBroughtUpToDate(t *testing.T) {
	t.Parallel()
	states, err := filepath.Glob(filepath.Join(released, "*.sql"))
	if err != nil || len(states) < 2 {
		t.Fatal("there are no released states", err)
	}
	for _, state := range states {
		t.Run(strings.TrimSuffix(filepath.Base(state), ".sql"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(state)
			if err != nil {
				t.Fatal(err)
			}
			cfg := quiet(t)
			load(t, &cfg, strings.HasSuffix(state, ".postgresql.sql"), string(text))
			before := counted(t, cfg)
			if before["graph_item"] == 0 || before["ledger_entry"] == 0 || before["desk_incident"] == 0 {
				t.Fatalf("the state holds too little: %v", before)
			}
			s := build(t, cfg)
			for table, n := range counts(t, s.db) {
				if was, known := before[table]; known && n < was && !strings.HasPrefix(table, "schema_") {
					t.Errorf("%s had %d rows and has %d", table, was, n)
				}
			}
			s.closeStores()
			readable(t, started(t, cfg))
		})
	}
}

// quiet is an installation that says nothing of its own host.
func quiet(t *testing.T) Configuration {
	t.Helper()
	cfg := configuration(t)
	cfg.Agent.Enabled = false
	return cfg
}

// load makes the store that cfg names out of SQL text.
func load(t *testing.T, cfg *Configuration, postgresql bool, text string) {
	t.Helper()
	// Time has gone on since: what would have expired is open still.
	text += "\nUPDATE events_alert SET expires_at = 0, due_at = 0 WHERE active;\n"
	ctx := t.Context()
	if postgresql {
		cfg.Database.DSN = sqldbtest.DSN(t)
		conn, err := pgx.Connect(ctx, cfg.Database.DSN)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.PgConn().Exec(ctx, text).ReadAll(); err != nil {
			t.Fatal(err)
		}
		return
	}
	db, err := sql.Open("sqlite", storePath(*cfg))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, text); err != nil {
		t.Fatal(err)
	}
}

func storePath(cfg Configuration) string { return filepath.Join(cfg.Data, "mainstay.db") }

// counted counts the rows of a store that is not up to date.
func counted(t *testing.T, cfg Configuration) map[string]int {
	t.Helper()
	config := sqldb.Config{DSN: cfg.Database.DSN, Readers: 1}
	if config.DSN == "" {
		config.Path = storePath(cfg)
	}
	db, err := sqldb.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return counts(t, db)
}

func counts(t *testing.T, db *sqldb.DB) map[string]int {
	t.Helper()
	ctx, names := t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
	if db.Dialect() == sqldb.PostgreSQL {
		names = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
	}
	rows, err := db.Query(ctx, names)
	tables, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (name string, err error) { return name, r.Scan(&name) })
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, table := range tables {
		var n int
		if err := db.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	return out
}

// readable reads the lists of all rooms.
func readable(t *testing.T, s *System) {
	t.Helper()
	for _, path := range []string{"items", "alerts?where=state=open,acknowledged,cleared", "situations", "incidents", "checks", "runbooks", "remediations", "users", "teams", "ledger", "documents"} {
		status, body := ask(t, s, "GET", "/api/v1/"+path, "")
		var page struct{ Items, Documents []any }
		if err := json.Unmarshal([]byte(body), &page); status != http.StatusOK || err != nil || len(page.Items)+len(page.Documents) == 0 {
			t.Errorf("%s: %d %.300s %v", path, status, body, err)
		}
	}
	// And it goes on: the next event finds the alert that was open before.
	if status, body := ask(t, s, "POST", "/api/v1/events", `{"source": "test", "key": "disk", "kind": "clear", "title": "x"}`); status/100 != 2 || !strings.Contains(body, "cleared") {
		t.Errorf("%d %s", status, body)
	}
}

// ask sends a request as an administrator.
func ask(t *testing.T, s *System, method, path, body string) (int, string) {
	t.Helper()
	who := auth.NewPrincipal(auth.KindUser, "someone", "someone", auth.BuiltinRoles(), auth.Grant{Role: auth.Administrator})
	r := httptest.NewRequestWithContext(auth.With(context.WithoutCancel(t.Context()), who), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(body, "kind:") {
		r.Header.Set("Content-Type", "application/yaml")
	}
	w := httptest.NewRecorder()
	s.api.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}
