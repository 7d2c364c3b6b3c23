package graph

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

const (
	readItems  auth.Permission = "items:read"
	writeItems auth.Permission = "items:write"
	adminItems auth.Permission = "items:admin"
	tag                        = "Graph"
)

// Routes registers the HTTP API of the graph.
func (c *Component) Routes(api *httpapi.API) {
	c.itemRoutes(api)
	c.itemViewRoutes(api)
	c.mergeRoutes(api)
	c.classRoutes(api)
	c.reportRoutes(api)
}

type (
	itemsPage  struct{ Body listing.Page[Item] }
	itemAnswer struct {
		ETag string `header:"ETag"`
		Body Item
	}
	detailsAnswer struct {
		ETag string `header:"ETag"`
		Body Details
	}
	itemInput struct {
		ID   string    `path:"id" doc:"Item id; the id of a merged item leads to its survivor"`
		AsOf time.Time `query:"asOf" doc:"As it was at this moment"`
	}
)

func (c *Component) itemRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{
		ID: "list-items", Method: http.MethodGet, Path: "/items", Summary: "List items", Tag: tag, Permission: readItems,
		Details: "Fields: id, name, class, state, team, site, criticality, createdAt, updatedAt and `attributes.<name>`. Retired, deleted and merged items are listed only when a condition names their state.",
	}, func(ctx context.Context, in *ListParams) (*itemsPage, error) {
		page, err := c.List(ctx, *in, auth.From(ctx).Scope(readItems))
		return &itemsPage{page}, err
	})
	type createInput struct{ Body Draft }
	httpapi.Handle(api, httpapi.Route{ID: "create-item", Method: http.MethodPost, Path: "/items", Summary: "Create an item", Tag: tag, Permission: writeItems, Status: http.StatusCreated},
		func(ctx context.Context, in *createInput) (*itemAnswer, error) {
			item, err := c.Create(ctx, in.Body)
			return &itemAnswer{httpapi.ETag(item.Revision), item}, err
		})
	httpapi.Handle(api, httpapi.Route{
		ID: "get-item", Method: http.MethodGet, Path: "/items/{id}", Summary: "Get an item with who said what about it", Tag: tag, Permission: readItems,
		Details: "With asOf the item is as it was; who said what is known of now alone.",
	}, c.getItem)
	type updateInput struct {
		ID      string `path:"id"`
		IfMatch string `header:"If-Match"`
		Body    Patch
	}
	httpapi.Handle(api, httpapi.Route{
		ID: "update-item", Method: http.MethodPatch, Path: "/items/{id}", Summary: "Change what people say about an item", Tag: tag, Permission: writeItems,
		Details: "What a person says takes precedence over other sources unless the class says otherwise. An attribute set to null is taken back.",
	}, func(ctx context.Context, in *updateInput) (*itemAnswer, error) {
		item, err := c.Update(ctx, in.ID, in.Body, in.IfMatch)
		return &itemAnswer{httpapi.ETag(item.Revision), item}, err
	})
	type deleteInput struct {
		ID      string `path:"id"`
		IfMatch string `header:"If-Match"`
	}
	httpapi.Handle(api, httpapi.Route{
		ID: "delete-item", Method: http.MethodDelete, Path: "/items/{id}", Summary: "Delete an item", Tag: tag, Permission: writeItems, Status: http.StatusNoContent,
		Details: "Its history stays. A source that still sees the thing brings it back as a new item.",
	}, func(ctx context.Context, in *deleteInput) (*struct{}, error) {
		return nil, c.Delete(ctx, in.ID, in.IfMatch)
	})
	type bulkInput struct{ Body Bulk }
	type bulkAnswer struct{ Body BulkOutcome }
	httpapi.Handle(api, httpapi.Route{ID: "change-items", Method: http.MethodPost, Path: "/items/bulk", Summary: "Change or delete many items", Tag: tag, Permission: writeItems},
		func(ctx context.Context, in *bulkInput) (*bulkAnswer, error) {
			return &bulkAnswer{c.Bulk(ctx, in.Body)}, nil
		})
}

// visible returns the id an item has now, when the caller may see it.
func (c *Component) visible(ctx context.Context, id string) (*record, error) {
	r, err := survivor(ctx, c.db, id)
	if err != nil {
		return nil, err
	}
	if !auth.From(ctx).Scope(readItems).Allows(r.team) {
		return nil, core.NotFound("item", id)
	}
	return r, nil
}

func (c *Component) getItem(ctx context.Context, in *itemInput) (*detailsAnswer, error) {
	r, err := c.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	d, err := c.Details(ctx, r.id)
	if err != nil {
		return nil, err
	}
	if !in.AsOf.IsZero() {
		if d.Item, err = c.AsOf(ctx, in.ID, in.AsOf); err != nil {
			return nil, err
		}
		d.Sources, d.Explanations, d.Reporters, d.Identities = map[string]string{}, map[string][]Word{}, []Reporter{}, []core.Identity{}
	}
	return &detailsAnswer{httpapi.ETag(d.Revision), d}, nil
}

// Bulk is one change of many items.
type Bulk struct {
	IDs    []string `json:"ids" minItems:"1" maxItems:"10000"`
	Delete bool     `json:"delete,omitempty"`
	Patch  *Patch   `json:"patch,omitempty"`
}

// BulkOutcome tells what became of each item.
type BulkOutcome struct {
	Changed int           `json:"changed"`
	Errors  []core.Detail `json:"errors,omitempty"`
}

// Bulk changes items one by one: one that cannot be changed is named, and the
// rest goes on.
func (c *Component) Bulk(ctx context.Context, b Bulk) BulkOutcome {
	var o BulkOutcome
	for n, id := range b.IDs {
		var err error
		switch {
		case b.Delete:
			err = c.Delete(ctx, id, "")
		case b.Patch != nil:
			_, err = c.Update(ctx, id, *b.Patch, "")
		default:
			err = core.Invalid("patch", "must be given, or delete")
		}
		if err == nil {
			o.Changed++
			continue
		}
		o.Errors = append(o.Errors, core.Detail{Field: entryPath("ids", n), Rule: httpapi.ProblemOf(c.log, err).Detail})
	}
	return o
}
