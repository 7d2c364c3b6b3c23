package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// maxReportBytes bounds the body of a report.
const maxReportBytes = 64 << 20

// reportBody documents the body; its entries are read one by one, so that a
// bad one does not take the others with it.
type reportBody struct {
	Source     string            `json:"source" doc:"Who says it: a word, or a word, : and a name" example:"import:netbox"`
	Scope      string            `json:"scope,omitempty" doc:"The part of the world the source looked at"`
	ObservedAt time.Time         `json:"observedAt,omitempty"`
	Items      []json.RawMessage `json:"items,omitempty" doc:"{ref, class, name, team, identities: [{kind, value}], attributes: {}, redundancy: {group: needed}}"`
	Relations  []json.RawMessage `json:"relations,omitempty" doc:"{type, from, to, group, attributes}; from and to are a ref, id:<item id>, kind=value, class/kind=value or {kind, value, class}"`
	Complete   []string          `json:"complete,omitempty" doc:"Classes of which the report names every item of its scope"`
}

func (c *Component) reportRoutes(api *httpapi.API) {
	type input struct {
		Body reportBody
	}
	type answer struct{ Body Outcome }
	httpapi.Handle(api, httpapi.Route{
		ID: "post-report", Method: http.MethodPost, Path: "/reports", Summary: "Report what a source saw", Tag: tag, Permission: writeItems, MaxBody: maxReportBytes,
		Details: "Items are identified by the rules of their classes, created or changed. Entries that break a rule are named in errors and the rest is taken. Repeating a report changes nothing.",
	}, func(ctx context.Context, in *input) (*answer, error) {
		if !auth.From(ctx).Scope(writeItems).All {
			return nil, core.Errorf(core.CodeForbidden, "reports may touch items of every team: they need the permission everywhere")
		}
		b := in.Body
		if b.Source == SourcePerson || b.Source == SourceDocument {
			return nil, core.Invalid("source", "is kept for what people say through this API")
		}
		r, places, problems := decodeReport(envelope{b.Source, b.Scope, b.ObservedAt, b.Items, b.Relations, b.Complete})
		outcome, err := c.reconcileParsed(ctx, r, places, problems)
		return &answer{outcome}, err
	})
}
