package oncall

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// consumed are the entries that may begin, change or end a page.
func consumed() []string {
	return []string{"events.situation.", "events.alert.acknowledged", "events.alert.snoozed", "events.alert.woken"}
}

// consume follows the ledger. What it does and its cursor commit together.
func (c *Component) consume(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
	// Several entries of one situation in a batch lead to one look at it.
	last := map[string]ledger.Entry{}
	var order []string
	for _, e := range entries {
		id := e.Subject.ID
		if e.Subject.Kind == "alert" {
			var data struct {
				Situation string `json:"situation"`
			}
			if err := json.Unmarshal(e.Data, &data); err != nil || data.Situation == "" {
				continue
			}
			id = data.Situation
		}
		if _, seen := last[id]; !seen {
			order = append(order, id)
		}
		last[id] = e
	}
	for _, id := range order {
		if err := c.follow(ctx, tx, id, last[id]); err != nil {
			return err
		}
	}
	return nil
}

// follow brings the page of a situation in step with what it is now.
func (c *Component) follow(ctx context.Context, tx *sqldb.Tx, situation string, e ledger.Entry) error {
	s, err := c.deps.Situations.Situation(ctx, situation, false)
	if core.CodeOf(err) == core.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	page, err := livePage(ctx, tx, situation)
	switch {
	case core.CodeOf(err) == core.CodeNotFound:
		if !s.Open || s.Snoozed || s.Acknowledged != "" || c.deps.Clock.Now().Sub(e.At) > c.cfg.Late {
			return nil
		}
		return c.begin(ctx, tx, situation, e)
	case err != nil:
		return err
	case !s.Open:
		return c.end(ctx, tx, page, e.ID)
	}
	page.Title, page.Services = s.Title, s.Services
	worse := s.Severity > page.Severity
	if worse {
		page.Severity = s.Severity
		if policy, err := c.policyNamed(ctx, tx, page.Policy); err == nil && policy.urgency(s.Severity) != page.Urgency {
			page.Urgency = policy.urgency(s.Severity)
			if page.State == stateOpen { // who was told gently is told again
				return c.again(ctx, tx, page, fmt.Sprintf("%s is %s now: it is urgent", page.Title, s.Severity), e.ID)
			}
		}
	}
	switch {
	case worse && page.State == stateAcknowledged && s.Acknowledged == "":
		return c.again(ctx, tx, page, fmt.Sprintf("%s became worse than what was acknowledged", page.Title), e.ID)
	case s.Acknowledged != "" && page.State != stateAcknowledged && !worse:
		return c.acknowledge(ctx, tx, page, s.Acknowledged, e.ID)
	case s.Snoozed && page.State == stateOpen:
		return c.rest(ctx, tx, page, e)
	case !s.Snoozed && page.State == stateSnoozed && page.SnoozedUntil == nil:
		return c.again(ctx, tx, page, "what was snoozed of it is awake: "+page.Title, e.ID)
	}
	return c.savePage(ctx, tx, page)
}

// begin starts a page when a policy wants one.
func (c *Component) begin(ctx context.Context, tx *sqldb.Tx, situation string, e ledger.Entry) error {
	list, err := c.policies(ctx, tx)
	if err != nil || len(list) == 0 {
		return err
	}
	s, err := c.deps.Situations.Situation(ctx, situation, true)
	if err != nil {
		return err
	}
	for _, p := range list {
		if !p.Match.fits(s) {
			continue
		}
		page := Page{ID: c.deps.IDs.New(), Situation: s.ID, Policy: p.name, Team: s.Team, Title: s.Title, Severity: s.Severity, Urgency: p.urgency(s.Severity),
			Services: s.Services, State: stateOpen, OpenedAt: c.deps.Clock.Now()}
		fresh, err := c.insertPage(ctx, tx, page)
		if err != nil || !fresh {
			return err
		}
		if err := c.notePage(ctx, tx, page, "opened", "paging by "+p.name+": "+page.Title, e.ID); err != nil {
			return err
		}
		return c.setTimer(ctx, tx, page, p.gathers(c.cfg.Gather))
	}
	return nil
}

// rest lets a page wait until an alert of its situation wakes: the entry that
// says so begins it anew.
func (c *Component) rest(ctx context.Context, tx *sqldb.Tx, page Page, e ledger.Entry) error {
	page.generation++
	page.State, page.SnoozedUntil = stateSnoozed, nil
	if err := c.savePage(ctx, tx, page); err != nil {
		return err
	}
	return c.notePage(ctx, tx, page, "snoozed", "all that is wrong is snoozed: "+page.Title, e.ID)
}

// again starts the escalation anew: timers of before do nothing any more.
func (c *Component) again(ctx context.Context, tx *sqldb.Tx, page Page, why, cause string) error {
	page.generation++
	page.State, page.Round, page.Step, page.Exhausted, page.SnoozedUntil = stateOpen, 0, 0, false, nil
	if err := c.savePage(ctx, tx, page); err != nil {
		return err
	}
	if err := c.notePage(ctx, tx, page, "reopened", why, cause); err != nil {
		return err
	}
	return c.setTimer(ctx, tx, page, 0)
}

// acknowledge stops a page: timers that come find it in another state.
func (c *Component) acknowledge(ctx context.Context, tx *sqldb.Tx, page Page, by, cause string) error {
	if page.State == stateAcknowledged || page.State == stateResolved {
		return nil
	}
	page.generation++
	page.State, page.AcknowledgedBy, page.SnoozedUntil = stateAcknowledged, by, nil
	if page.AcknowledgedAt == nil {
		now := c.deps.Clock.Now()
		page.AcknowledgedAt = &now
	}
	if err := c.savePage(ctx, tx, page); err != nil {
		return err
	}
	if err := c.tellServices(ctx, tx, page, purposeAcknowledged); err != nil {
		return err
	}
	return c.notePage(ctx, tx, page, "acknowledged", by+" has it: "+page.Title, cause)
}

// end closes a page and tells those who were told.
func (c *Component) end(ctx context.Context, tx *sqldb.Tx, page Page, cause string) error {
	now := c.deps.Clock.Now()
	page.generation++
	page.State, page.ResolvedAt, page.SnoozedUntil = stateResolved, &now, nil
	if err := c.savePage(ctx, tx, page); err != nil {
		return err
	}
	if err := c.notePage(ctx, tx, page, "resolved", "over: "+page.Title, cause); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM oncall_waiting WHERE page = $1", page.ID); err != nil {
		return err
	}
	return c.tellOver(ctx, tx, page)
}

// namedPolicy is a policy with its name.
type namedPolicy struct {
	Policy
	name string
}

// policies are all, in the order they are tried.
func (c *Component) policies(ctx context.Context, q sqldb.Querier) ([]namedPolicy, error) {
	list, err := documents(ctx, q, "kind = $1", kindPolicy)
	if err != nil {
		return nil, err
	}
	out := make([]namedPolicy, len(list))
	for i, d := range list {
		out[i].name = d.Name
		if err := json.Unmarshal(d.Spec, &out[i].Policy); err != nil {
			return nil, err
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Rank < out[j].Rank })
	return out, nil
}

func (c *Component) policyNamed(ctx context.Context, q sqldb.Querier, name string) (p Policy, err error) {
	d, err := documentNamed(ctx, q, kindPolicy, name)
	if err == nil {
		err = json.Unmarshal(d.Spec, &p)
	}
	return p, err
}

// The kinds of task.
const (
	taskStep    = "oncall.step"
	taskNotify  = "oncall.notify"
	taskGather  = "oncall.gather"
	taskDeliver = "oncall.deliver"
	taskWake    = "oncall.wake"
	taskWatch   = "oncall.watch"
	queue       = "oncall" // nobody's slow work keeps a page waiting
	sending     = "oncall-send"
)

// timer is the argument of a step's task. Its fields are the fence: the page
// must still stand where it stood.
type timer struct {
	Page       string `json:"page"`
	Generation int64  `json:"generation"`
	Round      int    `json:"round"`
	Step       int    `json:"step"`
}

func (t timer) key() string { return fmt.Sprintf("%s/%d/%d/%d", t.Page, t.Generation, t.Round, t.Step) }

// holds says whether the page is still where the timer was set.
func (t timer) holds(p Page) bool {
	return p.State == stateOpen && p.generation == t.Generation && p.Round == t.Round && p.Step == t.Step && !p.Exhausted
}

// setTimer makes the page's next step happen.
func (c *Component) setTimer(ctx context.Context, tx *sqldb.Tx, p Page, in duration) error {
	t := timer{p.ID, p.generation, p.Round, p.Step}
	return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Queue: queue, Kind: taskStep, Key: t.key(), Args: t, RunAt: c.deps.Clock.Now().Add(in), MaxFailures: -1, Priority: 10})
}
