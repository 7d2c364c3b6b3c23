package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// Draft is an incident that a person opens.
type Draft struct {
	Title       string         `json:"title" minLength:"3" maxLength:"300"`
	Description string         `json:"description,omitempty" maxLength:"100000" doc:"Markdown"`
	Severity    *core.Severity `json:"severity,omitempty" doc:"As the reporter sees it; minor when absent"`
	Impact      Level          `json:"impact,omitempty" enum:"high,medium,low" doc:"Absent: from the business services reached"`
	Urgency     Level          `json:"urgency,omitempty" enum:"high,medium,low" doc:"Absent: from the severity"`
	Item        string         `json:"item,omitempty" maxLength:"64"`
	Items       []string       `json:"items,omitempty" maxItems:"1000"`
	Team        string         `json:"team,omitempty" maxLength:"200" doc:"Id or name; absent: by the assignment rules"`
	Assignee    string         `json:"assignee,omitempty" maxLength:"64" doc:"User id"`
	Requester   string         `json:"requester,omitempty" maxLength:"64" doc:"User id of who asked for help; absent: nobody"`
}

// Create opens an incident for a person.
func (c *Component) Create(ctx context.Context, d Draft) (Incident, error) {
	by := caller(ctx, Staff)
	team, err := c.team(ctx, d.Team)
	if err != nil {
		return Incident{}, err
	}
	if !auth.From(ctx).Scope("incidents:write").Allows(team) {
		return Incident{}, core.Errorf(core.CodeForbidden, "you may not open incidents of that team")
	}
	if err := c.person(ctx, "assignee", d.Assignee); err != nil {
		return Incident{}, err
	}
	if err := c.person(ctx, "requester", d.Requester); err != nil {
		return Incident{}, err
	}
	inc := Incident{Title: strings.TrimSpace(d.Title), Description: d.Description, Severity: core.Minor, Impact: d.Impact, Urgency: d.Urgency,
		PriorityFixed: d.Impact != "" || d.Urgency != "", Item: d.Item, Items: slices.Clone(d.Items), Team: team, Assignee: d.Assignee, Requester: d.Requester}
	if d.Severity != nil {
		inc.Severity = *d.Severity
	}
	return c.create(ctx, inc, by)
}

func (c *Component) create(ctx context.Context, inc Incident, by who) (out Incident, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.open(ctx, tx, inc, by)
		if err == nil {
			out = ch.inc
		}
		return err
	})
	return out, err
}

// team resolves a team's id or name; "" stays "".
func (c *Component) team(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	entity, found, err := c.deps.Directory.Team(ctx, name)
	if err == nil && !found {
		err = core.Invalid("team", "there is no such team")
	}
	return entity.ID, err
}

// person checks that there is a user; "" is nobody.
func (c *Component) person(ctx context.Context, field, id string) error {
	if id == "" {
		return nil
	}
	_, found, err := c.deps.Directory.User(ctx, id)
	if err == nil && !found {
		err = core.Invalid(field, "there is no such user")
	}
	return err
}

// alter changes one incident for the caller, who must have the permission for it.
func (c *Component) alter(ctx context.Context, id, ifMatch string, permission auth.Permission, fn func(ch *change) error) (Incident, error) {
	by := caller(ctx, Staff)
	scope := auth.From(ctx).Scope(permission)
	visible := auth.From(ctx).Scope("incidents:read")
	return c.alterAs(ctx, id, ifMatch, by, func(inc Incident) error {
		switch {
		case scope.Allows(inc.Team):
			return nil
		case visible.Allows(inc.Team):
			return core.Errorf(core.CodeForbidden, "this needs the permission %s for the incident's team", permission)
		}
		return core.NotFound("incident", id)
	}, fn)
}

// attempts bounds how often a change is tried again because someone else
// changed the same incident; with If-Match it is the caller's to decide.
const attempts = 5

func (c *Component) alterAs(ctx context.Context, id, ifMatch string, by who, may func(Incident) error, fn func(ch *change) error) (out Incident, err error) {
	for range attempts {
		err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			ch, err := c.begin(ctx, tx, id, by)
			if err != nil {
				return err
			}
			if err := may(ch.inc); err != nil {
				return err
			}
			if err := httpapi.Match(ifMatch, ch.inc.Version); err != nil {
				return err
			}
			if err := fn(ch); err != nil {
				return err
			}
			if err := ch.finish(ctx); err != nil {
				return err
			}
			out = ch.inc
			return nil
		})
		if core.CodeOf(err) != core.CodeStale || ifMatch != "" {
			break
		}
	}
	return out, err
}

// Patch is what a person changes; absent fields stay.
type Patch struct {
	Title       *string `json:"title,omitempty" minLength:"3" maxLength:"300"`
	Description *string `json:"description,omitempty" maxLength:"100000"`
	Impact      *Level  `json:"impact,omitempty" enum:"high,medium,low" doc:"Fixes the priority"`
	Urgency     *Level  `json:"urgency,omitempty" enum:"high,medium,low" doc:"Fixes the priority"`
	Automatic   *bool   `json:"automatic,omitempty" doc:"True: impact and urgency follow the situation again"`
	Item        *string `json:"item,omitempty" maxLength:"64"`
}

// Update changes what is written in an incident.
func (c *Component) Update(ctx context.Context, id, ifMatch string, p Patch) (Incident, error) {
	return c.alter(ctx, id, ifMatch, "incidents:write", func(ch *change) error {
		if ch.inc.State == Closed {
			return core.Errorf(core.CodeConflict, "a closed incident is not changed any more; reopen it first")
		}
		var what []string
		if p.Title != nil && strings.TrimSpace(*p.Title) != ch.inc.Title {
			ch.inc.Title = strings.TrimSpace(*p.Title)
			what = append(what, "title")
		}
		if p.Description != nil && *p.Description != ch.inc.Description {
			ch.inc.Description = *p.Description
			what = append(what, "description")
		}
		if p.Item != nil && *p.Item != ch.inc.Item {
			if ch.inc.Item = *p.Item; ch.inc.Item != "" && !slices.Contains(ch.inc.Items, ch.inc.Item) {
				ch.inc.Items = append(ch.inc.Items, ch.inc.Item)
				slices.Sort(ch.inc.Items)
				ch.look(ctx)
			}
			what = append(what, "item")
		}
		if p.Impact != nil {
			ch.inc.Impact, ch.inc.PriorityFixed = *p.Impact, true
		}
		if p.Urgency != nil {
			ch.inc.Urgency, ch.inc.PriorityFixed = *p.Urgency, true
		}
		if p.Automatic != nil && *p.Automatic {
			ch.inc.PriorityFixed, ch.inc.Impact, ch.inc.Urgency = false, Low, Low
			ch.look(ctx)
		}
		ch.rate()
		if ch.inc.Priority != ch.before.Priority {
			what = append(what, fmt.Sprintf("priority from %s to %s", ch.before.Priority, ch.inc.Priority))
		}
		if len(what) > 0 {
			ch.note(Note{Kind: "changed", Summary: "Changed " + strings.Join(what, ", ")})
			ch.announce("changed", "changed: "+strings.Join(what, ", "))
		}
		return nil
	})
}

// Move is a step of the state machine that a person takes.
type Move struct {
	Action Action `json:"action" enum:"start,hold,resume,resolve,close,reopen"`
	Reason string `json:"reason,omitempty" maxLength:"100000" doc:"Why it waits, how it was resolved, why it is reopened; needed to hold and to resolve"`
}

// Transition takes a step.
func (c *Component) Transition(ctx context.Context, id, ifMatch string, m Move) (Incident, error) {
	return c.alter(ctx, id, ifMatch, "incidents:act", func(ch *change) error { return ch.move(m) })
}

// move takes a step on behalf of a person.
func (ch *change) move(m Move) error {
	reason := strings.TrimSpace(m.Reason)
	if reason == "" && (m.Action == Hold || m.Action == Resolve) {
		return core.Invalid("reason", "must be given to "+string(m.Action)+" an incident")
	}
	if err := ch.act(m.Action, reason); err != nil {
		return err
	}
	if m.Action == Begin && ch.inc.Assignee == "" && ch.by.actor.Kind == auth.KindUser {
		ch.inc.Assignee = ch.by.actor.ID
	}
	verb := map[Action]string{Resolve: "resolved", Close: "closed", Reopen: "reopened"}[m.Action]
	if verb == "" {
		verb = "changed"
	}
	words := map[Action]string{Begin: "Work has begun", Hold: "On hold", Resume: "Work goes on", Resolve: "Resolved", Close: "Closed", Reopen: "Reopened"}[m.Action]
	if reason != "" {
		words += ": " + firstLine(reason)
	}
	ch.note(Note{Kind: "state", Summary: words, Public: true})
	ch.announce(verb, strings.ToLower(words[:1])+words[1:])
	return nil
}

// Assignment gives an incident to a team and a person; both empty gives it back.
type Assignment struct {
	Team     string `json:"team,omitempty" maxLength:"200" doc:"Id or name"`
	Assignee string `json:"assignee,omitempty" maxLength:"64" doc:"User id"`
}

// Assign gives an incident to someone.
func (c *Component) Assign(ctx context.Context, id, ifMatch string, a Assignment) (Incident, error) {
	team, err := c.team(ctx, a.Team)
	if err != nil {
		return Incident{}, err
	}
	if err := c.person(ctx, "assignee", a.Assignee); err != nil {
		return Incident{}, err
	}
	return c.alter(ctx, id, ifMatch, "incidents:act", func(ch *change) error {
		ch.inc.Team, ch.inc.Assignee = team, a.Assignee
		if err := ch.act(Assign, ""); err != nil {
			return err
		}
		if ch.inc.State == OnHold {
			ch.inc.HoldReason = ch.before.HoldReason
		}
		summary := "Given to " + c.describe(ctx, team, a.Assignee)
		ch.note(Note{Kind: "assigned", Summary: summary})
		ch.announce("changed", strings.ToLower(summary[:1])+summary[1:])
		return nil
	})
}

// describe names who has an incident.
func (c *Component) describe(ctx context.Context, team, assignee string) string {
	var names []string
	if entity, found, err := c.deps.Directory.User(ctx, assignee); err == nil && found && assignee != "" {
		names = append(names, entity.Name)
	}
	if entity, found, err := c.deps.Directory.Team(ctx, team); err == nil && found && team != "" {
		names = append(names, entity.Name)
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// comment writes a comment and its line of the timeline.
func (ch *change) comment(ctx context.Context, body string, public bool) (Comment, error) {
	body = strings.TrimSpace(body)
	if body == "" {
		return Comment{}, core.Invalid("body", "must not be empty")
	}
	comment := Comment{ID: ch.deps.IDs.New(), At: ch.now, Author: ch.by.actor, Public: public, Body: body, HTML: ch.render.html(body)}
	if public {
		ch.responded()
	}
	ch.note(Note{Kind: "comment", Summary: clipText(firstLine(body), 200), Public: public, Subject: &core.Ref{Kind: "comment", ID: comment.ID}})
	ch.announce("commented", "commented by "+ch.by.actor.Name)
	return comment, ch.store.addComment(ctx, ch.tx, ch.inc.ID, comment)
}

// attach records a file that is stored already.
func (ch *change) attach(ctx context.Context, name, sum string, content []byte, public bool) (Attachment, error) {
	a := Attachment{ID: ch.deps.IDs.New(), At: ch.now, Author: ch.by.actor, Public: public, Name: fileName(name), Type: sniff(content), Size: int64(len(content)), SHA256: sum}
	ch.note(Note{Kind: "attachment", Summary: "Attached " + a.Name, Public: public, Subject: &core.Ref{Kind: "attachment", ID: a.ID}})
	return a, ch.store.addAttachment(ctx, ch.tx, ch.inc.ID, a)
}

// clipText shortens to n characters.
func clipText(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}
