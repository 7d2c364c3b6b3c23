package changes

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// The permissions.
const (
	mayRead    auth.Permission = "changes:read"
	mayWrite   auth.Permission = "changes:write"
	mayApprove auth.Permission = "changes:approve"
)

// Get reads a change by its id or number, for the caller.
func (c *Component) Get(ctx context.Context, ref string) (Change, error) {
	ch, err := read(ctx, c.deps.DB, ref)
	if err == nil && !auth.From(ctx).Scope(mayRead).Allows(ch.Team) {
		err = core.NotFound("change", ref)
	}
	return ch, err
}

// Read reads a change by its id, for other parts of Mainstay.
func (c *Component) Read(ctx context.Context, id string) (Change, error) {
	return read(ctx, c.deps.DB, id)
}

// Create drafts a change.
func (c *Component) Create(ctx context.Context, d Draft) (Change, error) {
	now := c.now()
	ch := Change{ID: c.deps.IDs.New(), State: Drafted, CreatedAt: now, UpdatedAt: now}
	if err := c.fill(ctx, &ch, d); err != nil {
		return ch, err
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := save(ctx, tx, &ch); err != nil {
			return err
		}
		return c.tell(ctx, tx, caller(ctx), &ch, "created", "drafted: "+ch.Title)
	})
	return ch, err
}

// fill writes a draft into a change that the caller may write.
func (c *Component) fill(ctx context.Context, ch *Change, d Draft) error {
	if err := d.validate(); err != nil {
		return err
	}
	team, err := c.team(ctx, d.Team)
	if err != nil {
		return err
	}
	if !auth.From(ctx).Scope(mayWrite).Allows(team) {
		return core.Errorf(core.CodeForbidden, "you may not write changes of that team")
	}
	items := slices.Clone(d.Items)
	slices.Sort(items)
	items = slices.Compact(items)
	if err := c.known(ctx, items); err != nil {
		return err
	}
	ch.Title, ch.Reason, ch.Risk, ch.Team = d.Title, d.Reason, d.Risk, team
	ch.Items = append([]string{}, items...)
	ch.PlannedStart, ch.PlannedEnd = kept(d.PlannedStart), kept(d.PlannedEnd)
	return nil
}

func (c *Component) team(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	id, err := c.deps.Teams.Team(ctx, name)
	if err == nil && id == "" {
		err = core.Invalid("team", "there is no such team")
	}
	return id, err
}

// known refuses items that the graph does not have.
func (c *Component) known(ctx context.Context, items []string) error {
	if len(items) == 0 {
		return nil
	}
	names, err := c.deps.Items.Names(ctx, items)
	if err != nil {
		return err
	}
	var bad []core.Detail
	for _, id := range items {
		if _, ok := names[id]; !ok {
			bad = append(bad, core.Detail{Field: "items", Rule: "there is no item " + id})
		}
	}
	return core.InvalidAll(bad)
}

// kept is a time as the store keeps it.
func kept(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	t := at.UTC().Truncate(time.Microsecond)
	return &t
}

// Update writes a draft anew.
func (c *Component) Update(ctx context.Context, ref, ifMatch string, d Draft) (Change, error) {
	return c.alter(ctx, ref, ifMatch, mayWrite, func(ch *Change) (string, string, error) {
		if ch.State != Drafted {
			return "", "", core.Errorf(core.CodeConflict, "a change that is %s is not written any more; revise it first", ch.State)
		}
		return "updated", "was written anew", c.fill(ctx, ch, d)
	})
}

// Plan is a time to which a change is moved.
type Plan struct {
	PlannedStart time.Time `json:"plannedStart"`
	PlannedEnd   time.Time `json:"plannedEnd"`
}

// Move gives an approved change another time; its approval stays.
func (c *Component) Move(ctx context.Context, ref, ifMatch string, p Plan) (Change, error) {
	return c.alter(ctx, ref, ifMatch, mayApprove, func(ch *Change) (string, string, error) {
		if !ch.movable() {
			return "", "", core.Errorf(core.CodeConflict, "only a change that is approved or implementing is moved")
		}
		if err := c.maySign(ctx, ch); err != nil {
			return "", "", err
		}
		start, end := kept(&p.PlannedStart), kept(&p.PlannedEnd)
		if err := core.InvalidAll(checkPlan(start, end)); err != nil {
			return "", "", err
		}
		if ch.State == Implementing && !start.Equal(*ch.PlannedStart) {
			return "", "", core.Invalid("plannedStart", "cannot be moved: the change has begun")
		}
		ch.PlannedStart, ch.PlannedEnd = start, end
		return "moved", "was moved to " + start.Format("2006-01-02 15:04") + " to " + end.Format("2006-01-02 15:04 MST"), nil
	})
}

func (ch *Change) movable() bool { return ch.State == Approved || ch.State == Implementing }

// maySign refuses who asked for the approval of a change to have a say in it.
func (c *Component) maySign(ctx context.Context, ch *Change) error {
	p := auth.From(ctx)
	if c.cfg.SelfApproval || ch.Requester == nil || ch.Requester.Kind != p.Kind || ch.Requester.ID != p.ID {
		return nil
	}
	return core.Errorf(core.CodeForbidden, "who asked for the approval of a change does not decide on it")
}

// Step is one action.
type Step struct {
	Action Action
	Reason string // why it is approved, rejected or given up, or what came of it
}

// Take takes a step.
func (c *Component) Take(ctx context.Context, ref, ifMatch string, s Step) (Change, error) {
	permission := mayWrite
	if s.Action == Approve || s.Action == Reject {
		permission = mayApprove
	}
	s.Reason = strings.TrimSpace(s.Reason)
	return c.alter(ctx, ref, ifMatch, permission, func(ch *Change) (string, string, error) {
		r, err := next(ch.State, s.Action)
		if err != nil {
			return "", "", err
		}
		if r.reason && s.Reason == "" {
			return "", "", core.Invalid("reason", "is needed to "+string(s.Action)+" a change")
		}
		if r.decide {
			if err := c.maySign(ctx, ch); err != nil {
				return "", "", err
			}
		}
		if err := ch.take(r, s.Reason, caller(ctx), c.now()); err != nil {
			return "", "", err
		}
		summary := "was " + r.verb
		if r.to == Drafted {
			summary = "is a draft again"
		}
		if s.Reason != "" {
			summary += ": " + s.Reason
		}
		return r.verb, summary, nil
	})
}

// take moves a change along a rule.
func (ch *Change) take(r rule, reason string, by ledger.Actor, now time.Time) error {
	ch.State = r.to
	switch r.action {
	case Request:
		if err := ch.complete(); err != nil {
			return err
		}
		ch.Requester, ch.RequestedAt = &by, &now
	case Approve, Reject:
		ch.Decider, ch.DecidedAt, ch.Decision, ch.approved = &by, &now, reason, r.action == Approve
	case Revise:
		ch.Requester, ch.RequestedAt, ch.Decider, ch.DecidedAt, ch.Decision, ch.approved = nil, nil, nil, nil, "", false
	case Start:
		ch.StartedAt = &now
	case Finish, Cancel:
		ch.EndedAt, ch.Outcome = &now, reason
	}
	return nil
}

// alter changes one change for the caller, who must have the permission for its
// team. fn returns the verb and the summary of the ledger entry.
func (c *Component) alter(ctx context.Context, ref, ifMatch string, permission auth.Permission, fn func(*Change) (verb, summary string, err error)) (out Change, err error) {
	p := auth.From(ctx)
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := read(ctx, tx, ref)
		if err != nil {
			return err
		}
		if !p.Scope(mayRead).Allows(ch.Team) {
			return core.NotFound("change", ref)
		}
		if !p.Scope(permission).Allows(ch.Team) {
			return core.Errorf(core.CodeForbidden, "this needs the permission %s for the change's team", permission)
		}
		if err := httpapi.Match(ifMatch, ch.Version); err != nil {
			return err
		}
		verb, summary, err := fn(&ch)
		if err != nil {
			return err
		}
		ch.UpdatedAt = c.now()
		if err := save(ctx, tx, &ch); err != nil {
			return err
		}
		out = ch
		return c.tell(ctx, tx, caller(ctx), &ch, verb, summary)
	})
	return out, err
}

// caller is who makes a request.
func caller(ctx context.Context) ledger.Actor {
	p := auth.From(ctx)
	return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
}
