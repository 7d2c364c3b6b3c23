package events

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

const (
	eventTag      = "Events"
	maxEventsBody = 16 << 20
)

// EventView is a stored event.
type EventView struct {
	ID          string            `json:"id"`
	At          time.Time         `json:"at"`
	Source      string            `json:"source"`
	Kind        core.EventKind    `json:"kind" enum:"problem,clear,notice"`
	Severity    core.Severity     `json:"severity"`
	Key         string            `json:"key,omitempty"`
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Item        string            `json:"item,omitempty"`
	Alert       string            `json:"alert,omitempty"`
	Effect      Effect            `json:"effect" doc:"What it did to its alert: opened, changed, updated, cleared, ignored; or what event rules did with it: dropped, held, summarised"`
	Labels      map[string]string `json:"labels,omitempty"`
	Rules       []string          `json:"rules,omitempty" doc:"The event rules that it matched, in order"`
	Before      *rulebook.Event   `json:"before,omitempty" doc:"As it came in, when event rules changed it"`
}

// EventResult is what became of one event of a list.
type EventResult struct {
	Index  int           `json:"index"`
	Effect Effect        `json:"effect,omitempty" doc:"opened, counted, updated, changed, cleared or ignored; by event rules dropped, discarded, held or summarised; absent when refused"`
	Errors []core.Detail `json:"errors,omitempty" doc:"Why it was refused"`
}

type postEventsOutput struct {
	Body struct {
		Accepted int           `json:"accepted"`
		Refused  int           `json:"refused"`
		Results  []EventResult `json:"results" nullable:"false"`
	}
}

const postEventsDetails = `The body is one event or a list of at most 20,000:

    {"source": "backup", "kind": "problem", "severity": "major", "key": "backup:db1", "title": "Backup failed",
     "identities": [{"kind": "fqdn", "value": "db1.example"}], "labels": {"job": "nightly"}}

` + "`kind` is problem, clear or notice (problem when absent, clear when the severity is clear). Events of one `key` are one alert; " +
	"without a key it is made of source, title and item. The item is named by `item` or found by `identities`. `expiresAfter` (\"15m\") clears the " +
	"alert when it is not repeated. A bad event is refused alone and named in `results`; when all are refused the answer is a problem. " +
	"An event that is accepted is durable."

func (c *Component) eventRoutes(api *httpapi.API) {
	type postInput struct {
		Body json.RawMessage `doc:"One event or a list of events"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "post-events", Method: http.MethodPost, Path: "/events", Tag: eventTag, Permission: "events:write",
		Summary: "Take events in", Details: postEventsDetails, MaxBody: maxEventsBody, OwnBody: true},
		func(ctx context.Context, in *postInput) (*postEventsOutput, error) { return c.postEvents(ctx, in.Body) })
	type listOutput struct{ Body listing.Page[EventView] }
	httpapi.Handle(api, httpapi.Route{ID: "list-events", Method: http.MethodGet, Path: "/events", Tag: eventTag, Permission: "alerts:read",
		Summary: "List events, the latest to arrive first", Details: "Duplicates of an open alert are in its count and not listed one by one."},
		func(ctx context.Context, in *listing.Params) (*listOutput, error) {
			page, err := c.Events(ctx, *in)
			return &listOutput{page}, err
		})
}

func (c *Component) postEvents(ctx context.Context, body []byte) (*postEventsOutput, error) {
	observations, bad, at, err := readEvents(body, c.deps.Clock.Now())
	if err != nil {
		return nil, err
	}
	out := &postEventsOutput{}
	out.Body.Results = make([]EventResult, len(bad))
	results, err := c.accept(ctx, observations, "events")
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		bad[at[i]] = append(bad[at[i]], renumber(r.Errors, i, at[i])...)
		out.Body.Results[at[i]].Effect = r.Effect
	}
	var all []core.Detail
	for i := range bad {
		out.Body.Results[i].Index, out.Body.Results[i].Errors = i, bad[i]
		if len(bad[i]) > 0 {
			out.Body.Refused++
			all = append(all, bad[i]...)
		}
	}
	out.Body.Accepted = len(bad) - out.Body.Refused
	if out.Body.Accepted == 0 && out.Body.Refused > 0 {
		return nil, core.InvalidAll(all)
	}
	return out, nil
}

func eventFields() listing.Fields {
	return listing.Fields{
		"id": {Column: "id"}, "at": {Column: "at", Kind: listing.Time}, "source": {Column: "source"}, "kind": {Column: "kind"},
		"severity": {Column: "severity", Kind: listing.Severity}, "key": {Column: "event_key"}, "title": {Column: "title"},
		"item": {Column: "item"}, "alert": {Column: "alert"}, "effect": {Column: "effect"},
	}
}

const eventSelect = "id, at, source, kind, severity, event_key, title, description, item, alert, effect, labels, past"

func readEvent(scan func(...any) error) (v EventView, err error) {
	var at, severity int64
	var kind, effect, labels, text string
	if err = scan(&v.ID, &at, &v.Source, &kind, &severity, &v.Key, &v.Title, &v.Description, &v.Item, &v.Alert, &effect, &labels, &text); err != nil {
		return v, err
	}
	v.At, v.Severity, v.Kind, v.Effect = core.FromMicros(at), core.Severity(severity), core.EventKind(kind), Effect(effect)
	var p past
	err = errors.Join(fromText(labels, &v.Labels), fromText(text, &p))
	v.Rules, v.Before = p.Rules, p.Before
	return v, err
}

// Events lists stored events. An event without an alert is common; others
// are shown to those who may see their alert.
func (c *Component) Events(ctx context.Context, p listing.Params) (listing.Page[EventView], error) {
	where, args := scoped(ctx, "alerts:read")
	if len(where) > 0 {
		where = []string{"(alert = '' OR alert IN (SELECT a.id FROM events_alert AS a WHERE a." + where[0] + "))"}
	}
	st, err := eventFields().Build(p, listing.Base{Select: eventSelect, From: "events_event", Where: where, Args: args,
		Search: []string{"title", "event_key", "labels"}, Default: "-id", Key: "id", Now: c.deps.Clock.Now()})
	if err != nil {
		return listing.Page[EventView]{}, err
	}
	return listing.Read(ctx, c.deps.DB, p, st, readEvent)
}

func (c *Component) eventsWhere(ctx context.Context, where string, args ...any) ([]EventView, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+eventSelect+" FROM events_event WHERE "+where, args...)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (EventView, error) { return readEvent(rows.Scan) })
	if list == nil {
		list = []EventView{}
	}
	return list, err
}
