package health

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/events/health/propagation"
	"mainstay/internal/platform/declare"
)

// DefaultRule is the name of the document that holds for all without one of their own.
const DefaultRule = "default"

// Spec says how the state of services follows from what they need.
type Spec struct {
	Team       string          `json:"team,omitempty"`
	Items      []string        `json:"items,omitempty" doc:"ids of the items it is about"`
	Identities []core.Identity `json:"identities,omitempty" doc:"items by what identifies them"`
	Selector   string          `json:"selector,omitempty" doc:"selects items"`

	Down     string `json:"down,omitempty" enum:"info,warning,minor,major,critical" doc:"An alert at least so severe takes an item down; major when left out"`
	Degraded string `json:"degraded,omitempty" enum:"info,warning,minor,major,critical" doc:"An alert at least so severe degrades an item; warning when left out"`

	Groups  []GroupSpec `json:"groups,omitempty" doc:"Direct needs that stand in for each other"`
	Ignore  []string    `json:"ignore,omitempty" doc:"Classes of direct needs that do not count"`
	Weights *WeightSpec `json:"weights,omitempty" doc:"Direct needs outside of groups count by weight instead of each by itself"`
	Site    *ShareSpec  `json:"site,omitempty" doc:"Of the document default: how sites follow from the items at them"`
}

// GroupSpec is needs of which some suffice.
type GroupSpec struct {
	Name    string   `json:"name"`
	Classes []string `json:"classes,omitempty" doc:"Members by class, subclasses included"`
	Items   []string `json:"items,omitempty" doc:"Members by id"`
	Require int      `json:"require,omitempty" doc:"So many must work"`
	Percent float64  `json:"percent,omitempty" doc:"Or this share of them"`
}

// ShareSpec says from which share of what works on a thing is degraded or down.
type ShareSpec struct {
	DownBelow     float64 `json:"downBelow" doc:"Percent; 50 for sites when left out"`
	DegradedBelow float64 `json:"degradedBelow" doc:"Percent; 100 when left out"`
}

// WeightSpec gives weights to needs.
type WeightSpec struct {
	ShareSpec
	Classes map[string]float64 `json:"classes" doc:"The weight of needs by class; 1 for classes that are not named"`
}

// ParseSpec reads and checks the spec of a document.
func ParseSpec(name string, raw json.RawMessage) (*Spec, error) {
	s := &Spec{}
	if err := declare.Decode(raw, s); err != nil {
		return nil, err
	}
	return s, s.validate(name)
}

func (s *Spec) validate(name string) error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	about := len(s.Items)+len(s.Identities) > 0 || s.Selector != ""
	if name == DefaultRule {
		check(!about, "items", "must not be given: the document default is about all that have none of their own")
	} else {
		check(about, "items", "items, identities or selector must say what it is about")
		check(s.Site == nil, "site", "is only for the document default")
	}
	for i, id := range s.Items {
		check(core.ValidID(id), fmt.Sprintf("items[%d]", i), "must be the id of an item")
	}
	for i, id := range s.Identities {
		check(id.Kind != "" && id.Value != "", fmt.Sprintf("identities[%d]", i), "must have a kind and a value")
	}
	down, degraded, err := s.thresholds()
	check(err == nil, "down", "must be a severity, as degraded must")
	check(err != nil || degraded <= down, "degraded", "must not be more severe than down")
	for i, g := range s.Groups {
		at := fmt.Sprintf("groups[%d]", i)
		check(g.Name != "" && len(g.Name) <= 200, at+".name", "must have 1 to 200 bytes")
		check(len(g.Classes)+len(g.Items) > 0, at+".classes", "classes or items must say what is in the group")
		check((g.Require > 0) != (g.Percent > 0), at+".require", "give either require or percent")
		check(g.Require >= 0 && g.Require <= 10_000, at+".require", "must be between 1 and 10000")
		check(g.Percent >= 0 && g.Percent <= 100, at+".percent", "must be above 0 and at most 100")
	}
	if s.Weights != nil {
		bad = append(bad, s.Weights.check("spec.weights")...)
		for class, w := range s.Weights.Classes {
			check(w >= 0 && w <= 1e6, "weights.classes."+class, "must be between 0 and 1000000")
		}
	}
	if s.Site != nil {
		bad = append(bad, s.Site.check("spec.site")...)
	}
	return core.InvalidAll(bad)
}

func (s ShareSpec) check(at string) []core.Detail {
	if s.DownBelow < 0 || s.DegradedBelow > 100 || s.DownBelow > s.degradedBelow() {
		return []core.Detail{{Field: at + ".downBelow", Rule: "must be between 0 and degradedBelow, which is at most 100"}}
	}
	return nil
}

func (s ShareSpec) degradedBelow() float64 {
	if s.DegradedBelow == 0 {
		return 100
	}
	return s.DegradedBelow
}

func (s *Spec) thresholds() (down, degraded core.Severity, err error) {
	down, degraded = core.Major, core.Warning
	if s.Down != "" {
		if down, err = core.ParseSeverity(s.Down); err != nil {
			return down, degraded, err
		}
		degraded = min(degraded, down)
	}
	if s.Degraded != "" {
		degraded, err = core.ParseSeverity(s.Degraded)
	}
	return down, degraded, err
}

// rules are the documents, by what they are about.
type rules struct {
	byItem map[string]*Spec
	byName map[string]string // the document of an item
	base   *Spec
}

func (r *rules) of(item string) *Spec {
	if s := r.byItem[item]; s != nil {
		return s
	}
	return r.base
}

// Name of the document that an item follows, "" when it has none of its own.
func (r *rules) name(item string) string { return r.byName[item] }

// rulesOf looks up what the documents are about. One that cannot be looked up
// holds for nothing until it can.
func (c *Component) rulesOf(ctx context.Context, docs []declare.Document) *rules {
	r := &rules{byItem: map[string]*Spec{}, byName: map[string]string{}, base: &Spec{}}
	for _, d := range docs {
		spec := &Spec{}
		if err := json.Unmarshal(d.Spec, spec); err != nil {
			c.deps.Log.Warn("service health: a document cannot be read", "document", d.Name, "error", err)
			continue
		}
		if d.Name == DefaultRule {
			r.base = spec
			continue
		}
		items := slices.Clone(spec.Items)
		for _, identity := range spec.Identities {
			if id, err := c.deps.Graph.ItemOf(ctx, []core.Identity{identity}); err == nil {
				items = append(items, id)
			}
		}
		if spec.Selector != "" {
			found, err := c.deps.Graph.Select(ctx, spec.Selector)
			if err != nil {
				c.deps.Log.Warn("service health: a document cannot select", "document", d.Name, "error", err)
			}
			items = append(items, found...)
		}
		for _, item := range items {
			if r.byItem[item] == nil { // of several the first by name holds
				r.byItem[item], r.byName[item] = spec, d.Name
			}
		}
	}
	return r
}

// apply turns what the graph says of needs into what the rules make of it.
// classes returns the class of an item with its ancestors.
func (s *Spec) apply(needs []Need, classes func(item string) []string) []propagation.Need {
	is := func(item string, names []string) bool {
		return len(names) > 0 && slices.ContainsFunc(classes(item), func(class string) bool { return slices.Contains(names, class) })
	}
	out := make([]propagation.Need, 0, len(needs))
	grouped := make([][]string, len(s.Groups))
	var weighed propagation.Need
	for _, need := range needs {
		if len(need.Items) != 1 {
			out = append(out, propagation.Need{Items: need.Items, Require: need.Require, Name: "redundancy"})
			continue
		}
		item := need.Items[0]
		if is(item, s.Ignore) {
			continue
		}
		in := slices.IndexFunc(s.Groups, func(g GroupSpec) bool { return slices.Contains(g.Items, item) || is(item, g.Classes) })
		switch {
		case in >= 0:
			grouped[in] = append(grouped[in], item)
		case s.Weights != nil:
			weighed.Items = append(weighed.Items, item)
			weighed.Weights = append(weighed.Weights, s.Weights.of(classes(item)))
		default:
			out = append(out, propagation.Need{Items: need.Items, Require: 1})
		}
	}
	for i, items := range grouped {
		if len(items) == 0 {
			continue
		}
		g := s.Groups[i]
		require := min(g.Require, len(items))
		if g.Percent > 0 {
			require = int(math.Ceil(g.Percent / 100 * float64(len(items))))
		}
		out = append(out, propagation.Need{Name: g.Name, Items: items, Require: require})
	}
	if len(weighed.Items) > 0 {
		weighed.Name, weighed.DownBelow, weighed.DegradedBelow = "weights", s.Weights.DownBelow, s.Weights.degradedBelow()
		out = append(out, weighed)
	}
	return out
}

func (w *WeightSpec) of(classes []string) float64 {
	for _, class := range classes {
		if weight, ok := w.Classes[class]; ok {
			return weight
		}
	}
	return 1
}

// siteNeed is how a site follows from what is there.
func (s *Spec) siteNeed(items []string) propagation.Need {
	share := ShareSpec{DownBelow: 50}
	if s.Site != nil {
		share = *s.Site
	}
	weights := make([]float64, len(items))
	for i := range weights {
		weights[i] = 1
	}
	return propagation.Need{Name: "items at the site", Items: items, Weights: weights, DownBelow: share.DownBelow, DegradedBelow: share.degradedBelow()}
}
