package pipeline

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
)

const (
	examplesMost = 50
	episodesMost = 100_000 // of one side
)

// Difference between what the rules did and what the draft would have done.
type Difference struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Until    time.Time `json:"until" doc:"How far the replay came in the time it may take"`
	Complete bool      `json:"complete"`
	Events   int64     `json:"events" doc:"Events that were replayed, repetitions included"`

	Active Side `json:"active" doc:"With the rules as they are"`
	Draft  Side `json:"draft" doc:"With the documents that are tried"`

	Missing  Examples `json:"missing" doc:"Alerts that the draft would not have raised"`
	New      Examples `json:"new" doc:"Alerts that only the draft would have raised"`
	Severity Examples `json:"severity" doc:"Alerts of another severity"`
	Keys     Examples `json:"keys" doc:"Events that would have acted on another alert"`

	Rules []RuleDifference `json:"rules" nullable:"false" doc:"What each rule did, where it differs or it is of the draft"`

	Routed  bool     `json:"routed" doc:"Messages are counted: there is a configuration of routing"`
	Unknown []string `json:"unknown" nullable:"false" doc:"What the figures of messages do not know"`
}

// Side is one of the two.
type Side struct {
	Alerts        int64           `json:"alerts" doc:"Alerts that were raised"`
	Open          int             `json:"open" doc:"Of them open at the end"`
	Notifications int64           `json:"notifications" doc:"Alerts opened or made worse, each by itself"`
	Messages      int64           `json:"messages" doc:"Messages that routing as it is now would have sent: grouped, inhibited, muted and repeated, one for each integration of a receiver"`
	Receivers     []ReceiverCount `json:"receivers" nullable:"false" doc:"The same by receiver"`
	Dropped       int64           `json:"dropped"`
	Held          int64           `json:"held"`
	Summarised    int64           `json:"summarised"`
	Lost          int64           `json:"lost,omitempty" doc:"That found no room to be remembered"`
}

// ReceiverCount is how many messages one receiver would have had.
type ReceiverCount struct {
	Receiver string `json:"receiver"`
	Messages int64  `json:"messages"`
}

// Examples are some of many.
type Examples struct {
	Total int64     `json:"total"`
	Some  []Example `json:"some" nullable:"false"`
}

// Example is an alert, or an event, that differs.
type Example struct {
	Key      string        `json:"key"`
	Title    string        `json:"title"`
	Source   string        `json:"source"`
	Item     string        `json:"item,omitempty"`
	At       time.Time     `json:"at" doc:"When the alert was raised, or the event arrived"`
	Events   int64         `json:"events,omitempty"`
	Severity core.Severity `json:"severity"`
	Instead  string        `json:"instead,omitempty" doc:"The draft's severity, or key"`
	Rules    []string      `json:"rules,omitempty" doc:"Rules that led to it"`
}

// RuleDifference is what one rule did on each side.
type RuleDifference struct {
	Rule           string `json:"rule"`
	ActiveMatched  int64  `json:"activeMatched"`
	DraftMatched   int64  `json:"draftMatched"`
	ActiveDropped  int64  `json:"activeDropped"`
	DraftDropped   int64  `json:"draftDropped"`
	ActiveHeld     int64  `json:"activeHeld" doc:"Held back or gathered"`
	DraftHeld      int64  `json:"draftHeld"`
	DraftFailed    int64  `json:"draftFailed"`
	DraftLastError string `json:"draftLastError,omitempty"`
}

// side replays one set and keeps what it raised.
type side struct {
	set      *rulebook.Set
	replay   *rulebook.Replay
	shown    Side
	episodes map[string][]*rulebook.Episode // by key
	routed   rulebook.Rehearsal             // nil: nothing is routed
	whole    bool                           // all messages could be counted
}

func newSide(set *rulebook.Set, from time.Time, routed rulebook.Rehearsal) *side {
	s := &side{set: set, replay: rulebook.NewReplay(set, from), episodes: map[string][]*rulebook.Episode{}, routed: routed, whole: true}
	s.shown.Receivers = []ReceiverCount{}
	if routed != nil {
		s.replay.Heard = routed.Hear
	}
	s.replay.Seen = func(e *rulebook.Episode) {
		if s.shown.Alerts++; s.shown.Alerts <= episodesMost {
			s.episodes[e.Key] = append(s.episodes[e.Key], e)
		}
	}
	return s
}

func (s *side) feed(ctx context.Context, r rulebook.Recorded) (rulebook.Verdict, rulebook.Output) {
	v, own := s.replay.Feed(ctx, r.Event, r.At, r.Times)
	switch own.Effect {
	case rulebook.Dropped, rulebook.Discarded:
		s.shown.Dropped += int64(r.Times)
	case rulebook.Held:
		s.shown.Held += int64(r.Times)
	case rulebook.Summarised:
		s.shown.Summarised += int64(r.Times)
	}
	return v, own
}

func (s *side) end(at time.Time) {
	s.replay.Pass(at)
	s.shown.Open = s.replay.Open()
	if s.routed != nil {
		var sent map[string]int64
		sent, s.whole = s.routed.Sent(at)
		for _, name := range slices.Sorted(maps.Keys(sent)) {
			s.shown.Receivers = append(s.shown.Receivers, ReceiverCount{name, sent[name]})
			s.shown.Messages += sent[name]
		}
	}
	s.replay.End()
	s.shown.Notifications, s.shown.Lost = s.replay.Told, s.replay.Lost
}

// comparison replays events on both sides.
type comparison struct {
	active, draft *side
	keys          Examples
	events        int64
	until         time.Time
}

func newComparison(active, draft *rulebook.Set, from time.Time, rehearse func() rulebook.Rehearsal) *comparison {
	return &comparison{active: newSide(active, from, rehearse()), draft: newSide(draft, from, rehearse()), keys: Examples{Some: []Example{}}, until: from}
}

func (c *comparison) feed(ctx context.Context, r rulebook.Recorded) {
	a, _ := c.active.feed(ctx, r)
	d, _ := c.draft.feed(ctx, r)
	c.events += int64(r.Times)
	c.until = r.At
	if a.Event.Key != d.Event.Key && a.Dropped == nil && d.Dropped == nil {
		c.keys.add(Example{Key: a.Event.Key, Instead: d.Event.Key, Title: r.Event.Title, Source: r.Event.Source, Item: r.Event.Item, At: r.At, Severity: d.Event.Severity, Rules: d.Names()})
	}
}

func (e *Examples) add(one Example) {
	e.Total++
	if len(e.Some) < examplesMost {
		e.Some = append(e.Some, one)
	}
}

func exampleOf(e *rulebook.Episode) Example {
	return Example{Key: e.Key, Title: e.Title, Source: e.Source, Item: e.Item, At: e.Opened, Events: e.Events, Severity: e.Severity, Rules: e.Rules}
}

// difference compares what both sides raised.
func (c *comparison) difference() Difference {
	c.active.end(c.until)
	c.draft.end(c.until)
	none := func() Examples { return Examples{Some: []Example{}} }
	out := Difference{Events: c.events, Until: c.until, Active: c.active.shown, Draft: c.draft.shown, Missing: none(), New: none(), Severity: none(), Keys: c.keys}
	for _, key := range keysOf(c.active.episodes) {
		theirs := slices.Clone(c.draft.episodes[key])
		for _, e := range c.active.episodes[key] {
			at := slices.IndexFunc(theirs, func(o *rulebook.Episode) bool { return overlap(e, o) })
			if at < 0 {
				out.Missing.add(exampleOf(e))
				continue
			}
			if o := theirs[at]; o.Severity != e.Severity {
				one := exampleOf(e)
				one.Instead, one.Rules = o.Severity.String(), o.Rules
				out.Severity.add(one)
			}
			theirs = slices.Delete(theirs, at, at+1)
		}
		c.draft.episodes[key] = theirs
	}
	for _, key := range keysOf(c.draft.episodes) {
		for _, o := range c.draft.episodes[key] {
			out.New.add(exampleOf(o))
		}
	}
	for _, list := range []*Examples{&out.Missing, &out.New, &out.Severity} {
		slices.SortStableFunc(list.Some, func(a, b Example) int { return b.At.Compare(a.At) })
	}
	out.Rules = c.rules()
	out.Routed, out.Unknown = c.active.routed != nil, c.unknown()
	return out
}

// unknown says what the counted messages leave out.
func (c *comparison) unknown() []string {
	if c.active.routed == nil {
		return []string{"Nothing is routed: without a configuration of routing no receiver is told."}
	}
	out := []string{
		"Pages to people on call: they follow situations, which a replay does not make.",
		"Silences, maintenance, and what people snoozed or suppressed: those messages are counted.",
	}
	if !c.active.whole || !c.draft.whole {
		out = append(out, "All messages: there were too many groups to follow to the end, so there were more than are counted.")
	}
	return out
}

func keysOf(m map[string][]*rulebook.Episode) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// overlap says whether two alerts of one key are the same condition: they were
// open at the same time, or one followed the other within a moment.
func overlap(a, b *rulebook.Episode) bool {
	return !ended(a).Before(b.Opened) && !ended(b).Before(a.Opened)
}

func ended(e *rulebook.Episode) time.Time {
	if e.Ended.IsZero() {
		return e.Opened.Add(100 * 365 * 24 * time.Hour)
	}
	return e.Ended
}

// rules lists the rules whose figures differ, and those that only the draft has.
func (c *comparison) rules() []RuleDifference {
	byID := map[string]*RuleDifference{}
	of := func(id string) *RuleDifference {
		if byID[id] == nil {
			byID[id] = &RuleDifference{Rule: id}
		}
		return byID[id]
	}
	for _, r := range c.active.set.Rules() {
		d := of(r.ID)
		d.ActiveMatched, d.ActiveDropped, d.ActiveHeld = r.Counts.Matched.Load(), r.Counts.Dropped.Load(), r.Counts.Held.Load()+r.Counts.Summarised.Load()
	}
	for _, r := range c.draft.set.Rules() {
		d := of(r.ID)
		d.DraftMatched, d.DraftDropped, d.DraftHeld = r.Counts.Matched.Load(), r.Counts.Dropped.Load(), r.Counts.Held.Load()+r.Counts.Summarised.Load()
		if d.DraftFailed = r.Counts.Failed.Load(); d.DraftFailed > 0 {
			d.DraftLastError = *r.Counts.LastFailure.Load()
		}
	}
	out := []RuleDifference{}
	for _, d := range byID {
		both := c.active.set.Rule(d.Rule) != nil && c.draft.set.Rule(d.Rule) != nil
		if !both || d.ActiveMatched != d.DraftMatched || d.ActiveDropped != d.DraftDropped || d.ActiveHeld != d.DraftHeld || d.DraftFailed > 0 {
			out = append(out, *d)
		}
	}
	slices.SortFunc(out, func(a, b RuleDifference) int { return cmp.Compare(a.Rule, b.Rule) })
	return out
}
