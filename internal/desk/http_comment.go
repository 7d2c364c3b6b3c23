package desk

import (
	"context"
	"net/http"

	"mainstay/internal/platform/httpapi"
)

// Remark is a comment to be written.
type Remark struct {
	Body   string `json:"body" minLength:"1" maxLength:"100000" doc:"Markdown"`
	Public bool   `json:"public,omitempty" doc:"The requester sees it too"`
}

type commentsOut struct {
	Body struct {
		Items []Comment `json:"items" nullable:"false"`
	}
}

type commentOut struct{ Body Comment }

func (c *Component) routeComments(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-incident-comments", Method: "GET", Path: "/incidents/{id}/comments", Summary: "Comments of an incident", Tag: tag, Permission: "incidents:read"},
		func(ctx context.Context, in *IncidentPath) (*commentsOut, error) {
			inc, err := c.visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return c.commentsOf(ctx, inc.ID, false)
		})

	type addIn struct {
		IncidentPath
		Body Remark
	}
	httpapi.Handle(api, httpapi.Route{ID: "comment-incident", Method: "POST", Path: "/incidents/{id}/comments", Summary: "Comment on an incident", Tag: tag, Permission: "incidents:act", Status: http.StatusCreated},
		func(ctx context.Context, in *addIn) (*commentOut, error) {
			out := &commentOut{}
			_, err := c.alter(ctx, in.ID, "", "incidents:act", func(ch *change) (err error) {
				out.Body, err = ch.comment(ctx, in.Body.Body, in.Body.Public)
				return err
			})
			return out, err
		})
}

// commentsOf lists and renders.
func (c *Component) commentsOf(ctx context.Context, incident string, publicOnly bool) (*commentsOut, error) {
	out := &commentsOut{}
	comments, err := c.store.comments(ctx, c.deps.DB, incident, publicOnly)
	for i := range comments {
		comments[i].HTML = c.render.html(comments[i].Body)
	}
	if out.Body.Items = comments; comments == nil {
		out.Body.Items = []Comment{}
	}
	return out, err
}
