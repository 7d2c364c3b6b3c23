package wire

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/oncall"
	"mainstay/internal/graph"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/secrets"
)

// messageTimeout bounds one call of a channel.
const messageTimeout = 20 * time.Second

// buildOnCall makes what brings situations to people.
func (s *System) buildOnCall() (err error) {
	s.onCall, err = oncall.New(s.cfg.OnCall, oncall.Dependencies{DB: s.db, Ledger: s.ledger, Tasks: s.tasks, Situations: situationsForOnCall{s.events, s.graph},
		People: peopleForOnCall{s.auth}, Secrets: secretsForOnCall{s.secrets}, Events: s.events, Mail: s.mail, HTTP: s.guard.Client(messageTimeout),
		Address: s.publicAddress, Clock: s.clock, IDs: s.ids, Log: s.log})
	return err
}

// situationsForOnCall are situations as pages see them: whatever team they belong to.
type situationsForOnCall struct {
	events *events.Component
	graph  *graph.Component
}

// labelsRead bounds the alerts whose labels are looked at.
const labelsRead = 200

func (e situationsForOnCall) Situation(ctx context.Context, id string, full bool) (oncall.Situation, error) {
	ctx = auth.With(ctx, auth.System("on call"))
	page, err := e.events.Situations(ctx, listing.Params{Where: []string{"id=" + id}, Limit: 1})
	if err != nil {
		return oncall.Situation{}, err
	}
	if len(page.Items) == 0 {
		return oncall.Situation{}, core.NotFound("situation", id)
	}
	v := page.Items[0]
	s := oncall.Situation{ID: v.ID, Open: v.State == correlation.Open, Title: v.Title, Severity: v.Severity, Team: v.Team, Root: v.RootName, Alerts: v.ActiveAlerts}
	for _, service := range v.Services {
		s.Services = append(s.Services, service.Name)
	}
	if s.Acknowledged, err = e.acknowledged(ctx, v); err != nil {
		return s, err
	}
	if s.Snoozed, err = e.snoozed(ctx, s); err != nil || !full {
		return s, err
	}
	return s, e.describe(ctx, &s)
}

// acknowledged is who has a situation: nobody, as long as an alert of it is open.
func (e situationsForOnCall) acknowledged(ctx context.Context, v events.SituationView) (string, error) {
	open, err := e.events.Alerts(ctx, listing.Params{Where: []string{"situation=" + v.ID, "state=open"}, Limit: 1})
	if err != nil || len(open.Items) > 0 {
		return "", err
	}
	if v.Acknowledged != nil {
		return v.Acknowledged.By, nil
	}
	taken, err := e.events.Alerts(ctx, listing.Params{Where: []string{"situation=" + v.ID, "state=acknowledged"}, Sort: "-changedAt", Limit: 1})
	if err != nil || len(taken.Items) == 0 || taken.Items[0].Acknowledged == nil {
		return "", err
	}
	return taken.Items[0].Acknowledged.By, nil
}

// snoozed says whether all that is wrong in a situation is snoozed.
func (e situationsForOnCall) snoozed(ctx context.Context, s oncall.Situation) (bool, error) {
	if !s.Open || s.Acknowledged != "" {
		return false, nil
	}
	awake, err := e.events.Alerts(ctx, listing.Params{Where: []string{"situation=" + s.ID, "state=open,acknowledged"}, Limit: 1})
	if err != nil || len(awake.Items) > 0 {
		return false, err
	}
	asleep, err := e.events.Alerts(ctx, listing.Params{Where: []string{"situation=" + s.ID, "active=true", "heldBy=snooze"}, Limit: 1})
	return len(asleep.Items) > 0, err
}

// describe adds what selectors look at.
func (e situationsForOnCall) describe(ctx context.Context, s *oncall.Situation) error {
	alerts, err := e.events.Alerts(ctx, listing.Params{Where: []string{"situation=" + s.ID, "active=true"}, Limit: labelsRead})
	if err != nil {
		return err
	}
	var items []string
	for _, a := range alerts.Items {
		s.Labels = append(s.Labels, a.Labels)
		if a.Item != "" {
			items = append(items, a.Item)
		}
	}
	facts, err := e.graph.Facts(ctx, items)
	seen := map[string]bool{}
	for _, f := range facts {
		classes := []string{f.Class}
		if class, ok := e.graph.Catalogue().Class(f.Class); ok {
			classes = class.Ancestors
		}
		for _, name := range classes {
			if !seen[name] {
				seen[name] = true
				s.Classes = append(s.Classes, name)
			}
		}
	}
	return err
}

func (e situationsForOnCall) Acknowledge(ctx context.Context, id, note string) error {
	return e.events.AcknowledgeSituation(ctx, id, note)
}

func (e situationsForOnCall) Close(ctx context.Context, id, note string) error {
	return e.events.CloseSituation(ctx, id, note)
}

// peopleForOnCall are the users of the installation.
type peopleForOnCall struct{ auth *identity.Component }

func personOf(u identity.User, err error) (oncall.Person, error) {
	return oncall.Person{ID: u.ID, Username: u.Username, Name: u.Name, Email: u.Email, Active: u.Active}, err
}

func (p peopleForOnCall) ByID(ctx context.Context, id string) (oncall.Person, error) {
	return personOf(p.auth.User(ctx, id))
}

func (p peopleForOnCall) ByUsername(ctx context.Context, name string) (oncall.Person, error) {
	return personOf(p.auth.UserNamed(ctx, name))
}

func (p peopleForOnCall) Members(ctx context.Context, team string) ([]oncall.Person, error) {
	teams, err := p.auth.Teams(ctx)
	if err != nil {
		return nil, err
	}
	for id, name := range teams {
		if id != team && name != team {
			continue
		}
		users, err := p.auth.Members(ctx, id)
		out := make([]oncall.Person, len(users))
		for i, u := range users {
			out[i], _ = personOf(u, nil)
		}
		return out, err
	}
	return nil, core.NotFound("team", team)
}

func (p peopleForOnCall) Principal(ctx context.Context, id string) (*auth.Principal, error) {
	return p.auth.PrincipalNow(ctx, id)
}

// secretsForOnCall opens what channels refer to.
type secretsForOnCall struct{ *secrets.Component }

func (s secretsForOnCall) Reveal(ctx context.Context, reference string, by core.Ref, team string) (string, error) {
	return s.Resolve(ctx, reference, secrets.Use{By: by, Team: team})
}
