package listing_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// FuzzList asks real lists: whatever is asked, the store understands it, and
// no value becomes a part of the statement.
func FuzzList(f *testing.F) {
	cursor := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	f.Add("name~x' OR 1=1", "-size", "W10", "a b")
	f.Add("severity=major,minor", "name,-at", "", "%_\\")
	f.Add("at>now-24h", "", cursor(`["Host_b%",3]`), "")
	f.Add("size<=9223372036854775807", "size", cursor(`[9223372036854775808,1]`), "")
	f.Add("open=true", "at", cursor(`["x",1e999]`), "")
	f.Add(`name=a\,b`, "severity", cursor(`[true,"x"]`), "\x00")
	db := sqldbtest.SQLite(f)
	fill(f, db)
	f.Fuzz(func(t *testing.T, where, sort, cursor, q string) {
		ask(t, db, listing.Params{Where: []string{where}, Sort: sort, Cursor: cursor, Q: q})
	})
}

func ask(t *testing.T, db *sqldb.DB, p listing.Params) {
	t.Helper()
	st, err := fields.Build(p, base())
	if err == nil && strings.Contains(st.SQL, "1=1") {
		t.Fatalf("a value became part of the statement: %s", st.SQL)
	}
	if _, err = read(t, db, p); err != nil && core.CodeOf(err) != core.CodeInvalid {
		t.Errorf("%+v: %v", p, err)
	}
}

// TestForeignCursors asks both engines with cursors that no page had.
func TestForeignCursors(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		fill(t, db)
		for _, text := range []string{`["a",1]`, `[1,1]`, `["a","b"]`, `[true,1]`, `["a\u0000",1]`, `[1.5,1]`, `[1e999,1]`, `[9223372036854775808,1]`, `["a",-1e400]`, `[null,1]`, `[["a"],1]`, `["a",1,2]`, `["a",1] x`} {
			for _, sort := range []string{"name", "size", "-at", "severity"} {
				ask(t, db, listing.Params{Sort: sort, Cursor: base64.RawURLEncoding.EncodeToString([]byte(text))})
			}
		}
	})
}
