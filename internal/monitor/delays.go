package monitor

import (
	"strconv"
	"sync/atomic"
	"time"

	"mainstay/internal/platform/metricstore"
)

// delayBounds are the upper bounds of the histogram of start delays, in seconds.
func delayBounds() []float64 {
	return []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
}

// delays counts how much later than planned checks began.
type delays struct {
	buckets [16]atomic.Int64 // one for each bound, and one for what lies above
	sum     atomic.Int64     // nanoseconds
}

func (d *delays) observe(delay time.Duration) {
	bounds := delayBounds()
	i := 0
	for i < len(bounds) && delay.Seconds() > bounds[i] {
		i++
	}
	d.buckets[i].Add(1)
	d.sum.Add(int64(max(delay, 0)))
}

// samples are the series of a classic Prometheus histogram.
func (d *delays) samples(at time.Time) []metricstore.Sample {
	const name = "mainstay_monitor_start_delay_seconds"
	var out []metricstore.Sample
	total := int64(0)
	for i, bound := range append(delayBounds(), 0) {
		total += d.buckets[i].Load()
		le := "+Inf"
		if bound > 0 {
			le = strconv.FormatFloat(bound, 'g', -1, 64)
		}
		out = append(out, metricstore.Sample{Labels: metricstore.NewLabels(name+"_bucket", "le", le), T: at, V: float64(total)})
	}
	return append(out, metricstore.Sample{Labels: metricstore.NewLabels(name + "_count"), T: at, V: float64(total)},
		metricstore.Sample{Labels: metricstore.NewLabels(name + "_sum"), T: at, V: time.Duration(d.sum.Load()).Seconds()})
}
