package wire

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

var record = flag.String("record", "", "write the state of the store as that of the release with this name")

// TestRecordReleasedState fills an installation through its API and writes its
// store as SQL text; see released.
func TestRecordReleasedState(t *testing.T) {
	if *record == "" {
		t.Skip("only with -record")
	}
	for engine, dsn := range map[string]string{"sqlite": "", "postgresql": sqldbtest.DSN(t)} {
		t.Run(engine, func(t *testing.T) {
			path := filepath.Join(released, *record+"."+engine+".sql")
			if _, err := os.Stat(path); err == nil {
				t.Fatal(path, "is there already")
			}
			cfg := quiet(t)
			cfg.Database.DSN = dsn
			cfg.Auth.AdminPassword = "a password of a test"
			fill(t, started(t, cfg))
			text := dumpSQLite
			if dsn != "" {
				text = dumpPostgreSQL
			}
			if err := os.WriteFile(path, []byte(text(t, cfg)), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// fill has a person and a fault leave something in every room.
func fill(t *testing.T, s *System) {
	t.Helper()
	do := func(method, path, body string) {
		t.Helper()
		if status, answer := ask(t, s, method, "/api/v1"+path, body); status/100 != 2 || strings.Contains(answer, `"action":"failed"`) {
			t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
	}
	for _, file := range []string{"items.yaml", "checks.yaml", "runbooks.yaml", "remediations.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "three-tier", file))
		if err != nil {
			t.Fatal(err)
		}
		plain := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(string(text), "")
		if file == "items.yaml" {
			plain = "kind: Item\nname: shop-host\nspec: {class: host}\n---\n" + plain
		}
		do("POST", "/documents/apply", plain)
	}
	do("POST", "/teams", `{"name": "web", "description": "who keeps the shop"}`)
	do("POST", "/users", `{"username": "ann", "name": "Ann", "password": "another password of a test", "grants": [{"role": "operator"}]}`)
	do("POST", "/events", `[{"source": "test", "key": "disk", "severity": "major", "title": "The disk is full", "identities": [{"kind": "declared", "value": "shop-database"}], "labels": {"disk": "sda1"}},
		{"source": "test", "key": "gone", "severity": "warning", "title": "A page is slow"}, {"source": "test", "key": "gone", "kind": "clear", "title": "A page is fast"}]`)
	do("POST", "/enrolments", `{"name": "web1"}`)
	for wait := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, body := ask(t, s, "GET", "/api/v1/incidents", ""); strings.Contains(body, "INC-000001") {
			break
		}
		if time.Since(wait) > 30*time.Second {
			t.Fatal("no incident came")
		}
	}
	do("POST", "/incidents/INC-000001/comments", `{"body": "looked at it"}`)
}

// dumpSQLite writes the tables, then their rows.
func dumpSQLite(t *testing.T, cfg Configuration) string {
	t.Helper()
	ctx := t.Context()
	db, err := sqldb.Open(ctx, sqldb.Config{Path: storePath(cfg), Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	texts := func(query string) []string {
		rows, err := db.Query(ctx, query)
		out, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (text string, err error) { return text, r.Scan(&text) })
		if err != nil {
			t.Fatal(query, err)
		}
		return out
	}
	var b strings.Builder
	for _, statement := range texts("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type DESC, rowid") {
		fmt.Fprintf(&b, "%s;\n", statement)
	}
	for _, table := range texts("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid") {
		var quoted []string
		for _, column := range texts("SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid") {
			quoted = append(quoted, "quote("+column+")")
		}
		for _, row := range texts("SELECT " + strings.Join(quoted, " || ', ' || ") + " FROM " + table) {
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%s);\n", table, row)
		}
	}
	return b.String()
}

// dumpPostgreSQL has pg_dump write it, without the name of the test's schema.
func dumpPostgreSQL(t *testing.T, cfg Configuration) string {
	t.Helper()
	program, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if err != nil || len(program) == 0 {
		t.Fatal("this test needs the Debian package postgresql: scripts/test-deps installs it")
	}
	dsn, schema, _ := strings.Cut(cfg.Database.DSN, "&search_path=")
	out, err := exec.CommandContext(t.Context(), program[len(program)-1], "--dbname", dsn, "--schema", schema, "--inserts", "--no-owner", "--no-privileges", "--no-comments").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(out), schema+".", "")
	return regexp.MustCompile(`(?m)^(--.*|SET .*|SELECT pg_catalog\.set_config.*|CREATE SCHEMA .*|\\.*|)\n`).ReplaceAllString(text, "")
}
