package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// situation is what the desk reads of an entry events.situation.*.
type situation struct {
	ID         string        `json:"id"`
	Title      string        `json:"title"`
	Severity   core.Severity `json:"severity"`
	MergedInto string        `json:"mergedInto"`
	Why        string        `json:"why"` // it closed
	RootCause  struct {
		Item string `json:"item"`
	} `json:"rootCause"`
	Items  []string `json:"items"`
	Checks []string `json:"checks"` // that fail

	// What the situation's own table made of its reach; empty in old entries.
	Priority string `json:"priority"`
	Impact   Level  `json:"impact"`
	Urgency  Level  `json:"urgency"`
	Set      bool   `json:"prioritySet"`      // a person set it
	Released bool   `json:"priorityReleased"` // a person has just taken that back
}

// levels are an impact and an urgency that meet in the situation's priority:
// its own where they do, else the nearest that keep the impact.
func (s situation) levels() (impact, urgency Level, ok bool) {
	if len(s.Priority) != 2 || s.Priority[0] != 'P' || s.Priority[1] < '1' || s.Priority[1] > '5' {
		return "", "", false
	}
	order := []Level{High, Medium, Low}
	sum := int(s.Priority[1] - '1')
	impact, urgency = s.Impact, s.Urgency
	if !slices.Contains(order, impact) {
		impact = Low
	}
	if !slices.Contains(order, urgency) || impact.rank()+urgency.rank() != sum {
		first := min(max(impact.rank(), sum-2), sum)
		impact, urgency = order[first], order[sum-first]
	}
	return impact, urgency, true
}

// follow is the desk's consumer. Its effects and the cursor commit together, so
// each entry has its effect once.
func (c *Component) follow(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
	for _, e := range entries {
		var err error
		if strings.HasPrefix(e.Type, "events.situation.") {
			err = c.followSituation(ctx, tx, e)
		} else {
			err = c.followRun(ctx, tx, e)
		}
		if err != nil {
			return fmt.Errorf("entry %d (%s): %w", e.Seq, e.Type, err)
		}
	}
	return nil
}

// OfSituation returns the id of the situation's incident, "" when there is none.
func (c *Component) OfSituation(ctx context.Context, situation string) (string, error) {
	inc, _, err := c.store.bySituation(ctx, c.deps.DB, situation)
	return inc.ID, err
}

func (c *Component) followSituation(ctx context.Context, tx *sqldb.Tx, e ledger.Entry) error {
	var s situation
	if err := e.Decode(&s); err != nil {
		return err
	}
	if s.ID == "" {
		s.ID = e.Subject.ID
	}
	inc, found, err := c.store.bySituation(ctx, tx, s.ID)
	if err != nil {
		return err
	}
	if !found {
		if strings.HasSuffix(e.Type, ".closed") {
			return nil // it came and went before the desk was there
		}
		impact, urgency, _ := s.levels()
		_, err := c.open(ctx, tx, Incident{
			Impact: impact, Urgency: urgency, PriorityFixed: s.Set,
			Title: s.Title, Severity: s.Severity, Situation: s.ID, Item: rootItem(s, e), Items: slices.Clone(s.Items),
			Checks: union(nil, s.Checks), Team: e.Team,
		}, automatic(e.ID))
		return err
	}
	ch := c.resume(tx, inc, automatic(e.ID))
	ch.note(Note{Kind: "situation", At: e.At, Actor: e.Actor, Summary: e.Summary, Data: e.Data, Subject: &core.Ref{Kind: "situation", ID: s.ID}, Entry: e.ID})
	switch {
	case strings.HasSuffix(e.Type, ".closed"):
		err = ch.recovered(ctx, s)
	case !inc.Active() && (strings.HasSuffix(e.Type, ".reopened") || strings.HasSuffix(e.Type, ".opened")):
		err = ch.relapsed(ctx, s, e)
	case inc.Active():
		ch.adopt(ctx, s, e)
	}
	if err != nil {
		return err
	}
	return ch.finish(ctx)
}

// union joins two sets of ids, in order.
func union(a, b []string) []string {
	out := append(append([]string{}, a...), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

func rootItem(s situation, e ledger.Entry) string {
	if s.RootCause.Item != "" {
		return s.RootCause.Item
	}
	return e.Item
}

// follow takes over the priority of the situation. By itself it only becomes
// more pressing; what a person decides about the situation holds either way.
func (ch *change) follow(s situation) {
	inc := &ch.inc
	impact, urgency, ok := s.levels()
	if !ok || inc.PriorityFixed && !s.Set && !s.Released {
		return
	}
	ch.followed = true
	if s.Set || s.Released || PriorityOf(impact, urgency) < PriorityOf(inc.Impact, inc.Urgency) {
		inc.Impact, inc.Urgency, inc.PriorityFixed = impact, urgency, s.Set
	}
}

// adopt takes over what the situation now says of itself.
func (ch *change) adopt(ctx context.Context, s situation, e ledger.Entry) {
	inc := &ch.inc
	inc.Severity = s.Severity
	if s.Title != "" {
		inc.Title = s.Title
	}
	item := rootItem(s, e)
	items := union(nil, s.Items)
	if item != "" {
		items = union(items, []string{item})
	}
	inc.Checks = union(inc.Checks, s.Checks)
	if item != inc.Item {
		inc.Item = item
		ch.note(Note{Kind: "changed", Summary: "The root cause is another item now", Subject: &core.Ref{Kind: "item", ID: item}, Entry: e.ID})
	}
	if !slices.Equal(items, inc.Items) {
		inc.Items = items
		ch.look(ctx)
	}
	ch.follow(s)
	ch.rate()
	if inc.Priority != ch.before.Priority {
		ch.note(Note{Kind: "changed", Summary: fmt.Sprintf("Priority %s became %s", ch.before.Priority, inc.Priority), Public: true})
	}
	ch.announce("changed", "changed: "+inc.Title)
}

// recovered resolves the incident of a situation that closed.
func (ch *change) recovered(ctx context.Context, s situation) error {
	if !ch.inc.Active() {
		return nil // a person was faster
	}
	resolution, err := ch.verification(ctx, s)
	if err != nil {
		return err
	}
	if err := ch.act(Resolve, resolution); err != nil {
		return err
	}
	ch.note(Note{Kind: "state", Summary: "Resolved: " + firstLine(resolution), Public: true})
	ch.announce("resolved", "resolved: "+firstLine(resolution))
	return nil
}

// verification says how it is known that the fault is gone.
func (ch *change) verification(ctx context.Context, s situation) (string, error) {
	if s.MergedInto != "" {
		other, found, err := ch.store.bySituation(ctx, ch.tx, s.MergedInto)
		if err != nil || !found {
			return "The situation was found to be part of another one, which is worked on instead.", err
		}
		return fmt.Sprintf("The situation was found to be part of another one: work goes on in %s.", other.Number), nil
	}
	runs, err := ch.store.runs(ctx, ch.tx, ch.inc.ID)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	repair := "" // where it is kept: a line of its own, so that the first one reads without an address
	if i := slices.IndexFunc(runs, func(r linkedRun) bool { return r.status == "succeeded" }); i >= 0 {
		fmt.Fprintf(&text, "Repaired by the runbook %s. ", markdownText(runs[i].runbook))
		repair = fmt.Sprintf("\n\n[The run that repaired it](/runs/%s)", runs[i].run)
	}
	switch why := strings.TrimSpace(s.Why); {
	case why != "":
		text.WriteString(markdownText(why))
	default:
		text.WriteString("Every alert of the situation has cleared.")
	}
	text.WriteString(repair)
	recovered := slices.DeleteFunc(slices.Clone(ch.inc.Checks), func(id string) bool { return slices.Contains(s.Checks, id) })
	if len(recovered) == 0 {
		return text.String(), nil
	}
	names, err := ch.deps.Checks.CheckNames(ctx, recovered)
	if err != nil {
		ch.deps.Log.Warn("checks cannot be named", "error", err)
	}
	text.WriteString("\n\nChecks that pass again:\n")
	for _, id := range recovered {
		name := names[id]
		if name == "" {
			name = id
		}
		fmt.Fprintf(&text, "\n- %s", markdownText(name))
	}
	return text.String(), nil
}

// relapsed reopens the incident of a situation that came back.
func (ch *change) relapsed(ctx context.Context, s situation, e ledger.Entry) error {
	ch.inc.Impact, ch.inc.Urgency = Low, Low
	if ch.inc.PriorityFixed {
		ch.inc.Impact, ch.inc.Urgency = ch.before.Impact, ch.before.Urgency
	}
	if err := ch.act(Reopen, ""); err != nil {
		return err
	}
	ch.adopt(ctx, s, e)
	ch.told = nil
	ch.note(Note{Kind: "state", Summary: "Reopened: the situation is back", Public: true})
	ch.announce("reopened", "reopened: "+ch.inc.Title)
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
