package secrets

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Prefix begins a reference to a secret in a document: "secret:name", or
// "secret:name@2" for one version.
const Prefix = "secret:"

// Limits of a secret.
const (
	MaxName  = 128
	MaxValue = 64 << 10
)

// Secret is what may be shown of a secret: everything but its value.
type Secret struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Team        string    `json:"team,omitempty" doc:"only records of this team may use it"`
	Version     int64     `json:"version"`
	Created     time.Time `json:"created"`
	Changed     time.Time `json:"changed"`
	Uses        int64     `json:"uses"`
	Used        time.Time `json:"used,omitzero"`
	UsedBy      string    `json:"usedBy,omitempty" doc:"what used it last, as kind/id"`
}

// Use says on whose behalf a secret is opened.
type Use struct {
	By   core.Ref // the check, run or channel
	Team string   // the team that By belongs to, "" for none
}

func validateName(name string) error {
	if len(name) > MaxName || !regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`).MatchString(name) {
		return core.Invalid("name", "must be words of a-z and 0-9 joined by . _ / or -, at most 128 characters")
	}
	return nil
}

// IsReference says whether text refers to a secret.
func IsReference(text string) bool { return strings.HasPrefix(text, Prefix) }

// ParseReference reads secret:name or secret:name@version; version 0 is the current one.
func ParseReference(text string) (name string, version int64, err error) {
	name, ok := strings.CutPrefix(text, Prefix)
	if !ok {
		return "", 0, core.Invalid("secret", "must be secret:name")
	}
	name, pinned, found := strings.Cut(name, "@")
	if found {
		if version, err = strconv.ParseInt(pinned, 10, 64); err != nil || version < 1 {
			return "", 0, core.Invalid("secret", fmt.Sprintf("%q is not a version", pinned))
		}
	}
	return name, version, validateName(name)
}

// Resolve returns the value that text refers to, or text itself when it is not
// a reference.
func (c *Component) Resolve(ctx context.Context, text string, use Use) (string, error) {
	if !IsReference(text) {
		return text, nil
	}
	name, version, err := ParseReference(text)
	if err != nil {
		return "", err
	}
	stored, err := readVersion(ctx, c.deps.DB, name, version)
	if err != nil {
		return "", err
	}
	switch {
	case stored.internal:
		return "", core.NotFound("secret", name)
	case stored.team != "" && stored.team != use.Team:
		return "", core.Errorf(core.CodeForbidden, "the secret %q belongs to another team", name)
	}
	value, err := c.open(stored)
	if err != nil {
		return "", err
	}
	c.noteUse(name, use.By)
	return string(value), nil
}

// bound ties a sealed value to its place: moved to another, it does not open.
func bound(name string, version int64) string {
	return "mainstay secret\x00" + name + "\x00" + strconv.FormatInt(version, 10)
}

func (c *Component) open(v storedVersion) ([]byte, error) {
	value, err := c.ring.open(v.keyID, v.sealed, bound(v.name, v.version))
	if err != nil {
		return nil, fmt.Errorf("secret %s, version %d: %w", v.name, v.version, err)
	}
	return value, nil
}
