package identity

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
)

// User is a person, or a service: a program that has tokens and no password.
type User struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind" enum:"user,service"`
	Username string    `json:"username"`
	Name     string    `json:"name"`
	Email    string    `json:"email,omitempty"`
	Active   bool      `json:"active"`
	Grants   []Grant   `json:"grants" nullable:"false"`
	TOTP     bool      `json:"totp" doc:"a second factor is set up"`
	External bool      `json:"external" doc:"signs in through the OpenID provider"`
	Created  time.Time `json:"created"`
	Changed  time.Time `json:"changed"`
	SignedIn time.Time `json:"signedIn,omitzero"`
	Revision int64     `json:"revision"`
}

// Grant is a role of a user, everywhere or for one team.
type Grant struct {
	Role   string `json:"role"`
	Team   string `json:"team,omitempty" doc:"id of a team; empty: everywhere"`
	Source string `json:"source,omitempty" enum:"local,oidc" doc:"grants from the OpenID provider are set anew at every sign-in" readOnly:"true"`
}

// Where grants come from.
const (
	sourceLocal = "local"
	sourceOIDC  = "oidc"
)

// NewUser is what is needed to make a user.
type NewUser struct {
	Kind     string  `json:"kind,omitempty" enum:"user,service" default:"user"`
	Username string  `json:"username"`
	Name     string  `json:"name,omitempty"`
	Email    string  `json:"email,omitempty"`
	Password string  `json:"password,omitempty" doc:"at least 12 characters; without one a person can only sign in through the OpenID provider"`
	Grants   []Grant `json:"grants,omitempty"`
}

// UserChange changes what is given and leaves the rest.
type UserChange struct {
	Name      *string  `json:"name,omitempty"`
	Email     *string  `json:"email,omitempty"`
	Active    *bool    `json:"active,omitempty"`
	Password  *string  `json:"password,omitempty" doc:"ends all sessions of the user"`
	Grants    *[]Grant `json:"grants,omitempty" doc:"replaces the grants given here, not those of the OpenID provider"`
	ResetTOTP bool     `json:"resetTOTP,omitempty" doc:"removes a second factor that was lost"`
}

// account is a user with what is never shown.
type account struct {
	User
	password string
	totpStep int64
	issuer   string
	subject  string
}

// normalUsername is how a user name is stored and looked up.
func normalUsername(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func (u *NewUser) normalise() {
	u.Username = normalUsername(u.Username)
	if u.Kind == "" {
		u.Kind = auth.KindUser
	}
	if u.Name = strings.TrimSpace(u.Name); u.Name == "" {
		u.Name = u.Username
	}
}

func (u *NewUser) validate() error {
	var details []core.Detail
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,99}$`).MatchString(u.Username) {
		details = append(details, core.Detail{Field: "username", Rule: "must be 1 to 100 of a-z 0-9 . _ @ + -, beginning with a letter or digit"})
	}
	if u.Kind != auth.KindUser && u.Kind != auth.KindService {
		details = append(details, core.Detail{Field: "kind", Rule: "must be user or service"})
	}
	details = append(details, personDetails(u.Name, u.Email)...)
	if u.Password != "" {
		if u.Kind == auth.KindService {
			details = append(details, core.Detail{Field: "password", Rule: "a service has tokens, not a password"})
		} else if err := ValidatePassword("password", u.Password, u.Username); err != nil {
			details = append(details, err.(*core.Error).Details...)
		}
	}
	return core.InvalidAll(details)
}

func personDetails(name, email string) (details []core.Detail) {
	if len(name) > 200 || strings.TrimSpace(name) == "" {
		details = append(details, core.Detail{Field: "name", Rule: "must have 1 to 200 bytes"})
	}
	if email != "" {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
			details = append(details, core.Detail{Field: "email", Rule: "must be an address such as ann@example.com"})
		}
	}
	return details
}

// checkGrants refuses roles and teams that are not there, and permissions the
// giver does not hold.
func checkGrants(giver *auth.Principal, roles auth.Roles, teams map[string]string, grants []Grant) error {
	everywhere, _ := giver.Permissions()
	var details []core.Detail
	for i, g := range grants {
		field := fmt.Sprintf("grants[%d]", i)
		role, ok := roles[g.Role]
		switch {
		case !ok:
			details = append(details, core.Detail{Field: field + ".role", Rule: fmt.Sprintf("there is no role %q", g.Role)})
		case !everywhere.Contains(role.Permissions):
			return core.Errorf(core.CodeForbidden, "the role %q holds permissions that you do not hold", g.Role)
		}
		if _, ok := teams[g.Team]; g.Team != "" && !ok {
			details = append(details, core.Detail{Field: field + ".team", Rule: fmt.Sprintf("there is no team %q", g.Team)})
		}
	}
	return core.InvalidAll(details)
}
