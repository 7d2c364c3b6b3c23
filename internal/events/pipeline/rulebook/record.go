package rulebook

import (
	"time"

	"mainstay/internal/core"
)

// Record is what a rule remembers of one key.
type Record struct {
	Does Does
	Rule string // its id; "" of an alias
	Key  string
	Due  time.Time // when time acts on it, and be it to forget it
	State
	stored bool // it was read
}

// Stored says that the store has a row of it.
func (r *Record) Stored() bool { return r.stored }

// State is what is in a record; each rule that remembers uses some of it.
type State struct {
	Event    *Event           `json:"event,omitempty"` // the latest
	Steps    []Step           `json:"steps,omitempty"` // left to do once it is released
	Since    time.Time        `json:"since,omitzero"`
	Last     time.Time        `json:"last,omitzero"`
	Times    []int64          `json:"times,omitempty"` // microseconds, the oldest first
	Open     bool             `json:"open,omitempty"`  // released, reached, flapping, storming
	Observed bool             `json:"observed,omitempty"`
	Stage    int              `json:"stage,omitempty"`
	Severity core.Severity    `json:"severity,omitempty"`
	Target   string           `json:"target,omitempty"` // of an alias
	Count    int64            `json:"count,omitempty"`
	Before   int64            `json:"before,omitempty"` // of the window before
	Total    int64            `json:"total,omitempty"`
	Told     time.Time        `json:"told,omitzero"`
	Keys     map[string]int64 `json:"keys,omitempty"`
	Samples  []string         `json:"samples,omitempty"`
	Lost     int64            `json:"lost,omitempty"` // that found no room to be remembered
	Quiet    time.Time        `json:"quiet,omitzero"`
	Storm    string           `json:"-"` // the source whose storm gathered it
}

// ID tells records apart.
func (r *Record) ID() string { return recordID(r.Does, r.Rule, r.Key) }

func recordID(does Does, rule, key string) string { return string(does) + "\n" + rule + "\n" + key }

// Book holds the records a Machine may see: those of the keys it was loaded
// with. It notes what has to be written.
type Book struct {
	records map[string]*Record
	byKey   map[string][]*Record
	changed map[string]*Record
	removed map[string]*Record
	room    func() bool
	full    func()
	over    []Over
}

// Over is a storm that ended: what it gathered is due.
type Over struct{ Rule, Source string }

// Over lists the storms that ended.
func (b *Book) Over() []Over { return b.over }

func (b *Book) scatter(rule, source string) { b.over = append(b.over, Over{rule, source}) }

// NewBook returns an empty book. room says whether one more record may be made;
// full hears of each that was not.
func NewBook(room func() bool, full func()) *Book {
	return &Book{records: map[string]*Record{}, byKey: map[string][]*Record{}, changed: map[string]*Record{}, removed: map[string]*Record{}, room: room, full: full}
}

// Load puts records in that were read.
func (b *Book) Load(records ...*Record) {
	for _, r := range records {
		id := r.ID()
		if b.records[id] == nil && b.removed[id] == nil {
			r.stored = true
			b.records[id] = r
			b.byKey[r.Key] = append(b.byKey[r.Key], r)
		}
	}
}

// Changes are the records to write, and those to remove.
func (b *Book) Changes() (write, remove []*Record) {
	for _, r := range b.changed {
		write = append(write, r)
	}
	for _, r := range b.removed {
		remove = append(remove, r)
	}
	return write, remove
}

// Len counts the records.
func (b *Book) Len() int { return len(b.records) }

func (b *Book) get(does Does, rule, key string) *Record { return b.records[recordID(does, rule, key)] }

// of lists the records of a key.
func (b *Book) of(key string) []*Record { return append([]*Record(nil), b.byKey[key]...) }

// make adds a record, or returns nil when there is no room.
func (b *Book) make(does Does, rule, key string) *Record {
	if !b.room() {
		b.full()
		return nil
	}
	r := &Record{Does: does, Rule: rule, Key: key}
	id := r.ID()
	if gone := b.removed[id]; gone != nil {
		r.stored = gone.stored
	}
	b.records[id] = r
	b.byKey[key] = append(b.byKey[key], r)
	b.changed[id] = r
	delete(b.removed, id)
	return r
}

func (b *Book) touch(r *Record) { b.changed[r.ID()] = r }

func (b *Book) remove(r *Record) {
	id := r.ID()
	delete(b.records, id)
	delete(b.changed, id)
	if r.stored {
		b.removed[id] = r
	}
	kept := b.byKey[r.Key][:0:0]
	for _, other := range b.byKey[r.Key] {
		if other != r {
			kept = append(kept, other)
		}
	}
	if len(kept) == 0 {
		delete(b.byKey, r.Key)
	} else {
		b.byKey[r.Key] = kept
	}
}
