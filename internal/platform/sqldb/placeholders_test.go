package sqldb

import "testing"

func TestRewrite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"SELECT 1":              "SELECT 1",
		"a = $1 AND b = $12":    "a = ?1 AND b = ?12",
		"($1,$2),($3,$4)":       "(?,?),(?,?)",
		"a = $2 OR b = $1":      "a = ?2 OR b = ?1",
		"a = $1 OR b = $1":      "a = ?1 OR b = ?1",
		"a = '$1' AND b = $2":   "a = '$1' AND b = ?2",
		`"$1" = $1`:             `"$1" = ?`,
		"a = 'it''s $1' AND $1": "a = 'it''s $1' AND ?",
		"a -- $1\n = $1":        "a -- $1\n = ?",
		"a -- $1":               "a -- $1",
		"CAST(data AS TEXT) ->> '$.x' LIKE $1||$": "CAST(data AS TEXT) ->> '$.x' LIKE ?||$",
		"a = 'open $1": "a = 'open $1",
	} {
		if got := rewrite(in); got != want {
			t.Errorf("rewrite(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzRewrite(f *testing.F) {
	f.Add("a = $1 AND b = '$2' -- $3")
	f.Fuzz(func(t *testing.T, query string) {
		if got, _ := replace(query, false); len(got) != len(query) {
			t.Fatalf("the length of %q changed: %q", query, got)
		}
		if got := rewrite(query); len(got) > len(query) {
			t.Fatalf("%q grew: %q", query, got)
		}
	})
}

func TestIn(t *testing.T) {
	t.Parallel()
	if In(3, 2) != "$2,$3,$4" || In(0, 1) != "NULL" || Values(2, 2, 1) != "($1,$2),($3,$4)" || placeholders(2, []bool{false, true}, 1) != "($2,$1),($3,$1)" {
		t.Fatal(In(3, 2), In(0, 1), Values(2, 2, 1), placeholders(2, []bool{false, true}, 1))
	}
}
