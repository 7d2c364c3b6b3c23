package traps

import (
	"context"
	"net/http"

	"mainstay/internal/events/traps/mib"
	"mainstay/internal/platform/httpapi"
)

// Routes registers what the room answers.
func (c *Component) Routes(api *httpapi.API) {
	const tag = "SNMP traps"
	type listOutput struct {
		Body struct {
			Items    []MIBFile     `json:"items" nullable:"false"`
			Problems []mib.Problem `json:"problems" nullable:"false" doc:"By file and line, at most 1000"`
		}
	}
	type nameInput struct {
		Name string `path:"name" maxLength:"100"`
	}
	type addInput struct {
		Name    string `path:"name" maxLength:"100"`
		RawBody []byte `contentType:"text/plain"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-mib-files", Method: http.MethodGet, Path: "/mib-files", Tag: tag, Permission: "alerts:read",
		Summary: "List the MIB files that traps are read with", Details: "Those of the directory that the configuration names (traps.mibs), and those that people added."},
		func(context.Context, *struct{}) (*listOutput, error) {
			out := &listOutput{}
			out.Body.Items, out.Body.Problems = []MIBFile{}, []mib.Problem{}
			if m := c.modules.Load(); m != nil {
				out.Body.Items, out.Body.Problems = append(out.Body.Items, m.files...), append(out.Body.Problems, m.problems...)
			}
			return out, nil
		})
	httpapi.Handle(api, httpapi.Route{ID: "put-mib-file", Method: http.MethodPut, Path: "/mib-files/{name}", Tag: tag, Permission: "alerts:write", MaxBody: mib.MostBytes,
		Summary: "Add a MIB file, or replace it", Details: "The body is the file. What of it cannot be read is named with its line; all else is in force at once."},
		func(ctx context.Context, in *addInput) (*struct{ Body Added }, error) {
			out, err := c.addModules(ctx, in.Name, in.RawBody)
			return &struct{ Body Added }{out}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-mib-file", Method: http.MethodDelete, Path: "/mib-files/{name}", Tag: tag, Permission: "alerts:write", Status: http.StatusNoContent,
		Summary: "Remove a MIB file that was added"},
		func(ctx context.Context, in *nameInput) (*struct{}, error) {
			return nil, c.removeModules(ctx, in.Name)
		})
}
