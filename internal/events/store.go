package events

import (
	"embed"
	"encoding/json"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
)

//go:embed migrations
var migrations embed.FS

// Migrations returns the tables of the module.
func Migrations() fs.FS { return migrations }

// jsonText writes v as JSON text, empty for an empty map or list.
func jsonText(v any, empty bool) string {
	if empty {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("events: " + err.Error()) // maps and slices of strings always marshal
	}
	return string(b)
}

// fromText is the inverse of jsonText.
func fromText(text string, v any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}

// timesText writes times as microseconds separated by commas.
func timesText(times []time.Time) string {
	var b []byte
	for i, t := range times {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, core.Micros(t), 10)
	}
	return string(b)
}

func timesFrom(text string) []time.Time {
	if text == "" {
		return nil
	}
	var times []time.Time
	for part := range strings.SplitSeq(text, ",") {
		us, err := strconv.ParseInt(part, 10, 64)
		if err == nil {
			times = append(times, core.FromMicros(us))
		}
	}
	return times
}
