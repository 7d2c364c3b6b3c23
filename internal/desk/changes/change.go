package changes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
)

// State of a change.
type State string

// The states.
const (
	Drafted      State = "draft"        // is being written
	Requested    State = "requested"    // waits for a decision
	Approved     State = "approved"     // may be implemented as planned
	Rejected     State = "rejected"     // may not
	Implementing State = "implementing" // is being done
	Done         State = "done"
	Cancelled    State = "cancelled" // was given up, begun or not
)

// Risk is how likely and how bad it is that the change goes wrong.
type Risk string

// The risks.
const (
	HighRisk     Risk = "high"
	ModerateRisk Risk = "moderate"
	LowRisk      Risk = "low"
)

// Change is the desk's record of an intended modification.
type Change struct {
	ID           string        `json:"id"`
	Number       Number        `json:"number"`
	Title        string        `json:"title"`
	Reason       string        `json:"reason,omitempty" doc:"Why it is made"`
	State        State         `json:"state" enum:"draft,requested,approved,rejected,implementing,done,cancelled"`
	Risk         Risk          `json:"risk" enum:"high,moderate,low"`
	Team         string        `json:"team,omitempty" doc:"Id of the team that makes it"`
	Items        []string      `json:"items" nullable:"false" doc:"Ids of the items that are changed"`
	PlannedStart *time.Time    `json:"plannedStart,omitempty"`
	PlannedEnd   *time.Time    `json:"plannedEnd,omitempty"`
	Requester    *ledger.Actor `json:"requester,omitempty" doc:"Who asked for its approval"`
	RequestedAt  *time.Time    `json:"requestedAt,omitempty"`
	Decider      *ledger.Actor `json:"decider,omitempty" doc:"Who approved or rejected it"`
	DecidedAt    *time.Time    `json:"decidedAt,omitempty"`
	Decision     string        `json:"decision,omitempty" doc:"Why it was approved or rejected"`
	StartedAt    *time.Time    `json:"startedAt,omitempty" doc:"When its implementation began"`
	EndedAt      *time.Time    `json:"endedAt,omitempty" doc:"When it was done or given up"`
	Outcome      string        `json:"outcome,omitempty" doc:"What came of it, or why it was given up"`
	CreatedAt    time.Time     `json:"createdAt"`
	UpdatedAt    time.Time     `json:"updatedAt"`
	Version      int64         `json:"version" doc:"Rises with every step; the ETag"`
	Actions      []Action      `json:"actions,omitempty" doc:"What the caller may do in this state"`
	Movable      bool          `json:"movable,omitempty" doc:"The caller may move its planned time"`

	approved bool // it was when it ended, or is
}

// Number counts changes without gaps; it is written CHG-000123.
type Number int64

// String writes the number as people say it.
func (n Number) String() string { return fmt.Sprintf("CHG-%06d", int64(n)) }

// MarshalText writes CHG-000123.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads CHG-000123, in any case and with any zeros.
func (n *Number) UnmarshalText(text []byte) error {
	digits, found := strings.CutPrefix(strings.ToUpper(string(text)), "CHG-")
	value, err := strconv.ParseUint(digits, 10, 63)
	if !found || err != nil || value == 0 {
		return core.Invalid("number", "must be a change number such as CHG-000123")
	}
	*n = Number(value)
	return nil
}

const (
	maxItems = 500
	// maxPlan is how long a change may be planned for: as long as one maintenance window may last.
	maxPlan = 31 * 24 * time.Hour
)

// Draft is what a person writes of a change.
type Draft struct {
	Title        string     `json:"title" minLength:"3" maxLength:"300"`
	Reason       string     `json:"reason,omitempty" maxLength:"20000" doc:"Why it is made"`
	Risk         Risk       `json:"risk,omitempty" enum:"high,moderate,low" doc:"moderate when left out"`
	Team         string     `json:"team,omitempty" maxLength:"200" doc:"Id or name of the team that makes it"`
	Items        []string   `json:"items,omitempty" maxItems:"500" doc:"Ids of the items that are changed"`
	PlannedStart *time.Time `json:"plannedStart,omitempty"`
	PlannedEnd   *time.Time `json:"plannedEnd,omitempty"`
}

// validate names what cannot be in a draft.
func (d *Draft) validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	d.Title, d.Reason = strings.TrimSpace(d.Title), strings.TrimSpace(d.Reason)
	if d.Risk == "" {
		d.Risk = ModerateRisk
	}
	fail(len(d.Title) >= 3, "title", "must have at least 3 characters")
	fail(slices.Contains([]Risk{HighRisk, ModerateRisk, LowRisk}, d.Risk), "risk", "must be high, moderate or low")
	fail(len(d.Items) <= maxItems, "items", fmt.Sprintf("must be at most %d", maxItems))
	bad = append(bad, checkPlan(d.PlannedStart, d.PlannedEnd)...)
	return core.InvalidAll(bad)
}

// checkPlan refuses a planned time that is half or impossible.
func checkPlan(start, end *time.Time) []core.Detail {
	switch {
	case start == nil && end == nil:
		return nil
	case start == nil:
		return []core.Detail{{Field: "plannedStart", Rule: "must be given with plannedEnd"}}
	case end == nil:
		return []core.Detail{{Field: "plannedEnd", Rule: "must be given with plannedStart"}}
	case !end.After(*start):
		return []core.Detail{{Field: "plannedEnd", Rule: "must be after plannedStart"}}
	case end.Sub(*start) > maxPlan:
		return []core.Detail{{Field: "plannedEnd", Rule: "must be at most 31 days after plannedStart"}}
	}
	return nil
}

// complete names what a change lacks to be decided on.
func (c *Change) complete() error {
	var bad []core.Detail
	if c.Reason == "" {
		bad = append(bad, core.Detail{Field: "reason", Rule: "must say why before the change can be approved"})
	}
	if c.PlannedStart == nil || c.PlannedEnd == nil {
		bad = append(bad, core.Detail{Field: "plannedStart", Rule: "must be planned before the change can be approved"})
	}
	return core.InvalidAll(bad)
}

// Work is the time in which the items of an approved change are worked on, as
// planned and as it went: what maintenance follows. ok is false when they are not.
func (c *Change) Work() (start, end time.Time, ok bool) {
	if !c.approved || len(c.Items) == 0 || c.PlannedStart == nil || c.PlannedEnd == nil {
		return start, end, false
	}
	start, end = *c.PlannedStart, *c.PlannedEnd
	if c.StartedAt != nil && c.StartedAt.Before(start) {
		start = *c.StartedAt
	}
	if c.EndedAt != nil && c.EndedAt.Before(end) {
		end = *c.EndedAt // done, or given up, before its time was over, or before it came
	}
	if longest := start.Add(maxPlan); end.After(longest) {
		end = longest // begun long before it was planned
	}
	return start, end, end.After(start)
}
