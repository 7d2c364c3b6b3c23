package health

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/health/propagation"
	"mainstay/internal/platform/auth"
)

// View is a service or site as the API shows it.
type View struct {
	ID          string    `json:"id" doc:"The id of the item, or site: and the name of a site"`
	Kind        string    `json:"kind" enum:"service,site"`
	Item        string    `json:"item,omitempty" doc:"Its item; a site may have none"`
	Name        string    `json:"name"`
	Class       string    `json:"class"`
	ClassLabel  string    `json:"classLabel"`
	Team        string    `json:"team,omitempty"`
	Criticality string    `json:"criticality,omitempty"`
	State       State     `json:"state" enum:"ok,unknown,maintenance,degraded,down"`
	Since       time.Time `json:"since"`
	Rule        string    `json:"rule,omitempty" doc:"The document whose rules it follows; the default when absent"`
	Causes      []Cause   `json:"causes" nullable:"false" doc:"Items that are not well by themselves, the worst first, at most five"`
}

// Page is a part of the list of services and sites.
type Page struct {
	Items  []View         `json:"items" nullable:"false" doc:"The worst first"`
	States map[string]int `json:"states" doc:"How many there are by state, of those that match"`
	Next   string         `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
}

// Filter chooses services and sites.
type Filter struct {
	Kind   string `query:"kind" enum:"service,site" doc:"Both when absent"`
	State  string `query:"state" maxLength:"100" doc:"States, separated by commas"`
	Q      string `query:"q" maxLength:"400" doc:"Words of the name"`
	Brief  bool   `query:"brief" doc:"Without causes, for maps and long lists"`
	Limit  int    `query:"limit" minimum:"0" maximum:"1000" doc:"200 when absent"`
	Cursor string `query:"cursor" maxLength:"20" doc:"The next of the page before"`
}

func criticalityRank(name string) int {
	return slices.Index([]string{"", "low", "medium", "high", "critical"}, name)
}

// List answers from memory, but for the names of causes.
func (c *Component) List(ctx context.Context, f Filter) (Page, error) {
	scope := auth.From(ctx).Scope("items:read")
	words := strings.Fields(strings.ToLower(f.Q))
	var states []string
	if f.State != "" {
		states = strings.Split(f.State, ",")
	}
	p := Page{Items: []View{}, States: map[string]int{}}
	var found []View
	c.mu.RLock()
	for id, r := range c.roots {
		if f.Kind != "" && r.Kind != f.Kind || !scope.Allows(r.Item.Team) {
			continue
		}
		name := strings.ToLower(r.Item.Name)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) }) {
			continue
		}
		v := c.viewOf(id, r)
		p.States[string(v.State)]++
		if len(states) == 0 || slices.Contains(states, string(v.State)) {
			found = append(found, v)
		}
	}
	c.mu.RUnlock()
	slices.SortFunc(found, func(a, b View) int {
		return cmp.Or(cmp.Compare(b.State.rank(), a.State.rank()), cmp.Compare(criticalityRank(b.Criticality), criticalityRank(a.Criticality)),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	at := 0
	if f.Cursor != "" {
		n, err := strconv.Atoi(f.Cursor)
		if err != nil || n < 0 {
			return p, core.Invalid("cursor", "must be the next of another page")
		}
		at = min(n, len(found))
	}
	limit := f.Limit
	if limit == 0 {
		limit = 200
	}
	end := min(at+limit, len(found))
	p.Items = append(p.Items, found[at:end]...)
	if end < len(found) {
		p.Next = strconv.Itoa(end)
	}
	if f.Brief {
		return p, nil
	}
	return p, c.addCauses(ctx, p.Items)
}

// viewOf shows a root without its causes. c.mu is held.
func (c *Component) viewOf(id string, r root) View {
	s := c.shown[id]
	return View{ID: id, Kind: r.Kind, Item: r.Item.ID, Name: r.Item.Name, Class: r.Item.Class, ClassLabel: r.Item.Label, Team: r.Item.Team,
		Criticality: r.Item.Criticality, State: s.state, Since: s.since, Rule: c.rules.name(id), Causes: []Cause{}}
}

func (c *Component) addCauses(ctx context.Context, views []View) error {
	var ids []string
	for _, v := range views {
		if v.State != OK && v.State != Unknown {
			ids = append(ids, v.ID)
		}
	}
	causes, err := c.causes(ctx, ids)
	for i := range views {
		if list := causes[views[i].ID]; list != nil {
			views[i].Causes = list
		}
	}
	return err
}

// One shows a root that the caller may see.
func (c *Component) One(ctx context.Context, id string) (View, error) {
	c.mu.RLock()
	r, ok := c.roots[id]
	var v View
	if ok {
		v = c.viewOf(id, r)
	}
	c.mu.RUnlock()
	if !ok || !auth.From(ctx).Scope("items:read").Allows(r.Item.Team) {
		return v, core.NotFound("service", id)
	}
	views := []View{v}
	err := c.addCauses(ctx, views)
	return views[0], err
}

// Leaf is an item in a tree.
type Leaf struct {
	Item  string `json:"item"`
	Name  string `json:"name"`
	Class string `json:"class"`
	Label string `json:"label" doc:"Of its class"`
	State State  `json:"state" enum:"ok,unknown,maintenance,degraded,down"`
	Own   State  `json:"own" enum:"ok,unknown,maintenance,degraded,down" doc:"By its own alerts"`
	Needs int    `json:"needs" doc:"Things it needs in turn"`
}

// BranchView is one thing that is needed.
type BranchView struct {
	Name    string `json:"name,omitempty" doc:"Of a group"`
	Rule    string `json:"rule" doc:"What must hold, for people"`
	State   State  `json:"state" enum:"ok,unknown,maintenance,degraded,down"`
	Members []Leaf `json:"members" nullable:"false" doc:"The worst first"`
	More    int    `json:"more,omitempty" doc:"Members that are left out"`
}

// Tree is an item and what it needs directly.
type Tree struct {
	Leaf
	Branches []BranchView `json:"branches" nullable:"false" doc:"The worst first"`
	More     int          `json:"more,omitempty" doc:"Needs that are left out"`
}

const (
	branchesMost = 300
	membersMost  = 300
	mapMost      = 300
)

// engineNow is the engine that readers ask.
func (c *Component) engineNow() *propagation.Engine {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.engine
}

// TreeOf shows what an item below a root needs; the root's own needs when item is empty.
func (c *Component) TreeOf(ctx context.Context, id, item string) (Tree, error) {
	v, err := c.One(ctx, id)
	if err != nil {
		return Tree{}, err
	}
	if item == "" {
		item = id
	}
	engine := c.engineNow()
	of, ok := engine.Of(item)[item]
	if !ok {
		return Tree{}, core.NotFound("item", item)
	}
	branches := engine.Branches(item)
	t := Tree{Branches: []BranchView{}, More: max(0, len(branches)-branchesMost)}
	branches = branches[:min(len(branches), branchesMost)]
	ids := []string{item}
	for i := range branches {
		b := &branches[i]
		for _, m := range b.Members[:min(len(b.Members), membersMost)] {
			ids = append(ids, m.Item)
		}
	}
	found, err := c.visible(ctx, ids)
	if err != nil {
		return Tree{}, err
	}
	t.Leaf = leafOf(of, found[item], len(branches)+t.More)
	if item == id {
		t.Leaf.Name, t.Leaf.Class, t.Leaf.Label, t.Leaf.State = v.Name, v.Class, v.ClassLabel, v.State
	} else if found[item].ID == "" {
		return Tree{}, core.NotFound("item", item)
	}
	for _, b := range branches {
		shown := BranchView{Name: b.Need.Name, Rule: ruleText(b.Need), State: stateOf(b.State), Members: []Leaf{}, More: max(0, len(b.Members)-membersMost)}
		for _, m := range b.Members[:min(len(b.Members), membersMost)] {
			shown.Members = append(shown.Members, leafOf(m, found[m.Item], len(engine.Branches(m.Item))))
		}
		t.Branches = append(t.Branches, shown)
	}
	return t, nil
}

// visible describes items; of those that the caller may not see it says so.
func (c *Component) visible(ctx context.Context, ids []string) (map[string]Item, error) {
	found, err := c.deps.Graph.Items(ctx, ids)
	scope := auth.From(ctx).Scope("items:read")
	for id, item := range found {
		if !scope.Allows(item.Team) {
			found[id] = Item{ID: id, Name: "an item of another team", Class: item.Class, Label: item.Label}
		}
	}
	return found, err
}

func leafOf(s propagation.Standing, item Item, needs int) Leaf {
	name := item.Name
	if name == "" {
		name = s.Item
	}
	return Leaf{Item: s.Item, Name: name, Class: item.Class, Label: item.Label, State: stateOf(s.State), Own: stateOf(s.Own), Needs: needs}
}

func ruleText(n propagation.Need) string {
	switch {
	case n.Weights != nil:
		return "down below " + strconv.FormatFloat(n.DownBelow, 'g', -1, 64) + " %, degraded below " + strconv.FormatFloat(n.DegradedBelow, 'g', -1, 64) + " % of " + strconv.Itoa(len(n.Items)) + " by weight"
	case len(n.Items) == 1:
		return "must work"
	}
	return strconv.Itoa(n.Require) + " of " + strconv.Itoa(len(n.Items)) + " must work"
}

// Picture is a service with everything it needs, as a map.
type Picture struct {
	Nodes   []Leaf `json:"nodes" nullable:"false" doc:"The service first, then what it needs, the nearest first"`
	Edges   []Line `json:"edges" nullable:"false"`
	LeftOut bool   `json:"leftOut" doc:"There is more than is shown"`
}

// Line leads from an item to one that it needs.
type Line struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Group string `json:"group,omitempty"`
}

// PictureOf draws a root.
func (c *Component) PictureOf(ctx context.Context, id string) (Picture, error) {
	v, err := c.One(ctx, id)
	if err != nil {
		return Picture{}, err
	}
	engine := c.engineNow()
	below, cut := engine.Below(id, mapMost)
	ids := make([]string, len(below))
	in := map[string]bool{}
	for i, s := range below {
		ids[i], in[s.Item] = s.Item, true
	}
	found, err := c.visible(ctx, ids)
	if err != nil {
		return Picture{}, err
	}
	p := Picture{Nodes: make([]Leaf, 0, len(below)), Edges: []Line{}, LeftOut: cut}
	for _, s := range below {
		branches := engine.Branches(s.Item)
		leaf := leafOf(s, found[s.Item], len(branches))
		if s.Item == id {
			leaf.Name, leaf.Class, leaf.Label, leaf.State = v.Name, v.Class, v.ClassLabel, v.State
		}
		p.Nodes = append(p.Nodes, leaf)
		for _, b := range branches {
			for _, m := range b.Members {
				if in[m.Item] {
					p.Edges = append(p.Edges, Line{s.Item, m.Item, b.Need.Name})
				}
			}
		}
	}
	return p, nil
}

// Past is how a subject stood in a time.
type Past struct {
	ID        string     `json:"id"`
	Intervals []Interval `json:"intervals" nullable:"false" doc:"In order; what none covers is unknown"`
	Figures   Figures    `json:"figures"`
}

const longestPast = 400 * 24 * time.Hour

// History tells how roots stood; those that the caller may not see are left out.
func (c *Component) History(ctx context.Context, ids []string, from, to time.Time) ([]Past, error) {
	now := c.deps.Clock.Now()
	if to.IsZero() || to.After(now) {
		to = now
	}
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if !from.Before(to) || to.Sub(from) > longestPast {
		return nil, core.Invalid("from", "must be before to, by at most 400 days")
	}
	scope := auth.From(ctx).Scope("items:read")
	var may []string
	c.mu.RLock()
	for _, id := range ids {
		if r, ok := c.roots[id]; ok && scope.Allows(r.Item.Team) {
			may = append(may, id)
		}
	}
	c.mu.RUnlock()
	out := []Past{}
	if len(may) == 0 {
		return out, nil
	}
	found, err := c.intervals(ctx, may, from, to)
	if err != nil {
		return nil, err
	}
	for _, id := range may {
		list := found[id]
		if list == nil {
			list = []Interval{}
		}
		out = append(out, Past{ID: id, Intervals: list, Figures: Count(list, from, to, now)})
	}
	return out, nil
}
