package foresight

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Thing is something that fills, and when it is full.
type Thing struct {
	ID       string            `json:"id"`
	Pool     string            `json:"pool"`
	Title    string            `json:"title" doc:"what of the item it is"`
	Labels   map[string]string `json:"labels" nullable:"false"`
	Item     string            `json:"item,omitempty"`
	ItemName string            `json:"itemName,omitempty"`
	Site     string            `json:"site,omitempty"`
	Unit     string            `json:"unit" enum:"bytes,ratio,count"`
	Used     float64           `json:"used"`
	Capacity float64           `json:"capacity"`
	Share    float64           `json:"share" doc:"used of capacity"`
	Slope    float64           `json:"slope" doc:"what is added in a day, since the level last jumped"`
	Dates
	UpdatedAt time.Time `json:"updatedAt"`
	team      string
}

// Dates say when something is full. A date that is absent is not within the
// forecast.
type Dates struct {
	Earliest *time.Time `json:"earliest,omitempty" doc:"when it is full if the upper edge of the forecast comes true"`
	Likely   *time.Time `json:"likely,omitempty"`
	Latest   *time.Time `json:"latest,omitempty"`
	Horizon  time.Time  `json:"horizon" doc:"the end of the forecast"`
}

const thingColumns = "id, pool, title, labels, item, item_name, team, site, unit, used, capacity, share, slope, earliest_at, likely_at, latest_at, horizon_at, updated_at"

func scanThing(scan func(...any) error) (t Thing, err error) {
	var labels string
	var earliest, likely, latest, horizon, updated int64
	if err := scan(&t.ID, &t.Pool, &t.Title, &labels, &t.Item, &t.ItemName, &t.team, &t.Site, &t.Unit, &t.Used, &t.Capacity, &t.Share, &t.Slope,
		&earliest, &likely, &latest, &horizon, &updated); err != nil {
		return t, err
	}
	t.Dates = Dates{date(earliest), date(likely), date(latest), core.FromMicros(horizon)}
	t.UpdatedAt = core.FromMicros(updated)
	return t, json.Unmarshal([]byte(labels), &t.Labels)
}

func date(at int64) *time.Time {
	if at == never {
		return nil
	}
	t := core.FromMicros(at)
	return &t
}

type capacityOutput struct{ Body listing.Page[Thing] }

// mostNeeded bounds how much of what a service depends on is looked at.
const mostNeeded = 5000

// ofService limits a list to a service and what it depends on.
func (c *Component) ofService(ctx context.Context, service string, where []string, args []any) ([]string, []any, error) {
	if service == "" {
		return where, args, nil
	}
	needed, err := c.deps.Items.Needed(ctx, service, mostNeeded)
	if err != nil {
		return nil, nil, err
	}
	where = append(where, "item IN ("+sqldb.In(len(needed), len(args)+1)+")")
	for _, id := range needed {
		args = append(args, id)
	}
	return where, args, nil
}

func (c *Component) httpCapacity(ctx context.Context, in *struct {
	listing.Params
	Service string `query:"service" maxLength:"40" doc:"id of an item: only what it depends on, and itself"`
}) (*capacityOutput, error) {
	fields := listing.Fields{
		"pool": {Column: "pool"}, "title": {Column: "title"}, "item": {Column: "item"}, "itemName": {Column: "item_name"}, "site": {Column: "site"},
		"share": {Column: "share", Kind: listing.Float}, "used": {Column: "used", Kind: listing.Float}, "capacity": {Column: "capacity", Kind: listing.Float},
		"slope":  {Column: "slope", Kind: listing.Float},
		"likely": {Column: "likely_at", Kind: listing.Time}, "earliest": {Column: "earliest_at", Kind: listing.Time}, "latest": {Column: "latest_at", Kind: listing.Time},
	}
	base := listing.Base{Select: thingColumns, From: "foresight_capacity", Search: []string{"title", "item_name", "pool", "site"}, Default: "likely,earliest,-share", Key: "id", Now: c.deps.Clock.Now()}
	base.Where, base.Args = teamFilter(ctx, "team")
	var err error
	if base.Where, base.Args, err = c.ofService(ctx, in.Service, base.Where, base.Args); err != nil {
		return nil, err
	}
	st, err := fields.Build(in.Params, base)
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, in.Params, st, scanThing)
	return &capacityOutput{page}, err
}

// Point is a value of the past.
type Point struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// Future is the forecast, as curves.
type Future struct {
	History  []Point     `json:"history" nullable:"false"`
	Forecast []BandPoint `json:"forecast" nullable:"false" doc:"the middle and the interval of 90%"`
}

// future makes the curves of a history.
func future(h history) Future {
	f := Future{History: []Point{}, Forecast: []BandPoint{}}
	for i, v := range h.values {
		if !math.IsNaN(v) {
			f.History = append(f.History, Point{h.first.Add(time.Duration(i) * h.step), v})
		}
	}
	path, err := h.forecast()
	if err != nil {
		return f // too few points yet
	}
	for i := range path.Mid {
		f.Forecast = append(f.Forecast, BandPoint{h.last().Add(time.Duration(i+1) * h.step), path.Low[i], path.Mid[i], path.High[i]})
	}
	return f
}

// ThingView is something that fills with its curves.
type ThingView struct {
	Thing
	Full float64 `json:"full" doc:"what counts as full"`
	Future
}

type thingOutput struct{ Body ThingView }

func (c *Component) httpThing(ctx context.Context, in *ByID) (*thingOutput, error) {
	list, err := c.things(ctx, "id = $1", in.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || !mayRead(ctx, list[0].team) {
		return nil, core.NotFound("capacity", in.ID)
	}
	full, err := c.fullShare(ctx, list[0].Pool)
	if err != nil {
		return nil, err
	}
	return &thingOutput{ThingView{Thing: list[0].Thing, Full: full * list[0].Capacity, Future: future(list[0].history)}}, nil
}

// known is a thing with its history.
type known struct {
	Thing
	history history
}

func (c *Component) things(ctx context.Context, where string, args ...any) ([]known, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+thingColumns+", history FROM foresight_capacity WHERE "+where+" ORDER BY likely_at, earliest_at, id", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (k known, err error) {
		var raw []byte
		k.Thing, err = scanThing(func(dest ...any) error { return r.Scan(append(dest, &raw)...) })
		if err != nil {
			return k, err
		}
		k.history, err = decodeHistory(raw)
		return k, err
	})
}

// PoolView is a pool with how it goes.
type PoolView struct {
	Name    string   `json:"name"`
	Builtin bool     `json:"builtin" doc:"it comes with Mainstay; declare one of its name to change it"`
	Spec    PoolSpec `json:"spec"`
	Round   Round    `json:"round"`
}

type poolsOutput struct {
	Body struct {
		Items []PoolView `json:"items" nullable:"false"`
	}
}

func (c *Component) pools(ctx context.Context) ([]pool, error) {
	documents, err := c.store.documents(ctx, c.deps.DB, poolKind)
	if err != nil {
		return nil, err
	}
	return pools(documents, c.cfg.Pools)
}

func (c *Component) fullShare(ctx context.Context, name string) (float64, error) {
	list, err := c.pools(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range list {
		if p.name == name {
			return p.spec.full(), nil
		}
	}
	return 1, nil
}

func (c *Component) httpPools(ctx context.Context, _ *struct{}) (*poolsOutput, error) {
	list, err := c.pools(ctx)
	if err != nil {
		return nil, err
	}
	rounds, err := c.store.rounds(ctx)
	if err != nil {
		return nil, err
	}
	out := &poolsOutput{}
	out.Body.Items = []PoolView{}
	for _, p := range list {
		if mayRead(ctx, p.spec.Team) {
			out.Body.Items = append(out.Body.Items, PoolView{Name: p.name, Builtin: p.builtin, Spec: p.spec, Round: rounds[p.id]})
		}
	}
	slices.SortFunc(out.Body.Items, func(a, b PoolView) int { return slices.Compare([]string{a.Name}, []string{b.Name}) })
	return out, nil
}
