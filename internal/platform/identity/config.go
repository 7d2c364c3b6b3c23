package identity

import (
	"net/netip"
	"net/url"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Configuration is how people and programs sign in.
type Configuration struct {
	PublicURL      string         `yaml:"publicURL" json:"publicURL"`           // where browsers reach the console: https://mainstay.example.com
	TrustedProxies []netip.Prefix `yaml:"trustedProxies" json:"trustedProxies"` // whose X-Forwarded-For and -Proto are believed
	Session        Session        `yaml:"session" json:"session"`
	Hashing        Hashing        `yaml:"hashing" json:"hashing"`
	OIDC           OIDC           `yaml:"oidc" json:"oidc"`
	AdminPassword  string         `yaml:"-" json:"-"` // MAINSTAY_ADMIN_PASSWORD: presets the user admin of an empty installation
}

// Session is how long a browser stays signed in.
type Session struct {
	Idle     time.Duration `yaml:"idle" json:"idle"`         // ends after so long without a request
	Absolute time.Duration `yaml:"absolute" json:"absolute"` // ends after so long in any case
	Rotate   time.Duration `yaml:"rotate" json:"rotate"`     // the cookie gets a new value after so long
}

// Hashing is the cost of a password hash. Memory is bounded by Parallel x MemoryKiB.
type Hashing struct {
	Parallel  int    `yaml:"parallel" json:"parallel"` // hashes at once
	MemoryKiB uint32 `yaml:"memoryKiB" json:"memoryKiB"`
	Passes    uint32 `yaml:"passes" json:"passes"`
}

// OIDC is sign-in through an OpenID provider; an empty Issuer switches it off.
type OIDC struct {
	Issuer        string        `yaml:"issuer" json:"issuer"`
	ClientID      string        `yaml:"clientID" json:"clientID"`
	ClientSecret  string        `yaml:"clientSecret" json:"-"`
	Title         string        `yaml:"title" json:"title"`                 // of the button
	Scopes        []string      `yaml:"scopes" json:"scopes"`               // besides openid
	UsernameClaim string        `yaml:"usernameClaim" json:"usernameClaim"` // preferred_username
	GroupsClaim   string        `yaml:"groupsClaim" json:"groupsClaim"`     // groups
	Groups        []GroupGrant  `yaml:"groups" json:"groups"`
	Default       []string      `yaml:"default" json:"default"`     // roles of everybody who signs in this way
	LinkEmail     bool          `yaml:"linkEmail" json:"linkEmail"` // a verified address is enough to become the user who has it
	Timeout       time.Duration `yaml:"timeout" json:"timeout"`     // of a call to the provider
}

// GroupGrant gives the members of the provider's group a role.
type GroupGrant struct {
	Group string `yaml:"group" json:"group"`
	Role  string `yaml:"role" json:"role"`
	Team  string `yaml:"team" json:"team"` // name of a team, "" for everywhere
}

// Defaults suit an operations team: signed in for a shift, again after a week.
func Defaults() Configuration {
	return Configuration{
		Session: Session{Idle: 12 * time.Hour, Absolute: 7 * 24 * time.Hour, Rotate: time.Hour},
		// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB and two passes.
		Hashing: Hashing{Parallel: 4, MemoryKiB: 19 << 10, Passes: 2},
		OIDC: OIDC{Title: "Single sign-on", Scopes: []string{"profile", "email"}, UsernameClaim: "preferred_username",
			GroupsClaim: "groups", Timeout: 10 * time.Second},
	}
}

// Validate checks the configuration.
func (c Configuration) Validate() error {
	var details []core.Detail
	refuse := func(when bool, field, rule string) {
		if when {
			details = append(details, core.Detail{Field: field, Rule: rule})
		}
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		refuse(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "",
			"auth.publicURL", "must be scheme://host[:port]")
	}
	refuse(c.Session.Idle < time.Minute, "auth.session.idle", "must be at least 1m")
	refuse(c.Session.Absolute < c.Session.Idle, "auth.session.absolute", "must not be shorter than idle")
	refuse(c.Session.Rotate < time.Minute, "auth.session.rotate", "must be at least 1m")
	refuse(c.Hashing.Parallel < 1 || c.Hashing.Parallel > 256, "auth.hashing.parallel", "must be from 1 to 256")
	refuse(c.Hashing.MemoryKiB < 64, "auth.hashing.memoryKiB", "must be at least 64")
	refuse(c.Hashing.Passes < 1, "auth.hashing.passes", "must be at least 1")
	if c.AdminPassword != "" {
		if err := ValidatePassword("MAINSTAY_ADMIN_PASSWORD", c.AdminPassword, presetUser); err != nil {
			details = append(details, err.(*core.Error).Details...)
		}
	}
	if o := c.OIDC; o.Issuer != "" {
		refuse(o.ClientID == "", "auth.oidc.clientID", "must not be empty")
		refuse(c.PublicURL == "", "auth.publicURL", "must be given for OIDC: the provider sends the browser back to it")
		refuse(o.Timeout <= 0, "auth.oidc.timeout", "must be positive")
	}
	return core.InvalidAll(details)
}

// presetUser is the user whose password MAINSTAY_ADMIN_PASSWORD sets.
const presetUser = "admin"

func (c Configuration) https() bool { return strings.HasPrefix(c.PublicURL, "https://") }
