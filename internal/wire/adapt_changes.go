package wire

import (
	"context"

	"mainstay/internal/desk/changes"
	"mainstay/internal/graph"
	"mainstay/internal/monitor"
	"mainstay/internal/platform/identity"
)

// buildChanges makes the desk's changes; monitoring asks for them.
func (s *System) buildChanges() (err error) {
	s.changes, err = changes.New(s.cfg.Changes, changes.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids,
		Items: graphForChanges{s.graph}, Teams: teamsForChanges{s.auth}})
	return err
}

// graphForChanges knows which items there are.
type graphForChanges struct{ graph *graph.Component }

func (g graphForChanges) Names(ctx context.Context, ids []string) (map[string]string, error) {
	facts, err := g.graph.Facts(ctx, ids)
	names := make(map[string]string, len(facts))
	for id, f := range facts {
		names[id] = f.Name
	}
	return names, err
}

// teamsForChanges knows which teams there are.
type teamsForChanges struct{ auth *identity.Component }

func (t teamsForChanges) Team(ctx context.Context, idOrName string) (string, error) {
	team, _, err := directory{t.auth}.Team(ctx, idOrName)
	return team.ID, err
}

// changesForMonitor tells monitoring when the items of a change are worked on.
type changesForMonitor struct{ changes *changes.Component }

func (c changesForMonitor) Planned(ctx context.Context, id string) (monitor.PlannedChange, error) {
	ch, err := c.changes.Read(ctx, id)
	if err != nil {
		return monitor.PlannedChange{}, err
	}
	p := monitor.PlannedChange{WindowChange: monitor.WindowChange{ID: ch.ID, Number: ch.Number.String()}, Title: ch.Title, Team: ch.Team, Items: ch.Items}
	p.Start, p.End, p.Working = ch.Work()
	return p, nil
}
