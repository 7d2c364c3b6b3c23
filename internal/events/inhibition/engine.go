package inhibition

import (
	"strings"
	"sync"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"mainstay/internal/events/matching"
)

// Rule is one inhibition rule.
type Rule struct {
	Name   string
	Source labels.Matchers
	Target labels.Matchers
	Equal  []string
}

// Engine knows the rules and the alerts that inhibit. It is safe for concurrent use.
type Engine struct {
	mu      sync.RWMutex
	sources matching.Index[*rule] // by source matchers
	targets matching.Index[*rule] // by target matchers
	places  map[string][]place    // where an alert is a source
}

type rule struct {
	Rule
	active map[string]map[string]source // by the values of the equal labels, by alert
}

type source struct {
	until  time.Time // zero: until it is dropped
	target bool      // it fits the target side too
}

type place struct {
	rule *rule
	key  string
}

// New makes an engine that knows no alerts yet.
func New(rules []Rule) *Engine {
	e := &Engine{places: map[string][]place{}}
	for _, r := range rules {
		one := &rule{Rule: r, active: map[string]map[string]source{}}
		e.sources.Add(r.Source, one)
		e.targets.Add(r.Target, one)
	}
	return e
}

// Rules is how many rules it knows.
func (e *Engine) Rules() int { return e.sources.Len() }

// Put makes an active alert known until a time. It reports whether verdicts
// about others may differ now.
func (e *Engine) Put(id string, set map[string]string, until time.Time) bool {
	if e.Rules() == 0 {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	rules := e.sources.Find(set)
	before := e.places[id]
	if len(rules) == 0 && len(before) == 0 {
		return false
	}
	next := make([]place, 0, len(rules))
	for _, r := range rules {
		next = append(next, place{r, r.key(set)})
	}
	same := len(next) == len(before)
	for i := 0; same && i < len(next); i++ {
		same = next[i] == before[i]
	}
	if !same {
		e.drop(id)
	}
	for _, p := range next {
		if p.rule.active[p.key] == nil {
			p.rule.active[p.key] = map[string]source{}
		}
		p.rule.active[p.key][id] = source{until, matching.Fits(p.rule.Target, set)}
	}
	if len(next) > 0 {
		e.places[id] = next
	}
	return !same
}

// Drop forgets an alert: it is over. It reports whether verdicts may differ.
func (e *Engine) Drop(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.drop(id)
}

func (e *Engine) drop(id string) bool {
	list := e.places[id]
	for _, p := range list {
		delete(p.rule.active[p.key], id)
		if len(p.rule.active[p.key]) == 0 {
			delete(p.rule.active, p.key)
		}
	}
	delete(e.places, id)
	return len(list) > 0
}

// By returns the alert that inhibits one with these labels, and the rule's name.
func (e *Engine) By(set map[string]string, at time.Time) (id, name string, inhibited bool) {
	if e.Rules() == 0 {
		return "", "", false
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, r := range e.targets.Find(set) {
		active := r.active[r.key(set)]
		if len(active) == 0 {
			continue
		}
		both := matching.Fits(r.Source, set)
		for id, s := range active {
			if (s.until.IsZero() || s.until.After(at)) && !(both && s.target) {
				return id, r.Name, true
			}
		}
	}
	return "", "", false
}

// key joins the values of the equal labels; one that is absent is empty.
func (r *rule) key(set map[string]string) string {
	if len(r.Equal) == 1 {
		return set[r.Equal[0]]
	}
	var b strings.Builder
	for _, name := range r.Equal {
		b.WriteString(set[name])
		b.WriteByte(0xff) // in no valid text
	}
	return b.String()
}
