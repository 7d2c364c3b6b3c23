package anomaly

import "math"

const (
	dayBins  = 48
	weekBins = 168
	dayRate  = 0.2 // weight of one visit to a bin of the day, once there were five
	weekRate = 0.1
	// enough visits of an hour of the week before it is believed
	enoughWeeks = 3
)

// predictor expects the next value from three opinions; each counts by the
// eighth power of how small its error was lately, so a series without a season
// follows its mean and one with a week follows the week.
type predictor struct {
	day    [dayBins]float64
	week   [weekBins]float64
	dayN   [dayBins]uint8
	weekN  [weekBins]uint8
	mean   float64
	errors [3]float64
	n      int
}

// expect returns the three opinions and what they make together.
func (p *predictor) expect(unix int64) (opinions [3]float64, together float64) {
	day, week := bins(unix)
	opinions = [3]float64{p.mean, p.mean, p.mean}
	if p.dayN[day] > 0 {
		opinions[1], opinions[2] = p.day[day], p.day[day]
	}
	if p.weekN[week] >= enoughWeeks {
		opinions[2] = p.week[week]
	}
	least := min(p.errors[0], p.errors[1], p.errors[2]) + 1e-12
	var weights, sum float64
	for i, o := range opinions {
		w := least / (p.errors[i] + 1e-12)
		w *= w
		w *= w
		w *= w
		weights += w
		sum += w * o
	}
	return opinions, sum / weights
}

func (p *predictor) learn(unix int64, v float64, opinions [3]float64) {
	p.n++
	weight := max(1/float64(p.n), slow)
	for i, o := range opinions {
		p.errors[i] += weight * (math.Abs(v-o) - p.errors[i])
	}
	p.mean += weight * (v - p.mean)
	day, week := bins(unix)
	visit(&p.day[day], &p.dayN[day], v, dayRate)
	visit(&p.week[week], &p.weekN[week], v, weekRate)
}

func visit(mean *float64, n *uint8, v, rate float64) {
	if *n < math.MaxUint8 {
		*n++
	}
	*mean += max(1/float64(*n), rate) * (v - *mean)
}

func bins(unix int64) (day, week int) {
	const daySeconds = 24 * 3600
	ofDay := ((unix % daySeconds) + daySeconds) % daySeconds
	ofWeek := ((unix % (7 * daySeconds)) + 7*daySeconds) % (7 * daySeconds)
	return int(ofDay * dayBins / daySeconds), int(ofWeek / 3600)
}
