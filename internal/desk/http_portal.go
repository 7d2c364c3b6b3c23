package desk

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

// Request is an incident as the person sees it who asked for help: without
// what the staff keeps to itself.
type Request struct {
	ID              string     `json:"id"`
	Number          Number     `json:"number"`
	Title           string     `json:"title"`
	Description     string     `json:"description,omitempty"`
	DescriptionHTML string     `json:"descriptionHtml,omitempty"`
	State           State      `json:"state" enum:"new,assigned,in_progress,on_hold,resolved,closed"`
	Priority        Priority   `json:"priority"`
	HoldReason      string     `json:"holdReason,omitempty"`
	Resolution      string     `json:"resolution,omitempty"`
	ResolutionHTML  string     `json:"resolutionHtml,omitempty"`
	OpenedAt        time.Time  `json:"openedAt"`
	UpdatedAt       time.Time  `json:"updatedAt"`
	ResolvedAt      *time.Time `json:"resolvedAt,omitempty"`
	ClosedAt        *time.Time `json:"closedAt,omitempty"`
	Actions         []Action   `json:"actions,omitempty"`
}

// request is what the requester sees of an incident.
func (c *Component) request(inc Incident) Request {
	return Request{ID: inc.ID, Number: inc.Number, Title: inc.Title, Description: inc.Description, DescriptionHTML: c.render.html(inc.Description), State: inc.State,
		Priority: inc.Priority, HoldReason: inc.HoldReason, Resolution: inc.Resolution, ResolutionHTML: c.render.html(inc.Resolution), OpenedAt: inc.OpenedAt,
		UpdatedAt: inc.UpdatedAt, ResolvedAt: inc.ResolvedAt, ClosedAt: inc.ClosedAt, Actions: Possible(inc.State, Requestor)}
}

type requestOut struct{ Body Request }

// Appeal is what a person asks for.
type Appeal struct {
	Title       string `json:"title" minLength:"3" maxLength:"300"`
	Description string `json:"description,omitempty" maxLength:"100000" doc:"Markdown"`
	Urgency     Level  `json:"urgency,omitempty" enum:"high,medium,low"`
	Item        string `json:"item,omitempty" maxLength:"64"`
}

// routePortal registers what a requester may reach: their own incidents, under
// paths and types of their own, so that nothing internal can slip through.
func (c *Component) routePortal(api *httpapi.API) {
	type pageOut struct{ Body listing.Page[Request] }
	httpapi.Handle(api, httpapi.Route{ID: "list-own-incidents", Method: "GET", Path: "/portal/incidents", Summary: "Incidents the caller asked help with", Tag: tag, Permission: "requests:read"},
		func(ctx context.Context, in *listing.Params) (*pageOut, error) {
			out := &pageOut{listing.Page[Request]{Items: []Request{}}}
			p := auth.From(ctx)
			if p.Kind != auth.KindUser {
				return out, nil
			}
			page, err := c.list(ctx, *in, auth.Scope{All: true}, "", p.ID)
			for _, inc := range page.Items {
				out.Body.Items = append(out.Body.Items, c.request(inc))
			}
			out.Body.Next, out.Body.Total = page.Next, page.Total
			return out, err
		})

	type createIn struct{ Body Appeal }
	httpapi.Handle(api, httpapi.Route{ID: "create-own-incident", Method: "POST", Path: "/portal/incidents", Summary: "Ask for help", Tag: tag, Permission: "requests:write", Status: http.StatusCreated},
		func(ctx context.Context, in *createIn) (*requestOut, error) {
			p := auth.From(ctx)
			if p.Kind != auth.KindUser {
				return nil, core.Errorf(core.CodeForbidden, "only a person can ask for help")
			}
			inc, err := c.create(ctx, Incident{Title: in.Body.Title, Description: in.Body.Description, Severity: core.Minor, Urgency: in.Body.Urgency,
				Item: in.Body.Item, Requester: p.ID}, caller(ctx, Requestor))
			return &requestOut{c.request(inc)}, err
		})

	httpapi.Handle(api, httpapi.Route{ID: "get-own-incident", Method: "GET", Path: "/portal/incidents/{id}", Summary: "Show an own incident", Tag: tag, Permission: "requests:read"},
		func(ctx context.Context, in *IncidentPath) (*requestOut, error) {
			inc, err := c.own(ctx, in.ID)
			return &requestOut{c.request(inc)}, err
		})

	type moveIn struct {
		IncidentPath
		Body struct {
			Action Action `json:"action" enum:"close,reopen"`
			Reason string `json:"reason,omitempty" maxLength:"100000"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "transition-own-incident", Method: "POST", Path: "/portal/incidents/{id}/transition", Summary: "Confirm a resolution, or say that it is none", Tag: tag, Permission: "requests:write"},
		func(ctx context.Context, in *moveIn) (*requestOut, error) {
			inc, err := c.alterOwn(ctx, in.ID, func(ch *change) error { return ch.move(Move{in.Body.Action, in.Body.Reason}) })
			return &requestOut{c.request(inc)}, err
		})

	httpapi.Handle(api, httpapi.Route{ID: "list-own-comments", Method: "GET", Path: "/portal/incidents/{id}/comments", Summary: "Public comments of an own incident", Tag: tag, Permission: "requests:read"},
		func(ctx context.Context, in *IncidentPath) (*commentsOut, error) {
			inc, err := c.own(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return c.commentsOf(ctx, inc.ID, true)
		})

	type addIn struct {
		IncidentPath
		Body struct {
			Body string `json:"body" minLength:"1" maxLength:"100000" doc:"Markdown"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "comment-own-incident", Method: "POST", Path: "/portal/incidents/{id}/comments", Summary: "Comment on an own incident", Tag: tag, Permission: "requests:write", Status: http.StatusCreated},
		func(ctx context.Context, in *addIn) (*commentOut, error) {
			out := &commentOut{}
			_, err := c.alterOwn(ctx, in.ID, func(ch *change) (err error) {
				out.Body, err = ch.comment(ctx, in.Body.Body, true)
				return err
			})
			return out, err
		})

	httpapi.Handle(api, httpapi.Route{ID: "list-own-attachments", Method: "GET", Path: "/portal/incidents/{id}/attachments", Summary: "Public files of an own incident", Tag: tag, Permission: "requests:read"},
		func(ctx context.Context, in *IncidentPath) (*attachmentsOut, error) {
			inc, err := c.own(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return c.attachmentsOf(ctx, inc.ID, true)
		})

	type attachOwnIn struct {
		IncidentPath
		Name    string `query:"name" required:"true" minLength:"1" maxLength:"300" doc:"File name"`
		RawBody []byte `contentType:"application/octet-stream"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "attach-to-own-incident", Method: "POST", Path: "/portal/incidents/{id}/attachments", Summary: "Attach a file to an own incident", Tag: tag, Permission: "requests:write",
		Status: http.StatusCreated, MaxBody: c.cfg.MaxAttachment, Details: "The body is the file itself."},
		func(ctx context.Context, in *attachOwnIn) (*attachmentOut, error) {
			if _, err := c.own(ctx, in.ID); err != nil {
				return nil, err
			}
			sum, err := c.stored(in.RawBody)
			if err != nil {
				return nil, err
			}
			out := &attachmentOut{}
			_, err = c.alterOwn(ctx, in.ID, func(ch *change) (err error) {
				out.Body, err = ch.attach(ctx, in.Name, sum, in.RawBody, true)
				return err
			})
			return out, err
		})
}

// alterOwn changes an incident on behalf of who asked for help with it.
func (c *Component) alterOwn(ctx context.Context, id string, fn func(ch *change) error) (Incident, error) {
	p := auth.From(ctx)
	return c.alterAs(ctx, id, "", caller(ctx, Requestor), func(inc Incident) error {
		if p.Kind != auth.KindUser || inc.Requester != p.ID {
			return core.NotFound("incident", id)
		}
		return nil
	}, fn)
}
