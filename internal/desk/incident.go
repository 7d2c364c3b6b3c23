package desk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
)

// State of an incident.
type State string

// The states. An incident is active until it is resolved.
const (
	Unassigned State = "new"         // nobody has it
	Assigned   State = "assigned"    // a team or a person has it
	InProgress State = "in_progress" // someone works on it
	OnHold     State = "on_hold"     // waits for something outside
	Resolved   State = "resolved"    // the fault is gone; may be reopened
	Closed     State = "closed"      // nothing more is expected
)

// Active says that work is left to do.
func (s State) Active() bool { return s != Resolved && s != Closed }

// Incident is the desk's record of a disturbance.
type Incident struct {
	ID            string        `json:"id"`
	Number        Number        `json:"number"`
	Title         string        `json:"title"`
	Description   string        `json:"description,omitempty" doc:"Markdown"`
	State         State         `json:"state" enum:"new,assigned,in_progress,on_hold,resolved,closed"`
	Severity      core.Severity `json:"severity" doc:"Of the situation, or as the reporter sees it"`
	Impact        Level         `json:"impact" enum:"high,medium,low"`
	Urgency       Level         `json:"urgency" enum:"high,medium,low"`
	Priority      Priority      `json:"priority" doc:"P1 (first) to P5, from impact and urgency"`
	PriorityFixed bool          `json:"priorityFixed" doc:"A person set impact or urgency; the situation no longer does"`
	Situation     string        `json:"situation,omitempty"`
	Item          string        `json:"item,omitempty" doc:"The item at fault"`
	Items         []string      `json:"items,omitempty" doc:"All items affected; left out of lists"`
	Services      []Service     `json:"services" nullable:"false" doc:"Business services reached"`
	Checks        []string      `json:"checks" nullable:"false" doc:"Ids of the checks that failed"`
	Team          string        `json:"team,omitempty"`
	Assignee      string        `json:"assignee,omitempty" doc:"User id"`
	Requester     string        `json:"requester,omitempty" doc:"User id of who asked for help"`
	HoldReason    string        `json:"holdReason,omitempty"`
	Resolution    string        `json:"resolution,omitempty" doc:"Markdown"`
	Reopened      int           `json:"reopened" doc:"How often"`
	OpenedAt      time.Time     `json:"openedAt"`
	UpdatedAt     time.Time     `json:"updatedAt"`
	RespondedAt   *time.Time    `json:"respondedAt,omitempty"`
	ResolvedAt    *time.Time    `json:"resolvedAt,omitempty"`
	ClosedAt      *time.Time    `json:"closedAt,omitempty"`
	Version       int64         `json:"version" doc:"Rises with every change; the ETag"`
	Clocks        []Clock       `json:"clocks,omitempty"`
	Actions       []Action      `json:"actions,omitempty" doc:"What the caller may do in this state"`

	DescriptionHTML string `json:"descriptionHtml,omitempty" doc:"The description as HTML that is safe to show"`
	ResolutionHTML  string `json:"resolutionHtml,omitempty" doc:"The resolution as HTML that is safe to show"`
}

// Service is a business service that the incident reaches.
type Service struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Criticality Level  `json:"criticality,omitempty" enum:"high,medium,low"`
}

// Number counts incidents without gaps; it is written INC-000123.
type Number int64

// String writes the number as people say it.
func (n Number) String() string { return fmt.Sprintf("INC-%06d", int64(n)) }

// MarshalText writes INC-000123.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads INC-000123, in any case and with any zeros, or the bare number.
func (n *Number) UnmarshalText(text []byte) error {
	digits := strings.TrimPrefix(strings.ToUpper(string(text)), "INC-")
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || value <= 0 {
		return core.Invalid("number", "must be an incident number such as INC-000123")
	}
	*n = Number(value)
	return nil
}

// Level is one of three steps of impact, urgency or criticality.
type Level string

// The levels.
const (
	High   Level = "high"
	Medium Level = "medium"
	Low    Level = "low"
)

// rank is 0 for high, 1 for medium, 2 for low and anything else.
func (l Level) rank() int {
	switch l {
	case High:
		return 0
	case Medium:
		return 1
	}
	return 2
}

// Validate refuses what is not a level.
func (l Level) Validate(field string) error {
	if l == High || l == Medium || l == Low {
		return nil
	}
	return core.Invalid(field, "must be high, medium or low")
}

// Priority is 1 (first) to 5; it is written P1 to P5.
type Priority int

// String writes P1 to P5.
func (p Priority) String() string { return "P" + strconv.Itoa(int(p)) }

// MarshalJSON writes "P1".
func (p Priority) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

// MarshalText writes P1.
func (p Priority) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads P1 to P5.
func (p *Priority) UnmarshalText(text []byte) error {
	if len(text) != 2 || text[0] != 'P' || text[1] < '1' || text[1] > '5' {
		return core.Invalid("priority", "must be P1 to P5")
	}
	*p = Priority(text[1] - '0')
	return nil
}
