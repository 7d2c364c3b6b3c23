package correlation

import (
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
)

// Sign is one thing that measurements or earlier confirmations say of a candidate.
type Sign struct {
	Sort   string  `json:"sort" doc:"What it is: signal, own, inherited, path, resource, traffic, silence, address, change, confirmed"`
	Text   string  `json:"text"`
	Weight float64 `json:"weight" doc:"What it adds to the score, 0 to 1; 0 for what only explains"`
}

// Verdict is what measurements and earlier confirmations say of the items of a
// situation and of what they need. It comes after the first ranking.
type Verdict struct {
	At    time.Time `json:"at"`
	Items []Finding `json:"items"`
}

// Finding is what a Verdict says of one item.
type Finding struct {
	Item     string  `json:"item"`
	Measured bool    `json:"measured"` // there were figures to judge it by
	Before   bool    `json:"before"`   // a person confirmed it as the cause of the same alerts
	Score    float64 `json:"score"`    // 0 to 1
	Signs    []Sign  `json:"signs"`
}

const (
	// overturn is the score at which figures speak for an item although an item
	// it needs fails, provided that those say nothing like it of the latter.
	overturn   = 0.6
	hintScore  = 0.5 // at which an item without an alert is worth showing
	hintShare  = 0.3 // of its score that such a hint is given as confidence
	hintsShown = 3
)

// Weigh gives a situation what was measured of it.
func (e *Engine) Weigh(situation string, v Verdict, now time.Time) error {
	s := e.situations[situation]
	if s == nil || s.State != Open {
		return core.Errorf(core.CodeConflict, "the situation is not open")
	}
	first := s.Verdict == nil
	s.Verdict = &v
	c := e.touch(s)
	if best := v.best(); first && best != nil {
		why := fmt.Sprintf("Figures of %d items were compared with normal: they speak for %s.", v.measured(), e.graph.Name(best.Item))
		c.Notes = append(c.Notes, Note{At: now, Kind: "measured", To: "item/" + best.Item, Why: why})
	}
	return nil
}

func (v *Verdict) measured() int {
	n := 0
	for _, f := range v.Items {
		if f.Measured {
			n++
		}
	}
	return n
}

// best is the finding with the highest score that says anything.
func (v *Verdict) best() *Finding {
	var best *Finding
	for i := range v.Items {
		if f := &v.Items[i]; f.Score >= hintScore && (best == nil || f.Score > best.Score) {
			best = f
		}
	}
	return best
}

// finding is what the verdict says of an item; nil when it says nothing.
func (s *Situation) finding(item string) *Finding {
	if s.Verdict == nil || item == "" {
		return nil
	}
	at := slices.IndexFunc(s.Verdict.Items, func(f Finding) bool { return f.Item == item && (f.Measured || f.Before) })
	if at < 0 {
		return nil
	}
	return &s.Verdict.Items[at]
}

// factor is what a finding makes of what alerts and topology say: figures with a
// score of one half change nothing, of zero halve it, of one add a half. Where
// there are no figures a confirmation adds half of that.
func (f *Finding) factor() float64 {
	if f.Measured {
		return 0.5 + f.Score
	}
	return 1 + f.Score/2
}

// weigh lets the verdict act on candidates. An item that needs another failing
// one, or has no alert, is taken for a possible cause when a person confirmed it
// as the cause of the same alerts, or when the figures clearly say so, and
// clearly do not say so of the leaves; figures are not believed of an item that
// is explained.
func (s *Situation) weigh(leaves, others, hints []Candidate, explained map[string]bool) (weighed, rest []Candidate) {
	if s.Verdict == nil {
		return leaves, others
	}
	others = append(others, hints...)
	highest, known := 0.0, true
	for i := range leaves {
		f := s.finding(leaves[i].Item)
		if f == nil {
			known = false
			continue
		}
		known = known && f.Measured
		highest = max(highest, f.Score)
		leaves[i].Evidence = f.Signs
		leaves[i].Confidence *= f.factor()
	}
	for _, c := range others {
		f := s.finding(c.Item)
		if f != nil {
			c.Evidence = f.Signs
		}
		clear := f != nil && f.Measured && known && f.Score >= overturn && highest < f.Score/2 && !explained[c.Item]
		if f != nil && (f.Before || clear) {
			c.leaf, c.Confidence = true, leafWeight*f.factor()
			leaves = append(leaves, c)
			continue
		}
		rest = append(rest, c)
	}
	return leaves, rest
}

// hints are items without an alert of which the figures say that they may be
// the cause: what nobody watches, or with bounds that are too wide.
func (e *Engine) hints(s *Situation, nodes []*node) []Candidate {
	if s.Verdict == nil {
		return nil
	}
	var found []Candidate
	for _, f := range s.Verdict.Items {
		failing := slices.ContainsFunc(nodes, func(n *node) bool { return n.item == f.Item })
		if failing || f.Score < hintScore || len(found) >= hintsShown {
			continue
		}
		name := e.graph.Name(f.Item)
		found = append(found, Candidate{
			Item: f.Item, Name: name, Confidence: rounded(hintShare * f.Score), onset: s.Verdict.At,
			Reasons: []Reason{{name + " has no alert, but what is measured of it speaks for it.", []core.Ref{{Kind: "item", ID: f.Item}}}},
		})
	}
	return found
}

// measuredWhy words a move of the root cause that the figures brought about.
func (s *Situation) measuredWhy(after Candidate) string {
	f := s.finding(after.Item)
	if f == nil || f.Score < hintScore || len(f.Signs) == 0 {
		return ""
	}
	return sentence("The figures say so: " + f.Signs[0].Text)
}
