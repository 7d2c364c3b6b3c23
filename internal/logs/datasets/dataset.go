package datasets

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/logstore"
)

// Spec is what a Dataset says.
type Spec struct {
	Description string  `json:"description,omitempty" maxLength:"2000"`
	Retention   string  `json:"retention,omitempty" doc:"How long its records are kept, in whole days: 7d; the log store's retention when absent" example:"7d"`
	Access      *Access `json:"access,omitempty" doc:"Who may read it; everybody with logs:read everywhere when absent"`
}

// Access names who may read.
type Access struct {
	Teams []string `json:"teams,omitempty" maxItems:"100" doc:"Ids or names; members with logs:read"`
	Roles []string `json:"roles,omitempty" maxItems:"100" doc:"Names of roles that hold logs:read"`
}

var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ValidName says whether a dataset may be called so.
func ValidName(name string) bool { return validName.MatchString(name) }

// days reads "7d"; 0 when it is absent or none.
func days(text string) (n int, ok bool) {
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	return n, err == nil && n >= 1 && strings.HasSuffix(text, "d")
}

func (s Spec) validate(name string, keeps time.Duration) error {
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: field, Rule: rule})
		}
	}
	add(!ValidName(name), "name", "must be at most 63 of a-z, 0-9 and -, with no - at the ends")
	n, ok := days(s.Retention)
	add(!ok, "spec.retention", "must be a number of days such as 7d, at least 1d")
	longest := int(keeps / (24 * time.Hour))
	add(ok && n > longest, "spec.retention", "must be at most "+strconv.Itoa(longest)+"d: the log store keeps nothing for longer (logs.records.retention)")
	add(name == logstore.Default && s.Retention != "", "spec.retention", "must be absent: the default dataset is kept for as long as the log store keeps records")
	if s.Access != nil {
		add(len(s.Access.Teams)+len(s.Access.Roles) == 0, "spec.access", "must name teams or roles")
	}
	return core.InvalidAll(wrong)
}

// Dataset is a declared one.
type Dataset struct {
	Name string
	Spec Spec
	Gone bool // it was deleted; its records are there still
}

// readable says whether p, who has logs:read in some way, may read it.
func (d Dataset) readable(p *auth.Principal) bool {
	switch {
	case d.Gone:
		return false
	case d.Spec.Access == nil:
		return p.Scope("logs:read").All
	}
	return slices.ContainsFunc(p.Grants(), func(g auth.Grant) bool {
		return g.Team != "" && slices.Contains(d.Spec.Access.Teams, g.Team) || slices.Contains(d.Spec.Access.Roles, g.Role)
	})
}

// cutoff is before when its records are too old at now: the beginning of a day,
// so that whole days go. The zero time when it is kept as long as the store keeps.
func (d Dataset) cutoff(now time.Time) time.Time {
	n, _ := days(d.Spec.Retention)
	if n == 0 || d.Gone {
		return time.Time{}
	}
	return now.UTC().AddDate(0, 0, -n).Truncate(24 * time.Hour)
}
