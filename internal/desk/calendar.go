package desk

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/calendar"
	"mainstay/internal/platform/sqldb"
)

// Calendar says which time counts.
type Calendar = calendar.Calendar

// Hours is one interval of a day.
type Hours = calendar.Hours

// ParseCalendar reads and checks the spec of a Calendar document.
func ParseCalendar(spec json.RawMessage) (*Calendar, error) { return calendar.Parse(spec) }

func alwaysOpen() *Calendar { return calendar.Always() }

// Calendar returns the calendar of a name, as q sees it.
func (c *Component) Calendar(ctx context.Context, q sqldb.Querier, name string) (*Calendar, error) {
	spec, found, err := c.store.document(ctx, q, kindCalendar, name)
	if err == nil && !found {
		err = core.NotFound("calendar", name)
	}
	if err != nil {
		return nil, err
	}
	return ParseCalendar(spec)
}
