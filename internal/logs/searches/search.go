package searches

import (
	"context"
	"regexp"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
)

// Spec is what a search asks, and how its answer is shown.
type Spec struct {
	Description string   `json:"description,omitempty" maxLength:"1000"`
	Query       string   `json:"query" maxLength:"20000" doc:"LogsQL; empty: everything"`
	From        string   `json:"from,omitempty" doc:"Where the range begins, such as now-1h; absent: the range stays as it is" example:"now-1h"`
	To          string   `json:"to,omitempty" doc:"now when absent"`
	Datasets    []string `json:"datasets,omitempty" maxItems:"50" doc:"Only records of these datasets; absent: of all that who opens it may read"`
	Columns     []string `json:"columns,omitempty" maxItems:"50" doc:"Fields beside the message, in order"`
	Team        string   `json:"team,omitempty" doc:"Shared with this team; absent: with everybody"`
}

// Search is a stored one.
type Search struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Shared    bool      `json:"shared" doc:"false: only its owner sees it"`
	Owner     string    `json:"owner,omitempty" doc:"who made it"`
	Spec      Spec      `json:"spec"`
	Mine      bool      `json:"mine" doc:"the caller made it"`
	Editable  bool      `json:"editable" doc:"the caller may change and delete it"`
	Version   int64     `json:"version"`
	UpdatedAt time.Time `json:"updatedAt"`
}

const (
	readable = auth.Permission("log-searches:read")
	writable = auth.Permission("log-searches:write")

	// mostOwn and mostShared bound what is kept, and so what a list answers.
	mostOwn    = 500
	mostShared = 2000
)

// moment is what a time range may begin or end with.
var moment = regexp.MustCompile(`^now(-[0-9.]+(ms|s|m|h|d|w))?$`)

func (s Spec) validate(name string) error {
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: field, Rule: rule})
		}
	}
	add(strings.TrimSpace(name) == "" || len(name) > 200, "name", "must have 1 to 200 characters")
	add(len(s.Query) > 20_000, "spec.query", "must have at most 20000 characters")
	add(len(s.Description) > 1000, "spec.description", "must have at most 1000 characters")
	for field, text := range map[string]string{"spec.from": s.From, "spec.to": s.To} {
		_, err := time.Parse(time.RFC3339, text)
		add(text != "" && err != nil && !moment.MatchString(text), field, "must be a time such as 2026-01-31T12:00:00Z, or now, or now-1h")
	}
	add(len(s.Datasets) > 50, "spec.datasets", "must be at most 50 names")
	for _, d := range s.Datasets {
		add(d == "" || len(d) > 63, "spec.datasets", "must be names of datasets")
	}
	add(len(s.Columns) > 50, "spec.columns", "must be at most 50 names")
	for _, c := range s.Columns {
		add(c == "" || len(c) > 200, "spec.columns", "must be names of fields")
	}
	return core.InvalidAll(wrong)
}

// space is where the name of a search counts.
func space(shared bool, owner string) string {
	if shared {
		return sharedSpace
	}
	return "person:" + owner
}

// person is who calls.
func person(ctx context.Context) string {
	if p := auth.From(ctx); p != nil {
		return p.ID
	}
	return ""
}

// sees says whether the caller may know of it.
func (s *Search) sees(ctx context.Context) bool {
	if !s.Shared {
		return s.Owner == person(ctx)
	}
	scope := auth.From(ctx).Scope(readable)
	return s.Spec.Team == "" && !scope.Empty() || scope.Allows(s.Spec.Team)
}

// mayWrite says whether the caller may put a search there.
func mayWrite(ctx context.Context, shared bool, owner, team string) error {
	if !shared {
		if owner == person(ctx) {
			return nil
		}
		return core.Errorf(core.CodeForbidden, "this search is somebody else's")
	}
	scope := auth.From(ctx).Scope(writable)
	if scope.All || team != "" && scope.Allows(team) {
		return nil
	}
	if team == "" {
		return core.Errorf(core.CodeForbidden, "sharing a search with everybody needs log-searches:write everywhere")
	}
	return core.Errorf(core.CodeForbidden, "sharing a search with this team needs log-searches:write for it")
}

// shown says what the caller may do with it.
func (s *Search) shown(ctx context.Context) *Search {
	s.Mine = s.Owner == person(ctx)
	s.Editable = mayWrite(ctx, s.Shared, s.Owner, s.Spec.Team) == nil
	return s
}
