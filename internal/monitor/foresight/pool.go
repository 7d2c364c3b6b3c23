package foresight

import (
	"encoding/json"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

// PoolSpec names what fills: how much is used, and how much there is.
type PoolSpec struct {
	Description string   `json:"description,omitempty"`
	Team        string   `json:"team,omitempty"`
	Used        string   `json:"used" doc:"PromQL: how much is used, one series for each thing that fills"`
	Capacity    string   `json:"capacity,omitempty" doc:"PromQL: how much there is, with the same labels or as one number; 1 when left out, for shares"`
	Full        float64  `json:"full,omitempty" doc:"share of the capacity that counts as full; 1 when left out"`
	Unit        string   `json:"unit,omitempty" enum:"bytes,ratio,count" doc:"for display; count when left out"`
	Day         string   `json:"day,omitempty" enum:"max,p95,mean" doc:"what a day is held by: its greatest value (for what fills), its 95th percentile or its mean (for what breathes); max when left out"`
	By          []string `json:"by,omitempty" doc:"labels that name a thing, in order; all labels when left out"`
	Disabled    bool     `json:"disabled,omitempty" doc:"also switches off the pool of this name that comes with Mainstay"`
}

func (s *PoolSpec) owner() string { return s.Team }

func (s *PoolSpec) validate() []core.Detail {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	for field, expr := range map[string]string{"spec.used": s.Used, "spec.capacity": s.Capacity} {
		if field == "spec.capacity" && expr == "" {
			continue
		}
		if err := metricstore.CheckExpr(field, expr); err != nil {
			bad = append(bad, err.(*core.Error).Details...)
		}
	}
	check(s.Full >= 0 && s.Full <= 1, "spec.full", "must be between 0 and 1")
	check(slices.Contains([]string{"", "bytes", "ratio", "count"}, s.Unit), "spec.unit", "must be one of bytes, ratio, count")
	check(slices.Contains([]string{"", "max", "p95", "mean"}, s.Day), "spec.day", "must be one of max, p95, mean")
	slices.SortFunc(bad, func(a, b core.Detail) int {
		return slices.Compare([]string{a.Field, a.Rule}, []string{b.Field, b.Rule})
	})
	return bad
}

func (s *PoolSpec) full() float64 {
	if s.Full == 0 {
		return 1
	}
	return s.Full
}

func (s *PoolSpec) unit() string {
	if s.Unit == "" {
		return "count"
	}
	return s.Unit
}

// ofDay is the PromQL that holds each day of an expression.
func (s *PoolSpec) ofDay() string {
	switch s.Day {
	case "p95":
		return "quantile_over_time(0.95, (" + s.Used + ")[1d:30m])"
	case "mean":
		return "avg_over_time((" + s.Used + ")[1d:30m])"
	}
	return "max_over_time((" + s.Used + ")[1d:30m])"
}

// pool is one that is watched: declared, or come with Mainstay.
type pool struct {
	id, name string
	builtin  bool
	spec     PoolSpec
}

// builtin are the pools of the agent's metrics.
func builtin() []pool {
	return []pool{
		{id: "filesystem", name: "filesystem", spec: PoolSpec{Description: "Local file systems of hosts with an agent", Unit: "bytes", By: []string{"mountpoint"},
			Used:     `sum without (state) (system_filesystem_usage_bytes{state="used"})`,
			Capacity: `sum without (state) (system_filesystem_usage_bytes{state=~"used|free"})`}},
		{id: "inodes", name: "inodes", spec: PoolSpec{Description: "Inodes of file systems of hosts with an agent", Unit: "ratio", By: []string{"mountpoint"},
			Used: `system_filesystem_inodes_utilization`}},
		{id: "memory", name: "memory", spec: PoolSpec{Description: "Memory of hosts with an agent", Unit: "bytes", Day: "p95", By: []string{},
			Used: `sum without (state) (system_memory_usage_bytes{state="used"})`, Capacity: `system_memory_limit_bytes`}},
		{id: "processor", name: "processor", spec: PoolSpec{Description: "Processors of hosts with an agent, in cores", Unit: "count", Day: "p95", By: []string{}, Full: 0.9,
			Used:     `(1 - sum without (mode) (system_cpu_utilization{mode="idle"})) * on (item) group_left () system_cpu_logical_count`,
			Capacity: `system_cpu_logical_count`}},
	}
}

// pools are those of the documents, and those that come with Mainstay and have
// no document of their name.
func pools(documents []*document, withBuiltin bool) ([]pool, error) {
	var out []pool
	named := map[string]bool{}
	for _, d := range documents {
		p := pool{id: d.id, name: d.name}
		if err := json.Unmarshal(d.spec, &p.spec); err != nil {
			return nil, err
		}
		named[d.name] = true
		out = append(out, p)
	}
	if withBuiltin {
		for _, p := range builtin() {
			if !named[p.name] {
				p.builtin = true
				out = append(out, p)
			}
		}
	}
	return out, nil
}
