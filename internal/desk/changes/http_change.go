package changes

import (
	"context"
	"net/http"
	"strings"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// output is one change and its entity tag.
type output struct {
	ETag string `header:"ETag"`
	Body Change
}

type pageOutput struct{ Body listing.Page[Change] }

// ByRef names a change in an address.
type ByRef struct {
	ID string `path:"id" maxLength:"64" doc:"Id, or number such as CHG-000123"`
}

// ByVersion names the version of a change that was read.
type ByVersion struct {
	ByRef
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was read; the change is refused when it is not the newest"`
}

// Routes registers the endpoints of changes.
func (c *Component) Routes(api *httpapi.API) {
	route := func(id, method, path, summary string, permission auth.Permission) httpapi.Route {
		return httpapi.Route{ID: id, Method: method, Path: path, Summary: summary, Tag: "Changes", Permission: permission}
	}
	httpapi.Handle(api, route("list-changes", http.MethodGet, "/changes", "List changes", mayRead), c.httpList)
	create := route("create-change", http.MethodPost, "/changes", "Draft a change", mayWrite)
	create.Status = http.StatusCreated
	httpapi.Handle(api, create, func(ctx context.Context, in *struct{ Body Draft }) (*output, error) {
		ch, err := c.Create(ctx, in.Body)
		return c.show(ctx, ch, err)
	})
	httpapi.Handle(api, route("get-change", http.MethodGet, "/changes/{id}", "Show a change", mayRead), func(ctx context.Context, in *ByRef) (*output, error) {
		ch, err := c.Get(ctx, in.ID)
		return c.show(ctx, ch, err)
	})
	httpapi.Handle(api, route("update-change", http.MethodPut, "/changes/{id}", "Write a drafted change anew", mayWrite), func(ctx context.Context, in *struct {
		ByVersion
		Body Draft
	}) (*output, error) {
		ch, err := c.Update(ctx, in.ID, in.IfMatch, in.Body)
		return c.show(ctx, ch, err)
	})
	decide := route("decide-change", http.MethodPost, "/changes/{id}/decision", "Approve or reject a change", mayApprove)
	decide.Details = "Who asked for the approval does not decide, unless the installation allows it (changes.selfApproval). An approved change with items opens a maintenance window for them, at its planned time."
	httpapi.Handle(api, decide, func(ctx context.Context, in *struct {
		ByVersion
		Body Decision
	}) (*output, error) {
		ch, err := c.Take(ctx, in.ID, in.IfMatch, Step(in.Body))
		return c.show(ctx, ch, err)
	})
	step := route("transition-change", http.MethodPost, "/changes/{id}/transition", "Move a change to another state", mayWrite)
	step.Details = "request asks for approval, start and finish say when it is implemented, revise makes it a draft again and takes its approval back, cancel gives it up. A maintenance window of it ends with it."
	httpapi.Handle(api, step, func(ctx context.Context, in *struct {
		ByVersion
		Body Transition
	}) (*output, error) {
		ch, err := c.Take(ctx, in.ID, in.IfMatch, Step(in.Body))
		return c.show(ctx, ch, err)
	})
	move := route("move-change", http.MethodPost, "/changes/{id}/plan", "Move an approved change to another time", mayApprove)
	move.Details = "Its approval stays, and its maintenance window moves with it. Of one that has begun only the end is moved. Who asked for the approval does not move it."
	httpapi.Handle(api, move, func(ctx context.Context, in *struct {
		ByVersion
		Body Plan
	}) (*output, error) {
		ch, err := c.Move(ctx, in.ID, in.IfMatch, in.Body)
		return c.show(ctx, ch, err)
	})
}

// Decision is what is decided on a change.
type Decision struct {
	Action Action `json:"action" enum:"approve,reject"`
	Reason string `json:"reason,omitempty" maxLength:"20000" doc:"Needed to reject"`
}

// Transition is a step of those who make a change.
type Transition struct {
	Action Action `json:"action" enum:"request,revise,start,finish,cancel"`
	Reason string `json:"reason,omitempty" maxLength:"20000" doc:"What came of it, or why it is given up; needed to cancel"`
}

// show completes a change for the caller.
func (c *Component) show(ctx context.Context, ch Change, err error) (*output, error) {
	if err != nil {
		return nil, err
	}
	p := auth.From(ctx)
	writes := p.Scope(mayWrite).Allows(ch.Team)
	signs := p.Scope(mayApprove).Allows(ch.Team) && c.maySign(ctx, &ch) == nil
	for _, action := range possible(ch.State) {
		r, _ := next(ch.State, action)
		if r.decide && signs || !r.decide && writes {
			ch.Actions = append(ch.Actions, action)
		}
	}
	ch.Movable = ch.movable() && signs
	return &output{httpapi.ETag(ch.Version), ch}, nil
}

// fields are what changes may be filtered and sorted by.
func fields() listing.Fields {
	return listing.Fields{
		"number": {Column: "c.number", Kind: listing.Int}, "title": {Column: "c.title"}, "state": {Column: "c.state"}, "risk": {Column: "c.risk"}, "team": {Column: "c.team"},
		"requester": {Column: "c.requester"}, "decider": {Column: "c.decider"},
		"plannedStart": {Column: "c.planned_start", Kind: listing.Time}, "plannedEnd": {Column: "c.planned_end", Kind: listing.Time},
		"createdAt": {Column: "c.created_at", Kind: listing.Time}, "updatedAt": {Column: "c.updated_at", Kind: listing.Time}, "endedAt": {Column: "c.ended_at", Kind: listing.Time},
	}
}

func (c *Component) httpList(ctx context.Context, in *struct {
	listing.Params
	Affects string `query:"affects" maxLength:"64" doc:"Only changes of this item"`
}) (*pageOutput, error) {
	base := listing.Base{Select: columns, From: "changes_change c", Search: []string{"c.title", "c.reason"}, Default: "-createdAt", Key: "c.id", Now: c.now()}
	bind := func(before string, after string, values ...any) {
		base.Where = append(base.Where, before+sqldb.In(len(values), len(base.Args)+1)+after)
		base.Args = append(base.Args, values...)
	}
	if scope := auth.From(ctx).Scope(mayRead); !scope.All {
		teams := []any{""}
		for _, team := range scope.Teams {
			teams = append(teams, team)
		}
		bind("c.team IN (", ")", teams...)
	}
	var number Number
	if number.UnmarshalText([]byte(strings.TrimSpace(in.Q))) == nil {
		in.Q = ""
		bind("c.number = ", "", int64(number))
	}
	if in.Affects != "" {
		bind("EXISTS (SELECT 1 FROM changes_item x WHERE x.change = c.id AND x.item = ", ")", in.Affects)
	}
	st, err := fields().Build(in.Params, base)
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, in.Params, st, scan)
	if err == nil {
		err = addItems(ctx, c.deps.DB, page.Items)
	}
	return &pageOutput{page}, err
}
