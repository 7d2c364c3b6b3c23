package desk

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

type attachmentsOut struct {
	Body struct {
		Items []Attachment `json:"items" nullable:"false"`
	}
}

type attachmentOut struct{ Body Attachment }

type attachIn struct {
	IncidentPath
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"300" doc:"File name"`
	Public  bool   `query:"public" doc:"The requester sees it too"`
	RawBody []byte `contentType:"application/octet-stream"`
}

func (c *Component) routeAttachments(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-incident-attachments", Method: "GET", Path: "/incidents/{id}/attachments", Summary: "Files of an incident", Tag: tag, Permission: "incidents:read",
		Details: "The content of a file is at /api/v1/incidents/{id}/attachments/{attachment}."},
		func(ctx context.Context, in *IncidentPath) (*attachmentsOut, error) {
			inc, err := c.visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return c.attachmentsOf(ctx, inc.ID, false)
		})

	httpapi.Handle(api, httpapi.Route{ID: "attach-to-incident", Method: "POST", Path: "/incidents/{id}/attachments", Summary: "Attach a file", Tag: tag, Permission: "incidents:act",
		Status: http.StatusCreated, MaxBody: c.cfg.MaxAttachment, Details: "The body is the file itself."},
		func(ctx context.Context, in *attachIn) (*attachmentOut, error) {
			if _, err := c.visible(ctx, in.ID); err != nil {
				return nil, err
			}
			sum, err := c.stored(in.RawBody)
			if err != nil {
				return nil, err
			}
			out := &attachmentOut{}
			_, err = c.alter(ctx, in.ID, "", "incidents:act", func(ch *change) (err error) {
				out.Body, err = ch.attach(ctx, in.Name, sum, in.RawBody, in.Public)
				return err
			})
			return out, err
		})

	api.Mount("GET /api/v1/incidents/{id}/attachments/{attachment}", "incidents:read", c.download(c.visible, false))
	api.Mount("GET /api/v1/portal/incidents/{id}/attachments/{attachment}", "requests:read", c.download(c.own, true))
}

// stored puts content on disk.
func (c *Component) stored(content []byte) (string, error) {
	if len(content) == 0 {
		return "", core.Invalid("body", "must not be empty")
	}
	return c.files.put(content)
}

func (c *Component) attachmentsOf(ctx context.Context, incident string, publicOnly bool) (*attachmentsOut, error) {
	out := &attachmentsOut{}
	out.Body.Items = []Attachment{}
	found, err := c.store.attachments(ctx, c.deps.DB, incident)
	for _, a := range found {
		if a.Public || !publicOnly {
			out.Body.Items = append(out.Body.Items, a)
		}
	}
	return out, err
}

// download serves a file of an incident that find lets the caller see.
func (c *Component) download(find func(context.Context, string) (Incident, error), publicOnly bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inc, err := find(r.Context(), r.PathValue("id"))
		var a Attachment
		if err == nil {
			a, err = c.store.attachment(r.Context(), c.deps.DB, inc.ID, r.PathValue("attachment"))
		}
		if err == nil && publicOnly && !a.Public {
			err = core.NotFound("attachment", a.ID)
		}
		if err == nil {
			err = c.files.serve(w, r, a)
		}
		if err != nil {
			httpapi.WriteProblem(w, c.deps.Log, err)
		}
	})
}

// own reads an incident that the caller asked help with; another is not found.
func (c *Component) own(ctx context.Context, id string) (Incident, error) {
	inc, err := c.store.byID(ctx, c.deps.DB, id)
	if p := auth.From(ctx); err == nil && (p.Kind != auth.KindUser || inc.Requester != p.ID) {
		err = core.NotFound("incident", id)
	}
	return inc, err
}
