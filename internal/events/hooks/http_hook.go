package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

const (
	hookPath    = "/api/v1/hooks/"
	enqueuePath = "/v2/enqueue"
	maxBody     = 8 << 20
	maxNamed    = 20 // refused events that an answer names
)

// Routes registers what the room answers.
func (c *Component) Routes(api *httpapi.API) {
	api.Mount("POST "+hookPath+"{source}", "events:write", http.HandlerFunc(c.serveHook))
	api.Mount("POST "+enqueuePath, auth.Public, http.HandlerFunc(c.serveEnqueue)) // its routing_key is the token
	c.sourceRoutes(api)
}

// answer is what a sender is told.
type answer struct {
	Accepted int           `json:"accepted"`
	Refused  int           `json:"refused"`
	Errors   []core.Detail `json:"errors,omitempty"`
	Note     string        `json:"note,omitempty"`
}

func (c *Component) serveHook(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("source")
	source, meter := c.sources.get(name)
	if source == nil {
		httpapi.WriteProblem(w, c.deps.Log, core.NotFound("event source", name))
		return
	}
	if source.Spec.Disabled {
		meter.Refused(1, "the source is disabled")
		httpapi.WriteProblem(w, c.deps.Log, core.Errorf(core.CodeForbidden, "the event source %s is disabled", name))
		return
	}
	d, err := c.read(w, r)
	if err == nil {
		var a answer
		if a, err = c.deliver(r.Context(), source, d); err == nil {
			meter.Took(a.Accepted, len(d.body))
			meter.Stored(c.deps.Clock.Now().Sub(d.at))
			if a.Refused > 0 {
				meter.Refused(a.Refused, a.Errors[0].Field+": "+a.Errors[0].Rule)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusAccepted)
			_ = json.NewEncoder(w).Encode(a)
			return
		}
		c.keep(r.Context(), name, d, 0, 1, said(err))
	}
	meter.Refused(1, said(err))
	httpapi.WriteProblem(w, c.deps.Log, err)
}

func (c *Component) read(w http.ResponseWriter, r *http.Request) (*delivery, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, core.Errorf(core.CodeTooLarge, "the body must have at most %d bytes", maxBody)
	}
	if err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body cannot be read: %v", err)
	}
	return &delivery{header: r.Header, query: r.URL.Query(), body: body, at: c.deps.Clock.Now()}, nil
}

// deliver takes in what was posted. With no error everything that was not
// refused is durable; when all was refused that is the error.
func (c *Component) deliver(ctx context.Context, source *Source, d *delivery) (answer, error) {
	what, err := formats()[source.Spec.Format].decode(ctx, c, source, d)
	if err != nil {
		return answer{}, err
	}
	return c.deliverDecoded(ctx, source, d, what)
}

func (c *Component) deliverDecoded(ctx context.Context, source *Source, d *delivery, what decoded) (answer, error) {
	source.finish(what.signals, d.at)
	a := answer{Note: what.note}
	if len(what.signals) > 0 {
		results, err := c.deps.Events.Take(ctx, what.signals)
		if err != nil {
			return answer{}, err
		}
		for _, r := range results {
			if len(r.Errors) == 0 {
				a.Accepted++
				continue
			}
			a.Refused++
			if len(a.Errors) < maxNamed {
				a.Errors = append(a.Errors, r.Errors...)
			}
		}
		if a.Accepted == 0 {
			return answer{}, core.InvalidAll(a.Errors)
		}
	}
	for _, ack := range what.acknowledged {
		key := bounded(source.Name+":"+ack.key, 512)
		if _, err := c.deps.Events.ActOnKeys(ctx, events.Acknowledge, []string{key}, bounded(ack.note, 10_000)); err != nil {
			return answer{}, err
		}
		a.Accepted++
	}
	c.keep(ctx, source.Name, d, a.Accepted, a.Refused, strings.TrimSpace(a.Note+" "+rules(a.Errors)))
	return a, nil
}

// said is an error in one line.
func said(err error) string {
	var coded *core.Error
	if errors.As(err, &coded) && len(coded.Details) > 0 {
		return rules(coded.Details)
	}
	return err.Error()
}

func rules(details []core.Detail) string {
	var out []string
	for _, d := range details {
		out = append(out, d.Field+": "+d.Rule)
	}
	return strings.Join(out, "; ")
}

// serveEnqueue answers as PagerDuty does: 202 with the deduplication key, 400
// with what is wrong, 429 and 5xx for what the sender should try again.
func (c *Component) serveEnqueue(w http.ResponseWriter, r *http.Request) {
	reply := func(status int, body map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	invalid := func(details []core.Detail) {
		var list []string
		for _, d := range details {
			list = append(list, "'"+d.Field+"' "+d.Rule)
		}
		reply(http.StatusBadRequest, map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": list})
	}
	d, err := c.read(w, r)
	if err != nil {
		invalid([]core.Detail{{Field: "body", Rule: err.Error()}})
		return
	}
	e, err := readPagerDuty(d)
	if err != nil {
		var coded *core.Error
		if errors.As(err, &coded) && len(coded.Details) > 0 {
			invalid(coded.Details)
			return
		}
		invalid([]core.Detail{{Field: "body", Rule: err.Error()}})
		return
	}
	p, err := c.deps.Authenticate(r.Context(), e.RoutingKey)
	if err != nil || !p.Can("events:write") {
		invalid([]core.Detail{{Field: "routing_key", Rule: "must be an API token with the permission events:write"}})
		return
	}
	source, meter := c.sources.get("pagerduty")
	if source == nil || source.Spec.Format != formatPagerDuty {
		source, meter = &Source{Name: "pagerduty", Spec: SourceSpec{Format: formatPagerDuty}, severity: core.Warning}, nil
	}
	ctx := auth.With(r.Context(), p)
	what := e.decoded(d.at, c.deps.IDs)
	d.body = withoutKey(d.body)
	_, err = c.deliverDecoded(ctx, source, d, what)
	switch core.CodeOf(err) {
	case "":
		if meter != nil {
			meter.Took(1, len(d.body))
		}
		reply(http.StatusAccepted, map[string]any{"status": "success", "message": "Event processed", "dedup_key": e.DedupKey})
	case core.CodeInvalid:
		var coded *core.Error
		errors.As(err, &coded)
		invalid(coded.Details)
	case core.CodeTooMany, core.CodeUnavailable:
		reply(http.StatusTooManyRequests, map[string]any{"status": "throttle exceeded", "message": "Try again later"})
	default:
		c.deps.Log.Error("an event of PagerDuty's form could not be taken", "error", err)
		reply(http.StatusInternalServerError, map[string]any{"status": "error", "message": "internal error"})
	}
}

// withoutKey is a body that may be kept: the routing key is a token.
func withoutKey(body []byte) []byte {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return nil
	}
	delete(object, "routing_key")
	out, err := json.Marshal(object)
	if err != nil {
		return nil
	}
	return out
}
