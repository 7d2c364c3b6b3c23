package monitor

import (
	"context"
	"net/http"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/probe"
)

// StartMaintenance is what a deployment says before it begins.
type StartMaintenance struct {
	Name    string `json:"name,omitempty" doc:"One is made up when left out"`
	Reason  string `json:"reason" minLength:"1" maxLength:"1000"`
	Minutes int    `json:"minutes" minimum:"1" maximum:"44640" doc:"It ends by itself then"`
	Team    string `json:"team,omitempty"`
	WindowItems
}

// Occurrence is one time at which a window holds.
type Occurrence struct {
	Window    string    `json:"window" doc:"Id of the window"`
	Name      string    `json:"name"`
	Reason    string    `json:"reason,omitempty"`
	Team      string    `json:"team,omitempty"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	Recurring bool      `json:"recurring"`
	At        time.Time `json:"occurrence" doc:"its start as the recurrence gives it, by which it is changed"`
	Changed   bool      `json:"changed,omitempty" doc:"it is another than the recurrence says"`
	Cancelled bool      `json:"cancelled,omitempty" doc:"it does not take place"`
}

func (c *Component) startRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "start-maintenance", Method: http.MethodPost, Path: "/maintenance/start", Summary: "Begin maintenance now, for some minutes", Tag: tag, Permission: "maintenance:write", Status: http.StatusCreated,
		Details: "For scripts that deploy: the answer has the id to end or extend it with. With an Idempotency-Key a repeated call begins nothing anew."}, c.httpStart)
	httpapi.Handle(api, httpapi.Route{ID: "end-maintenance", Method: http.MethodPost, Path: "/maintenance/{id}/end", Summary: "End maintenance that is on, now", Tag: tag, Permission: "maintenance:write",
		Details: "Of a window that recurs the occurrence that is on ends; the others stay as they are."}, c.httpEnd)
	httpapi.Handle(api, httpapi.Route{ID: "extend-maintenance", Method: http.MethodPost, Path: "/maintenance/{id}/extend", Summary: "Let maintenance that is on end later", Tag: tag, Permission: "maintenance:write",
		Details: "Of a window that recurs the occurrence that is on ends later; the others stay as they are."}, c.httpExtend)
	httpapi.Handle(api, httpapi.Route{ID: "change-maintenance-occurrence", Method: http.MethodPost, Path: "/maintenance/{id}/occurrences", Summary: "Cancel, move or restore one occurrence of a recurring window", Tag: tag, Permission: "maintenance:write",
		Details: "The others stay as they are. One that is on is ended or extended by /end and /extend."}, c.httpChangeOccurrence)
	httpapi.Handle(api, httpapi.Route{ID: "list-maintenance-occurrences", Method: http.MethodGet, Path: "/maintenance/occurrences", Summary: "List when maintenance is, in order", Tag: tag, Permission: "maintenance:read",
		Details: "Each time that a recurring window holds is one; 2000 at most."}, c.httpOccurrences)
}

func (c *Component) httpStart(ctx context.Context, in *struct{ Body StartMaintenance }) (*windowOutput, error) {
	b := in.Body
	if err := allowed(ctx, "maintenance:write", b.Team, "maintenance window", b.Name); err != nil {
		return nil, err
	}
	now := core.FromMicros(core.Micros(c.deps.Clock.Now()))
	if b.Name == "" {
		b.Name = "started-" + now.UTC().Format("2006-01-02T15:04:05") + "-" + c.deps.IDs.New()[18:]
	} else if _, err := c.store.windowBy(ctx, c.deps.DB, b.Name); err == nil {
		return nil, core.Errorf(core.CodeConflict, "there is already a maintenance window named %q", b.Name)
	}
	w, _, err := c.PutWindow(ctx, b.Name, WindowSpec{Reason: b.Reason, Team: b.Team, Start: now, Duration: probe.Duration(time.Duration(b.Minutes) * time.Minute),
		Items: b.Items, Identities: b.Identities, Selector: b.Selector, Below: b.Below, All: b.All}, "")
	if err != nil {
		return nil, err
	}
	return c.windowView(w), nil
}

func (c *Component) httpEnd(ctx context.Context, in *ByID) (*windowOutput, error) {
	return c.until(ctx, in.ID, func(_, now time.Time) time.Time { return now })
}

func (c *Component) httpExtend(ctx context.Context, in *struct {
	ByID
	Body struct {
		Minutes int `json:"minutes" minimum:"1" maximum:"44640" doc:"Added to the time at which it would end"`
	}
}) (*windowOutput, error) {
	return c.until(ctx, in.ID, func(end, _ time.Time) time.Time { return end.Add(time.Duration(in.Body.Minutes) * time.Minute) })
}

// until moves the end of a window that is on; of one that recurs, the end of
// the occurrence that is on.
func (c *Component) until(ctx context.Context, ref string, moved func(end, now time.Time) time.Time) (*windowOutput, error) {
	w, err := c.visibleWindow(ctx, ref, "write")
	if err != nil {
		return nil, err
	}
	now := core.FromMicros(core.Micros(c.deps.Clock.Now()))
	end := w.Spec.Start.Add(w.Spec.length())
	switch {
	case w.Spec.Recurrence != "":
		o, on := w.Spec.on(now)
		if !on {
			return nil, core.Errorf(core.CodeConflict, "no occurrence of the window %s is on: change one that is planned by its start", w.Name)
		}
		if end = moved(o.to, now); end.After(o.from) {
			w.Spec.except(Exception{Occurrence: o.at, Start: other(o.from, o.at), End: &end}, now)
		} else {
			w.Spec.except(Exception{Occurrence: o.at, Cancelled: true}, now)
		}
	case !now.After(w.Spec.Start):
		return nil, core.Errorf(core.CodeConflict, "the window %s has not begun: change or delete it instead", w.Name)
	case !now.Before(end):
		return nil, core.Errorf(core.CodeConflict, "the window %s is over", w.Name)
	default:
		end = moved(end, now)
		w.Spec.End, w.Spec.Duration = &end, 0
	}
	w, _, err = c.PutWindow(ctx, w.Name, w.Spec, httpapi.ETag(w.Version))
	if err != nil {
		return nil, err
	}
	return c.windowView(w), nil
}

// other is a time when it differs from what would be anyway.
func other(at, given time.Time) *time.Time {
	if at.Equal(given) {
		return nil
	}
	return &at
}

// ChangeOccurrence is what becomes of one occurrence of a window that recurs.
type ChangeOccurrence struct {
	Occurrence time.Time  `json:"occurrence" doc:"the occurrence's start as the recurrence gives it: occurrence of the list"`
	Change     string     `json:"change" enum:"cancel,move,restore" doc:"cancel: it does not take place; move: it starts or ends at another time; restore: it is as the recurrence says"`
	Start      *time.Time `json:"start,omitempty" doc:"when it is moved"`
	End        *time.Time `json:"end,omitempty" doc:"when it is moved"`
}

func (c *Component) httpChangeOccurrence(ctx context.Context, in *struct {
	ByVersion
	Body ChangeOccurrence
}) (*windowOutput, error) {
	w, err := c.visibleWindow(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	if w.Spec.Recurrence == "" {
		return nil, core.Errorf(core.CodeConflict, "the window %s happens once: change or delete it instead", w.Name)
	}
	b, now := in.Body, c.deps.Clock.Now()
	switch b.Change {
	case "cancel":
		w.Spec.except(Exception{Occurrence: b.Occurrence, Cancelled: true}, now)
	case "move":
		w.Spec.except(Exception{Occurrence: b.Occurrence, Start: b.Start, End: b.End}, now)
	case "restore":
		w.Spec.restore(b.Occurrence)
	}
	match := in.IfMatch
	if match == "" {
		match = httpapi.ETag(w.Version)
	}
	w, _, err = c.PutWindow(ctx, w.Name, w.Spec, match)
	if err != nil {
		return nil, err
	}
	return c.windowView(w), nil
}

// maxOccurrences bounds one answer.
const maxOccurrences = 2000

func (win *Window) occurrence(s span) Occurrence {
	changed := slices.ContainsFunc(win.Spec.Exceptions, func(x Exception) bool { return x.Occurrence.Equal(s.at) })
	return Occurrence{Window: win.ID, Name: win.Name, Reason: win.Spec.Reason, Team: win.Spec.Team, Start: s.from, End: s.to, Recurring: win.Spec.Recurrence != "", At: s.at, Changed: changed}
}

type occurrencesOutput struct {
	Body struct {
		Items []Occurrence `json:"items" nullable:"false"`
	}
}

func (c *Component) httpOccurrences(ctx context.Context, in *struct {
	From      time.Time `query:"from" doc:"Now when left out"`
	To        time.Time `query:"to" doc:"31 days after from when left out, at most 400"`
	Cancelled bool      `query:"cancelled" doc:"also those that do not take place"`
}) (*occurrencesOutput, error) {
	from, to := in.From, in.To
	if from.IsZero() {
		from = c.deps.Clock.Now()
	}
	if to.IsZero() {
		to = from.AddDate(0, 0, 31)
	}
	if !from.Before(to) || to.Sub(from) > 400*24*time.Hour {
		return nil, core.Invalid("to", "must be after from, at most 400 days")
	}
	where, args := teamFilter(ctx, "maintenance:read", "team")
	condition := "1 = 1"
	if len(where) > 0 {
		condition = where[0]
	}
	list, err := c.store.windowsWhere(ctx, c.deps.DB, condition, args...)
	if err != nil {
		return nil, err
	}
	out := &occurrencesOutput{}
	out.Body.Items = []Occurrence{}
	for _, w := range list {
		spans, err := w.Spec.spans(from, to)
		if err != nil {
			continue // it was valid once: the zones of this host are others
		}
		for _, s := range spans[:min(len(spans), maxOccurrences)] {
			out.Body.Items = append(out.Body.Items, w.occurrence(s))
		}
		for _, x := range w.Spec.Exceptions {
			if s := (&Exception{Occurrence: x.Occurrence}).span(w.Spec.length()); in.Cancelled && x.Cancelled && s.from.Before(to) && s.to.After(from) {
				o := w.occurrence(s)
				o.Cancelled = true
				out.Body.Items = append(out.Body.Items, o)
			}
		}
	}
	slices.SortFunc(out.Body.Items, func(a, b Occurrence) int { return a.Start.Compare(b.Start) })
	out.Body.Items = out.Body.Items[:min(len(out.Body.Items), maxOccurrences)]
	return out, nil
}
