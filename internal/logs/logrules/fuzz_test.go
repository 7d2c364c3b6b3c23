package logrules

import "testing"

// FuzzPiped: whatever a query says, a pipe that is put behind it is seen: no
// quote, comment or parenthesis of it swallows what the rule adds.
func FuzzPiped(f *testing.F) {
	for _, seed := range []string{`error`, `"a|b" 'c' # d`, "`x`", `"x`, `'\''`, `a:range(1,5]`, `x) or (y`, "#\n", `"\q"`, "'\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if !piped(query) && !piped(query+"\n| delete x") {
			t.Errorf("%q hides a pipe", query)
		}
	})
}
