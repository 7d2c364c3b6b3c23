package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"mainstay/internal/platform/auth"
)

func TestScopeFollowsGrants(t *testing.T) {
	t.Parallel()
	p := auth.NewPrincipal(auth.KindUser, "u", "Una", auth.BuiltinRoles(),
		auth.Grant{Role: auth.Operator, Team: "web"}, auth.Grant{Role: auth.Auditor}, auth.Grant{Role: "gone"})
	if !p.Scope("alerts:read").All {
		t.Error("an auditor everywhere does not read everywhere")
	}
	act := p.Scope("alerts:act")
	if act.All || !act.Allows("web") || !act.Allows("") || act.Allows("db") {
		t.Errorf("operator of web acts on %+v", act)
	}
	if p.Can("users:admin") || !p.Can(auth.SignedIn) || !p.Can(auth.Public) {
		t.Error("an operator administers users, or is not signed in")
	}
	if p.Scope("users:admin").Allows("") {
		t.Error("an empty scope holds common records")
	}
}

func TestNobodyMayOnlyWhatIsPublic(t *testing.T) {
	t.Parallel()
	nobody := auth.From(context.Background())
	if nobody.Can("alerts:read") || nobody.Can(auth.SignedIn) || !nobody.Can(auth.Public) {
		t.Error("someone not signed in has permissions")
	}
	if !auth.From(auth.With(context.Background(), auth.System("scheduler"))).Can("secrets:admin") {
		t.Error("the system principal is refused")
	}
}

func TestLimitedNarrows(t *testing.T) {
	t.Parallel()
	p := auth.NewPrincipal(auth.KindUser, "u", "Una", auth.BuiltinRoles(), auth.Grant{Role: auth.Administrator})
	token := p.Limited(auth.NewSet("events:write"))
	if !token.Can("events:write") || token.Can("alerts:read") || !p.Can("alerts:read") {
		t.Error("the limit of a token does not hold, or leaks to its owner")
	}
}

func TestSetReadsAndChecks(t *testing.T) {
	t.Parallel()
	var s auth.Set
	if err := json.Unmarshal([]byte(`["*:read","alerts:*","*:read"]`), &s); err != nil {
		t.Fatal(err)
	}
	if !s.Allows("alerts:act") || s.Allows("items:write") || s.Allows(auth.SignedIn) || len(s.Patterns()) != 2 {
		t.Errorf("read as %v", s.Patterns())
	}
	if auth.NewSet("*:read").Contains(s) || !auth.NewSet("*:*").Contains(s) {
		t.Error("containment of patterns")
	}
	for _, bad := range []string{`["alerts"]`, `["alerts:fly"]`, `[":read"]`, `["A:read"]`, `"x"`} {
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestIntersect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{`["*:*"]`, `["alerts:read"]`, `["alerts:read"]`},
		{`["alerts:*","items:read"]`, `["*:read","*:act"]`, `["alerts:act","alerts:read","items:read"]`},
		{`["alerts:read"]`, `["alerts:act"]`, `[]`},
	} {
		var a, b auth.Set
		if err := errors.Join(json.Unmarshal([]byte(c.a), &a), json.Unmarshal([]byte(c.b), &b)); err != nil {
			t.Fatal(err)
		}
		for _, got := range []auth.Set{a.Intersect(b), b.Intersect(a)} {
			if text, _ := json.Marshal(got); string(text) != c.want {
				t.Errorf("%s and %s is %s, not %s", c.a, c.b, text, c.want)
			}
		}
	}
}
