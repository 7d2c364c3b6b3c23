package auth

import (
	"context"
	"slices"
)

// The kinds of principal.
const (
	KindUser    = "user"    // a person
	KindService = "service" // a program with a token of its own
	KindAgent   = "agent"   // Mainstay on a managed host
	KindSystem  = "system"  // Mainstay itself, at internal work
)

// Grant gives a role everywhere, or for the records of one team.
type Grant struct {
	Role string `json:"role"`
	Team string `json:"team,omitempty"` // "" is every team
}

// Principal is who is calling. Its methods may be called on nil, which is
// someone not signed in. It does not change after it was made.
type Principal struct {
	Kind string
	ID   string
	Name string

	Session string // the session it came with, if any
	Token   string // the API token it came with, if any

	grants []resolvedGrant
	limit  *Set // of a token: what it may do at most
	all    bool
}

type resolvedGrant struct {
	Grant
	permissions Set
}

// NewPrincipal resolves grants with roles; a grant of a role that is not there
// allows nothing.
func NewPrincipal(kind, id, name string, roles Roles, grants ...Grant) *Principal {
	p := &Principal{Kind: kind, ID: id, Name: name}
	for _, g := range grants {
		if role, ok := roles[g.Role]; ok {
			p.grants = append(p.grants, resolvedGrant{g, role.Permissions})
		}
	}
	return p
}

// System is the principal of internal work: it may do everything. The name
// says which part of Mainstay acts.
func System(name string) *Principal {
	return &Principal{Kind: KindSystem, ID: name, Name: name, all: true}
}

// Limited returns a copy that may do at most what limit allows.
func (p *Principal) Limited(limit Set) *Principal {
	narrow := *p
	narrow.limit = &limit
	return &narrow
}

// Limit returns what its token allows at most, if it came with one that is limited.
func (p *Principal) Limit() (limit Set, limited bool) {
	if p == nil || p.limit == nil {
		return Set{}, false
	}
	return *p.limit, true
}

// Can says whether the principal has the permission for at least some records:
// what it may see or touch is then said by Scope.
func (p *Principal) Can(wanted Permission) bool {
	switch {
	case wanted == Public:
		return true
	case p == nil:
		return false
	case wanted == SignedIn:
		return true
	}
	return !p.Scope(wanted).Empty()
}

// Scope says for which records the principal has the permission.
func (p *Principal) Scope(wanted Permission) Scope {
	if p == nil || p.limit != nil && !p.limit.Allows(wanted) {
		return Scope{}
	}
	if p.all {
		return Scope{All: true}
	}
	var teams []string
	for _, g := range p.grants {
		if !g.permissions.Allows(wanted) {
			continue
		}
		if g.Team == "" {
			return Scope{All: true}
		}
		teams = append(teams, g.Team)
	}
	slices.Sort(teams)
	return Scope{Teams: slices.Compact(teams)}
}

// Grants returns the roles it holds, and where.
func (p *Principal) Grants() []Grant {
	if p == nil {
		return nil
	}
	grants := make([]Grant, len(p.grants))
	for i, g := range p.grants {
		grants[i] = g.Grant
	}
	return grants
}

// Permissions returns what holds for every team, and what holds for single
// teams besides. Nobody may hand on more than what holds everywhere.
func (p *Principal) Permissions() (everywhere Set, teams map[string]Set) {
	if p == nil {
		return Set{}, nil
	}
	byTeam := map[string][]Permission{}
	for _, g := range p.grants {
		byTeam[g.Team] = append(byTeam[g.Team], g.permissions.patterns...)
	}
	if p.all {
		byTeam[""] = []Permission{"*:*"}
	}
	teams = map[string]Set{}
	for team, patterns := range byTeam {
		set := NewSet(patterns...)
		if p.limit != nil {
			set = set.Intersect(*p.limit)
		}
		if team == "" {
			everywhere = set
		} else {
			teams[team] = set
		}
	}
	return everywhere, teams
}

// Scope is the set of records a permission holds for: all, or those of some
// teams and those without a team, which are common. The zero Scope is none.
type Scope struct {
	All   bool
	Teams []string // ids, sorted
}

// Empty says that the scope holds no record at all.
func (s Scope) Empty() bool { return !s.All && len(s.Teams) == 0 }

// Allows says whether a record of the team ("" for a common one) is in the scope.
func (s Scope) Allows(team string) bool {
	return s.All || len(s.Teams) > 0 && (team == "" || slices.Contains(s.Teams, team))
}

type contextKey struct{}

// With returns a context that carries the principal.
func With(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the principal of the context, or nil when nobody is signed in.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(contextKey{}).(*Principal)
	return p
}
