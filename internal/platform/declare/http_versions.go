package declare

import (
	"context"
	"net/http"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

func (s *Set) versionRoutes(api *httpapi.API) {
	type listInput struct {
		Kind string `query:"kind" required:"true" maxLength:"100"`
		Name string `query:"name" required:"true" maxLength:"200"`
	}
	type listOutput struct {
		Body struct {
			Versions []Version `json:"versions" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-document-versions", Method: http.MethodGet, Path: "/document-versions", Tag: "Documents", Permission: auth.SignedIn,
		Summary: "List what a document was, the latest first", Details: "Who changed it, when and why, and what differs from the version before. The last 200 versions are kept, of deleted documents as well."},
		func(ctx context.Context, in *listInput) (*listOutput, error) {
			list, err := s.Versions(ctx, in.Kind, in.Name)
			out := &listOutput{}
			if out.Body.Versions = list; list == nil {
				out.Body.Versions = []Version{}
			}
			return out, err
		})
	type restoreInput struct {
		Body struct {
			Kind    string `json:"kind" maxLength:"100"`
			Name    string `json:"name" maxLength:"200"`
			Version int64  `json:"version" minimum:"1"`
			Why     string `json:"why,omitempty" maxLength:"1000"`
		}
	}
	type restoreOutput struct{ Body Outcome }
	httpapi.Handle(api, httpapi.Route{ID: "restore-document-version", Method: http.MethodPost, Path: "/document-versions/restore", Tag: "Documents", Permission: auth.SignedIn,
		Summary: "Make a document what a version of it was", Details: "That is a new version; nothing is lost."},
		func(ctx context.Context, in *restoreInput) (*restoreOutput, error) {
			out, err := s.Restore(WithReason(ctx, in.Body.Why), in.Body.Kind, in.Body.Name, in.Body.Version)
			return &restoreOutput{out}, err
		})
}
