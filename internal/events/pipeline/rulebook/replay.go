package rulebook

import (
	"context"
	"sort"
	"time"

	"mainstay/internal/core"
)

// Replay runs recorded events through a set, with their times as the clock.
type Replay struct {
	set   *Set
	book  *Book
	now   time.Time
	alive map[string]*Episode
	Seen  func(*Episode)  // hears of each alert once it is over, or at the end
	Told  int64           // alerts opened and made worse
	Heard func(Condition) // hears of each alert when it opens, changes, is repeated or ends
	Lost  int64           // that found no room to be remembered
	swept time.Time
	next  time.Time // nothing is due before; zero when that is not known
}

// Episode is one alert of a replay, from its opening to its end.
type Episode struct {
	Key      string
	Title    string
	Source   string
	Item     string
	Severity core.Severity // the worst
	Opened   time.Time
	Ended    time.Time
	Events   int64
	Rules    []string
	expires  time.Time
	last     Event // that described it last
}

// Condition is an alert of a replay as it is at a time.
type Condition struct {
	Event  Event // that described it last, with the severity of now
	Opened time.Time
	Ends   time.Time // when it ended, or will if it is not repeated; zero for never
	Over   bool
	At     time.Time
}

// Rehearsal counts the messages that conditions would have led to.
type Rehearsal interface {
	// Hear takes conditions in the order of their times.
	Hear(c Condition)
	// Sent lets time pass until the end and tells what was sent by receiver; whole
	// says that all of it could be counted.
	Sent(until time.Time) (receivers map[string]int64, whole bool)
}

// replayRecords bounds what a replay remembers.
const replayRecords = 200_000

// NewReplay begins at a time, with nothing remembered and no alert open.
func NewReplay(set *Set, from time.Time) *Replay {
	p := &Replay{set: set, now: from, alive: map[string]*Episode{}, Seen: func(*Episode) {}, Heard: func(Condition) {}}
	p.book = NewBook(func() bool { return p.book.Len() < replayRecords }, func() { p.Lost++ })
	return p
}

// Feed lets time pass until the event's and takes it in, n times. It returns the
// verdict and what became of the event the last time.
func (p *Replay) Feed(ctx context.Context, e Event, at time.Time, n int) (Verdict, Output) {
	p.Pass(at)
	v := p.set.Shape(ctx, e, p.now)
	var own Output
	for range max(1, n) {
		m := Machine{Set: p.set, Book: p.book, Now: p.now}
		outputs := m.Take(&v, e.Key)
		for _, o := range outputs {
			p.apply(o)
			if o.Own {
				own = o
			}
		}
		p.settle()
	}
	return v, own
}

// settle makes what ended storms gathered due, and keeps nothing to write.
func (p *Replay) settle() {
	for _, over := range p.book.over {
		for _, rec := range p.book.records {
			if rec.Does == gathered && rec.Rule == over.Rule && rec.Storm == over.Source {
				rec.Due = p.now
			}
		}
	}
	for _, rec := range p.book.changed {
		if !rec.Due.IsZero() && rec.Due.Before(p.next) {
			p.next = rec.Due
		}
	}
	if len(p.book.over) > 0 {
		p.next = time.Time{}
	}
	p.book.over = nil
	clear(p.book.changed)
	clear(p.book.removed)
}

// Pass lets time pass: what falls due until then happens, in order.
func (p *Replay) Pass(until time.Time) {
	for until.After(p.now) && !until.Before(p.next) {
		due := p.due(until)
		if len(due) == 0 {
			break
		}
		for _, rec := range due {
			if p.book.records[rec.ID()] != rec || rec.Due.After(until) || rec.Due.IsZero() {
				continue
			}
			if rec.Due.After(p.now) {
				p.now = rec.Due
			}
			m := Machine{Set: p.set, Book: p.book, Now: p.now}
			for _, o := range m.Fire(rec, p.stand) {
				p.apply(o)
			}
			p.settle()
		}
	}
	if until.After(p.now) {
		p.now = until
	}
	if p.now.Sub(p.swept) > time.Minute {
		p.swept = p.now
		for key, a := range p.alive {
			if !a.expires.IsZero() && !p.now.Before(a.expires) {
				p.finish(key, a, a.expires)
			}
		}
	}
}

func (p *Replay) due(until time.Time) []*Record {
	var due []*Record
	p.next = p.now.Add(forgetAfter)
	for _, rec := range p.book.records {
		switch {
		case rec.Due.IsZero():
		case !rec.Due.After(until):
			due = append(due, rec)
		case rec.Due.Before(p.next):
			p.next = rec.Due
		}
	}
	sort.Slice(due, func(i, j int) bool {
		if !due[i].Due.Equal(due[j].Due) {
			return due[i].Due.Before(due[j].Due)
		}
		return due[i].ID() < due[j].ID()
	})
	return due
}

func (p *Replay) stand(key string) Standing { return Standing{Active: p.alive[key] != nil} }

func (p *Replay) apply(o Output) {
	e := &o.Event
	a := p.alive[e.Key]
	switch {
	case o.Effect != Passed:
	case o.Raise:
		if a != nil && e.Severity > a.Severity {
			a.Severity = e.Severity
			p.Told++
		}
		if a != nil && e.Severity > a.last.Severity {
			a.last.Severity = e.Severity
			p.tell(a)
		}
	case e.Kind == core.Cleared:
		if a != nil {
			p.finish(e.Key, a, e.At)
		}
	case e.Kind == core.Problem:
		if a != nil && !a.expires.IsZero() && e.At.After(a.expires) {
			p.finish(e.Key, a, a.expires)
			a = nil
		}
		if a == nil {
			a = &Episode{Key: e.Key, Title: e.Title, Source: e.Source, Item: e.Item, Severity: e.Severity, Opened: p.now, Rules: o.Rules}
			p.alive[e.Key] = a
			p.Told++
		} else if e.Severity > a.Severity {
			a.Severity = e.Severity
			p.Told++
		}
		a.Events++
		a.expires, a.last = e.ExpiresAt, *e
		p.tell(a)
	}
}

func (p *Replay) finish(key string, a *Episode, at time.Time) {
	delete(p.alive, key)
	a.Ended = at
	p.Heard(Condition{Event: a.last, Opened: a.Opened, Ends: at, Over: true, At: p.now})
	p.Seen(a)
}

func (p *Replay) tell(a *Episode) {
	p.Heard(Condition{Event: a.last, Opened: a.Opened, Ends: a.expires, At: p.now})
}

// End tells of the alerts that are still open.
func (p *Replay) End() {
	for key, a := range p.alive {
		delete(p.alive, key)
		p.Seen(a)
	}
}

// Open counts the alerts that are open.
func (p *Replay) Open() int { return len(p.alive) }
