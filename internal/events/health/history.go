package health

import (
	"math"
	"time"
)

// Interval is a time in which a subject stood one way.
type Interval struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero" doc:"Absent while it lasts"`
	State  State     `json:"state" enum:"ok,unknown,maintenance,degraded,down"`
	Causes []Cause   `json:"causes" nullable:"false" doc:"What was at the bottom of it when it began"`
}

// Cause is an item that is not well by itself.
type Cause struct {
	Item  string `json:"item"`
	Name  string `json:"name"`
	State State  `json:"state" enum:"ok,unknown,maintenance,degraded,down"`
}

// Figures are what a time came to.
type Figures struct {
	Minutes      map[State]float64 `json:"minutes" doc:"Minutes by state"`
	Availability *float64          `json:"availability,omitempty" doc:"Percent of the time that was ok or degraded, without maintenance and what is unknown; absent when nothing is left"`
	Outages      int               `json:"outages" doc:"Times it went down"`
}

// Count adds up intervals, in order and without overlaps, from one moment to
// another. What no interval covers is unknown; nothing counts after now.
func Count(intervals []Interval, from, to, now time.Time) Figures {
	if now.Before(to) {
		to = now
	}
	f := Figures{Minutes: map[State]float64{}}
	covered := 0.0
	for _, i := range intervals {
		begin, end := i.From, i.To
		if begin.Before(from) {
			begin = from
		}
		if end.IsZero() || end.After(to) {
			end = to
		}
		if !end.After(begin) {
			continue
		}
		minutes := end.Sub(begin).Minutes()
		f.Minutes[i.State] += minutes
		covered += minutes
		if i.State == Down {
			f.Outages++
		}
	}
	if whole := to.Sub(from).Minutes(); whole > covered {
		f.Minutes[Unknown] += whole - covered
	}
	up := f.Minutes[OK] + f.Minutes[Degraded]
	if all := up + f.Minutes[Down]; all > 0 {
		percent := math.Round(up/all*1e7) / 1e5 // a thousandth of a percent and two digits more
		f.Availability = &percent
	}
	return f
}
