package declare

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// maxBody bounds the text of one apply.
const maxBody = 16 << 20

type applyInput struct {
	DryRun  bool   `query:"dryRun" doc:"Tell what would change, and change nothing"`
	Why     string `query:"why" maxLength:"1000" doc:"Why it is changed: kept with the versions of the documents"`
	RawBody []byte `contentType:"application/yaml"`
}

type outcomes struct {
	Body struct {
		Documents []Outcome `json:"documents" nullable:"false"`
		Failed    int       `json:"failed" doc:"How many documents were refused"`
	}
}

type kindView struct {
	Name     string `json:"name"`
	Summary  string `json:"summary"`
	Resource string `json:"resource" doc:"Reading needs resource:read, applying resource:write"`
}

// Routes registers /documents and /document-versions.
func (s *Set) Routes(api *httpapi.API) {
	s.versionRoutes(api)
	httpapi.Handle(api, httpapi.Route{ID: "apply-documents", Method: http.MethodPost, Path: "/documents/apply", Tag: "Documents", MaxBody: maxBody,
		Summary: "Apply documents", Details: "The body is YAML or JSON: documents of kind, name and spec, separated by `---`. Each is applied or refused by itself; each kind needs its own permission.", Permission: auth.SignedIn},
		func(ctx context.Context, in *applyInput) (*outcomes, error) {
			out := &outcomes{}
			out.Body.Documents = s.Apply(WithReason(ctx, in.Why), Parse(in.RawBody), in.DryRun)
			for _, o := range out.Body.Documents {
				if o.Action == Failed {
					out.Body.Failed++
				}
			}
			return out, nil
		})
	type listInput struct {
		Kind []string `query:"kind" doc:"Only these kinds"`
	}
	type listOutput struct {
		Body struct {
			Documents []Document `json:"documents" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-documents", Method: http.MethodGet, Path: "/documents", Tag: "Documents", Summary: "Export documents", Permission: auth.SignedIn},
		func(ctx context.Context, in *listInput) (*listOutput, error) {
			docs, err := s.List(ctx, in.Kind...)
			out := &listOutput{}
			out.Body.Documents = docs
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "export-documents", Method: http.MethodGet, Path: "/documents/export", Tag: "Documents", Summary: "Export documents as YAML", Permission: auth.SignedIn,
		Details: "As apply takes them. With a name, the documents of that name."}, s.httpExport)
	type kindsOutput struct {
		Body struct {
			Kinds []kindView `json:"kinds" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-document-kinds", Method: http.MethodGet, Path: "/document-kinds", Tag: "Documents", Summary: "List the kinds of document", Permission: auth.SignedIn},
		func(context.Context, *struct{}) (*kindsOutput, error) {
			out := &kindsOutput{}
			for _, k := range s.Kinds() {
				out.Body.Kinds = append(out.Body.Kinds, kindView{k.Name, k.Summary, k.Resource})
			}
			return out, nil
		})
	type one struct {
		Kind string `path:"kind"`
		Name string `path:"name"`
	}
	type oneOutput struct{ Body Document }
	httpapi.Handle(api, httpapi.Route{ID: "get-document", Method: http.MethodGet, Path: "/documents/{kind}/{name}", Tag: "Documents", Summary: "Read one document", Permission: auth.SignedIn},
		func(ctx context.Context, in *one) (*oneOutput, error) {
			doc, err := s.Get(ctx, in.Kind, in.Name)
			return &oneOutput{doc}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-document", Method: http.MethodDelete, Path: "/documents/{kind}/{name}", Tag: "Documents", Summary: "Delete what a document declared", Permission: auth.SignedIn},
		func(ctx context.Context, in *one) (*struct{}, error) {
			return nil, s.Delete(ctx, in.Kind, in.Name)
		})
}

type exportInput struct {
	Kind []string `query:"kind" doc:"Only these kinds"`
	Name string   `query:"name" maxLength:"200" doc:"Only the documents of this name"`
}

type exportOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (s *Set) httpExport(ctx context.Context, in *exportInput) (*exportOutput, error) {
	docs, err := s.List(ctx, in.Kind...)
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		docs = slices.DeleteFunc(docs, func(d Document) bool { return d.Name != in.Name })
		if len(docs) == 0 {
			return nil, core.NotFound("document", in.Name)
		}
	}
	var text bytes.Buffer
	if err := Encode(&text, docs); err != nil {
		return nil, err
	}
	return &exportOutput{"application/yaml; charset=utf-8", text.Bytes()}, nil
}

// Equal says whether two specs are the same JSON value, whatever their spelling.
func Equal(a, b json.RawMessage) bool {
	return bytes.Equal(a, b) || len(Differences(a, b)) == 0
}
