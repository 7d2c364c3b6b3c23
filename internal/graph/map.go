package graph

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/graph/index"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// MapParams select the part of the graph to draw.
type MapParams struct {
	Focus []string  `query:"focus" maxItems:"50" doc:"Ids of the items in the middle; without one, the overview"`
	Hops  int       `query:"hops" minimum:"0" maximum:"10" default:"2" doc:"Relations from the focus"`
	Class []string  `query:"class" maxItems:"50" doc:"Only items of these classes and their subclasses"`
	Group string    `query:"group" enum:"class,family,site,team,none" default:"class" doc:"What nodes are grouped by"`
	AsOf  time.Time `query:"asOf" doc:"The map as it was at this moment"`
	Limit int       `query:"limit" minimum:"0" maximum:"5000" default:"500" doc:"Nodes at most"`
}

// Map is a part of the graph, ready to draw.
type Map struct {
	Nodes []MapNode `json:"nodes"`
	Edges []MapEdge `json:"edges"`
	// LeftOut counts the items that the limit cut off; at least this many.
	LeftOut int        `json:"leftOut"`
	Groups  []MapGroup `json:"groups"`
}

// MapNode is one item of a map.
type MapNode struct {
	ItemRef
	Label       string `json:"label" doc:"The class in words"`
	Icon        string `json:"icon,omitempty"`
	Group       string `json:"group,omitempty"`
	Team        string `json:"team,omitempty"`
	Criticality string `json:"criticality,omitempty"`
	Distance    int    `json:"distance" doc:"Relations from the focus"`
	Hidden      int    `json:"hidden,omitempty" doc:"Neighbours that are not on the map"`
}

// MapEdge is one relation of a map.
type MapEdge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Type  string `json:"type"`
	Group string `json:"group,omitempty" doc:"Redundancy group"`
}

// MapGroup counts the nodes of one group.
type MapGroup struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

// overviewLeaves are families whose items are details: the overview without a
// focus leaves them out.
var overviewLeaves = []string{"software", "process", "component", "filesystem", "volume", "interface", "address", "user_account",
	"operating_system", "schema", "certificate", "person", "contract", "scheduled_job", "dns_record", "prefix", "vlan"}

// Map returns the part of the graph that the parameters and the scope select.
func (c *Component) Map(ctx context.Context, p MapParams, scope auth.Scope) (Map, error) {
	catalogue := c.Catalogue()
	keep, err := classFilter(catalogue, p.Class)
	if err != nil {
		return Map{}, err
	}
	limit := p.Limit
	if limit <= 0 {
		limit = 500
	}
	for n, id := range p.Focus {
		p.Focus[n] = c.resolver.survivor(id)
	}
	var n index.Neighbourhood
	switch {
	case len(p.Focus) == 0:
		n, err = c.overview(ctx, p, scope, limit)
	case !p.AsOf.IsZero():
		n, err = c.neighbourhoodAt(ctx, p, limit)
	default:
		n = c.index.Neighbourhood(p.Focus, p.Hops, limit, func(class uint16) bool { return keep == nil || keep[c.numbers.nameOfClass(class)] })
	}
	if err != nil {
		return Map{}, err
	}
	return c.draw(ctx, n, p, scope)
}

// classFilter returns the named classes with their subclasses; nil is all.
func classFilter(catalogue *classes.Catalogue, names []string) (map[string]bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	keep := map[string]bool{}
	for _, name := range names {
		r, ok := catalogue.Class(name)
		if !ok {
			return nil, core.Invalid("class", "there is no class \""+name+"\"")
		}
		for _, d := range r.Descendants {
			keep[d] = true
		}
	}
	return keep, nil
}

// overview picks items without a focus: what the business sees first.
func (c *Component) overview(ctx context.Context, p MapParams, scope auth.Scope, limit int) (index.Neighbourhood, error) {
	catalogue := c.Catalogue()
	keep, err := classFilter(catalogue, p.Class)
	if err != nil {
		return index.Neighbourhood{}, err
	}
	var args []any
	bind := func(v any) string { args = append(args, v); return sqldb.In(1, len(args)) }
	var in, facing []string
	for _, r := range catalogue.Classes() {
		if keep[r.Name] || keep == nil && !slices.Contains(overviewLeaves, r.Family) {
			in = append(in, bind(r.Name))
		}
	}
	where := "class IN (" + strings.Join(in, ",") + ") AND state IN ('active', 'missing')"
	if team := scopeWhere("team", scope, bind); team != "" {
		where += " AND " + team
	}
	from := "graph_item"
	if !p.AsOf.IsZero() {
		at := core.Micros(p.AsOf)
		from = "(SELECT id, class, name, state, team, criticality FROM graph_item WHERE updated_at <= " + bind(at) +
			" UNION ALL SELECT id, class, name, state, team, criticality FROM graph_past WHERE valid_from <= " + bind(at) + " AND valid_to > " + bind(at) + ") AS i"
	}
	for _, r := range catalogue.Classes() {
		if r.BusinessFacing {
			facing = append(facing, bind(r.Name))
		}
	}
	rows, err := c.db.Query(ctx, "SELECT id FROM "+from+" WHERE "+where+" ORDER BY CASE WHEN class IN ("+strings.Join(facing, ",")+
		") THEN 0 ELSE 1 END, criticality DESC, class, name, id LIMIT "+bind(limit+1000), args...)
	ids, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return index.Neighbourhood{}, err
	}
	left := max(0, len(ids)-limit)
	ids = ids[:min(limit, len(ids))]
	if !p.AsOf.IsZero() {
		n, err := c.pictureAt(ctx, ids, nil, core.Micros(p.AsOf))
		n.LeftOut = left
		return n, err
	}
	n := c.index.Neighbourhood(ids, 0, limit, nil)
	n.LeftOut = left
	return n, nil
}

// neighbourhoodAt walks the relations that held at a moment, level by level.
func (c *Component) neighbourhoodAt(ctx context.Context, p MapParams, limit int) (index.Neighbourhood, error) {
	at := core.Micros(p.AsOf)
	distance := map[string]int{}
	var order []string
	for _, id := range p.Focus {
		if _, twice := distance[id]; !twice {
			distance[id] = 0
			order = append(order, id)
		}
	}
	frontier := order
	for hop := 1; hop <= p.Hops && len(frontier) > 0 && len(order) < 2*limit; hop++ {
		list, err := c.edgesAt(ctx, frontier, at)
		if err != nil {
			return index.Neighbourhood{}, err
		}
		frontier = nil
		for _, e := range list {
			for _, id := range []string{e.from, e.to} {
				if _, known := distance[id]; !known {
					distance[id] = hop
					frontier = append(frontier, id)
				}
			}
		}
		order = append(order, frontier...)
	}
	left := max(0, len(order)-limit)
	n, err := c.pictureAt(ctx, order[:min(limit, len(order))], distance, at)
	n.LeftOut = left
	return n, err
}

func (c *Component) edgesAt(ctx context.Context, items []string, at int64) ([]*edge, error) {
	var all []*edge
	for _, column := range []string{"from_item", "to_item"} {
		err := byKey(c.db, edgeColumns, "graph_relation", "valid_from <= $1 AND valid_to > $2", column, 3, items, func(query string, part []any) error {
			rows, err := c.db.Query(ctx, query+" LIMIT 50000", append([]any{at, at}, part...)...)
			list, err := sqldb.Collect(rows, err, scanEdge)
			all = append(all, list...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (c *Component) pictureAt(ctx context.Context, ids []string, distance map[string]int, at int64) (index.Neighbourhood, error) {
	list, err := c.edgesAt(ctx, ids, at)
	if err != nil {
		return index.Neighbourhood{}, err
	}
	in := map[string]int{}
	n := index.Neighbourhood{}
	for i, id := range ids {
		in[id] = i
		n.Nodes = append(n.Nodes, index.Node{ID: id, Distance: distance[id]})
	}
	drawn := map[edgeKey]bool{}
	for _, e := range list {
		from, okFrom := in[e.from]
		to, okTo := in[e.to]
		switch {
		case drawn[e.key()]:
		case okFrom && okTo:
			drawn[e.key()] = true
			n.Edges = append(n.Edges, index.Edge{From: e.from, To: e.to, Type: c.numbers.ofRelation(e.kind), Group: e.group})
		case okFrom:
			n.Nodes[from].Hidden++
		case okTo:
			n.Nodes[to].Hidden++
		}
	}
	return n, nil
}

// draw names the nodes and leaves out what the caller may not see.
func (c *Component) draw(ctx context.Context, n index.Neighbourhood, p MapParams, scope auth.Scope) (Map, error) {
	ids := make([]string, len(n.Nodes))
	for i, node := range n.Nodes {
		ids[i] = node.ID
	}
	found, err := records(ctx, c.db, ids)
	if err != nil {
		return Map{}, err
	}
	catalogue := c.Catalogue()
	m := Map{Nodes: []MapNode{}, Edges: []MapEdge{}, Groups: []MapGroup{}, LeftOut: n.LeftOut}
	groups := map[string]*MapGroup{}
	visible := map[string]bool{}
	for _, node := range n.Nodes {
		r := found[node.ID]
		if r == nil || !scope.Allows(r.team) {
			m.LeftOut++
			continue
		}
		class, ok := catalogue.Class(r.class)
		if !ok {
			class, _ = catalogue.Class(classes.Root)
		}
		name, label := groupOf(catalogue, class, r, p.Group)
		if name != "" {
			if groups[name] == nil {
				groups[name] = &MapGroup{Name: name, Label: label}
			}
			groups[name].Count++
		}
		visible[r.id] = true
		m.Nodes = append(m.Nodes, MapNode{
			ItemRef: r.ref(), Label: class.Label, Icon: class.Icon, Group: name, Team: r.team, Criticality: criticalityNames[r.criticality],
			Distance: node.Distance, Hidden: node.Hidden,
		})
	}
	for _, e := range n.Edges {
		if visible[e.From] && visible[e.To] {
			m.Edges = append(m.Edges, MapEdge{e.From, e.To, c.numbers.nameOfRelation(e.Type), e.Group})
		}
	}
	for _, g := range groups {
		m.Groups = append(m.Groups, *g)
	}
	slices.SortFunc(m.Groups, func(a, b MapGroup) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name)) })
	return m, nil
}

func groupOf(catalogue *classes.Catalogue, class *classes.Resolved, r *record, by string) (name, label string) {
	switch by {
	case "site":
		return r.site, r.site
	case "team":
		return r.team, r.team
	case "family":
		if family, ok := catalogue.Class(class.Family); ok {
			return family.Name, family.Plural
		}
	case "none":
		return "", ""
	}
	return class.Name, class.Plural
}
