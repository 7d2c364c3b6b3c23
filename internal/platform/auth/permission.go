package auth

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
)

// Permission names what a route or an action needs: "resource:verb", such as
// "alerts:read". In a Set either side may be "*".
type Permission string

// Permissions that no role holds.
const (
	Public   Permission = "public"    // anyone, also without signing in
	SignedIn Permission = "signed-in" // anyone who is signed in
)

// The verbs of a permission.
const (
	Read    = "read"
	Write   = "write"
	Act     = "act"
	Approve = "approve" // decide on what others ask for
	Admin   = "admin"
)

// Resource is the part before the colon.
func (p Permission) Resource() string {
	resource, _, _ := strings.Cut(string(p), ":")
	return resource
}

// Verb is the part after the colon.
func (p Permission) Verb() string {
	_, verb, _ := strings.Cut(string(p), ":")
	return verb
}

// Validate refuses what is not resource:verb, with "*" allowed on either side.
func (p Permission) Validate() error {
	resource, verb, ok := strings.Cut(string(p), ":")
	if !ok || !validResource(resource) {
		return core.Invalid("permissions", fmt.Sprintf("%q must be resource:verb, such as alerts:read", p))
	}
	switch verb {
	case Read, Write, Act, Approve, Admin, "*":
		return nil
	}
	return core.Invalid("permissions", fmt.Sprintf("%q must end in read, write, act, approve, admin or *", p))
}

func validResource(s string) bool {
	if s == "*" {
		return true
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || i > 0 && (c == '-' || c >= '0' && c <= '9')) {
			return false
		}
	}
	return s != ""
}

// covers says whether the pattern p allows the permission wanted.
func (p Permission) covers(wanted Permission) bool {
	resource, verb, _ := strings.Cut(string(p), ":")
	wantedResource, wantedVerb, ok := strings.Cut(string(wanted), ":")
	return ok && (resource == "*" || resource == wantedResource) && (verb == "*" || verb == wantedVerb)
}

// Set is a set of permissions and patterns. The zero Set allows nothing. It
// does not change after it was made, so it may be shared.
type Set struct {
	patterns []Permission
}

// NewSet sorts the patterns and removes those named twice.
func NewSet(patterns ...Permission) Set {
	sorted := slices.Clone(patterns)
	slices.Sort(sorted)
	return Set{patterns: slices.Compact(sorted)}
}

// Allows says whether a pattern of the set covers p.
func (s Set) Allows(p Permission) bool {
	return slices.ContainsFunc(s.patterns, func(pattern Permission) bool { return pattern.covers(p) })
}

// Contains says whether everything that other allows, s allows too.
func (s Set) Contains(other Set) bool {
	for _, wanted := range other.patterns {
		if !s.Allows(wanted) {
			return false
		}
	}
	return true
}

// Intersect returns what both sets allow.
func (s Set) Intersect(other Set) Set {
	var both []Permission
	for _, a := range s.patterns {
		for _, b := range other.patterns {
			switch {
			case a.covers(b):
				both = append(both, b)
			case b.covers(a):
				both = append(both, a)
			default:
				// Of "alerts:*" and "*:read" neither covers the other, and both cover alerts:read.
				if c := Permission(b.Resource() + ":" + a.Verb()); a.covers(c) && b.covers(c) {
					both = append(both, c)
				}
				if c := Permission(a.Resource() + ":" + b.Verb()); a.covers(c) && b.covers(c) {
					both = append(both, c)
				}
			}
		}
	}
	return NewSet(both...)
}

// Patterns returns the permissions and patterns, sorted.
func (s Set) Patterns() []Permission { return slices.Clone(s.patterns) }

// Validate checks every pattern.
func (s Set) Validate() error {
	for _, p := range s.patterns {
		if err := p.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// MarshalJSON writes the sorted list.
func (s Set) MarshalJSON() ([]byte, error) {
	if s.patterns == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(s.patterns)
}

// UnmarshalJSON reads a list and checks it.
func (s *Set) UnmarshalJSON(data []byte) error {
	var patterns []Permission
	if err := json.Unmarshal(data, &patterns); err != nil {
		return core.Invalid("permissions", "must be a list of resource:verb")
	}
	*s = NewSet(patterns...)
	return s.Validate()
}
