package identity

import (
	"context"
	"net/http"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// signInFederated signs in whom the provider vouches for. The first time it
// makes the user; every time it sets name, address and the grants of the
// provider's groups anew.
func (c *Component) signInFederated(ctx context.Context, said claims) (cookie *http.Cookie, err error) {
	err = c.write(ctx, func(tx *sqldb.Tx) error {
		a, err := c.federatedAccount(ctx, tx, said)
		if err != nil {
			return err
		}
		if !a.Active {
			return core.Errorf(core.CodeForbidden, "the user %s is blocked", a.Username)
		}
		if err := c.mapGroups(ctx, tx, a.ID, said.Groups); err != nil {
			return err
		}
		if a, err = accountByID(ctx, tx, a.ID); err != nil {
			return err
		}
		if len(a.Grants) == 0 {
			return core.Errorf(core.CodeForbidden, "none of your groups has access to Mainstay")
		}
		_, cookie, err = c.enter(ctx, tx, a.User, "oidc")
		return err
	})
	return cookie, err
}

func (c *Component) federatedAccount(ctx context.Context, tx *sqldb.Tx, said claims) (account, error) {
	now := c.deps.Clock.Now()
	a, err := findAccount(ctx, tx, said.Subject, "u.issuer = $1 AND u.subject = $2", c.cfg.OIDC.Issuer, said.Subject)
	if core.CodeOf(err) == core.CodeNotFound && c.cfg.OIDC.LinkEmail && said.Verified && said.Email != "" {
		a, err = findAccount(ctx, tx, said.Email, "u.email = $1 AND u.kind = $2 AND u.subject = ''", said.Email, auth.KindUser)
	}
	if err == nil {
		a.issuer, a.subject, a.Name = c.cfg.OIDC.Issuer, said.Subject, clip(said.Name, 200)
		if said.Email != "" {
			a.Email = said.Email
		}
		return a, updateAccount(ctx, tx, a, core.Micros(now))
	}
	if core.CodeOf(err) != core.CodeNotFound {
		return account{}, err
	}
	person := NewUser{Kind: auth.KindUser, Username: said.Username, Name: clip(said.Name, 200), Email: said.Email}
	person.normalise()
	if err := person.validate(); err != nil {
		return account{}, err
	}
	a = account{User: User{ID: c.deps.IDs.New(), Kind: auth.KindUser, Username: person.Username, Name: person.Name, Email: person.Email,
		Active: true, Created: now}, issuer: c.cfg.OIDC.Issuer, subject: said.Subject}
	if err := insertAccount(ctx, tx, a); core.CodeOf(err) == core.CodeConflict {
		return account{}, core.Errorf(core.CodeConflict, "there is a local user %q already; an administrator must remove or rename it", a.Username)
	} else if err != nil {
		return account{}, err
	}
	return a, c.recordAs(ctx, tx, ledger.System("oidc"), "user.created", userRef(a.ID), "created the user "+a.Username+" at the first sign-in",
		map[string]any{"username": a.Username, "groups": said.Groups})
}

// mapGroups replaces the grants that come from the provider. A mapping to a
// role or team that is not there gives nothing, and the log says so.
func (c *Component) mapGroups(ctx context.Context, tx *sqldb.Tx, user string, groups []string) error {
	roles, err := readRoles(ctx, tx)
	if err != nil {
		return err
	}
	names, err := teamNames(ctx, tx)
	if err != nil {
		return err
	}
	teams := map[string]string{"": ""}
	for id, name := range names {
		teams[name] = id
	}
	var grants []Grant
	give := func(role, team string) {
		id, known := teams[team]
		if _, ok := roles[role]; !ok || !known {
			c.log.Warn("a group of the OpenID provider is mapped to a role or team that is not there", "role", role, "team", team)
			return
		}
		grants = append(grants, Grant{Role: role, Team: id})
	}
	for _, role := range c.cfg.OIDC.Default {
		give(role, "")
	}
	for _, g := range c.cfg.OIDC.Groups {
		if slices.Contains(groups, g.Group) {
			give(g.Role, g.Team)
		}
	}
	return replaceGrants(ctx, tx, user, sourceOIDC, grants)
}
