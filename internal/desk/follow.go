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
	ID        string        `json:"id"`
	Title     string        `json:"title"`
	Severity  core.Severity `json:"severity"`
	State     string        `json:"state"`
	RootCause struct {
		Item    string   `json:"item"`
		Reasons []string `json:"reasons"`
	} `json:"rootCause"`
	Items  []string `json:"items"`
	Checks []string `json:"checks"`
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
		_, err := c.open(ctx, tx, Incident{
			Title: s.Title, Severity: s.Severity, Situation: s.ID, Item: rootItem(s, e), Items: slices.Clone(s.Items),
			Team: e.Team,
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

func rootItem(s situation, e ledger.Entry) string {
	if s.RootCause.Item != "" {
		return s.RootCause.Item
	}
	return e.Item
}

// adopt takes over what the situation now says of itself.
func (ch *change) adopt(ctx context.Context, s situation, e ledger.Entry) {
	inc := &ch.inc
	inc.Severity = s.Severity
	if s.Title != "" {
		inc.Title = s.Title
	}
	item, items := rootItem(s, e), slices.Clone(s.Items)
	if item != "" && !slices.Contains(items, item) {
		items = append(items, item)
	}
	slices.Sort(items)
	items = slices.Compact(items)
	if item != inc.Item {
		inc.Item = item
		ch.note(Note{Kind: "changed", Summary: "The root cause is another item now", Subject: &core.Ref{Kind: "item", ID: item}, Entry: e.ID})
	}
	if !slices.Equal(items, inc.Items) {
		inc.Items = items
		ch.look(ctx)
	}
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
	var text strings.Builder
	names := map[string]string{}
	if len(s.Checks) > 0 {
		found, err := ch.deps.Checks.CheckNames(ctx, s.Checks)
		if err != nil {
			ch.deps.Log.Warn("checks cannot be named", "error", err)
		}
		for _, id := range s.Checks {
			if names[id] = found[id]; names[id] == "" {
				names[id] = id
			}
		}
	}
	runs, err := ch.store.runs(ctx, ch.tx, ch.inc.ID)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(runs, func(r linkedRun) bool { return succeeded(r.status) })
	switch {
	case i >= 0:
		fmt.Fprintf(&text, "Repaired by run %s of runbook %s; the recovery is verified.", runs[i].run, runs[i].runbook)
	default:
		text.WriteString("The fault is gone: all alerts of the situation are clear.")
	}
	if len(s.Checks) > 0 {
		text.WriteString("\n\nPassing again:\n")
		for _, id := range s.Checks {
			fmt.Fprintf(&text, "\n- %s", markdownText(names[id]))
		}
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

// run is what the desk reads of an entry jobs.run.* or jobs.remediation.*.
type run struct {
	Run       string `json:"run"`
	Runbook   string `json:"runbook"`
	Status    string `json:"status"`
	Situation string `json:"situation"`
	Incident  string `json:"incident"`
}

// followRun puts runs of an incident, or of its situation, on the timeline.
func (c *Component) followRun(ctx context.Context, tx *sqldb.Tx, e ledger.Entry) error {
	var r run
	if err := e.Decode(&r); err != nil {
		return err
	}
	if strings.HasPrefix(e.Type, "jobs.run.step.") || r.Incident == "" && r.Situation == "" {
		return nil
	}
	var incident Incident
	var found bool
	var err error
	if r.Incident != "" {
		incident, err = c.store.byID(ctx, tx, r.Incident)
		found = err == nil
		if core.CodeOf(err) == core.CodeNotFound {
			err = nil
		}
	}
	if !found && err == nil && r.Situation != "" {
		incident, found, err = c.store.bySituation(ctx, tx, r.Situation)
	}
	if err != nil || !found {
		return err
	}
	kind, subject := "run", e.Subject
	if strings.HasPrefix(e.Type, "jobs.remediation.") {
		kind = "remediation"
	}
	if r.Run != "" {
		subject = core.Ref{Kind: "run", ID: r.Run}
	}
	note := Note{Kind: kind, At: e.At, Actor: e.Actor, Summary: e.Summary, Data: e.Data, Subject: &subject, Entry: e.ID}
	if err := c.store.addNotes(ctx, tx, c.deps.IDs, incident.ID, []Note{note}); err != nil {
		return err
	}
	if r.Run == "" || kind != "run" {
		return nil
	}
	return c.store.saveRun(ctx, tx, incident.ID, linkedRun{r.Run, r.Runbook, r.Status}, core.Micros(e.At))
}

// linkedRun is a run made for an incident.
type linkedRun struct{ run, runbook, status string }

func succeeded(status string) bool { return status == "succeeded" || status == "success" }

// runs returns the runs of an incident, the latest first.
func (s store) runs(ctx context.Context, q sqldb.Querier, incident string) ([]linkedRun, error) {
	rows, err := q.Query(ctx, "SELECT run, runbook, status FROM desk_run WHERE incident = $1 ORDER BY at DESC, run DESC", incident)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (l linkedRun, err error) { return l, r.Scan(&l.run, &l.runbook, &l.status) })
}

func (s store) saveRun(ctx context.Context, tx *sqldb.Tx, incident string, r linkedRun, at int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO desk_run (incident, run, runbook, status, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (incident, run) DO UPDATE SET status = excluded.status, at = excluded.at`, incident, r.run, r.runbook, r.status, at)
	return err
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
