package events

import (
	"slices"
	"strings"

	"mainstay/internal/core"
)

// register is the active alerts as rows of numbers: each text is kept once, so
// that counting all of them reads one piece of memory from front to end. The
// view guards it.
type register struct {
	rows   []registered
	words  []word
	byText map[string]uint32
	free   []uint32 // numbers of words that nobody uses
}

// registered is an active alert.
type registered struct {
	id       string
	fields   [registerFields]uint32 // numbers of words
	severity core.Severity
	state    State
	onset    int64
	labels   map[string]string
	searched string // what words are looked for in, in lower case
}

type word struct {
	text string
	uses int
}

// The texts of a row that are numbers.
const (
	fieldItem = iota
	fieldTeam
	fieldSource
	fieldAssignee
	fieldSituation
	registerFields
)

// registerField is the number of a field by its name in lists.
func registerField(name string) (int, bool) {
	at := slices.Index([]string{"item", "team", "source", "assignee", "situation"}, name)
	return at, at >= 0
}

func newRegister() register { return register{byText: map[string]uint32{}} }

func (r *register) text(number uint32) string { return r.words[number].text }

// number is the one of a text that a row has from now on.
func (r *register) number(text string) uint32 {
	n, known := r.byText[text]
	switch {
	case known:
	case len(r.free) > 0:
		n = r.free[len(r.free)-1]
		r.free = r.free[:len(r.free)-1]
		r.words[n].text = text
	default:
		n = uint32(len(r.words))
		r.words = append(r.words, word{text: text})
	}
	if !known {
		r.byText[text] = n
	}
	r.words[n].uses++
	return n
}

// release says that a row no longer has the word.
func (r *register) release(number uint32) {
	w := &r.words[number]
	if w.uses--; w.uses > 0 {
		return
	}
	delete(r.byText, w.text)
	w.text = ""
	r.free = append(r.free, number)
}

// set writes a row; at is -1 for a new one. It returns where it is.
func (r *register) set(at int, a *Alert, situation string) int {
	if at < 0 {
		at = len(r.rows)
		r.rows = append(r.rows, registered{id: a.ID})
	} else {
		defer func(old [registerFields]uint32) {
			for _, number := range old {
				r.release(number)
			}
		}(r.rows[at].fields)
	}
	row := &r.rows[at]
	row.severity, row.state, row.onset, row.labels = a.Severity, a.State(), core.Micros(a.Onset), a.Labels
	if text := lowered(a.Title + "\x00" + a.Key + "\x00" + jsonText(a.Labels, len(a.Labels) == 0)); text != row.searched {
		row.searched = text
	}
	for field, text := range [registerFields]string{a.Item, a.Team, a.Source, a.Assignee, situation} {
		row.fields[field] = r.number(text)
	}
	return at
}

// move writes the situation of a row.
func (r *register) move(at int, situation string) {
	old := r.rows[at].fields[fieldSituation]
	r.rows[at].fields[fieldSituation] = r.number(situation)
	r.release(old)
}

// drop removes a row. The last takes its place; moved is that one's id.
func (r *register) drop(at int) (moved string) {
	for _, number := range r.rows[at].fields {
		r.release(number)
	}
	last := len(r.rows) - 1
	r.rows[at] = r.rows[last]
	moved = r.rows[at].id
	r.rows[last] = registered{}
	r.rows = r.rows[:last]
	return moved
}

// lowered is text as LOWER of SQLite has it: of ASCII alone.
func lowered(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// matching are the ids of the rows that pass all tests, nil when there are more
// than most, and how many there are.
func (r *register) matching(tests []func(*registered) bool, most int) (ids []string, n int) {
rows:
	for i := range r.rows {
		row := &r.rows[i]
		for _, passes := range tests {
			if !passes(row) {
				continue rows
			}
		}
		if n++; n <= most {
			ids = append(ids, row.id)
		}
	}
	if n > most {
		ids = nil
	}
	return ids, n
}

// grouping says what rows are counted by: a field, or another value as text.
type grouping struct {
	field int
	text  func(*registered) string // when it is not a field
}

// count counts the rows that pass all tests, by group, severity and state.
func (r *register) count(by grouping, tests []func(*registered) bool) []groupCount {
	type key struct {
		value    uint32
		severity core.Severity
		state    State
	}
	at := map[key]int{}
	others := map[string]uint32{} // numbers of values that are no words
	var out []groupCount
	var last key
	place := -1
rows:
	for i := range r.rows {
		row := &r.rows[i]
		for _, passes := range tests {
			if !passes(row) {
				continue rows
			}
		}
		k := key{severity: row.severity, state: row.state}
		var text string
		if by.text == nil {
			k.value = row.fields[by.field]
		} else {
			text = by.text(row)
			number, known := others[text]
			if !known {
				number = uint32(len(others))
				others[text] = number
			}
			k.value = number
		}
		if place < 0 || k != last {
			var known bool
			if place, known = at[k]; !known {
				if by.text == nil {
					text = r.text(k.value)
				}
				place = len(out)
				at[k] = place
				out = append(out, groupCount{value: text, state: string(row.state), severity: int64(row.severity), since: row.onset})
			}
			last = k
		}
		n := &out[place]
		n.alerts++
		n.since = min(n.since, row.onset)
	}
	return out
}
