package searches

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

const tag = "Logs"

// Document is a search as it is handed over.
type Document struct {
	Name   string `json:"name" minLength:"1" maxLength:"200"`
	Shared bool   `json:"shared,omitempty" doc:"true: with the team of the spec, or everybody; false: only the caller sees it"`
	Spec   Spec   `json:"spec"`
}

// ByVersion names a search of a route, and the version that is meant.
type ByVersion struct {
	ID      string `path:"id" maxLength:"40"`
	IfMatch string `header:"If-Match" doc:"the ETag that was read"`
}

type (
	output struct {
		ETag string `header:"ETag"`
		Body *Search
	}
	changing struct {
		ByVersion
		Body Document
	}
)

// Routes registers what saved searches answer. Everyone who sees searches may
// keep searches of their own; sharing takes log-searches:write, which each
// handler asks for the team.
func (c *Component) Routes(api *httpapi.API) {
	type listOut struct {
		Body struct {
			Items []*Search `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-searches", Method: http.MethodGet, Path: "/logs/searches", Summary: "Saved searches: one's own and those that are shared", Tag: tag, Permission: readable},
		func(ctx context.Context, _ *struct{}) (*listOut, error) {
			list, err := c.where(ctx, c.deps.DB, "space IN ($1, $2)", sharedSpace, space(false, person(ctx)))
			out := &listOut{}
			out.Body.Items = []*Search{}
			for _, s := range list {
				if s.sees(ctx) {
					out.Body.Items = append(out.Body.Items, s.shown(ctx))
				}
			}
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "create-log-search", Method: http.MethodPost, Path: "/logs/searches", Summary: "Save a search", Tag: tag, Permission: readable, Status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body Document }) (*output, error) {
			s := &Search{Owner: person(ctx)}
			return c.put(ctx, s, in.Body, func(*sqldb.Tx) error { return nil })
		})
	httpapi.Handle(api, httpapi.Route{ID: "update-log-search", Method: http.MethodPut, Path: "/logs/searches/{id}", Summary: "Change, rename or share a saved search", Tag: tag, Permission: readable},
		func(ctx context.Context, in *changing) (*output, error) {
			s := &Search{}
			return c.put(ctx, s, in.Body, func(tx *sqldb.Tx) error {
				old, err := c.mine(ctx, tx, in.ByVersion)
				if err == nil {
					*s = *old
				}
				return err
			})
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-log-search", Method: http.MethodDelete, Path: "/logs/searches/{id}", Summary: "Delete a saved search", Tag: tag, Permission: readable},
		func(ctx context.Context, in *ByVersion) (*struct{}, error) {
			return nil, c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
				s, err := c.mine(ctx, tx, *in)
				if err != nil {
					return err
				}
				return c.remove(ctx, tx, s)
			})
		})
}

// mine reads a search that the caller may change, as it was read.
func (c *Component) mine(ctx context.Context, tx *sqldb.Tx, in ByVersion) (*Search, error) {
	s, err := c.one(ctx, tx, "id = $1", in.ID)
	if err != nil {
		return nil, err
	}
	if s == nil || !s.sees(ctx) {
		return nil, core.NotFound("saved search", in.ID)
	}
	if err := mayWrite(ctx, s.Shared, s.Owner, s.Spec.Team); err != nil {
		return nil, err
	}
	return s, httpapi.Match(in.IfMatch, s.Version)
}

// put checks what is to be stored, and stores it over what old reads into s.
func (c *Component) put(ctx context.Context, s *Search, d Document, old func(*sqldb.Tx) error) (*output, error) {
	if !d.Shared {
		d.Spec.Team = ""
	}
	if err := d.Spec.validate(d.Name); err != nil {
		return nil, err
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := old(tx); err != nil {
			return err
		}
		wasShared := s.Shared
		if wasShared && !d.Shared {
			s.Owner = person(ctx) // who takes it back has it
		}
		s.Name, s.Shared, s.Spec = d.Name, d.Shared, d.Spec
		if err := mayWrite(ctx, s.Shared, s.Owner, s.Spec.Team); err != nil {
			return err
		}
		return c.save(ctx, tx, s, wasShared)
	})
	if err != nil {
		return nil, err
	}
	return &output{httpapi.ETag(s.Version), s.shown(ctx)}, nil
}
