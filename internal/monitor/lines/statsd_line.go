package lines

import (
	"log/slog"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/statsd_exporter/pkg/event"
	"github.com/prometheus/statsd_exporter/pkg/line"
)

// minRate is the smallest sampling rate that is believed: the reader repeats a
// timer as often as the rate says it stands for.
const minRate = 0.001

// maxLine bounds one line of StatsD.
const maxLine = 8 << 10

// reader reads lines of StatsD, with the tags of DogStatsD.
type reader struct {
	parser line.Parser
	errors *prometheus.CounterVec
	counts prometheus.Counter // what the parser wants to count and nobody asks for
	log    *slog.Logger
}

func newReader() *reader {
	r := &reader{errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "errors"}, []string{"reason"}),
		counts: prometheus.NewCounter(prometheus.CounterOpts{Name: "counts"}), log: slog.New(slog.DiscardHandler)}
	r.parser.EnableDogstatsdParsing()
	r.parser.EnableInfluxdbParsing() // Telegraf's way: name,tag=value:1|c
	return r
}

// observation is one thing a line says.
type observation struct {
	name     string
	tags     map[string]string
	kind     byte // c, g, t (timer, histogram, distribution), s
	value    float64
	relative bool   // of a gauge: a change
	member   string // of a set
}

// read returns what a line says; ok is false when nothing can be made of it.
func (r *reader) read(text string) (out []observation, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) == 0 || len(text) > maxLine || !rateIsFair(text) {
		return nil, len(text) == 0
	}
	member, asCounter, isSet := set(text)
	if isSet { // the library reads no sets: their name and tags are read as a counter's
		text = asCounter
	}
	for _, e := range r.parser.LineToEvents(text, *r.errors, r.counts, r.counts, r.counts, r.log) {
		o := observation{name: e.MetricName(), tags: e.Labels(), value: e.Value()}
		switch e := e.(type) {
		case *event.CounterEvent:
			o.kind = 'c'
		case *event.GaugeEvent:
			o.kind, o.relative = 'g', e.GRelative
		default:
			o.kind = 't'
		}
		if isSet {
			o.kind, o.member = 's', member
		}
		out = append(out, o)
	}
	return out, len(out) > 0
}

// rateIsFair says whether every sampling rate of a line is between minRate and 1.
func rateIsFair(text string) bool {
	for _, part := range strings.Split(text, "|")[1:] {
		rate, isRate := strings.CutPrefix(part, "@")
		if !isRate {
			continue
		}
		rate, _, _ = strings.Cut(rate, ":") // several values of one name
		v, err := strconv.ParseFloat(rate, 64)
		if err != nil || !(v >= minRate && v <= 1) {
			return false
		}
	}
	return true
}

// set takes apart a line such as users:joe|s|#shop:berlin.
func set(text string) (member, asCounter string, ok bool) {
	name, rest, found := strings.Cut(text, ":")
	parts := strings.Split(rest, "|")
	if !found || len(parts) < 2 || parts[1] != "s" || parts[0] == "" {
		return "", "", false
	}
	parts[0], parts[1] = "1", "c"
	return rest[:strings.IndexByte(rest, '|')], name + ":" + strings.Join(parts, "|"), true
}
