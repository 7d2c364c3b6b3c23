package hooks

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
)

// sourceRoutes are for people: what sources there are, what came, and a trial.
func (c *Component) sourceRoutes(api *httpapi.API) {
	const tag = "Event sources"
	type listOutput struct {
		Body struct {
			Items []SourceView `json:"items"`
		}
	}
	type nameInput struct {
		Name string `path:"name"`
	}
	type payloadsOutput struct {
		Body struct {
			Items []Payload `json:"items"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-event-sources", Method: http.MethodGet, Path: "/event-sources", Tag: tag, Permission: "alerts:read",
		Summary: "List event sources", Details: "Each is a document of kind EventSource and takes what is posted to its path with a token that may events:write, as a bearer token or as the password of basic authentication."},
		func(context.Context, *struct{}) (*listOutput, error) {
			out := &listOutput{}
			out.Body.Items = []SourceView{}
			for _, name := range c.sources.names() {
				if s, _ := c.sources.get(name); s != nil {
					out.Body.Items = append(out.Body.Items, SourceView{Name: name, Path: hookPath + name, Title: formats()[s.Spec.Format].title, Spec: s.Spec, UpdatedAt: s.UpdatedAt})
				}
			}
			return out, nil
		})
	httpapi.Handle(api, httpapi.Route{ID: "list-event-source-payloads", Method: http.MethodGet, Path: "/event-sources/{name}/payloads", Tag: tag, Permission: "alerts:write",
		Summary: "List what was posted last to a source, the latest first", Details: "The last 20 deliveries, at most one a second. Headers that prove who sent it are not kept."},
		func(ctx context.Context, in *nameInput) (*payloadsOutput, error) {
			if err := permit(ctx); err != nil {
				return nil, err
			}
			list, err := c.payloads(ctx, in.Name)
			out := &payloadsOutput{}
			out.Body.Items = list
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "try-event-source", Method: http.MethodPost, Path: "/event-sources/try", Tag: tag, Permission: "alerts:write",
		Summary: "Show what a source would make of a delivery", Details: "Nothing is taken in. The delivery is one that was kept (payload), or body and headers.", MaxBody: maxBody},
		func(ctx context.Context, in *struct{ Body Trial }) (*struct{ Body TrialResult }, error) {
			if err := permit(ctx); err != nil {
				return nil, err
			}
			result, err := c.try(ctx, in.Body)
			return &struct{ Body TrialResult }{result}, err
		})
}

// SourceView is a source as it is listed.
type SourceView struct {
	Name      string     `json:"name"`
	Path      string     `json:"path" doc:"Where to post to"`
	Title     string     `json:"title" doc:"The format in words"`
	Spec      SourceSpec `json:"spec"`
	UpdatedAt time.Time  `json:"updatedAt"`
}

// Trial is a spec and what to try it on.
type Trial struct {
	Spec    SourceSpec        `json:"spec"`
	Payload string            `json:"payload,omitempty" doc:"Id of a delivery that was kept"`
	Body    string            `json:"body,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
}

// TrialResult is what would come of it.
type TrialResult struct {
	Events       []TrialEvent  `json:"events" nullable:"false"`
	Acknowledged []string      `json:"acknowledged,omitempty" doc:"Keys of alerts that would be acknowledged"`
	Note         string        `json:"note,omitempty"`
	Errors       []core.Detail `json:"errors,omitempty" doc:"Why the delivery would be refused"`
}

// TrialEvent is an event that would be taken.
type TrialEvent struct {
	core.Event
	URL string `json:"url,omitempty"`
}

func (c *Component) try(ctx context.Context, t Trial) (TrialResult, error) {
	s := &Source{Name: "trial", Spec: t.Spec}
	out := TrialResult{Events: []TrialEvent{}}
	if err := s.compile(c.mapper); err != nil {
		return out, err
	}
	if s.Spec.Format == formatSNS {
		return out, core.Invalid("spec.format", "cannot be tried: what SNS sends is signed and fetched for")
	}
	d := &delivery{header: http.Header{}, body: []byte(t.Body), at: c.deps.Clock.Now()}
	for name, value := range t.Headers {
		d.header.Set(name, value)
	}
	if t.Payload != "" {
		p, err := readPayload(c.deps.DB.QueryRow(ctx, "SELECT "+payloadColumns+" FROM hooks_payload WHERE id = $1", t.Payload).Scan)
		if err != nil {
			return out, core.NotFound("payload", t.Payload)
		}
		d = p.delivery()
	}
	what, err := formats()[s.Spec.Format].decode(ctx, c, s, d)
	if err != nil {
		var coded *core.Error
		if !errors.As(err, &coded) {
			return out, err
		}
		out.Errors = coded.Details
		if len(out.Errors) == 0 {
			out.Errors = []core.Detail{{Field: "body", Rule: coded.Message}}
		}
		return out, nil
	}
	s.finish(what.signals, d.at)
	for _, signal := range what.signals[:min(len(what.signals), 200)] {
		signal.Source, signal.Key = "", strings.TrimPrefix(signal.Key, "trial:")
		out.Events = append(out.Events, TrialEvent{signal.Event, signal.URL})
	}
	for _, ack := range what.acknowledged {
		out.Acknowledged = append(out.Acknowledged, ack.key)
	}
	out.Note = what.note
	slices.Sort(out.Acknowledged)
	return out, nil
}
