package figures

import "time"

// Day is what one date came to.
type Day struct {
	Date         string   `json:"date" doc:"YYYY-MM-DD in the zone of the period"`
	Worst        State    `json:"worst" enum:",up,degraded,unknown,down" doc:"Empty: nothing counts on this day"`
	Availability *float64 `json:"availability,omitempty" doc:"Percent; absent when nothing is known"`
	Down         Seconds  `json:"down"`
	Degraded     Seconds  `json:"degraded"`
	Maintenance  Seconds  `json:"maintenance"`
}

// Days returns the days of a period in a zone, in order.
func Days(p Period, zone *time.Location, intervals []Interval, maintenance []Span, terms Terms) []Day {
	out := []Day{}
	local := p.From.In(zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	for day.Before(p.To) {
		next := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone)
		from, to := later(day, p.From), earlier(next, p.To)
		d := Day{Date: day.Format("2006-01-02")}
		if from.Before(p.Now) {
			f, _ := Calculate(Period{from, to, p.Now}, intervals, maintenance, terms)
			d.Availability, d.Down, d.Degraded, d.Maintenance = f.Availability, f.Down, f.Degraded, f.Maintenance
			switch {
			case f.Down > 0:
				d.Worst = Down
			case f.Degraded > 0:
				d.Worst = Degraded
			case f.Up > 0:
				d.Worst = Up
			case f.Unknown > 0:
				d.Worst = Unknown
			}
		}
		out = append(out, d)
		day = next
	}
	return out
}
