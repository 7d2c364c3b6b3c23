package monitor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/monitor/beat"
	"mainstay/internal/monitor/vote"
	"mainstay/internal/platform/probe"
)

// Fact is one reason for the state of a check on an item.
type Fact struct {
	Kind  string     `json:"kind" enum:"result,threshold,retries,state,parent,maintenance,location,flapping,outside,override,alert,next"`
	Text  string     `json:"text"`
	At    *time.Time `json:"at,omitempty" doc:"when it came about, or will"`
	Check string     `json:"check,omitempty" doc:"the check that the fact is about, when it is another"`
	Bad   bool       `json:"bad,omitempty" doc:"it speaks against the item"`
}

// circumstances are all that decides on a target's state.
type circumstances struct {
	now         time.Time
	spec        *CheckSpec // with the overrides in place
	overrides   []int
	state       State
	last        *Result // nil before the first
	parents     []relative
	maintenance string // the window that the item is in, "" for none
	next        *time.Time
	deadline    time.Time // when something from outside is overdue
	gaps        []beat.Gap
}

// relative is a check that this one depends on.
type relative struct {
	name   string
	known  bool
	status Status
	since  time.Time
}

// explain lists why the state is what it is, the most telling first.
func explain(c circumstances) []Fact {
	f := &factList{}
	if c.spec.Disabled {
		f.add(Fact{Kind: "state", Text: "It is switched off" + byOverride(c) + ": it is not run, and its alert is cleared."})
		return f.list
	}
	f.result(c)
	f.count(c)
	f.surroundings(c)
	f.outside(c)
	if len(c.overrides) > 0 {
		f.add(Fact{Kind: "override", Text: overrideText(c)})
	}
	if c.next != nil && !c.spec.pushed() {
		f.add(Fact{Kind: "next", Text: "It runs again.", At: c.next})
	}
	return f.list
}

type factList struct{ list []Fact }

func (f *factList) add(fact Fact) { f.list = append(f.list, fact) }

// result tells what was found last, where, and which thresholds were crossed.
func (f *factList) result(c circumstances) {
	if c.last == nil {
		text := "It has not run yet."
		if c.spec.pushed() {
			text = "Nothing has come yet: it waits for the first."
		}
		f.add(Fact{Kind: "result", Text: text})
		return
	}
	f.add(Fact{Kind: "result", Text: "The newest result: " + c.last.Output, At: &c.last.At, Bad: c.state.Status.failing()})
	for _, m := range c.last.Metrics {
		if m.Warn == "" && m.Crit == "" {
			continue
		}
		f.add(Fact{Kind: "threshold", Text: fmt.Sprintf("%s is %g%s; %s", m.Name, m.Value, unitText(m.Unit), limits(m))})
	}
	for _, v := range c.last.Votes {
		f.add(placeFact(v))
	}
	if n := len(c.last.Votes); n > 0 {
		f.add(Fact{Kind: "location", Text: fmt.Sprintf("%d of %d locations must find a fault for it to hold; one that is away does not count.", vote.Needed(c.spec.Agree, n), n)})
	}
}

func unitText(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}

func limits(m probe.Metric) string {
	var out []string
	if m.Warn != "" {
		out = append(out, "warning outside "+m.Warn)
	}
	if m.Crit != "" {
		out = append(out, "critical outside "+m.Crit)
	}
	return strings.Join(out, ", ")
}

func placeFact(v vote.Vote) Fact {
	if v.Away {
		return Fact{Kind: "location", Text: v.Place + " is away: " + v.Output, At: &v.At}
	}
	return Fact{Kind: "location", Text: fmt.Sprintf("%s found it %s: %s", v.Place, v.State, v.Output), At: &v.At, Bad: v.State != probe.OK}
}

// count tells whether a fault counts and since when.
func (f *factList) count(c circumstances) {
	s, needed := c.state, c.spec.retries()+1
	since := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	switch {
	case s.Unreachable:
		f.add(Fact{Kind: "retries", Text: "Something it depends on is down: its own results say nothing, and no alert is opened.", At: since(s.FailingFrom)})
	case s.Status.failing() && !s.Hard && s.Holds > 0:
		f.add(Fact{Kind: "retries", Text: fmt.Sprintf("The fault would count, but waits (%d of %d times) until what it depends on was looked at.", s.Holds, maxHolds), At: since(s.FailingFrom)})
	case s.Status.failing() && !s.Hard:
		f.add(Fact{Kind: "retries", Text: fmt.Sprintf("The fault does not count yet: %d of %d failing results in a row.", s.Attempt, needed), At: since(s.FailingFrom)})
	case s.Status.failing():
		f.add(Fact{Kind: "retries", Text: fmt.Sprintf("The fault counts: %s, where %d %s needed.", plural(s.Attempt, "failing result", "failing results")+" in a row", needed, isAre(needed)), At: since(s.FailingFrom), Bad: true})
		f.add(Fact{Kind: "state", Text: fmt.Sprintf("It is %s, confirmed.", s.Confirmed), At: since(s.Since), Bad: true})
	case s.Confirmed != "" && s.Confirmed != Pending:
		f.add(Fact{Kind: "state", Text: "It is well, confirmed.", At: since(s.Since)})
	}
	if s.Told.failing() {
		text := fmt.Sprintf("An alert is open (%s).", c.spec.severity(s.Told))
		if s.Confirmed == StatusOK && s.Flapping {
			text = "The alert stays open until it has calmed down."
		}
		f.add(Fact{Kind: "alert", Text: text, Bad: true})
	}
	if s.Flapping {
		f.add(Fact{Kind: "flapping", Text: fmt.Sprintf("It changes often between well and failing: it counts as flapping until at most %d of the last %d results differ from the one before.", flapEnd, historyLength), Bad: true})
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// surroundings tell of what it depends on and of maintenance.
func (f *factList) surroundings(c circumstances) {
	for _, p := range c.parents {
		switch {
		case !p.known:
			f.add(Fact{Kind: "parent", Text: "It depends on " + p.name + ", which is no check on this item.", Check: p.name})
		case p.status.failing() || p.status == Unreachable:
			f.add(Fact{Kind: "parent", Text: fmt.Sprintf("It depends on %s, which is %s.", p.name, p.status), Check: p.name, At: momentOf(p.since), Bad: true})
		default:
			f.add(Fact{Kind: "parent", Text: fmt.Sprintf("It depends on %s, which is %s.", p.name, p.status), Check: p.name, At: momentOf(p.since)})
		}
	}
	if c.maintenance != "" {
		f.add(Fact{Kind: "maintenance", Text: "The item is in maintenance (" + c.maintenance + "): its alerts disturb nobody."})
	}
}

func momentOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// outside tells what is waited for.
func (f *factList) outside(c circumstances) {
	if !c.spec.pushed() || c.state.Pushed.IsZero() && c.state.Begun.IsZero() {
		return
	}
	if !c.state.Pushed.IsZero() {
		f.add(Fact{Kind: "outside", Text: "Something came last.", At: &c.state.Pushed})
	}
	if !c.state.Begun.IsZero() {
		f.add(Fact{Kind: "outside", Text: "The job runs: it said that it began.", At: &c.state.Begun})
	}
	switch {
	case c.deadline.IsZero():
	case c.deadline.After(c.now):
		f.add(Fact{Kind: "outside", Text: "It fails when nothing comes until then.", At: &c.deadline})
	default:
		f.add(Fact{Kind: "outside", Text: "Nothing came until then.", At: &c.deadline, Bad: true})
	}
	i := slices.IndexFunc(c.gaps, func(g beat.Gap) bool { return g.To.After(c.state.Pushed) })
	if i >= 0 && !c.state.Pushed.IsZero() {
		g := c.gaps[len(c.gaps)-1]
		f.add(Fact{Kind: "outside", Text: "Nobody listened from " + stamp(g.From) + " to then: what was expected meanwhile is excused.", At: &g.To})
	}
}

func byOverride(c circumstances) string {
	if len(c.overrides) > 0 {
		return " for this item"
	}
	return ""
}

func overrideText(c circumstances) string {
	var reasons []string
	for _, i := range c.overrides {
		if r := c.spec.Overrides[i].Reason; r != "" {
			reasons = append(reasons, r)
		}
	}
	text := plural(len(c.overrides), "override of the check fits", "overrides of the check fit") + " this item"
	if len(reasons) > 0 {
		text += ": " + strings.Join(reasons, "; ")
	}
	return text + "."
}

// Why explains the state of a check on one of its items.
func (c *Component) Why(ctx context.Context, check *Check, row targetRow) ([]Fact, error) {
	special, err := c.overridesOf(ctx, check)
	if err != nil {
		return nil, err
	}
	of := special.of(check, row.Item)
	in := circumstances{now: c.deps.Clock.Now(), spec: &of.Spec, overrides: of.overridden, state: row.State}
	list, err := c.store.results(ctx, row.ID, time.Time{}, 1)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		in.last = &list[0]
	}
	for _, name := range of.Spec.DependsOn {
		parent, err := c.relativeOf(ctx, name, row.Item)
		if err != nil {
			return nil, err
		}
		in.parents = append(in.parents, parent)
	}
	if row.Item != "" {
		_, in.maintenance = c.InMaintenance(ctx, row.Item, in.now)
	}
	if e := c.leader.Load(); e != nil {
		in.next = momentOf(e.schedule.At(row.ID))
		in.gaps = e.absences.all()
	}
	if of.Spec.pushed() {
		in.deadline = of.Spec.deadline(row.State, in.gaps)
	}
	return explain(in), nil
}

// deadline is when something from outside is overdue; zero for never.
func (s CheckSpec) deadline(state State, gaps []beat.Gap) time.Time {
	var at time.Time
	switch {
	case s.Heartbeat != nil:
		if !state.Pushed.IsZero() {
			at, _ = s.Heartbeat.Deadline(state.Pushed, gaps)
		}
		if over := s.Heartbeat.Overrun(state.Begun, gaps); !over.IsZero() && (at.IsZero() || over.Before(at)) {
			at = over
		}
	case s.Passive != nil && !state.Pushed.IsZero():
		at = s.Passive.Deadline(state.Pushed, gaps)
	}
	return at
}

// relativeOf is what is known of a check that another depends on, on the same
// item or on its only one.
func (c *Component) relativeOf(ctx context.Context, name, item string) (relative, error) {
	out := relative{name: name}
	check, err := c.store.checkNamed(ctx, c.deps.DB, name)
	if err != nil || check == nil {
		return out, err
	}
	rows, err := c.store.targetRows(ctx, c.deps.DB, "check_id = $1", check.ID)
	if err != nil {
		return out, err
	}
	for _, r := range rows {
		if r.Item == item || len(rows) == 1 {
			return relative{name: name, known: true, status: r.State.Show(), since: r.State.Since}, nil
		}
	}
	return out, nil
}

type whyOutput struct {
	Body struct {
		Target string `json:"target"`
		Item   string `json:"item,omitempty"`
		Why    []Fact `json:"why" nullable:"false"`
	}
}

func (c *Component) httpWhy(ctx context.Context, in *struct {
	ByID
	Target string `query:"target" maxLength:"26" doc:"id of the target or item, for a check of several"`
}) (*whyOutput, error) {
	check, row, err := c.targetOfRoute(ctx, in.ID, in.Target)
	if err != nil {
		return nil, err
	}
	out := &whyOutput{}
	out.Body.Target, out.Body.Item = row.ID, row.Item
	out.Body.Why, err = c.Why(ctx, check, row)
	return out, err
}

// targetOfRoute is the one target that a route is about.
func (c *Component) targetOfRoute(ctx context.Context, id, target string) (*Check, targetRow, error) {
	check, err := c.visible(ctx, id, "read")
	if err != nil {
		return nil, targetRow{}, err
	}
	rows, err := c.store.targetRows(ctx, c.deps.DB, "check_id = $1", check.ID)
	if err != nil {
		return nil, targetRow{}, err
	}
	if target == "" && id != check.ID && id != check.Name {
		target = id
	}
	row, err := oneOf(rows, target)
	return check, row, err
}
