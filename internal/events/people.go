package events

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Action is what a person does to alerts.
type Action string

// The actions.
const (
	Acknowledge   Action = "acknowledge"
	Unacknowledge Action = "unacknowledge"
	Comment       Action = "comment"
	ClearAlert    Action = "clear"
	Assign        Action = "assign"
	Snooze        Action = "snooze"
	Suppress      Action = "suppress"
	Release       Action = "release" // from a snooze or suppression
	AddLink       Action = "link"
	RemoveLink    Action = "unlink"
)

// Actions lists them.
func Actions() []Action {
	return []Action{Acknowledge, Unacknowledge, Comment, ClearAlert, Assign, Snooze, Suppress, Release, AddLink, RemoveLink}
}

const maxNote = 10_000

// Deed is an action with what it needs to be known.
type Deed struct {
	Action Action    `json:"action" enum:"acknowledge,unacknowledge,comment,clear,assign,snooze,suppress,release,link,unlink"`
	Text   string    `json:"text,omitempty" maxLength:"10000" doc:"The note, comment or reason; kept as a comment. To suppress, a reason must be given."`
	User   string    `json:"user,omitempty" maxLength:"200" doc:"To assign: a user, by id or name"`
	Team   string    `json:"team,omitempty" maxLength:"200" doc:"To assign: a team, by id or name. Who may see the alert does not change."`
	Until  time.Time `json:"until,omitzero" doc:"To snooze: when it ends by itself, in the next 90 days"`
	Wakes  Wake      `json:"wakes,omitempty" enum:"time,worse,change" doc:"To snooze: which change of severity ends it before"`
	URL    string    `json:"url,omitempty" maxLength:"2000" doc:"To link or unlink: an address of the web"`
	Record string    `json:"record,omitempty" maxLength:"200" doc:"Or a record, as kind/id: incident/..., situation/..., item/..."`
	Title  string    `json:"title,omitempty" maxLength:"300" doc:"What a link is called; a record's own title when absent"`

	link   link   // made ready
	holder string // the names of whom it is given to
}

// actorOf is the caller as the ledger names actors.
func actorOf(ctx context.Context) ledger.Actor {
	if p := auth.From(ctx); p != nil {
		return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return ledger.System(module)
}

// Outcome is what became of one alert of an action on many.
type Outcome struct {
	ID    string `json:"id"`
	Done  bool   `json:"done"`
	Error string `json:"error,omitempty" doc:"Why it was not done"`
}

// Act does one thing to alerts; text is the note, the comment, or to whom they
// are assigned.
func (c *Component) Act(ctx context.Context, action Action, ids []string, text string) ([]Outcome, error) {
	deed := Deed{Action: action, Text: text}
	if action == Assign {
		deed.Text, deed.User = "", text
	}
	return c.Do(ctx, deed, ids)
}

// Do does one thing to alerts, in one transaction. An alert it cannot be done
// to is named in its outcome; the others are done.
func (c *Component) Do(ctx context.Context, deed Deed, ids []string) ([]Outcome, error) {
	deed, err := c.ready(ctx, deed)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, deed, ids)
}

// ready checks a deed and looks up what it names.
func (c *Component) ready(ctx context.Context, d Deed) (Deed, error) {
	if !slices.Contains(Actions(), d.Action) {
		return d, core.Invalid("action", "must be one of acknowledge, unacknowledge, comment, clear, assign, snooze, suppress, release, link and unlink")
	}
	if len(d.Text) > maxNote || !plain(d.Text) {
		return d, core.Invalid("text", "must be text of at most 10000 bytes")
	}
	blank := strings.TrimSpace(d.Text) == ""
	var err error
	switch d.Action {
	case Comment:
		if blank {
			err = core.Invalid("text", "must not be empty")
		}
	case Suppress:
		if blank {
			err = core.Invalid("text", "must say why")
		}
	case Snooze:
		d.Until = core.FromMicros(core.Micros(d.Until))
		err = checkSnooze(d.Until, d.Wakes, c.deps.Clock.Now())
	case Assign:
		err = c.holders(ctx, &d)
	case AddLink, RemoveLink:
		d.link, err = c.linkOf(ctx, d)
	}
	return d, err
}

// holders finds whom an alert is given to.
func (c *Component) holders(ctx context.Context, d *Deed) error {
	for _, one := range []struct {
		field string
		name  *string
		find  func(context.Context, string) (Holder, error)
	}{{"user", &d.User, c.deps.Directory.User}, {"team", &d.Team, c.deps.Directory.Team}} {
		if *one.name == "" {
			continue
		}
		found, err := one.find(ctx, *one.name)
		if core.CodeOf(err) == core.CodeNotFound {
			return core.Invalid(one.field, "there is no "+one.field+" "+*one.name)
		}
		if err != nil {
			return err
		}
		*one.name = found.ID
		d.holder = strings.TrimPrefix(d.holder+" and "+found.Name, " and ")
	}
	return nil
}

func (c *Component) do(ctx context.Context, deed Deed, ids []string) ([]Outcome, error) {
	var outcomes []Outcome
	var changed []*Alert
	var released []string
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		outcomes, changed, released = outcomes[:0], nil, nil
		alerts, err := alertsWhere(ctx, tx, "id IN ("+sqldb.In(len(ids), 1)+") ORDER BY id", true, anys(ids)...)
		if err != nil {
			return err
		}
		found := make(map[string]*Alert, len(alerts))
		for _, a := range alerts {
			found[a.ID] = a
		}
		scope := auth.From(ctx).Scope("alerts:act")
		for _, id := range ids {
			a := found[id]
			if a == nil || !scope.Allows(a.Team) {
				outcomes = append(outcomes, Outcome{ID: id, Error: "no such alert"})
				continue
			}
			if err := c.actOn(ctx, tx, deed, a); core.CodeOf(err) == core.CodeConflict {
				outcomes = append(outcomes, Outcome{ID: id, Error: err.Error()})
				continue
			} else if err != nil {
				return err
			}
			if deed.Action == Release {
				released = append(released, id)
			}
			delete(found, id) // named twice, done once
			changed = append(changed, a)
			outcomes = append(outcomes, Outcome{ID: id, Done: true})
		}
		return c.updateAlerts(ctx, tx, changed)
	})
	if err != nil {
		return outcomes, err
	}
	c.seen(changed)
	if len(released) > 0 { // a silence, or maintenance, may hold them back now
		return outcomes, c.judgeAgain(ctx, released)
	}
	return outcomes, nil
}

func (c *Component) actOn(ctx context.Context, tx *sqldb.Tx, d Deed, a *Alert) error {
	now, by := c.deps.Clock.Now(), actorOf(ctx)
	t := telling{actor: by, effect: Changed}
	switch d.Action {
	case Acknowledge:
		if !a.Active {
			return core.Errorf(core.CodeConflict, "it is cleared")
		}
		a.Acknowledge(by.Name, d.Text, now)
		t.effect, t.why = "acknowledged", "Acknowledged by "+by.Name+"."
	case Unacknowledge:
		if a.AckedBy == "" {
			return core.Errorf(core.CodeConflict, "it is not acknowledged")
		}
		a.unacknowledge()
		a.stamp(now)
		t.why = by.Name + " took the acknowledgement back."
	case ClearAlert:
		if !c.policy.ClearNow(a, now) {
			return core.Errorf(core.CodeConflict, "it is cleared already")
		}
		t.effect, t.why = Ended, "Cleared by "+by.Name+"."
	case Assign:
		a.Assignee, a.AssignedTeam = d.User, d.Team
		a.stamp(now)
		t.why = fmt.Sprintf("Assigned to %s by %s.", d.holder, by.Name)
		if d.User == "" && d.Team == "" {
			t.why = by.Name + " took the assignment back."
		}
	case Comment:
		t.effect, t.why = "commented", d.Text
	case Snooze, Suppress, Release:
		if err := a.hold(d, by.Name, now, &t); err != nil {
			return err
		}
	case AddLink, RemoveLink:
		if err := c.changeLink(ctx, tx, d, a, by, &t); err != nil {
			return err
		}
	}
	if d.Text != "" {
		if err := c.comment(ctx, tx, core.Ref{Kind: "alert", ID: a.ID}, by, d.Text); err != nil {
			return err
		}
	}
	return c.tell(ctx, tx, a, t)
}

// hold begins or ends what a person decided to hold the alert back.
func (a *Alert) hold(d Deed, by string, now time.Time, t *telling) error {
	if !a.Active {
		return core.Errorf(core.CodeConflict, "it is cleared")
	}
	switch d.Action {
	case Snooze:
		a.snooze(by, d.Text, d.Until, d.Wakes, now)
		t.effect, t.why = "snoozed", "Snoozed by "+by+a.Hold.words()+"."
	case Suppress:
		a.suppress(by, d.Text, now)
		t.effect, t.why = "suppressed", "Suppressed by "+by+": "+d.Text
	case Release:
		if a.Hold.Kind == "" {
			return core.Errorf(core.CodeConflict, "it is neither snoozed nor suppressed by a person")
		}
		a.Hold, a.Suppressed = Hold{}, Suppression{}
		a.stamp(now)
		t.effect, t.why = Woken, by+" ended what held it back."
	}
	return nil
}

// comment keeps what a person wrote about an alert or situation.
func (c *Component) comment(ctx context.Context, tx *sqldb.Tx, subject core.Ref, by ledger.Actor, text string) error {
	_, err := tx.Exec(ctx, "INSERT INTO events_comment (id, subject_kind, subject_id, at, by_id, by_name, body) VALUES ($1,$2,$3,$4,$5,$6,$7)",
		c.deps.IDs.New(), subject.Kind, subject.ID, core.Micros(c.deps.Clock.Now()), by.ID, by.Name, text)
	return err
}
