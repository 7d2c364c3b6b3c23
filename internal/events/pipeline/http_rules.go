package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

const tag = "Events"

// DocumentView is a document with what its rules did.
type DocumentView struct {
	Name      string        `json:"name"`
	Enabled   bool          `json:"enabled"`
	UpdatedAt time.Time     `json:"updatedAt"`
	Spec      rulebook.Spec `json:"spec"`
	Rules     []RuleView    `json:"rules" nullable:"false"`
}

// RuleView is what one rule did.
type RuleView struct {
	ID         string `json:"id" doc:"document/name"`
	Name       string `json:"name"`
	Acts       bool   `json:"acts" doc:"It and its document are switched on"`
	Remembers  int64  `json:"remembers" doc:"Keys it remembers something of"`
	RuleCounts `json:"counts"`
}

// Overview is all documents in the order in which they are asked.
type Overview struct {
	Documents  []DocumentView `json:"documents" nullable:"false"`
	Tables     []TableView    `json:"tables" nullable:"false"`
	Remembered int64          `json:"remembered" doc:"Keys that rules remember something of"`
	Most       int64          `json:"most" doc:"How many that may be"`
	Overflow   int64          `json:"overflow" doc:"Times, since this process began, that one more could not be remembered: the event passed as if the rule were not there"`
}

// TableView is a lookup table.
type TableView struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
}

// Overview tells what the rules are and did.
func (c *Component) Overview(ctx context.Context) (Overview, error) {
	out := Overview{Documents: []DocumentView{}, Tables: []TableView{}, Remembered: c.remembered.Load(), Most: c.cfg.Remember, Overflow: c.overflow.Load()}
	if err := c.saveCounts(ctx); err != nil {
		return out, err
	}
	counts, err := c.storedCounts(ctx)
	if err != nil {
		return out, err
	}
	remembers, err := c.rememberedByRule(ctx)
	if err != nil {
		return out, err
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT kind, name, spec, updated_at FROM eventpipeline_document ORDER BY name")
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var kind, name, text string
		var at int64
		if err := r.Scan(&kind, &name, &text, &at); err != nil {
			return struct{}{}, err
		}
		if kind == tableKind {
			var spec rulebook.TableSpec
			err := json.Unmarshal([]byte(text), &spec)
			table, _ := spec.Table()
			out.Tables = append(out.Tables, TableView{name, len(table)})
			return struct{}{}, err
		}
		d := DocumentView{Name: name, UpdatedAt: core.FromMicros(at), Rules: []RuleView{}}
		err := json.Unmarshal([]byte(text), &d.Spec)
		d.Enabled = d.Spec.On()
		for _, rule := range d.Spec.Rules {
			id := name + "/" + rule.Name
			d.Rules = append(d.Rules, RuleView{ID: id, Name: rule.Name, Acts: d.Enabled && rule.On(), Remembers: remembers[id], RuleCounts: counts[id]})
		}
		out.Documents = append(out.Documents, d)
		return struct{}{}, err
	})
	slices.SortStableFunc(out.Documents, func(a, b DocumentView) int { return cmp.Compare(a.Spec.Order, b.Spec.Order) })
	return out, err
}

func (c *Component) rememberedByRule(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	rows, err := c.deps.DB.Query(ctx, "SELECT rule, COUNT(*) FROM eventpipeline_state GROUP BY rule")
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var rule string
		var n int64
		err := r.Scan(&rule, &n)
		out[rule] = n
		return struct{}{}, err
	})
	return out, err
}

// Routes registers /event-rules.
func (c *Component) Routes(api *httpapi.API) {
	type overviewOutput struct{ Body Overview }
	httpapi.Handle(api, httpapi.Route{ID: "list-event-rules", Method: http.MethodGet, Path: "/event-rules", Tag: tag, Permission: "alerts:read",
		Summary: "Event rules in order, and what they did", Details: "They are declared by documents of the kinds EventRules and LookupTable."},
		func(ctx context.Context, _ *struct{}) (*overviewOutput, error) {
			out, err := c.Overview(ctx)
			return &overviewOutput{out}, err
		})
	type previewInput struct {
		Body struct {
			When  string `json:"when" maxLength:"4096" doc:"A condition in CEL; every event when empty"`
			Limit int    `json:"limit,omitempty" minimum:"1" maximum:"200" default:"20"`
		}
	}
	type previewOutput struct{ Body Preview }
	httpapi.Handle(api, httpapi.Route{ID: "preview-event-rule", Method: http.MethodPost, Path: "/event-rules/preview", Tag: tag, Permission: "alerts:write",
		Summary: "Find the last recorded events that match a condition"},
		func(ctx context.Context, in *previewInput) (*previewOutput, error) {
			if err := permitAll(ctx); err != nil {
				return nil, err
			}
			limit := in.Body.Limit
			if limit == 0 {
				limit = 20
			}
			out, err := c.Preview(ctx, in.Body.When, limit)
			return &previewOutput{out}, err
		})
	type stepInput struct {
		Body struct {
			EventID   string          `json:"eventId,omitempty" maxLength:"100" doc:"A recorded event"`
			Event     *rulebook.Event `json:"event,omitempty" doc:"Or an event as it would come in"`
			Documents []Trial         `json:"documents,omitempty" maxItems:"50" doc:"Documents that are tried, in the place of those of their names"`
		}
	}
	type stepOutput struct{ Body Stepped }
	httpapi.Handle(api, httpapi.Route{ID: "step-event-rules", Method: http.MethodPost, Path: "/event-rules/step", Tag: tag, Permission: "alerts:write",
		Summary: "Follow one event through the rules", Details: "Nothing is remembered and nothing is changed: what rules that remember would do is named."},
		func(ctx context.Context, in *stepInput) (*stepOutput, error) {
			if err := permitAll(ctx); err != nil {
				return nil, err
			}
			e := in.Body.Event
			if in.Body.EventID != "" {
				r, err := c.deps.Events().Event(ctx, in.Body.EventID)
				if err != nil {
					return nil, err
				}
				e = &r.Event
			}
			if e == nil {
				return nil, core.Invalid("event", "must be given, or eventId")
			}
			if e.Kind == "" {
				e.Kind = core.Problem
			}
			if e.At.IsZero() {
				e.At = c.deps.Clock.Now()
			}
			out, err := c.Step(ctx, *e, in.Body.Documents)
			return &stepOutput{out}, err
		})
	c.replayRoutes(api)
}

func (c *Component) replayRoutes(api *httpapi.API) {
	type one struct {
		ID string `path:"id"`
	}
	type replayOutput struct{ Body Replay }
	type listOutput struct {
		Body struct {
			Items []Replay `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "replay-event-rules", Method: http.MethodPost, Path: "/event-rules/replay", Tag: tag, Permission: "alerts:write", Status: http.StatusAccepted,
		Summary: "Replay recorded events with other rules", Details: "Recorded events pass the rules as they are and the rules with the documents that are tried, each with the events' times as its clock. " +
			"The answer names the replay; GET tells how far it is and what would have been different. Events that a rule discards are not recorded, so they are not replayed."},
		func(ctx context.Context, in *struct{ Body ReplayRequest }) (*replayOutput, error) {
			if err := permitAll(ctx); err != nil {
				return nil, err
			}
			r, err := c.StartReplay(ctx, in.Body)
			return &replayOutput{r}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "list-event-rule-replays", Method: http.MethodGet, Path: "/event-rules/replays", Tag: tag, Permission: "alerts:write", Summary: "List the last replays"},
		func(ctx context.Context, _ *struct{}) (*listOutput, error) {
			if err := permitAll(ctx); err != nil {
				return nil, err
			}
			out := &listOutput{}
			var err error
			if out.Body.Items, err = c.Replays(ctx); out.Body.Items == nil {
				out.Body.Items = []Replay{}
			}
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-event-rule-replay", Method: http.MethodGet, Path: "/event-rules/replays/{id}", Tag: tag, Permission: "alerts:write", Summary: "Read a replay: how far it is, what it found"},
		func(ctx context.Context, in *one) (*replayOutput, error) {
			if err := permitAll(ctx); err != nil {
				return nil, err
			}
			r, err := c.ReadReplay(ctx, in.ID)
			return &replayOutput{r}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "cancel-event-rule-replay", Method: http.MethodDelete, Path: "/event-rules/replays/{id}", Tag: tag, Permission: "alerts:write", Summary: "Stop a replay"},
		func(ctx context.Context, in *one) (*struct{}, error) {
			if err := permitAll(ctx); err != nil {
				return nil, err
			}
			return nil, c.CancelReplay(ctx, in.ID)
		})
}
