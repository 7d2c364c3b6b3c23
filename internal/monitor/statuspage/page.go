package statuspage

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

// Spec declares a status page.
type Spec struct {
	Title       string  `json:"title" minLength:"1" maxLength:"120"`
	Slug        string  `json:"slug" doc:"The page is at /status/<slug>" maxLength:"64"`
	Description string  `json:"description,omitempty" maxLength:"2000"`
	Visibility  string  `json:"visibility,omitempty" enum:"public,internal" doc:"internal (when left out): only for who is signed in"`
	Team        string  `json:"team,omitempty"`
	TimeZone    string  `json:"timeZone,omitempty" doc:"IANA zone of days and times; UTC when left out"`
	NoHistory   bool    `json:"noHistory,omitempty" doc:"Show no history of days"`
	NoSubscribe bool    `json:"noSubscribe,omitempty" doc:"Offer no mail"`
	Groups      []Group `json:"groups"`
}

// Group is a heading with parts.
type Group struct {
	Name       string `json:"name,omitempty" maxLength:"120"`
	Components []Part `json:"components"`
}

// Part is what people outside know by a name of its own.
type Part struct {
	Name        string          `json:"name" minLength:"1" maxLength:"120" doc:"As it is shown"`
	Description string          `json:"description,omitempty" maxLength:"500"`
	Items       []string        `json:"items,omitempty" doc:"ids of items; never shown"`
	Identities  []core.Identity `json:"identities,omitempty" doc:"items by what identifies them; never shown"`
	Selector    string          `json:"selector,omitempty" doc:"selects items; never shown"`
}

// Page is a declared one.
type Page struct {
	Name    string
	Spec    Spec
	Version int64
	Updated time.Time
}

const (
	maxParts = 200
	public   = "public"
)

var slugPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// ParseSpec reads and checks the spec of a StatusPage document.
func ParseSpec(raw json.RawMessage) (*Spec, error) {
	s := &Spec{}
	if err := declare.Decode(raw, s); err != nil {
		return nil, err
	}
	return s, s.validate()
}

func (s *Spec) validate() error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	check(s.Title != "", "title", "must be given")
	check(slugPattern.MatchString(s.Slug), "slug", "must be lower-case letters, digits and inner hyphens")
	check(slices.Contains([]string{"", public, "internal"}, s.Visibility), "visibility", "must be public or internal")
	_, err := s.zone()
	check(err == nil, "timeZone", "must name an IANA time zone, such as Europe/Berlin or UTC")
	seen := map[string]bool{}
	for i, g := range s.Groups {
		for j, p := range g.Components {
			field := fmt.Sprintf("groups[%d].components[%d]", i, j)
			check(p.Name != "", field+".name", "must be given")
			check(!seen[p.Name], field+".name", "must be there once")
			seen[p.Name] = true
			for n, id := range p.Items {
				check(core.ValidID(id), fmt.Sprintf("%s.items[%d]", field, n), "must be the id of an item")
			}
			for n, id := range p.Identities {
				check(id.Kind != "" && id.Value != "", fmt.Sprintf("%s.identities[%d]", field, n), "must have a kind and a value")
			}
		}
	}
	check(len(seen) > 0, "groups", "must have at least one component")
	check(len(seen) <= maxParts, "groups", fmt.Sprintf("must have at most %d components", maxParts))
	return core.InvalidAll(bad)
}

func (s *Spec) zone() (*time.Location, error) {
	if s.TimeZone == "" {
		return time.UTC, nil
	}
	if s.TimeZone == "Local" {
		return nil, core.Invalid("spec.timeZone", "must name a zone")
	}
	return time.LoadLocation(s.TimeZone)
}

func (s *Spec) public() bool { return s.Visibility == public }

// parts are the names of all components.
func (s *Spec) parts() map[string]bool {
	out := map[string]bool{}
	for _, g := range s.Groups {
		for _, p := range g.Components {
			out[p.Name] = true
		}
	}
	return out
}
