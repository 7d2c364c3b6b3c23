package desk

import "time"

// ClockKind is what a clock measures.
type ClockKind string

// The kinds of clock.
const (
	Response   ClockKind = "response"   // until someone of the staff takes it up
	Resolution ClockKind = "resolution" // until it is resolved
)

// ClockState is what a clock does.
type ClockState string

// The states of a clock. A breached clock keeps its state and has BreachedAt.
const (
	Running ClockState = "running"
	Paused  ClockState = "paused"
	Stopped ClockState = "stopped"
)

// Clock measures counting time of a calendar against a target.
type Clock struct {
	Kind       ClockKind  `json:"kind" enum:"response,resolution"`
	State      ClockState `json:"state" enum:"running,paused,stopped"`
	Level      string     `json:"level" doc:"Service level that promises it"`
	Calendar   string     `json:"calendar"`
	Target     Duration   `json:"target"`
	Used       Duration   `json:"used" doc:"Counting time until Since"`
	Since      time.Time  `json:"since" doc:"When it last began to run, or ceased to"`
	WarnAt     *time.Time `json:"warnAt,omitempty"`
	DueAt      *time.Time `json:"dueAt,omitempty" doc:"While it runs"`
	WarnedAt   *time.Time `json:"warnedAt,omitempty"`
	BreachedAt *time.Time `json:"breachedAt,omitempty"`

	warnPercent int
	pauseOnHold bool
}

// run begins or continues to measure.
func (c *Clock) run(cal *Calendar, now time.Time) {
	if c.State == Running {
		return
	}
	c.State, c.Since = Running, now
	c.plan(cal)
}

// rest stops measuring, for a while (Paused) or for good (Stopped).
func (c *Clock) rest(cal *Calendar, now time.Time, state ClockState) {
	if c.State == Running {
		c.Used += Duration(cal.Between(c.Since, now))
		c.Since = now
	}
	c.State, c.WarnAt, c.DueAt = state, nil, nil
}

// retarget changes the promise; what was used stays used.
func (c *Clock) retarget(cal *Calendar, now time.Time, target Duration) {
	if target == c.Target {
		return
	}
	c.Target = target
	if c.State == Running {
		c.Used += Duration(cal.Between(c.Since, now))
		c.Since = now
		c.plan(cal)
	}
}

// recount makes a running clock count by another calendar from now on.
func (c *Clock) recount(old, cal *Calendar, now time.Time) {
	if c.State == Running {
		c.Used += Duration(old.Between(c.Since, now))
		c.Since = now
		c.plan(cal)
	}
}

// plan derives when the running clock warns and when it is due.
func (c *Clock) plan(cal *Calendar) {
	moment := func(total Duration) *time.Time {
		at := cal.Add(c.Since, time.Duration(max(total-c.Used, 0)))
		if at.IsZero() {
			return nil
		}
		return &at
	}
	c.DueAt = moment(c.Target)
	c.WarnAt = moment(c.Target / 100 * Duration(c.warnPercent))
}

// next is when the clock has something to say; the zero time is never.
func (c *Clock) next() time.Time {
	switch {
	case c.State != Running:
	case c.WarnedAt == nil && c.BreachedAt == nil && c.WarnAt != nil:
		return *c.WarnAt
	case c.BreachedAt == nil && c.DueAt != nil:
		return *c.DueAt
	}
	return time.Time{}
}

// fire notes what has become due by now and says what that is: "", "warned" or "breached".
func (c *Clock) fire(now time.Time) string {
	at := c.next()
	if at.IsZero() || at.After(now) {
		return ""
	}
	if c.DueAt != nil && !c.DueAt.After(now) {
		c.BreachedAt = c.DueAt
		return "breached"
	}
	c.WarnedAt = c.WarnAt
	return "warned"
}
