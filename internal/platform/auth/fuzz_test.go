package auth_test

import (
	"encoding/json"
	"testing"

	"mainstay/internal/platform/auth"
)

// FuzzSet reads sets of permissions: what two sets allow together, each of
// them allows, and nothing allows what no role holds.
func FuzzSet(f *testing.F) {
	f.Add([]byte(`["alerts:*", "*:read"]`), []byte(`["alerts:read"]`), "alerts:read")
	f.Add([]byte(`["*:*"]`), []byte(`[":", "a:read"]`), "public")
	f.Add([]byte(`null`), []byte(`["signed-in"]`), "signed-in")
	f.Fuzz(func(t *testing.T, first, second []byte, wanted string) {
		var a, b auth.Set
		if json.Unmarshal(first, &a) != nil || json.Unmarshal(second, &b) != nil {
			return
		}
		text, err := json.Marshal(a)
		var again auth.Set
		if err != nil || json.Unmarshal(text, &again) != nil || !again.Contains(a) || !a.Contains(again) {
			t.Fatalf("%s became %s: %v", first, text, err)
		}
		p, both := auth.Permission(wanted), a.Intersect(b)
		if both.Allows(p) != (a.Allows(p) && b.Allows(p)) {
			t.Errorf("%s and %s: %s is %v and %v, together %v", first, second, p, a.Allows(p), b.Allows(p), both.Allows(p))
		}
		if !a.Contains(both) || !b.Contains(both) {
			t.Errorf("%s and %s together allow more: %v", first, second, both.Patterns())
		}
		if a.Allows(auth.Public) || a.Allows(auth.SignedIn) {
			t.Errorf("%s holds what no role holds", first)
		}
	})
}
