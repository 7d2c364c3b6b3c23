package graph

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/sqldb"
)

// Item is a thing in the graph as it shows.
type Item struct {
	ID          string         `json:"id"`
	Class       string         `json:"class"`
	Name        string         `json:"name"`
	State       string         `json:"state" enum:"active,missing,retired,deleted,merged"`
	Team        string         `json:"team,omitempty" doc:"Id of the team that owns it"`
	Site        string         `json:"site,omitempty"`
	Criticality string         `json:"criticality,omitempty" enum:",low,medium,high,critical"`
	Attributes  map[string]any `json:"attributes"`
	Redundancy  map[string]int `json:"redundancy,omitempty" doc:"How many members of each named group of its dependencies it needs"`
	MergedInto  string         `json:"mergedInto,omitempty"`
	Revision    int64          `json:"revision"`
	ChangedBy   string         `json:"changedBy,omitempty" doc:"The source behind the latest change"`
	CreatedAt   time.Time      `json:"createdAt"`
	UpdatedAt   time.Time      `json:"updatedAt"`
	MissingAt   *time.Time     `json:"missingAt,omitempty"`
}

func (r *record) item() Item {
	i := Item{
		ID: r.id, Class: r.class, Name: r.name, State: r.state, Team: r.team, Site: r.site, Criticality: criticalityNames[r.criticality],
		Attributes: r.values.plain(), MergedInto: r.survivor, Revision: r.revision, ChangedBy: r.changedBy,
		CreatedAt: core.FromMicros(r.createdAt), UpdatedAt: core.FromMicros(r.updatedAt),
	}
	if r.redundancy != "" {
		_ = json.Unmarshal([]byte(r.redundancy), &i.Redundancy) // written by us
	}
	if r.missingAt > 0 {
		at := core.FromMicros(r.missingAt)
		i.MissingAt = &at
	}
	return i
}

// Details is an item with who said what about it.
type Details struct {
	Item
	Identities []core.Identity `json:"identities"`
	// Sources names, for each attribute, the source whose word is shown.
	Sources map[string]string `json:"sources"`
	// Explanations lists, for each attribute, what every source says, the one to believe first.
	Explanations map[string][]Word `json:"explanations"`
	Reporters    []Reporter        `json:"reporters"`
	// FormerIDs are of items that were merged into this one; series and records may still bear them.
	FormerIDs []string `json:"formerIds,omitempty"`
}

// Word is what one source says about one attribute.
type Word struct {
	Source     string    `json:"source"`
	Scope      string    `json:"scope,omitempty"`
	Value      any       `json:"value"`
	ObservedAt time.Time `json:"observedAt"`
	Shown      bool      `json:"shown"`
	Stale      bool      `json:"stale,omitempty" doc:"Not repeated for so long that a lower source may win"`
	Reason     string    `json:"reason" doc:"Why it is shown, or is not"`
}

// Reporter is a source that knows the item.
type Reporter struct {
	Source     string    `json:"source"`
	Scope      string    `json:"scope,omitempty"`
	Class      string    `json:"class,omitempty"`
	Name       string    `json:"name,omitempty"`
	ObservedAt time.Time `json:"observedAt" doc:"When what it says last changed"`
	SeenAt     time.Time `json:"seenAt" doc:"When it was last heard of the item; may lag by ten minutes"`
	Stale      bool      `json:"stale,omitempty"`
}

// Item returns an item by its id. The id of a merged item leads to the survivor.
func (c *Component) Item(ctx context.Context, id string) (Item, error) {
	r, err := survivor(ctx, c.db, id)
	if err != nil {
		return Item{}, err
	}
	return r.item(), nil
}

// Items returns those of the ids that exist, by id, as they are.
func (c *Component) Items(ctx context.Context, ids []string) (map[string]Item, error) {
	found, err := records(ctx, c.db, ids)
	out := make(map[string]Item, len(found))
	for id, r := range found {
		out[id] = r.item()
	}
	return out, err
}

// Details returns an item with who said what about it.
func (c *Component) Details(ctx context.Context, id string) (Details, error) {
	return c.details(ctx, c.db, id)
}

func (c *Component) details(ctx context.Context, q sqldb.Querier, id string) (Details, error) {
	r, err := survivor(ctx, q, id)
	if err != nil {
		return Details{}, err
	}
	stored, err := observationsOf(ctx, q, []string{r.id})
	if err != nil {
		return Details{}, err
	}
	held, err := identitiesOf(ctx, q, []string{r.id})
	if err != nil {
		return Details{}, err
	}
	d := Details{Item: r.item(), Identities: []core.Identity{}, Sources: map[string]string{}, Explanations: map[string][]Word{}, Reporters: []Reporter{}}
	if d.FormerIDs, err = former(ctx, q, r.id); err != nil {
		return Details{}, err
	}
	for kind, list := range held[r.id] {
		for _, value := range list {
			d.Identities = append(d.Identities, core.Identity{Kind: kind, Value: value})
		}
	}
	slices.SortFunc(d.Identities, func(a, b core.Identity) int {
		return compareIdentity(identity{a.Kind, a.Value}, identity{b.Kind, b.Value})
	})
	catalogue := c.Catalogue()
	for _, o := range stored[r.id] {
		d.Reporters = append(d.Reporters, Reporter{o.source, o.scope, o.class, o.name, core.FromMicros(o.observedAt), core.FromMicros(o.seenAt), o.stale})
		for name := range o.values {
			if d.Explanations[name] == nil {
				d.Explanations[name] = explain(catalogue, r.class, name, stored[r.id])
				d.Sources[name] = d.Explanations[name][0].Source
			}
		}
	}
	return d, nil
}

// Explain says why an item shows the value it shows for an attribute: what
// every source says, the one that is shown first.
func (c *Component) Explain(ctx context.Context, id, attribute string) ([]Word, error) {
	r, err := survivor(ctx, c.db, id)
	if err != nil {
		return nil, err
	}
	stored, err := observationsOf(ctx, c.db, []string{r.id})
	if err != nil {
		return nil, err
	}
	return explain(c.Catalogue(), r.class, attribute, stored[r.id]), nil
}

func explain(catalogue *classes.Catalogue, className, attribute string, observations []*observation) []Word {
	class, ok := catalogue.Class(className)
	if !ok {
		class, _ = catalogue.Class(classes.Root)
	}
	var having []*observation
	for _, o := range observations {
		if _, ok := o.values[attribute]; ok {
			having = append(having, o)
		}
	}
	rank(class, attribute, having)
	words := make([]Word, len(having))
	for n, o := range having {
		w := Word{Source: o.source, Scope: o.scope, ObservedAt: core.FromMicros(o.observedAt), Shown: n == 0, Stale: o.stale}
		_ = json.Unmarshal(o.values[attribute], &w.Value) // written by us
		w.Reason = reason(class, attribute, having, n)
		words[n] = w
	}
	return words
}

// reason words the place of the n-th of ranked observations.
func reason(class *classes.Resolved, attribute string, ranked []*observation, n int) string {
	o, best := ranked[n], ranked[0]
	switch {
	case len(ranked) == 1:
		return "no other source says anything"
	case n == 0 && ranked[1].stale && !o.stale:
		return "the others are stale"
	case n == 0 && class.Rank(attribute, o.source) < class.Rank(attribute, ranked[1].source):
		return "the source with the highest precedence"
	case n == 0:
		return "the newest of equal sources"
	case o.stale && !best.stale:
		return "stale: not repeated for " + time.Duration(class.StaleAfter).String()
	case class.Rank(attribute, o.source) > class.Rank(attribute, best.source):
		return best.source + " has precedence"
	}
	return "older than what " + best.source + " says"
}

// RelationView is a relation as seen from one of its items.
type RelationView struct {
	Type       string         `json:"type"`
	Label      string         `json:"label" doc:"The relation in words, read from the item"`
	Direction  string         `json:"direction" enum:"out,in"`
	Item       ItemRef        `json:"item" doc:"The other end"`
	Group      string         `json:"group,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
	Sources    []string       `json:"sources"`
	Since      time.Time      `json:"since"`
	Until      *time.Time     `json:"until,omitempty"`
}

// ItemRef names an item.
type ItemRef struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Class string `json:"class"`
	State string `json:"state"`
}

func (r *record) ref() ItemRef { return ItemRef{r.id, r.name, r.class, r.state} }

// Relations lists the relations of an item at a moment; the zero time is now.
func (c *Component) Relations(ctx context.Context, id string, at time.Time) ([]RelationView, error) {
	moment := c.moment(at)
	rows, err := c.db.Query(ctx, "SELECT "+edgeColumns+` FROM graph_relation WHERE from_item = $1 AND valid_from <= $2 AND valid_to > $3
		UNION ALL SELECT `+edgeColumns+` FROM graph_relation WHERE to_item = $4 AND valid_from <= $5 AND valid_to > $6 LIMIT 5000`, id, moment, moment, id, moment, moment)
	list, err := sqldb.Collect(rows, err, scanEdge)
	if err != nil {
		return nil, err
	}
	others := make([]string, len(list))
	for n, e := range list {
		others[n] = other(e, id)
	}
	found, err := records(ctx, c.db, others)
	if err != nil {
		return nil, err
	}
	catalogue := c.Catalogue()
	views := make([]RelationView, 0, len(list))
	for n, e := range list {
		r := found[others[n]]
		if r == nil || at.IsZero() && gone(r.state) {
			continue
		}
		views = append(views, view(catalogue, e, id, r))
	}
	slices.SortFunc(views, func(a, b RelationView) int {
		return slices.Compare([]string{a.Direction, a.Type, a.Item.Class, a.Item.Name, a.Item.ID}, []string{b.Direction, b.Type, b.Item.Class, b.Item.Name, b.Item.ID})
	})
	return views, nil
}

func other(e *edge, id string) string {
	if e.from == id {
		return e.to
	}
	return e.from
}

func view(catalogue *classes.Catalogue, e *edge, id string, r *record) RelationView {
	kind, _ := catalogue.Relation(e.kind)
	v := RelationView{Type: e.kind, Label: kind.Label, Direction: "out", Item: r.ref(), Group: e.group, Sources: e.sources, Since: core.FromMicros(e.validFrom)}
	if e.from != id {
		v.Direction, v.Label = "in", kind.Inverse
	}
	if v.Label == "" {
		v.Label = e.kind
	}
	if e.attributes != "" {
		_ = json.Unmarshal([]byte(e.attributes), &v.Attributes) // written by us
	}
	if e.validTo != forever {
		until := core.FromMicros(e.validTo)
		v.Until = &until
	}
	return v
}

// moment is the stored form of a time; the zero time is after everything that
// was, and before the end of what holds.
func (c *Component) moment(at time.Time) int64 {
	if at.IsZero() {
		return forever - 1
	}
	return core.Micros(at)
}
