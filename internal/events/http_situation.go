package events

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

const situationTag = "Situations"

type situationOutput struct{ Body SituationDetail }

func (c *Component) situationRoutes(api *httpapi.API) {
	type listOutput struct {
		Body listing.Page[SituationView]
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-situations", Method: http.MethodGet, Path: "/situations", Tag: situationTag, Permission: "situations:read",
		Summary: "List situations, the newest first"},
		func(ctx context.Context, in *listing.Params) (*listOutput, error) {
			page, err := c.Situations(ctx, *in)
			return &listOutput{page}, err
		})
	type idInput struct {
		ID string `path:"id"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "get-situation", Method: http.MethodGet, Path: "/situations/{id}", Tag: situationTag, Permission: "situations:read",
		Summary: "Show a situation: alerts, ranked causes with reasons, history, related changes"},
		func(ctx context.Context, in *idInput) (*situationOutput, error) { return c.detailOutput(ctx, in.ID) })
}

func (c *Component) detailOutput(ctx context.Context, id string) (*situationOutput, error) {
	d, err := c.situationDetail(ctx, id)
	if err != nil {
		return nil, err
	}
	return &situationOutput{d}, nil
}

func (c *Component) situationActionRoutes(api *httpapi.API) {
	route := func(verb, summary, details string) httpapi.Route {
		return httpapi.Route{ID: verb + "-situation", Method: http.MethodPost, Path: "/situations/{id}/" + verb, Tag: situationTag,
			Permission: "situations:act", Summary: summary, Details: details}
	}
	type noteInput struct {
		ID   string `path:"id"`
		Body struct {
			Note string `json:"note,omitempty" maxLength:"10000" doc:"Kept as a comment"`
		}
	}
	httpapi.Handle(api, route("acknowledge", "Say that you have it", "Its open alerts are acknowledged too."),
		func(ctx context.Context, in *noteInput) (*situationOutput, error) {
			return c.then(ctx, in.ID, c.AcknowledgeSituation(ctx, in.ID, in.Body.Note))
		})
	httpapi.Handle(api, route("close", "Close a situation", "Its open alerts are cleared; those that are held back stay. A cause that is measured again opens it again."),
		func(ctx context.Context, in *noteInput) (*situationOutput, error) {
			return c.then(ctx, in.ID, c.CloseSituation(ctx, in.ID, in.Body.Note))
		})
	httpapi.Handle(api, route("reopen", "Open a closed situation again", "It stays open although nothing fails, until it is closed, or something fails in it and clears."),
		func(ctx context.Context, in *noteInput) (*situationOutput, error) {
			return c.then(ctx, in.ID, c.ReopenSituation(ctx, in.ID, in.Body.Note))
		})
	type rootInput struct {
		ID   string `path:"id"`
		Body struct {
			Item  string `json:"item,omitempty" maxLength:"100" doc:"An item of the situation"`
			Alert string `json:"alert,omitempty" maxLength:"100" doc:"Or an alert of it, when no item is known"`
		}
	}
	root := route("root-cause", "Confirm the root cause", "With neither item nor alert an earlier confirmation is taken back.")
	root.ID = "confirm-root-cause"
	httpapi.Handle(api, root, func(ctx context.Context, in *rootInput) (*situationOutput, error) {
		name := in.Body.Item
		if name == "" {
			name = in.Body.Alert
		}
		return c.then(ctx, in.ID, c.ConfirmRoot(ctx, in.ID, name))
	})
	type priorityInput struct {
		ID   string `path:"id"`
		Body struct {
			Priority string `json:"priority" enum:",P1,P2,P3,P4,P5" doc:"Empty: it follows from impact and urgency again"`
			Note     string `json:"note,omitempty" maxLength:"10000" doc:"Why; shown with it, and kept as a comment"`
		}
	}
	httpapi.Handle(api, route("priority", "Set the priority by hand", "It stays, whatever the situation comes to reach, until it is taken back. The incident takes it over."),
		func(ctx context.Context, in *priorityInput) (*situationOutput, error) {
			return c.then(ctx, in.ID, c.SetPriority(ctx, in.ID, in.Body.Priority, in.Body.Note))
		})
	type mergeInput struct {
		ID   string `path:"id"`
		Body struct {
			From []string `json:"from" minItems:"1" maxItems:"100" doc:"Situations that become part of this one"`
		}
	}
	httpapi.Handle(api, route("merge", "Merge other situations into this one", ""),
		func(ctx context.Context, in *mergeInput) (*situationOutput, error) {
			return c.then(ctx, in.ID, c.MergeSituations(ctx, in.Body.From, in.ID))
		})
	type moveInput struct {
		ID   string `path:"id"`
		Body struct {
			Alerts []string `json:"alerts" minItems:"1" maxItems:"1000"`
			To     string   `json:"to,omitempty" maxLength:"100" doc:"An open situation; a new one when absent"`
		}
	}
	httpapi.Handle(api, route("move", "Move alerts to another situation, or to one of their own", "They stay where a person put them."),
		func(ctx context.Context, in *moveInput) (*situationOutput, error) {
			return c.then(ctx, in.ID, c.MoveAlerts(ctx, in.ID, in.Body.Alerts, in.Body.To))
		})
}

func (c *Component) then(ctx context.Context, id string, err error) (*situationOutput, error) {
	if err != nil {
		return nil, err
	}
	return c.detailOutput(ctx, id)
}

// mayAct refuses situations that the caller may not change.
func (c *Component) mayAct(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		if _, err := c.situationFor(ctx, id, "situations:act"); err != nil {
			return err
		}
	}
	if !auth.From(ctx).Can("situations:act") {
		return core.Errorf(core.CodeForbidden, "this needs the permission situations:act")
	}
	return nil
}
