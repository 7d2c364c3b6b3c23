package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// who acts: on behalf of whom, in what quality, and because of which ledger entry.
type who struct {
	actor ledger.Actor
	part  Part
	cause string
}

// caller is the principal of a request.
func caller(ctx context.Context, part Part) who {
	p := auth.From(ctx)
	return who{actor: ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}, part: part}
}

// automatic is the desk itself, reacting to a ledger entry ("" for a timer).
func automatic(cause string) who {
	return who{actor: ledger.System("desk"), part: Automatic, cause: cause}
}

// change is one incident being changed in one transaction.
type change struct {
	*Component
	tx       *sqldb.Tx
	now      time.Time
	by       who
	inc      Incident
	before   Incident
	followed bool                 // impact and urgency are the situation's
	known    []Facts              // of the items, when they were asked for
	former   map[string]*Calendar // calendars that change in this transaction, as they were
	notes    []Note
	told     []announcement
}

type announcement struct{ verb, summary string }

// now is the time as the store keeps it, so that an answer shows what a later
// one will.
func (c *Component) now() time.Time { return c.deps.Clock.Now().Truncate(time.Microsecond) }

// note adds to the timeline.
func (ch *change) note(n Note) {
	if n.At.IsZero() {
		n.At = ch.now
	}
	if n.Actor == (ledger.Actor{}) {
		n.Actor = ch.by.actor
	}
	ch.notes = append(ch.notes, n)
}

// announce appends desk.incident.<verb> to the ledger.
func (ch *change) announce(verb, summary string) {
	ch.told = append(ch.told, announcement{verb, summary})
}

// begin loads an incident to be changed.
func (c *Component) begin(ctx context.Context, tx *sqldb.Tx, id string, by who) (*change, error) {
	inc, err := c.store.byID(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return c.resume(tx, inc, by), nil
}

// resume goes on from an incident that was read in tx.
func (c *Component) resume(tx *sqldb.Tx, inc Incident, by who) *change {
	ch := &change{Component: c, tx: tx, now: c.now(), by: by, inc: inc, before: inc}
	ch.before.Items = slices.Clone(inc.Items)
	return ch
}

// finish stores the change, its notes and its ledger entries.
func (ch *change) finish(ctx context.Context) error {
	if ch.before.State != ch.inc.State || ch.before.Priority != ch.inc.Priority || ch.before.RespondedAt != ch.inc.RespondedAt || ch.former != nil {
		ch.learn(ctx)
		if err := ch.keepTime(ctx, ch.tx, &ch.inc, ch.known, ch.former, ch.now); err != nil {
			return err
		}
	}
	ch.inc.Version++
	ch.inc.UpdatedAt = ch.now
	if err := ch.store.update(ctx, ch.tx, &ch.inc, !slices.Equal(ch.before.Items, ch.inc.Items)); err != nil {
		return err
	}
	if ch.inc.Reopened != ch.before.Reopened { // what repaired it then did not last
		if err := ch.store.forgetRuns(ctx, ch.tx, ch.inc.ID); err != nil {
			return err
		}
	}
	return ch.record(ctx)
}

// record writes the notes and the ledger entries.
func (ch *change) record(ctx context.Context) error {
	for _, told := range ch.told {
		if err := ch.tell(ctx, told); err != nil {
			return err
		}
	}
	return ch.store.addNotes(ctx, ch.tx, ch.deps.IDs, ch.inc.ID, ch.notes)
}

// tell appends one ledger entry about the incident.
func (ch *change) tell(ctx context.Context, told announcement) error {
	services := make([]string, len(ch.inc.Services))
	for i, s := range ch.inc.Services {
		services[i] = s.ID
	}
	data, err := json.Marshal(map[string]any{
		"id": ch.inc.ID, "number": ch.inc.Number, "title": ch.inc.Title, "state": ch.inc.State, "priority": ch.inc.Priority,
		"severity": ch.inc.Severity, "situation": ch.inc.Situation, "item": ch.inc.Item, "services": services,
		"team": ch.inc.Team, "assignee": ch.inc.Assignee, "requester": ch.inc.Requester,
	})
	if err != nil {
		return err
	}
	_, err = ch.deps.Ledger.Append(ctx, ch.tx, ledger.Entry{
		At: ch.now, Actor: ch.by.actor, Module: "desk", Type: "desk.incident." + told.verb,
		Subject: core.Ref{Kind: "incident", ID: ch.inc.ID}, Item: ch.inc.Item, Related: ch.inc.Items, Team: ch.inc.Team,
		Summary: ch.inc.Number.String() + " " + told.summary, Data: data, Cause: ch.by.cause,
	})
	return err
}

// responded notes the first answer by a person of the staff.
func (ch *change) responded() {
	if ch.inc.RespondedAt == nil && ch.by.part == Staff {
		ch.inc.RespondedAt = &ch.now
	}
}

// act moves the state machine, with what belongs to each step.
func (ch *change) act(action Action, reason string) error {
	next, err := Next(ch.inc.State, action, ch.by.part, ch.inc.Team != "" || ch.inc.Assignee != "")
	if err != nil {
		return err
	}
	ch.inc.State, ch.inc.HoldReason = next, ""
	switch action {
	case Hold:
		ch.inc.HoldReason = reason
	case Resolve:
		ch.inc.Resolution, ch.inc.ResolvedAt = reason, &ch.now
	case Close:
		ch.inc.ClosedAt = &ch.now
	case Reopen:
		ch.inc.ResolvedAt, ch.inc.ClosedAt = nil, nil
		ch.inc.Reopened++
	}
	if action != Assign {
		ch.responded()
	}
	return nil
}

// rate derives impact, urgency and priority again, unless a person fixed them.
// While the incident is worked on it only rises: that part of the fault is
// repaired is no reason to work slower on the rest.
func (ch *change) rate() {
	if !ch.inc.PriorityFixed && !ch.followed && ch.differs() {
		impact, urgency := ImpactOf(ch.inc.Services), UrgencyOf(ch.inc.Severity)
		if impact.rank() < ch.inc.Impact.rank() {
			ch.inc.Impact = impact
		}
		if urgency.rank() < ch.inc.Urgency.rank() {
			ch.inc.Urgency = urgency
		}
	}
	ch.inc.Priority = PriorityOf(ch.inc.Impact, ch.inc.Urgency)
}

// differs says whether what impact and urgency follow from is another than it was.
func (ch *change) differs() bool {
	return ch.inc.Situation == "" || ch.before.PriorityFixed != ch.inc.PriorityFixed || ch.before.Impact != ch.inc.Impact || ch.before.Urgency != ch.inc.Urgency || ch.before.Severity != ch.inc.Severity || !slices.Equal(ch.before.Services, ch.inc.Services)
}

// learn asks the graph, once, what the items are.
func (ch *change) learn(ctx context.Context) {
	if ch.known != nil || len(ch.inc.Items) == 0 {
		return
	}
	var err error
	if ch.known, err = ch.deps.Graph.Facts(ctx, ch.inc.Items); err != nil {
		ch.deps.Log.Warn("graph does not describe the items of an incident", "incident", ch.inc.Number, "error", err)
	}
}

// look asks the graph what the items are and which services they reach.
func (ch *change) look(ctx context.Context) {
	ch.known = nil
	ch.learn(ctx)
	services, err := ch.deps.Graph.Services(ctx, ch.inc.Items)
	if err != nil {
		ch.deps.Log.Warn("graph does not say which services an incident reaches", "incident", ch.inc.Number, "error", err)
		return
	}
	ch.inc.Services = services
	if services == nil {
		ch.inc.Services = []Service{}
	}
}

// open makes a new incident from what is filled in, and gives it to a team.
// An empty impact or urgency is derived.
func (c *Component) open(ctx context.Context, tx *sqldb.Tx, inc Incident, by who) (*change, error) {
	now := c.now()
	number, err := c.store.nextNumber(ctx, tx)
	if err != nil {
		return nil, err
	}
	inc.ID, inc.Number, inc.State, inc.OpenedAt, inc.UpdatedAt, inc.Version = c.deps.IDs.New(), number, Unassigned, now, now, 1
	if inc.Item != "" && !slices.Contains(inc.Items, inc.Item) {
		inc.Items = append(inc.Items, inc.Item)
	}
	inc.Items = union(nil, inc.Items)
	inc.Services = []Service{}
	if inc.Checks == nil {
		inc.Checks = []string{}
	}
	ch := &change{Component: c, tx: tx, now: now, by: by, inc: inc}
	ch.look(ctx)
	if ch.inc.Impact == "" {
		ch.inc.Impact = ImpactOf(ch.inc.Services)
	}
	if ch.inc.Urgency == "" {
		ch.inc.Urgency = UrgencyOf(ch.inc.Severity)
	}
	ch.inc.Priority = PriorityOf(ch.inc.Impact, ch.inc.Urgency)
	why := ""
	if ch.inc.Team == "" && ch.inc.Assignee == "" {
		if ch.inc.Team, why, err = c.route(ctx, tx, &ch.inc, ch.known); err != nil {
			return nil, err
		}
	}
	ch.inc.State = owned(ch.inc.Team != "" || ch.inc.Assignee != "")
	if err := c.keepTime(ctx, tx, &ch.inc, ch.known, nil, now); err != nil {
		return nil, err
	}
	if err := c.store.insert(ctx, tx, &ch.inc, by.cause); err != nil {
		return nil, err
	}
	ch.note(Note{Kind: "opened", Summary: "Opened with priority " + ch.inc.Priority.String(), Public: true, Entry: by.cause})
	if why != "" {
		ch.note(Note{Kind: "assigned", Summary: "Given to its team by " + why})
	}
	ch.announce("opened", "opened: "+ch.inc.Title)
	return ch, ch.record(ctx)
}
