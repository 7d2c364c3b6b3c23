package correlation

import (
	"cmp"
	"slices"
	"time"

	"mainstay/internal/core"
)

// node is one failing item of a situation.
type node struct {
	item       string
	worst      *Alert
	onset      time.Time
	count      int64
	recovered  bool   // it cleared, a moment ago
	suppressed string // its alerts are held back, and why
	needs      []cause

	silent bool  // no alert is about it: it is suspected because of its users
	users  []int // of a silent one: its users that fail for no other reason
	all    int   // of a silent one: how many users it has
}

// rankedLeaves and rankedOthers bound how many candidates are worked out.
const (
	rankedLeaves = 20
	rankedOthers = 5
	// moveMargin is how much better a rival has to be, so that the root cause does not flutter.
	moveMargin = 0.05
)

// rank orders the possible root causes of s, the likeliest first, and says
// when the passing of time alone may change the answer.
func (e *Engine) rank(s *Situation, now time.Time) ([]Candidate, time.Time) {
	nodes, due := e.nodes(s, now)
	if len(nodes) == 0 {
		return e.confirmed(s, e.ruledCause(s, rankAlerts(s))), due
	}
	web := e.connect(nodes)
	candidates, others := s.weigh(web.leaves(e), web.others(e), e.hints(s, nodes), web.explained())
	shareConfidence(candidates)
	candidates = append(candidates, others...)
	slices.SortStableFunc(candidates, byLikelihood)
	return e.confirmed(s, e.ruledCause(s, keepRoot(s, candidates))), due
}

// nodes collects the items of s that fail, or did a moment ago.
func (e *Engine) nodes(s *Situation, now time.Time) ([]*node, time.Time) {
	byItem := map[string]*node{}
	var due time.Time
	for _, a := range sortedByOnset(s.Alerts) {
		if a.Item == "" {
			continue
		}
		if !a.Active {
			// A cause that recovers before its consequences stays the cause; but
			// what still fails long after it needs another explanation.
			until := a.ClearedAt.Add(e.settings.Window)
			if !until.After(now) {
				continue
			}
			if due.IsZero() || until.Before(due) {
				due = until
			}
		}
		add(byItem, a)
	}
	return sortedNodes(byItem), due
}

// add enters an alert into the node of its item.
func add(byItem map[string]*node, a *Alert) {
	n := byItem[a.Item]
	if n == nil {
		n = &node{item: a.Item, worst: a, onset: a.Onset, recovered: !a.Active, suppressed: a.Suppressed}
		byItem[a.Item] = n
	}
	n.count += a.Count
	if a.Onset.Before(n.onset) {
		n.onset = a.Onset
	}
	if a.Active {
		n.recovered = false
	}
	if a.Suppressed == "" {
		n.suppressed = ""
	}
	if better := cmp.Or(boolOrder(a.Active, n.worst.Active), cmp.Compare(a.Severity, n.worst.Severity), n.worst.Onset.Compare(a.Onset)); better > 0 {
		n.worst = a
	}
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func sortedNodes(byItem map[string]*node) []*node {
	nodes := make([]*node, 0, len(byItem))
	for _, n := range byItem {
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b *node) int {
		return cmp.Or(a.onset.Compare(b.onset), cmp.Compare(a.item, b.item))
	})
	return nodes
}

// byLikelihood puts leaves first, then the more confident, then the earlier.
func byLikelihood(a, b Candidate) int {
	return cmp.Or(
		boolOrder(b.leaf, a.leaf),
		cmp.Compare(b.Confidence, a.Confidence),
		a.onset.Compare(b.onset),
		cmp.Compare(a.Item, b.Item),
	)
}

// shareConfidence turns scores of rivals into confidences: one leaf keeps its
// score, equal rivals halve it.
func shareConfidence(leaves []Candidate) {
	total := 0.0
	for _, c := range leaves {
		total += c.Confidence * c.Confidence
	}
	for i := range leaves {
		c := &leaves[i]
		if total > 0 {
			c.Confidence *= c.Confidence * c.Confidence / total
		}
		c.Confidence = rounded(c.Confidence)
	}
}

// keepRoot leaves the recorded root cause in front of a rival that is hardly better.
func keepRoot(s *Situation, candidates []Candidate) []Candidate {
	before := s.Root()
	at := slices.IndexFunc(candidates, before.Same)
	if at <= 0 || !candidates[at].leaf || candidates[0].Confidence-candidates[at].Confidence > moveMargin {
		return candidates
	}
	return toFront(candidates, at)
}

// confirmed puts what a person named as the root cause in front.
func (e *Engine) confirmed(s *Situation, candidates []Candidate) []Candidate {
	if s.Confirmed == "" {
		return candidates
	}
	at := slices.IndexFunc(candidates, func(c Candidate) bool { return c.Item == s.Confirmed || c.Alert == s.Confirmed })
	if at < 0 {
		return candidates
	}
	candidates = toFront(candidates, at)
	candidates[0].Confidence = 1
	candidates[0].Reasons = slices.Insert(candidates[0].Reasons, 0, Reason{"Confirmed by " + s.By + ".", []core.Ref{}})
	return candidates
}

func toFront(candidates []Candidate, at int) []Candidate {
	c := candidates[at]
	return slices.Insert(slices.Delete(candidates, at, at+1), 0, c)
}

func rounded(f float64) float64 {
	return float64(int(min(max(f, 0.01), 0.99)*100+0.5)) / 100
}
