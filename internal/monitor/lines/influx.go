package lines

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
	"github.com/prometheus/prometheus/model/labels"
)

// point is one sample of a line.
type point struct {
	series labels.Labels
	at     time.Time
	value  float64
}

// Fault is a line that could not be taken.
type Fault struct {
	Line   int
	Reason string
}

// maxFaults bounds how many lines at fault are told of.
const maxFaults = 20

// read is what a request says.
type read struct {
	points []point
	faults []Fault // the first
	failed int     // lines at fault
	texts  int     // fields that are texts, which are no measurements
}

func (r *read) fail(line int, reason string) {
	r.failed++
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, Fault{line, reason})
	}
}

// parseInflux reads lines of InfluxDB's protocol (InfluxDB OSS v2, "Line
// protocol"). Each field that is a number or a truth value becomes a series
// measurement_field; of a field called value the measurement alone.
func parseInflux(body []byte, precision lineprotocol.Precision, now time.Time) read {
	var out read
	for number := 1; len(body) > 0; {
		// A line at a time: one at fault must not take the next with it. A text in
		// quotes may hold line breaks.
		n := lineEnd(body)
		line := body[:n]
		body = body[min(n+1, len(body)):]
		if len(bytes.TrimSpace(line)) > 0 {
			if err := out.line(line, precision, now); err != nil {
				out.fail(number, err.Error())
			}
		}
		number += bytes.Count(line, []byte{'\n'}) + 1
	}
	return out
}

// lineEnd is where the first line of text ends: at a line break outside quotes.
func lineEnd(text []byte) int {
	fields, quoted := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case quoted:
			quoted = c != '"'
		case c == '\n':
			return i
		case c == ' ':
			fields = true
		case c == '"' && fields && text[0] != '#': // before the fields a quote is a character like others
			quoted = true
		}
	}
	if quoted { // never closed: the line ends where it breaks
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			return i
		}
	}
	return len(text)
}

var errNoTime = errors.New("the timestamp is out of range")

func (r *read) line(line []byte, precision lineprotocol.Precision, now time.Time) error {
	d := lineprotocol.NewDecoderWithBytes(line)
	if !d.Next() {
		return nil // a comment
	}
	measurement, err := d.Measurement()
	if err != nil {
		return err
	}
	name := string(measurement)
	t := newTags()
	for {
		key, value, err := d.NextTag()
		if err != nil {
			return err
		}
		if key == nil {
			break
		}
		t.set(string(key), string(value))
	}
	type field struct {
		metric string
		value  float64
	}
	var fields []field
	for {
		key, value, err := d.NextField()
		if err != nil {
			return err
		}
		if key == nil {
			break
		}
		v, ok := number(value)
		if !ok {
			r.texts++
			continue
		}
		metric := metricName(name, string(key))
		if string(key) == "value" {
			metric = metricName(name)
		}
		fields = append(fields, field{metric, v})
	}
	at, err := d.Time(precision, now)
	if err != nil {
		return err
	}
	if at.Before(time.Unix(0, 0)) || at.After(now.Add(time.Hour*24*365)) {
		return errNoTime
	}
	for _, f := range fields {
		r.points = append(r.points, point{t.named(f.metric), at, f.value})
	}
	return nil
}

func number(v lineprotocol.Value) (float64, bool) {
	switch v.Kind() {
	case lineprotocol.Float:
		return v.FloatV(), true
	case lineprotocol.Int:
		return float64(v.IntV()), true
	case lineprotocol.Uint:
		return float64(v.UintV()), true
	case lineprotocol.Bool:
		if v.BoolV() {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// precisionOf reads the parameter of both versions of the API.
func precisionOf(text string) (lineprotocol.Precision, error) {
	switch text {
	case "", "ns", "n":
		return lineprotocol.Nanosecond, nil
	case "us", "u", "µ":
		return lineprotocol.Microsecond, nil
	case "ms":
		return lineprotocol.Millisecond, nil
	case "s":
		return lineprotocol.Second, nil
	}
	return 0, fmt.Errorf("precision must be one of ns, us, ms and s")
}
