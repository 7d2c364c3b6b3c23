package graph

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

func entryPath(list string, n int) string { return list + "[" + strconv.Itoa(n) + "]" }

func (c *Component) itemViewRoutes(api *httpapi.API) {
	type relations struct {
		Body struct {
			Items []RelationView `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-item-relations", Method: http.MethodGet, Path: "/items/{id}/relations", Summary: "List the relations of an item", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *itemInput) (*relations, error) {
			r, err := c.visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			var out relations
			out.Body.Items, err = c.Relations(ctx, r.id, in.AsOf)
			return &out, err
		})
	type relateInput struct {
		ID   string `path:"id"`
		Body DraftRelation
	}
	httpapi.Handle(api, httpapi.Route{ID: "create-item-relation", Method: http.MethodPost, Path: "/items/{id}/relations", Summary: "Relate an item to another", Tag: tag, Permission: writeItems, Status: http.StatusCreated},
		func(ctx context.Context, in *relateInput) (*relations, error) {
			if err := c.Relate(ctx, in.ID, in.Body); err != nil {
				return nil, err
			}
			var out relations
			var err error
			out.Body.Items, err = c.Relations(ctx, c.resolver.survivor(in.ID), time.Time{})
			return &out, err
		})
	type unrelateInput struct {
		ID   string `path:"id"`
		Type string `path:"type"`
		To   string `path:"to" doc:"Id of the target"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "delete-item-relation", Method: http.MethodDelete, Path: "/items/{id}/relations/{type}/{to}", Summary: "End a relation", Tag: tag, Permission: writeItems, Status: http.StatusNoContent,
		Details: "A source that still sees the relation begins it again."},
		func(ctx context.Context, in *unrelateInput) (*struct{}, error) {
			return nil, c.Unrelate(ctx, in.ID, in.Type, in.To)
		})
	type historyInput struct {
		ID     string    `path:"id"`
		Before time.Time `query:"before" doc:"Only what happened before this moment"`
		Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	type history struct {
		Body struct {
			Items []Moment `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "get-item-history", Method: http.MethodGet, Path: "/items/{id}/history", Summary: "Show what happened to an item, newest first", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *historyInput) (*history, error) {
			r, err := c.visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			var out history
			out.Body.Items, err = c.History(ctx, r.id, in.Before, in.Limit)
			return &out, err
		})
	type impactInput struct {
		ID    string `path:"id"`
		Limit int    `query:"limit" minimum:"1" maximum:"10000" default:"500"`
	}
	type impact struct{ Body Impact }
	httpapi.Handle(api, httpapi.Route{ID: "get-item-impact", Method: http.MethodGet, Path: "/items/{id}/impact", Summary: "Show what the failure of an item reaches", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *impactInput) (*impact, error) {
			r, err := c.visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out, err := c.Impact(ctx, []string{r.id}, in.Limit)
			if err != nil {
				return nil, err
			}
			return &impact{out.within(auth.From(ctx).Scope(readItems))}, nil
		})
	type mapAnswer struct{ Body Map }
	httpapi.Handle(api, httpapi.Route{ID: "get-map", Method: http.MethodGet, Path: "/map", Summary: "Get a part of the graph to draw", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *MapParams) (*mapAnswer, error) {
			m, err := c.Map(ctx, *in, auth.From(ctx).Scope(readItems))
			return &mapAnswer{m}, err
		})
	type resolveInput struct {
		Body struct {
			Identities []core.Identity `json:"identities" minItems:"1" maxItems:"50"`
		}
	}
	type resolveAnswer struct {
		Body struct {
			Item string `json:"item" doc:"Empty when nothing is known, or it is ambiguous"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "resolve-item", Method: http.MethodPost, Path: "/items/resolve", Summary: "Find the item that identifiers point at", Tag: tag, Permission: readItems},
		func(ctx context.Context, in *resolveInput) (*resolveAnswer, error) {
			var out resolveAnswer
			var err error
			out.Body.Item, err = c.Resolve(ctx, in.Body.Identities)
			return &out, err
		})
}

// within leaves out what a caller may not see; totals stay.
func (i Impact) within(scope auth.Scope) Impact {
	keep := func(list []Affected) []Affected {
		out := make([]Affected, 0, len(list))
		for _, a := range list {
			if scope.Allows(a.Team) {
				out = append(out, a)
			}
		}
		return out
	}
	return Impact{Services: keep(i.Services), Items: keep(i.Items), Total: i.Total}
}
