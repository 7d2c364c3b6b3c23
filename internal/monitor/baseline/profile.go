package baseline

import (
	"math"
	"slices"
)

const (
	hours = 168
	// Weeks is how many weeks of each hour are kept.
	Weeks = 6
	// mostPoints of an hour are looked at.
	mostPoints = 120
	// enough hours before there is a band.
	enough = 24
	// normal turns a median absolute deviation into a standard deviation.
	normal = 1.4826
	// Size bounds the encoded form, in bytes.
	Size = 16 + hours*(1+Weeks*8)
)

// word is what one week said of one hour.
type word struct{ middle, spread float32 }

type hour struct {
	words [Weeks]word
	n     uint8 // words, at most Weeks; the oldest is overwritten
	next  uint8
}

// Profile is what was learned of one series. The zero value is ready.
type Profile struct {
	hours  [hours]hour
	closed int   // hours learned, over all weeks
	at     int64 // the hour under way, in hours since 1970
	points []float64

	// derived from hours
	middle, spread [hours]float64
	known          bool
}

// Hours is how many hours were learned.
func (p *Profile) Hours() int { return p.closed }

// Through is the end of what was learned, in Unix seconds; 0 before the first hour.
func (p *Profile) Through() int64 { return p.at * 3600 }

// Add learns one value. Values come in order of time; older ones and what is no
// number are left out.
func (p *Profile) Add(unix int64, v float64) {
	if math.IsNaN(v) || math.Abs(v) > math.MaxFloat32 {
		return
	}
	now := floorDiv(unix, 3600)
	switch {
	case p.at == 0 && len(p.points) == 0:
		p.at = now
	case now < p.at:
		return
	case now > p.at:
		p.close()
		p.at = now
	}
	if len(p.points) < mostPoints {
		p.points = append(p.points, v)
	}
}

// close ends the hour under way.
func (p *Profile) close() {
	if len(p.points) == 0 {
		return
	}
	middle, spread := centre(p.points)
	h := &p.hours[ofWeek(p.at)]
	h.words[h.next] = word{float32(middle), float32(spread)}
	h.next = (h.next + 1) % Weeks
	h.n = min(h.n+1, Weeks)
	p.closed++
	p.points = p.points[:0]
	p.derive()
}

// Band is what is expected at one time.
type Band struct{ Low, Middle, High float64 }

// Expect returns the band of so many standard deviations; false before a day was learned.
func (p *Profile) Expect(unix int64, width float64) (Band, bool) {
	if !p.known {
		return Band{}, false
	}
	// Between the middles of two hours the band is a straight line.
	const half = 1800
	before := floorDiv(unix-half, 3600)
	share := float64(unix-half-before*3600) / 3600
	a, b := ofWeek(before), ofWeek(before+1)
	middle := p.middle[a] + share*(p.middle[b]-p.middle[a])
	spread := p.spread[a] + share*(p.spread[b]-p.spread[a])
	return Band{middle - width*spread, middle, middle + width*spread}, true
}

// derive computes the band of every hour of the week from what the weeks said.
func (p *Profile) derive() {
	var all, spreads []float64
	var ofDay [24][]float64
	for i := range p.hours {
		for _, w := range p.hours[i].words[:p.hours[i].n] {
			all = append(all, float64(w.middle))
			spreads = append(spreads, float64(w.spread))
			ofDay[dayHour(i)] = append(ofDay[dayHour(i)], float64(w.middle))
		}
	}
	p.known = p.closed >= enough
	if !p.known {
		return
	}
	overall, overallSpread := centre(all)
	inner := median(spreads)
	var days, offs [24]float64
	for h := range days {
		days[h], offs[h] = overall, overallSpread
		if len(ofDay[h]) > 0 {
			days[h], offs[h] = centre(ofDay[h])
			if len(ofDay[h]) < 3 { // too few to know how they differ
				offs[h] = max(offs[h], overallSpread/2)
			}
		}
	}
	usualOff := median(slices.Clone(offs[:]))
	for i := range p.hours {
		p.middle[i], p.spread[i] = p.hours[i].settle(days[dayHour(i)], max(offs[dayHour(i)], usualOff), inner)
		p.spread[i] = max(p.spread[i], 1e-3*math.Abs(overall), 1e-9)
	}
}

// settle weighs what the weeks said of this hour against the same hour of all
// days: day is their median, off how far days differ, inner the usual spread
// within an hour.
func (h *hour) settle(day, off, inner float64) (middle, spread float64) {
	n := float64(h.n)
	if h.n == 0 {
		return day, math.Hypot(off, inner)
	}
	var middles, inside []float64
	for _, w := range h.words[:h.n] {
		middles = append(middles, float64(w.middle))
		inside = append(inside, float64(w.spread))
	}
	own, apart := centre(middles)
	if h.n < 3 {
		apart = max(apart, off/2)
	}
	// The difference counts as far as it is larger than chance makes it.
	difference := own - day
	chance := apart*apart/n + inner*inner/n
	share := 1.0
	if h.n < 3 { // one or two weeks may both have been odd
		share = n / (n + 1)
	}
	if d := difference * difference; d+chance > 0 {
		share *= d / (d + chance)
	}
	middle = day + share*difference
	within := median(inside)
	ownSpread := within*within + apart*apart
	usual := inner*inner + off*off
	if h.n >= 3 { // weeks that agree say more than days that differ
		usual = min(usual, 4*ownSpread+inner*inner)
	}
	return middle, math.Sqrt((n*ownSpread + 2*usual) / (n + 2))
}

// centre is the median and the spread of values as a standard deviation, both robust.
func centre(values []float64) (middle, spread float64) {
	sorted := slices.Clone(values)
	middle = median(sorted)
	for i, v := range sorted {
		sorted[i] = math.Abs(v - middle)
	}
	return middle, normal * median(sorted)
}

// median of values, which it reorders.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	n := len(values)
	return values[(n-1)/2] + (values[n/2]-values[(n-1)/2])/2
}

func ofWeek(hour int64) int { return int(((hour % hours) + hours) % hours) }

// dayHour is the hour of the day of an hour of the week.
func dayHour(ofWeek int) int { return ofWeek % 24 }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}
