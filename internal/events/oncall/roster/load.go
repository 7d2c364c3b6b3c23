package roster

import (
	"time"

	"mainstay/internal/platform/calendar"
)

// Load is how much duty one person had.
type Load struct {
	Total   time.Duration
	Night   time.Duration // 22:00 to 07:00 on the clock of the zone
	Weekend time.Duration // Saturday and Sunday there
	Shifts  int
}

// Nights are when duty costs most.
const (
	nightFrom = 22 * time.Hour
	nightTo   = 7 * time.Hour
)

// Loads sums up the shifts by person. Every hour of the night of a weekend is
// counted under both.
func Loads(shifts []Shift, zone *time.Location) map[string]Load {
	out := map[string]Load{}
	for _, s := range shifts {
		l := out[s.Person]
		l.Total += s.To.Sub(s.From)
		l.Shifts++
		for at := s.From; at.Before(s.To); {
			wall := calendar.Wall(at, zone)
			midnight := wall.Truncate(24 * time.Hour)
			next := midnight.AddDate(0, 0, 1)
			for _, edge := range []time.Duration{nightTo, nightFrom} {
				if e := midnight.Add(edge); e.After(wall) && e.Before(next) {
					next = e
				}
			}
			end := earliest(s.To, calendar.Moment(next, zone))
			if !end.After(at) { // the clock goes back over the edge
				end = earliest(s.To, at.Add(time.Hour))
			}
			part := end.Sub(at)
			if hour := wall.Sub(midnight); hour < nightTo || hour >= nightFrom {
				l.Night += part
			}
			if d := wall.Weekday(); d == time.Saturday || d == time.Sunday {
				l.Weekend += part
			}
			at = end
		}
		out[s.Person] = l
	}
	return out
}

// Night says whether at is in the night of the zone.
func Night(at time.Time, zone *time.Location) bool {
	hour := calendar.Wall(at, zone).Sub(calendar.Wall(at, zone).Truncate(24 * time.Hour))
	return hour < nightTo || hour >= nightFrom
}
