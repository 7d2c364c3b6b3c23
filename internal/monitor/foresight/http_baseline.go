package foresight

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/baseline"
)

// BaselineView is a declared baseline with how it goes.
type BaselineView struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Spec      BaselineSpec `json:"spec"`
	Round     Round        `json:"round"`
	CreatedAt time.Time    `json:"createdAt"`
	UpdatedAt time.Time    `json:"updatedAt"`
}

type baselinesOutput struct {
	Body struct {
		Items []BaselineView `json:"items" nullable:"false"`
	}
}

func (c *Component) httpBaselines(ctx context.Context, _ *struct{}) (*baselinesOutput, error) {
	list, err := c.store.documents(ctx, c.deps.DB, baselineKind)
	if err != nil {
		return nil, err
	}
	rounds, err := c.store.rounds(ctx)
	if err != nil {
		return nil, err
	}
	out := &baselinesOutput{}
	out.Body.Items = []BaselineView{}
	for _, d := range list {
		if !mayRead(ctx, d.team) {
			continue
		}
		v := BaselineView{ID: d.id, Name: d.name, Round: rounds[d.id], CreatedAt: d.createdAt, UpdatedAt: d.updatedAt}
		if err := json.Unmarshal(d.spec, &v.Spec); err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, v)
	}
	return out, nil
}

// BaselineSeries is one series of a baseline.
type BaselineSeries struct {
	ID     string            `json:"id"`
	Labels map[string]string `json:"labels" nullable:"false"`
	Item   string            `json:"item,omitempty" doc:"id of the item its labels name"`
	Hours  int               `json:"hours" doc:"hours that were learned; there is a band from 24 on"`
	SeriesState
}

type baselineSeriesOutput struct {
	Body struct {
		Items []BaselineSeries `json:"items" nullable:"false"`
	}
}

// visible reads a baseline that the caller may see.
func (c *Component) visible(ctx context.Context, ref string) (*document, BaselineSpec, error) {
	var spec BaselineSpec
	d, err := c.store.document(ctx, c.deps.DB, baselineKind, ref)
	if err == nil && (d == nil || !mayRead(ctx, d.team)) {
		err = core.NotFound("baseline", ref)
	}
	if err != nil {
		return nil, spec, err
	}
	return d, spec, json.Unmarshal(d.spec, &spec)
}

func (c *Component) httpBaselineSeries(ctx context.Context, in *ByID) (*baselineSeriesOutput, error) {
	d, _, err := c.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	list, err := c.store.series(ctx, d.id)
	if err != nil {
		return nil, err
	}
	out := &baselineSeriesOutput{}
	out.Body.Items = []BaselineSeries{}
	for _, s := range list {
		out.Body.Items = append(out.Body.Items, BaselineSeries{ID: s.ID, Labels: s.Labels, Item: s.Labels["item"], Hours: s.Hours, SeriesState: s.State})
	}
	newest := func(s BaselineSeries) time.Time {
		if s.Anomaly == nil {
			return time.Time{}
		}
		return s.Anomaly.At
	}
	slices.SortStableFunc(out.Body.Items, func(a, b BaselineSeries) int { return newest(b).Compare(newest(a)) })
	return out, nil
}

// BandPoint is the band at one time.
type BandPoint struct {
	At   time.Time `json:"at"`
	Low  float64   `json:"low"`
	Mid  float64   `json:"mid"`
	High float64   `json:"high"`
}

type bandOutput struct {
	Body struct {
		Points []BandPoint `json:"points" nullable:"false"`
	}
}

// bandPoints bounds one answer.
const bandPoints = 2000

func (c *Component) httpBand(ctx context.Context, in *struct {
	ByID
	Series string    `query:"series" required:"true" maxLength:"40" doc:"id of the series"`
	From   time.Time `query:"from" required:"true"`
	To     time.Time `query:"to" required:"true"`
	Step   int       `query:"step" minimum:"1" maximum:"86400" default:"300" doc:"seconds"`
}) (*bandOutput, error) {
	d, spec, err := c.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if span := in.To.Sub(in.From); span < 0 || span/(time.Duration(in.Step)*time.Second) > bandPoints {
		return nil, core.Invalid("to", "must be after from, and at most 2000 steps from it")
	}
	list, err := c.store.series(ctx, d.id)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(s storedSeries) bool { return s.ID == in.Series })
	if at < 0 {
		return nil, core.NotFound("series of the baseline", in.Series)
	}
	var p baseline.Profile
	if err := p.UnmarshalBinary(list[at].profile); err != nil {
		return nil, err
	}
	out := &bandOutput{}
	out.Body.Points = []BandPoint{}
	for t := in.From; !t.After(in.To); t = t.Add(time.Duration(in.Step) * time.Second) {
		if band, ok := p.Expect(t.Unix(), spec.width()); ok {
			out.Body.Points = append(out.Body.Points, BandPoint{At: t, Low: band.Low, Mid: band.Middle, High: band.High})
		}
	}
	return out, nil
}
