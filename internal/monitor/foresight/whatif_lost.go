package foresight

import (
	"slices"

	"mainstay/internal/core"
)

// Rest is one that remains when others are lost.
type Rest struct {
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Item     string  `json:"item,omitempty"`
	ItemName string  `json:"itemName,omitempty"`
	Used     float64 `json:"used" doc:"with what moves to it"`
	Moved    float64 `json:"moved" doc:"what moves to it"`
	Capacity float64 `json:"capacity"`
	Share    float64 `json:"share" doc:"used of capacity"`
	Fits     bool    `json:"fits"`
	Now      Dates   `json:"now" doc:"when it is full as it is"`
	Then     Dates   `json:"then" doc:"when it is full with what moves to it"`
}

// Node is an item, or something that fills by itself, which can be lost.
type Node struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// nodes are the items of a list, and what is of none.
func nodes(list []known) []Node {
	out := []Node{}
	seen := map[string]bool{}
	for _, k := range list {
		n := Node{k.Item, k.called()}
		if n.ID == "" {
			n.ID = k.ID
		}
		if !seen[n.ID] {
			seen[n.ID] = true
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b Node) int { return slices.Compare([]string{a.Name, a.ID}, []string{b.Name, b.ID}) })
	return out
}

// restShown bounds how many of those that remain are forecast for one question.
const restShown = 200

// called is what a person calls it.
func (k *known) called() string {
	if k.ItemName != "" {
		return k.ItemName
	}
	return k.Title
}

func (k *known) isCalled(ref string) bool {
	return ref == k.ID || k.Item != "" && ref == k.Item || k.ItemName != "" && ref == k.ItemName
}

// part tells what is lost from what remains. What is named goes first, then
// the greatest of the others: the list is ordered by capacity.
func part(list []known, q Question) (lost, rest []known, err error) {
	named := make([]bool, len(list))
	for _, ref := range q.Lost {
		found := false
		for i := range list {
			if list[i].isCalled(ref) {
				named[i], found = true, true
			}
		}
		if !found {
			return nil, nil, core.Invalid("lost", "must name what shares the capacity and is known for long enough; "+ref+" does not")
		}
	}
	greatest := q.Lose
	for i, k := range list {
		switch {
		case named[i]:
			lost = append(lost, k)
		case greatest > 0:
			greatest--
			lost = append(lost, k)
		default:
			rest = append(rest, k)
		}
	}
	if len(rest) == 0 {
		field := "lose"
		if len(q.Lost) > 0 {
			field = "lost"
		}
		return nil, nil, core.Invalid(field, "must leave something that shares the capacity")
	}
	return lost, rest, nil
}

// share moves what the lost held, day by day, to those that remain, and dates
// each of them anew.
func share(lost, rest []known, q Question, full float64) (out []Rest, leftOut int) {
	var capacity, held float64
	for _, k := range rest {
		capacity += k.Capacity
	}
	for _, k := range lost {
		held += k.Used
	}
	of := func(k known) float64 {
		if q.Spread == "equally" || capacity <= 0 {
			return 1 / float64(len(rest))
		}
		return k.Capacity / capacity
	}
	used := func(k known) float64 { return q.grown() * (k.Used + of(k)*held) }
	by := func(k known) float64 { return used(k) / max(k.Capacity, 1e-12) }
	slices.SortStableFunc(rest, func(x, y known) int { return compare(by(y), by(x)) })
	if len(rest) > restShown {
		leftOut = len(rest) - restShown
		rest = rest[:restShown]
	}
	gone := total(lost)
	for _, k := range rest {
		both := merged(k.history, gone, of(k))
		path, _ := both.forecast() // none of too few points
		then := outcome(both, path, k.Used+of(k)*held, k.Capacity, full, q.grown())
		out = append(out, Rest{
			ID: k.ID, Title: k.Title, Item: k.Item, ItemName: k.ItemName, Used: then.Used, Moved: q.grown() * of(k) * held,
			Capacity: k.Capacity, Share: then.Share, Fits: then.Fits, Now: k.Dates, Then: then.Dates,
		})
	}
	slices.SortStableFunc(out, func(x, y Rest) int { return x.Then.compare(y.Then) })
	return out, leftOut
}

// merged is a history with a part of another, over the time that both cover.
func merged(own, other history, part float64) history {
	other.values = scale(other.values, part)
	return total([]known{{history: own}, {history: other}})
}

// compare puts what is full first before the others.
func (d Dates) compare(o Dates) int {
	if (d.Likely == nil) != (o.Likely == nil) {
		if d.Likely == nil {
			return 1
		}
		return -1
	}
	if d.Likely != nil {
		if c := d.Likely.Compare(*o.Likely); c != 0 {
			return c
		}
	}
	switch {
	case d.Earliest == nil && o.Earliest == nil:
		return 0
	case d.Earliest == nil:
		return 1
	case o.Earliest == nil:
		return -1
	}
	return d.Earliest.Compare(*o.Earliest)
}
