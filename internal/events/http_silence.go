package events

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

const silenceTag = "Silences"

// SilenceDraft is what a person says to hold alerts back.
type SilenceDraft struct {
	Matchers []Matcher `json:"matchers" minItems:"1" maxItems:"100" doc:"All must fit. Besides labels there are alertname, item, source and severity."`
	StartsAt time.Time `json:"startsAt,omitempty" doc:"Now when absent"`
	EndsAt   time.Time `json:"endsAt"`
	Comment  string    `json:"comment,omitempty" maxLength:"10000" doc:"Why; shown with every alert it holds back"`
}

func (d SilenceDraft) silence(id, by string) Silence {
	return Silence{ID: id, Matchers: d.Matchers, StartsAt: d.StartsAt, EndsAt: d.EndsAt, CreatedBy: by, Comment: d.Comment}
}

func (c *Component) silenceRoutes(api *httpapi.API) {
	type listOutput struct{ Body listing.Page[SilenceView] }
	type oneOutput struct{ Body SilenceView }
	type idInput struct {
		ID string `path:"id"`
	}
	type draftInput struct{ Body SilenceDraft }
	type changeInput struct {
		ID   string `path:"id"`
		Body SilenceDraft
	}
	type previewInput struct {
		Body struct {
			Matchers []Matcher `json:"matchers" minItems:"1" maxItems:"100"`
		}
	}
	type previewOutput struct{ Body SilencePreview }

	httpapi.Handle(api, httpapi.Route{ID: "list-silences", Method: http.MethodGet, Path: "/silences", Tag: silenceTag, Permission: "alerts:read",
		Summary: "List silences, those that end last first", Details: "Fields: state (active, pending or expired), startsAt, endsAt, createdBy, comment."},
		func(ctx context.Context, in *listing.Params) (*listOutput, error) {
			page, err := c.Silences(ctx, *in)
			return &listOutput{page}, err
		})
	shown := func(ctx context.Context, id string, err error) (*oneOutput, error) {
		if err != nil {
			return nil, err
		}
		v, err := c.silenceView(ctx, id)
		return &oneOutput{v}, err
	}
	httpapi.Handle(api, httpapi.Route{ID: "get-silence", Method: http.MethodGet, Path: "/silences/{id}", Tag: silenceTag, Permission: "alerts:read", Summary: "Show a silence"},
		func(ctx context.Context, in *idInput) (*oneOutput, error) { return shown(ctx, in.ID, nil) })
	httpapi.Handle(api, httpapi.Route{ID: "create-silence", Method: http.MethodPost, Path: "/silences", Tag: silenceTag, Permission: "alerts:act", Status: http.StatusCreated,
		Summary: "Hold back the alerts that fit, for a time"},
		func(ctx context.Context, in *draftInput) (*oneOutput, error) {
			id, err := c.silenceAs(ctx, in.Body.silence("", actorOf(ctx).Name))
			return shown(ctx, id, err)
		})
	httpapi.Handle(api, httpapi.Route{ID: "change-silence", Method: http.MethodPut, Path: "/silences/{id}", Tag: silenceTag, Permission: "alerts:act",
		Summary: "Change a silence", Details: "One that has expired stays as it was: the answer is a new one."},
		func(ctx context.Context, in *changeInput) (*oneOutput, error) {
			id, err := c.silenceAs(ctx, in.Body.silence(in.ID, actorOf(ctx).Name))
			return shown(ctx, id, err)
		})
	httpapi.Handle(api, httpapi.Route{ID: "expire-silence", Method: http.MethodPost, Path: "/silences/{id}/expire", Tag: silenceTag, Permission: "alerts:act",
		Summary: "End a silence now"},
		func(ctx context.Context, in *idInput) (*oneOutput, error) {
			return shown(ctx, in.ID, c.unsilenceAs(ctx, in.ID))
		})
	httpapi.Handle(api, httpapi.Route{ID: "preview-silence", Method: http.MethodPost, Path: "/silences/preview", Tag: silenceTag, Permission: "alerts:read",
		Summary: "Count the active alerts that matchers fit", Details: "Nothing is held back by asking."},
		func(ctx context.Context, in *previewInput) (*previewOutput, error) {
			p, err := c.previewSilence(ctx, in.Body.Matchers)
			return &previewOutput{p}, err
		})
}

// maySilence refuses those who act for some teams only: a silence holds back
// the alerts of all.
func maySilence(ctx context.Context) error {
	if !auth.From(ctx).Scope("alerts:act").All {
		return core.Errorf(core.CodeForbidden, "a silence holds back the alerts of every team: this needs alerts:act for all of them")
	}
	return nil
}

func (c *Component) silenceAs(ctx context.Context, s Silence) (string, error) {
	if err := maySilence(ctx); err != nil {
		return "", err
	}
	return c.Silence(ctx, actorOf(ctx), s)
}

func (c *Component) unsilenceAs(ctx context.Context, id string) error {
	if err := maySilence(ctx); err != nil {
		return err
	}
	return c.Unsilence(ctx, actorOf(ctx), id)
}
