package monitor

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

// WindowDocument declares a maintenance window.
type WindowDocument struct {
	Name string     `json:"name"`
	Spec WindowSpec `json:"spec"`
}

type windowOutput struct {
	ETag string `header:"ETag"`
	Body Window
}

func (c *Component) windowRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-maintenance", Method: http.MethodGet, Path: "/maintenance", Summary: "List maintenance windows", Tag: tag, Permission: "maintenance:read"}, c.httpListWindows)
	httpapi.Handle(api, httpapi.Route{ID: "create-maintenance", Method: http.MethodPost, Path: "/maintenance", Summary: "Declare a maintenance window", Tag: tag, Permission: "maintenance:write", Status: http.StatusCreated}, c.httpCreateWindow)
	httpapi.Handle(api, httpapi.Route{ID: "preview-maintenance", Method: http.MethodPost, Path: "/maintenance/preview", Summary: "Tell which items a maintenance window would cover", Tag: tag, Permission: "maintenance:write"}, c.httpPreviewWindow)
	c.startRoutes(api)
	httpapi.Handle(api, httpapi.Route{ID: "get-maintenance", Method: http.MethodGet, Path: "/maintenance/{id}", Summary: "Read a maintenance window", Tag: tag, Permission: "maintenance:read"}, c.httpGetWindow)
	httpapi.Handle(api, httpapi.Route{ID: "update-maintenance", Method: http.MethodPut, Path: "/maintenance/{id}", Summary: "Change a maintenance window", Tag: tag, Permission: "maintenance:write"}, c.httpUpdateWindow)
	httpapi.Handle(api, httpapi.Route{ID: "delete-maintenance", Method: http.MethodDelete, Path: "/maintenance/{id}", Summary: "Delete a maintenance window", Tag: tag, Permission: "maintenance:write"}, c.httpDeleteWindow)
}

func (c *Component) httpListWindows(ctx context.Context, in *struct{ listing.Params }) (*pageOutput[Window], error) {
	fields := listing.Fields{
		"name": {Column: "name"}, "team": {Column: "team"}, "change": {Column: "change_id"},
		"start": {Column: "starts_at", Kind: listing.Time}, "end": {Column: "ends_at", Kind: listing.Time},
		"createdAt": {Column: "created_at", Kind: listing.Time}, "updatedAt": {Column: "updated_at", Kind: listing.Time},
	}
	now := c.deps.Clock.Now()
	base := listing.Base{Select: windowColumns, From: "monitor_window", Search: []string{"name", "spec"}, Default: "-start", Key: "id", Now: now}
	base.Where, base.Args = teamFilter(ctx, "maintenance:read", "team")
	st, err := fields.Build(in.Params, base)
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, in.Params, st, func(scan func(...any) error) (Window, error) {
		w, err := scanWindow(scan)
		if err != nil {
			return Window{}, err
		}
		w.show(now)
		return *w, nil
	})
	return &pageOutput[Window]{page}, err
}

// visibleWindow reads a window that the caller may do something with.
func (c *Component) visibleWindow(ctx context.Context, ref, verb string) (*Window, error) {
	w, err := c.store.windowBy(ctx, c.deps.DB, ref)
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "maintenance:read", w.Spec.Team, "maintenance window", ref); err != nil {
		return nil, err
	}
	return w, allowed(ctx, permission("maintenance", verb), w.Spec.Team, "maintenance window", ref)
}

func (c *Component) windowView(w *Window) *windowOutput {
	w.show(c.deps.Clock.Now())
	return &windowOutput{ETag: httpapi.ETag(w.Version), Body: *w}
}

func (c *Component) httpGetWindow(ctx context.Context, in *ByID) (*windowOutput, error) {
	w, err := c.visibleWindow(ctx, in.ID, "read")
	if err != nil {
		return nil, err
	}
	return c.windowView(w), nil
}

func (c *Component) httpCreateWindow(ctx context.Context, in *struct{ Body WindowDocument }) (*windowOutput, error) {
	if err := allowed(ctx, "maintenance:write", in.Body.Spec.Team, "maintenance window", in.Body.Name); err != nil {
		return nil, err
	}
	if _, err := c.store.windowBy(ctx, c.deps.DB, in.Body.Name); err == nil {
		return nil, core.Errorf(core.CodeConflict, "there is already a maintenance window named %q", in.Body.Name)
	}
	w, _, err := c.PutWindow(ctx, in.Body.Name, in.Body.Spec, "")
	if err != nil {
		return nil, err
	}
	return c.windowView(w), nil
}

func (c *Component) httpUpdateWindow(ctx context.Context, in *struct {
	ByVersion
	Body struct {
		Spec WindowSpec `json:"spec"`
	}
}) (*windowOutput, error) {
	old, err := c.visibleWindow(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "maintenance:write", in.Body.Spec.Team, "maintenance window", in.ID); err != nil {
		return nil, err
	}
	w, _, err := c.PutWindow(ctx, old.Name, in.Body.Spec, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return c.windowView(w), nil
}

func (c *Component) httpDeleteWindow(ctx context.Context, in *ByVersion) (*struct{}, error) {
	w, err := c.visibleWindow(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	return nil, c.DeleteWindow(ctx, w.ID, in.IfMatch)
}
