package graph

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// ClassView is a class with everything it inherits.
type ClassView struct {
	Name           string                    `json:"name"`
	Parent         string                    `json:"parent,omitempty"`
	Family         string                    `json:"family" doc:"The outermost class below item"`
	Ancestors      []string                  `json:"ancestors"`
	Label          string                    `json:"label"`
	Plural         string                    `json:"plural"`
	Icon           string                    `json:"icon,omitempty"`
	Description    string                    `json:"description,omitempty"`
	Abstract       bool                      `json:"abstract,omitempty"`
	BuiltIn        bool                      `json:"builtIn,omitempty"`
	BusinessFacing bool                      `json:"businessFacing,omitempty"`
	Attributes     map[string]classes.Schema `json:"attributes"`
	Unknown        string                    `json:"unknown" enum:"keep,refuse"`
	Identification []classes.Rule            `json:"identification"`
	Relations      []classes.Allowed         `json:"relations,omitempty"`
	Precedence     classes.Precedence        `json:"precedence"`
	StaleAfter     string                    `json:"staleAfter"`
	RetireAfter    string                    `json:"retireAfter"`
}

func viewClass(r *classes.Resolved) ClassView {
	stale, _ := r.StaleAfter.MarshalText()
	retire, _ := r.RetireAfter.MarshalText()
	return ClassView{
		Name: r.Name, Parent: r.Parent, Family: r.Family, Ancestors: r.Ancestors, Label: r.Label, Plural: r.Plural, Icon: r.Icon,
		Description: r.Description, Abstract: r.Abstract, BuiltIn: r.BuiltIn, BusinessFacing: r.BusinessFacing, Attributes: r.Attributes,
		Unknown: r.Unknown, Identification: r.Identification, Relations: r.Relations, Precedence: r.Precedence,
		StaleAfter: string(stale), RetireAfter: string(retire),
	}
}

func (c *Component) classRoutes(api *httpapi.API) {
	type nameInput struct {
		Name string `path:"name"`
	}
	type classList struct {
		Body struct {
			Items []ClassView `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-classes", Method: http.MethodGet, Path: "/classes", Summary: "List the classes of items", Tag: tag, Permission: readItems},
		func(context.Context, *struct{}) (*classList, error) {
			out := &classList{}
			out.Body.Items = []ClassView{}
			for _, r := range c.Catalogue().Classes() {
				out.Body.Items = append(out.Body.Items, viewClass(r))
			}
			return out, nil
		})
	type classAnswer struct{ Body ClassView }
	get := func(name string) (*classAnswer, error) {
		r, ok := c.Catalogue().Class(name)
		if !ok {
			return nil, core.NotFound("class", name)
		}
		return &classAnswer{viewClass(r)}, nil
	}
	httpapi.Handle(api, httpapi.Route{ID: "get-class", Method: http.MethodGet, Path: "/classes/{name}", Summary: "Get a class with everything it inherits", Tag: tag, Permission: readItems},
		func(_ context.Context, in *nameInput) (*classAnswer, error) { return get(in.Name) })
	type classInput struct {
		Name string `path:"name"`
		Body ClassSpec
	}
	httpapi.Handle(api, httpapi.Route{ID: "put-class", Method: http.MethodPut, Path: "/classes/{name}", Summary: "Define a class", Tag: tag, Permission: adminItems},
		func(ctx context.Context, in *classInput) (*classAnswer, error) {
			class, err := in.Body.class(in.Name)
			if err != nil {
				return nil, err
			}
			if _, err := c.DefineClass(ctx, class); err != nil {
				return nil, err
			}
			return get(in.Name)
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-class", Method: http.MethodDelete, Path: "/classes/{name}", Summary: "Remove a class defined here", Tag: tag, Permission: adminItems, Status: http.StatusNoContent},
		func(ctx context.Context, in *nameInput) (*struct{}, error) {
			return nil, c.removeDefinition(ctx, classDefinition, in.Name)
		})
	c.relationTypeRoutes(api)
}

func (c *Component) relationTypeRoutes(api *httpapi.API) {
	type list struct {
		Body struct {
			Items []classes.RelationType `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-relation-types", Method: http.MethodGet, Path: "/relation-types", Summary: "List the types of relations", Tag: tag, Permission: readItems},
		func(context.Context, *struct{}) (*list, error) {
			out := &list{}
			out.Body.Items = c.Catalogue().Relations()
			return out, nil
		})
	type kinds struct {
		Body struct {
			Items []classes.Identifier `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-identifier-kinds", Method: http.MethodGet, Path: "/identifier-kinds", Summary: "List the kinds of identifiers", Tag: tag, Permission: readItems},
		func(context.Context, *struct{}) (*kinds, error) {
			out := &kinds{}
			out.Body.Items = c.Catalogue().Identifiers()
			return out, nil
		})
	type input struct {
		Name string `path:"name"`
		Body RelationTypeSpec
	}
	type answer struct{ Body classes.RelationType }
	httpapi.Handle(api, httpapi.Route{ID: "put-relation-type", Method: http.MethodPut, Path: "/relation-types/{name}", Summary: "Define a type of relations", Tag: tag, Permission: adminItems},
		func(ctx context.Context, in *input) (*answer, error) {
			kind := classes.RelationType{Name: in.Name, Label: in.Body.Label, Inverse: in.Body.Inverse, Description: in.Body.Description, Propagation: in.Body.Propagation}
			if _, err := c.DefineRelationType(ctx, kind); err != nil {
				return nil, err
			}
			stored, _ := c.Catalogue().Relation(in.Name)
			return &answer{stored}, nil
		})
	type nameInput struct {
		Name string `path:"name"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "delete-relation-type", Method: http.MethodDelete, Path: "/relation-types/{name}", Summary: "Remove a type of relations defined here", Tag: tag, Permission: adminItems, Status: http.StatusNoContent},
		func(ctx context.Context, in *nameInput) (*struct{}, error) {
			return nil, c.removeDefinition(ctx, relationDefinition, in.Name)
		})
}

func (c *Component) removeDefinition(ctx context.Context, kind, name string) error {
	return c.db.Write(ctx, func(tx *sqldb.Tx) error {
		removed, err := c.undefine(ctx, tx, kind, name)
		if err == nil && !removed {
			return core.NotFound(kind, name)
		}
		return err
	})
}
