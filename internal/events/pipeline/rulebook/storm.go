package rulebook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
)

// SummarySource is the source of the alerts that stand for storms.
const SummarySource = "event-rules"

const (
	tellStormEvery = 10 * time.Second // how old what a storm's alert says may be
	stormKeys      = 200              // keys counted apart
	stormTop       = 5                // keys and titles that are told
)

// storm counts the events of a source in windows. Above the rate each further
// event is remembered by its key, and one alert stands for all of them.
func (m *Machine) storm(r *Rule, source string, rest []Step, e *Event) (Effect, []Output) {
	spec := r.Spec.Storm
	rec := m.Book.get(Storm, r.ID, source)
	if rec == nil {
		if rec = m.Book.make(Storm, r.ID, source); rec == nil {
			return Passed, nil
		}
		rec.Since = m.Now
	}
	rec.turn(m.Now, spec.Per.Std())
	rec.Count++
	rec.Last = m.Now
	m.Book.touch(rec)
	within := rec.rate(m.Now, spec.Per.Std()) <= float64(spec.Rate)
	if !rec.Open && within {
		rec.Due = m.Now.Add(2*spec.Per.Std() + time.Second)
		return Passed, nil
	}
	if !rec.Open {
		rec.begin(e)
		rec.Due = m.Now.Add(min(r.calm(), tellStormEvery))
	}
	rec.quiet(m.Now, within)
	rec.gather(e)
	m.keep(r, source, rec, rest, e)
	r.Counts.Summarised.Add(1)
	if m.Now.Sub(rec.Told) < tellStormEvery {
		return Summarised, nil
	}
	return Summarised, []Output{m.summarise(r, rec)}
}

// begin makes the record one of a storm.
func (rec *Record) begin(e *Event) {
	first := Event{Event: core.Event{Source: SummarySource, At: e.At, Cause: e.Cause}, Team: e.Team}
	rec.Open, rec.Event, rec.Keys, rec.Severity = true, &first, map[string]int64{}, core.Info
}

// quiet notes since when the rate is kept.
func (rec *Record) quiet(now time.Time, within bool) {
	if !within {
		rec.Quiet = time.Time{}
	} else if rec.Quiet.IsZero() {
		rec.Quiet = now
	}
}

func (m *Machine) summarise(r *Rule, rec *Record) Output {
	rec.Told, rec.Stage = m.Now, int(rec.Total)
	return Output{Event: rec.summary(r, rec.Key), Rules: []string{r.ID}}
}

func (r *Rule) calm() time.Duration {
	if r.Spec.Storm.Calm > 0 {
		return r.Spec.Storm.Calm.Std()
	}
	return r.Spec.Storm.Per.Std()
}

// turn begins a new window when the one that is on has passed.
func (rec *Record) turn(now time.Time, per time.Duration) {
	switch passed := now.Sub(rec.Since); {
	case passed < per:
	case passed < 2*per:
		rec.Before, rec.Count, rec.Since = rec.Count, 0, rec.Since.Add(per)
	default:
		rec.Before, rec.Count, rec.Since = 0, 0, now
	}
}

// rate is how many came within per, taking those of the window before as evenly spread.
func (rec *Record) rate(now time.Time, per time.Duration) float64 {
	left := 1 - float64(now.Sub(rec.Since))/float64(per)
	return float64(rec.Count) + float64(rec.Before)*max(0, left)
}

// gather adds an event to what is told of a storm.
func (rec *Record) gather(e *Event) {
	rec.Total++
	rec.Severity = max(rec.Severity, e.Severity)
	if rec.Keys == nil {
		rec.Keys = map[string]int64{}
	}
	if _, known := rec.Keys[e.Key]; known || len(rec.Keys) < stormKeys {
		rec.Keys[e.Key]++
	}
	if len(rec.Samples) < stormTop && !slices.Contains(rec.Samples, e.Title) {
		rec.Samples = append(rec.Samples, e.Title)
	}
}

// keep remembers an event of a storm, so that what is still a problem
// afterwards becomes an alert. It is due when the storm is over.
func (m *Machine) keep(r *Rule, source string, storm *Record, rest []Step, e *Event) {
	rec := m.Book.get(gathered, r.ID, e.Key)
	if rec == nil {
		if rec = m.Book.make(gathered, r.ID, e.Key); rec == nil {
			storm.Lost++
			return
		}
	}
	latest := *e
	rec.Event, rec.Steps, rec.Storm, rec.Last, rec.Due = &latest, rest, source, m.Now, time.Time{}
	m.Book.touch(rec)
}

func stormKey(rule, source string) string { return cut("storm:"+rule+":"+source, maxText) }

func (rec *Record) summary(r *Rule, source string) Event {
	e := *rec.Event
	e.Kind, e.Key, e.Severity, e.At = core.Problem, stormKey(r.ID, source), rec.Severity, rec.Last
	e.Title = cut(fmt.Sprintf("Event storm from %s: more than %d events within %s", source, r.Spec.Storm.Rate, r.Spec.Storm.Per), maxText)
	e.Description = rec.described()
	e.Labels = map[string]string{"storm": r.ID, "storm_source": cut(source, maxLabelValue)}
	return e
}

func (rec *Record) described() string {
	top := slices.SortedFunc(maps.Keys(rec.Keys), func(a, b string) int {
		return cmp.Or(cmp.Compare(rec.Keys[b], rec.Keys[a]), strings.Compare(a, b))
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%d events are gathered here instead of being alerts.\n\nMost frequent keys:\n", rec.Total)
	for _, key := range top[:min(len(top), stormTop)] {
		b.WriteString("- " + key + ": " + strconv.FormatInt(rec.Keys[key], 10) + "\n")
	}
	b.WriteString("\nFor example:\n")
	for _, title := range rec.Samples {
		b.WriteString("- " + title + "\n")
	}
	if rec.Lost > 0 {
		fmt.Fprintf(&b, "\n%d of them could not be remembered one by one: they become alerts only when they are repeated.\n", rec.Lost)
	}
	return b.String()
}

// subside ends a storm whose source has calmed down, or tells how it goes on.
func (m *Machine) subside(r *Rule, rec *Record) []Output {
	if !rec.Open {
		m.Book.remove(rec)
		return nil
	}
	if r == nil || r.Spec.Storm == nil {
		return []Output{m.end(rec, clearOf(*rec.Event, stormKey(rec.Rule, rec.Key)))}
	}
	per := r.Spec.Storm.Per.Std()
	rec.turn(m.Now, per)
	rec.quiet(m.Now, rec.rate(m.Now, per) <= float64(r.Spec.Storm.Rate))
	if !rec.Quiet.IsZero() && m.Now.Sub(rec.Quiet) >= r.calm() {
		return []Output{m.end(rec, clearOf(rec.summary(r, rec.Key), stormKey(r.ID, rec.Key)))}
	}
	rec.Due = m.Now.Add(min(r.calm(), tellStormEvery))
	m.Book.touch(rec)
	if int64(rec.Stage) != rec.Total && m.Now.Sub(rec.Told) >= tellStormEvery {
		return []Output{m.summarise(r, rec)}
	}
	return nil
}

func (m *Machine) end(rec *Record, clear Event) Output {
	m.Book.remove(rec)
	m.Book.scatter(rec.Rule, rec.Key)
	clear.At = m.Now
	return Output{Event: clear, Rules: []string{rec.Rule}}
}

// scatter makes an alert of what a storm had gathered and is still a problem.
func (m *Machine) scatter(rec *Record) []Output {
	m.Book.remove(rec)
	if rec.Event == nil {
		return nil
	}
	return m.problem(later(*rec.Event, m.Now), rec.Steps, []string{rec.Rule})
}
