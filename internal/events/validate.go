package events

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mainstay/internal/core"
)

// The bounds of one event. What is longer is refused, not cut: a cut key
// would merge alerts that have nothing to do with each other.
const (
	maxKey         = 512
	maxTitle       = 1000
	maxDescription = 32 << 10
	maxSource      = 200
	maxLabels      = 100
	maxLabelName   = 200
	maxLabelValue  = 4096
	maxIdentities  = 50
	// maxAhead is how far a sender's clock may be ahead before ours is taken
	// instead: an event from the future would outrank every clear until then.
	maxAhead = time.Minute
)

// check lists what is wrong with one event; path names it in the batch.
func (o *observation) check(path string) []core.Detail {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: path + field, Rule: rule}) }
	text := func(field, value string, most int, needed bool) {
		switch {
		case needed && value == "":
			add(field, "must not be empty")
		case len(value) > most:
			add(field, fmt.Sprintf("must have at most %d bytes", most))
		case !plain(value):
			add(field, "must be valid UTF-8 without NUL")
		}
	}
	switch o.Kind {
	case core.Problem, core.Cleared, core.Notice:
	default:
		add("kind", "must be problem, clear or notice")
	}
	if o.Severity < core.Clear || o.Severity > core.Critical {
		add("severity", "must be one of "+strings.Join(core.SeverityNames(), ", "))
	} else if o.Kind == core.Problem && o.Severity == core.Clear {
		add("severity", "must not be clear for a problem; a clear event ends it")
	}
	text("key", o.Key, maxKey, o.Kind != core.Notice)
	text("title", o.Title, maxTitle, o.Kind != core.Cleared)
	text("description", o.Description, maxDescription, false)
	text("source", o.Source, maxSource, true)
	text("item", o.Item, 100, false)
	text("check", o.Check, 200, false)
	text("cause", o.Cause, 100, false)
	if len(o.Labels) > maxLabels {
		add("labels", fmt.Sprintf("must be at most %d", maxLabels))
	}
	for name, value := range o.Labels {
		if name == "" || len(name) > maxLabelName || !plain(name) {
			add("labels", fmt.Sprintf("a name must have 1 to %d bytes of valid UTF-8", maxLabelName))
		}
		text("labels."+name, value, maxLabelValue, false)
	}
	for name, value := range o.Annotations {
		if !plain(name) {
			add("annotations", "a name must be valid UTF-8 without NUL")
		}
		text("annotations."+name, value, maxDescription, false)
	}
	if len(o.Identities) > maxIdentities {
		add("identities", fmt.Sprintf("must be at most %d", maxIdentities))
	}
	for i, id := range o.Identities {
		text(fmt.Sprintf("identities[%d].kind", i), id.Kind, 100, true)
		text(fmt.Sprintf("identities[%d].value", i), id.Value, 500, true)
		text(fmt.Sprintf("identities[%d].class", i), id.Class, 100, false)
	}
	return bad
}

// plain says that both engines can store the text.
func plain(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// complete fills in what a sender may leave out. It runs before check.
func (o *observation) complete(now time.Time, c AlertConfiguration) {
	o.Received = now
	if o.At.IsZero() || o.At.After(now.Add(maxAhead)) || o.At.Year() < 1971 {
		o.At = now
	}
	o.At = core.FromMicros(core.Micros(o.At))
	if o.Kind == "" {
		o.Kind = core.Problem
		if o.Severity == core.Clear {
			o.Kind = core.Cleared
		}
	}
	if o.Source == "" {
		o.Source = "api"
	}
	if o.ExpiresAt.IsZero() && c.ExpireAfter > 0 && o.Kind == core.Problem && !c.neverExpires(o.Source) {
		o.ExpiresAt = o.At.Add(c.ExpireAfter)
	}
}

func (c AlertConfiguration) neverExpires(source string) bool {
	for _, s := range c.NeverExpire {
		if s == source {
			return true
		}
	}
	return false
}
