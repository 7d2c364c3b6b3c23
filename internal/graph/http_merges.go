package graph

import (
	"context"
	"net/http"

	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

func (c *Component) mergeRoutes(api *httpapi.API) {
	type mergeInput struct {
		ID   string `path:"id" doc:"The item that stays"`
		Body struct {
			Items []string `json:"items" minItems:"1" maxItems:"100" doc:"Ids of its duplicates"`
		}
	}
	type merges struct {
		Body struct {
			Items []MergeRecord `json:"items" nullable:"false"`
		}
	}
	list := func(ctx context.Context, id string) (*merges, error) {
		var out merges
		var err error
		if out.Body.Items, err = c.Merges(ctx, id); out.Body.Items == nil {
			out.Body.Items = []MergeRecord{}
		}
		return &out, err
	}
	httpapi.Handle(api, httpapi.Route{ID: "merge-items", Method: http.MethodPost, Path: "/items/{id}/merge", Summary: "Merge duplicates into an item", Tag: tag, Permission: writeItems,
		Details: "Parts that several of them have, such as file systems of one name, are merged as well. The answer lists the merges; each can be taken back with split."},
		func(ctx context.Context, in *mergeInput) (*merges, error) {
			if _, err := c.Merge(ctx, in.ID, in.Body.Items); err != nil {
				return nil, err
			}
			return list(ctx, in.ID)
		})
	type preview struct{ Body Details }
	httpapi.Handle(api, httpapi.Route{ID: "preview-item-merge", Method: http.MethodPost, Path: "/items/{id}/merge/preview", Summary: "Show what an item would be after a merge", Tag: tag, Permission: writeItems,
		Details: "Nothing is merged by asking."},
		func(ctx context.Context, in *mergeInput) (*preview, error) {
			d, err := c.PreviewMerge(ctx, in.ID, in.Body.Items)
			return &preview{d}, err
		})
	type idInput struct {
		ID string `path:"id"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-item-merges", Method: http.MethodGet, Path: "/items/{id}/merges", Summary: "List the merges of an item", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *idInput) (*merges, error) {
			if _, err := c.visible(ctx, in.ID); err != nil {
				return nil, err
			}
			return list(ctx, in.ID)
		})
	type splitInput struct {
		ID   string `path:"id"`
		Body struct {
			Merge string `json:"merge" doc:"Id of the merge to take back"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "split-item", Method: http.MethodPost, Path: "/items/{id}/split", Summary: "Take a merge back", Tag: tag, Permission: writeItems},
		func(ctx context.Context, in *splitInput) (*itemAnswer, error) {
			item, err := c.Split(ctx, in.Body.Merge)
			return &itemAnswer{httpapi.ETag(item.Revision), item}, err
		})
	type duplicates struct{ Body listing.Page[Duplicate] }
	httpapi.Handle(api, httpapi.Route{ID: "list-duplicates", Method: http.MethodGet, Path: "/duplicates", Summary: "List items that may be one", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *listing.Params) (*duplicates, error) {
			page, err := c.Duplicates(ctx, *in)
			return &duplicates{page}, err
		})
	type duplicate struct{ Body Duplicate }
	httpapi.Handle(api, httpapi.Route{ID: "get-duplicate", Method: http.MethodGet, Path: "/duplicates/{id}", Summary: "Get a possible duplicate", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *idInput) (*duplicate, error) {
			d, err := c.Duplicate(ctx, in.ID)
			return &duplicate{d}, err
		})
	type resolveInput struct {
		ID   string `path:"id"`
		Body struct {
			Into string `json:"into" minLength:"1" doc:"Id of the item that stays"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "merge-duplicate", Method: http.MethodPost, Path: "/duplicates/{id}/merge", Summary: "Merge possible duplicates into one of them", Tag: tag, Permission: writeItems},
		func(ctx context.Context, in *resolveInput) (*duplicate, error) {
			d, err := c.ResolveDuplicate(ctx, in.ID, in.Body.Into)
			return &duplicate{d}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "dismiss-duplicate", Method: http.MethodPost, Path: "/duplicates/{id}/dismiss", Summary: "Say that the items are different", Tag: tag, Permission: writeItems},
		func(ctx context.Context, in *idInput) (*duplicate, error) {
			d, err := c.ResolveDuplicate(ctx, in.ID, "")
			return &duplicate{d}, err
		})
}
