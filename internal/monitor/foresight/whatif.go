package foresight

import (
	"context"
	"math"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/forecast"
)

// Question is what would be if.
type Question struct {
	Pool    string   `query:"pool" required:"true" maxLength:"120" doc:"name of the pool that is shared"`
	Service string   `query:"service" maxLength:"40" doc:"id of an item: what it depends on, and itself"`
	Site    string   `query:"site" maxLength:"200"`
	IDs     []string `query:"id,explode" maxItems:"500" doc:"ids of what fills; all of the pool when neither service, site nor id is given"`
	Grow    float64  `query:"grow" minimum:"-100" maximum:"10000" doc:"percent that use grows by at once"`
	Lost    []string `query:"lost,explode" maxItems:"100" doc:"what is lost: id or name of an item, with all of the pool that is of it, or id of one thing that fills; what it held moves to the rest"`
	Lose    int      `query:"lose" minimum:"0" maximum:"500" doc:"how many of the greatest are lost besides; what they held moves to the rest"`
	Spread  string   `query:"spread" enum:"capacity,equally" default:"capacity" doc:"how the rest shares what the lost held: by its capacity, or each the same"`
	Add     float64  `query:"add" minimum:"0" doc:"capacity that is added, in the unit of the pool"`
}

// Outcome is how a shared capacity goes.
type Outcome struct {
	Used     float64 `json:"used"`
	Capacity float64 `json:"capacity"`
	Share    float64 `json:"share"`
	Full     float64 `json:"full" doc:"what counts as full"`
	Fits     bool    `json:"fits" doc:"what is used now is below what counts as full"`
	Dates
	Forecast []BandPoint `json:"forecast" nullable:"false"`
}

// Answer is what is, and what would be.
type Answer struct {
	Members []string `json:"members" nullable:"false" doc:"ids of what was taken together"`
	Nodes   []Node   `json:"nodes" nullable:"false" doc:"what can be named as lost"`
	LeftOut int      `json:"leftOut" doc:"what has too few days to be taken together"`
	Lost    []string `json:"lost" nullable:"false" doc:"names of what would be lost"`
	Unit    string   `json:"unit"`
	History []Point  `json:"history" nullable:"false"`
	Now     Outcome  `json:"now"`
	Then    Outcome  `json:"then"`
	Rest    []Rest   `json:"rest" nullable:"false" doc:"how each of those that remain goes when something is lost, what is full first on top"`
	RestOut int      `json:"restOut" doc:"what remains and is not in rest, which holds the 200 of which most is used"`
}

func (q *Question) grown() float64 { return max(1+q.Grow/100, 0) }

type answerOutput struct{ Body Answer }

func (c *Component) httpWhatIf(ctx context.Context, in *Question) (*answerOutput, error) {
	where, args := teamFilter(ctx, "team")
	where, args, err := c.ofService(ctx, in.Service, where, args)
	if err != nil {
		return nil, err
	}
	text := "pool = $" + number(len(args)+1)
	args = append(args, in.Pool)
	for _, w := range where {
		text += " AND " + w
	}
	if in.Site != "" {
		args = append(args, in.Site)
		text += " AND site = $" + number(len(args))
	}
	list, err := c.things(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	if len(in.IDs) > 0 {
		list = slices.DeleteFunc(list, func(k known) bool { return !slices.Contains(in.IDs, k.ID) })
	}
	full, err := c.fullShare(ctx, in.Pool)
	if err != nil {
		return nil, err
	}
	answer, err := ask(list, *in, full)
	return &answerOutput{answer}, err
}

// ask answers a question about things of one pool.
func ask(list []known, q Question, full float64) (Answer, error) {
	var sharing []known
	for _, k := range list {
		if k.history.step == day || len(list) == 1 {
			sharing = append(sharing, k)
		}
	}
	if len(sharing) == 0 { // all are young: their hours must do
		sharing = list
	}
	a := Answer{Members: []string{}, Lost: []string{}, History: []Point{}, Rest: []Rest{}, Nodes: nodes(sharing)}
	a.LeftOut = len(list) - len(sharing)
	if len(sharing) == 0 {
		return a, core.Errorf(core.CodeNotFound, "nothing of the pool %q matches", q.Pool)
	}
	slices.SortStableFunc(sharing, func(x, y known) int { return compare(y.Capacity, x.Capacity) })
	var used, capacity float64
	for _, k := range sharing {
		a.Members = append(a.Members, k.ID)
		a.Unit = k.Unit
		used += k.Used
		capacity += k.Capacity
	}
	lost, rest, err := part(sharing, q)
	if err != nil {
		return a, err
	}
	left := capacity
	for _, k := range lost {
		left -= k.Capacity
		if name := k.called(); !slices.Contains(a.Lost, name) {
			a.Lost = append(a.Lost, name)
		}
	}
	sum := total(sharing)
	for i, v := range sum.values {
		a.History = append(a.History, Point{sum.first.Add(time.Duration(i) * sum.step), v})
	}
	path, err := sum.forecast()
	if err != nil {
		path = forecast.Path{} // too few points yet
	}
	a.Now = outcome(sum, path, used, capacity, full, 1)
	a.Then = outcome(sum, path, used, left+q.Add, full, q.grown())
	if len(lost) > 0 {
		a.Rest, a.RestOut = share(lost, rest, q, full)
	}
	return a, nil
}

// total adds histories over the time that all of them cover. A gap of one is
// filled with its value before.
func total(list []known) history {
	sum := history{step: list[0].history.step, first: list[0].history.first}
	end := list[0].history.last()
	for _, k := range list {
		if k.history.first.After(sum.first) {
			sum.first = k.history.first
		}
		if k.history.last().Before(end) {
			end = k.history.last()
		}
	}
	for at := sum.first; !at.After(end); at = at.Add(sum.step) {
		var v float64
		for _, k := range list {
			v += k.history.near(at)
		}
		sum.values = append(sum.values, v)
	}
	return sum
}

// near is the value at a moment, or the one before it.
func (h *history) near(at time.Time) float64 {
	for i := int(at.Sub(h.first) / h.step); i >= 0; i-- {
		if i < len(h.values) && !math.IsNaN(h.values[i]) {
			return h.values[i]
		}
	}
	return 0
}

func outcome(h history, path forecast.Path, used, capacity, full, grown float64) Outcome {
	o := Outcome{Used: used * grown, Capacity: capacity, Full: full * capacity, Forecast: []BandPoint{}}
	o.Share = o.Used / max(capacity, 1e-12)
	o.Fits = o.Used < o.Full
	scaled := forecast.Path{Low: scale(path.Low, grown), Mid: scale(path.Mid, grown), High: scale(path.High, grown)}
	when := scaled.Full(o.Used, o.Full)
	o.Dates = Dates{date(h.at(when.Earliest)), date(h.at(when.Likely)), date(h.at(when.Latest)), core.FromMicros(h.at(len(path.Mid)))}
	for i := range scaled.Mid {
		o.Forecast = append(o.Forecast, BandPoint{h.last().Add(time.Duration(i+1) * h.step), scaled.Low[i], scaled.Mid[i], scaled.High[i]})
	}
	return o
}

func scale(values []float64, by float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = by * v
	}
	return out
}
