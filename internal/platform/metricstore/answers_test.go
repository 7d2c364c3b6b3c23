package metricstore_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// ofResult writes a value as lines that can be compared.
func ofResult(v any) []string {
	var out []string
	float := func(m labels.Labels, t int64, f float64) { out = append(out, line(m, t, "", f)) }
	hist := func(m labels.Labels, t int64, count, sum float64) {
		out = append(out, line(m, t, "count", count), line(m, t, "sum", sum))
	}
	switch v := v.(type) {
	case promql.Vector:
		for _, s := range v {
			if s.H != nil {
				hist(s.Metric, s.T, s.H.Count, s.H.Sum)
			} else {
				float(s.Metric, s.T, s.F)
			}
		}
	case promql.Matrix:
		for _, s := range v {
			for _, p := range s.Floats {
				float(s.Metric, p.T, p.F)
			}
			for _, p := range s.Histograms {
				hist(s.Metric, p.T, p.H.Count, p.H.Sum)
			}
		}
	case promql.Scalar:
		float(labels.EmptyLabels(), v.T, v.V)
	case promql.String:
		out = append(out, v.V)
	}
	slices.Sort(out)
	return out
}

func line(m labels.Labels, t int64, what string, v float64) string {
	// Sums over series are added in no fixed order.
	return fmt.Sprintf("%s %s@%d %.12g", m, what, t, v)
}

func ofJSON(t *testing.T, body string) []string {
	var answer struct {
		Data struct {
			ResultType string          `json:"resultType"`
			Result     json.RawMessage `json:"result"`
		} `json:"data"`
	}
	must(t, json.Unmarshal([]byte(body), &answer))
	var out []string
	point := func(m map[string]string, p [2]any) {
		at := int64(math.Round(p[0].(float64) * 1000))
		switch v := p[1].(type) {
		case string:
			out = append(out, line(labels.FromMap(m), at, "", number(t, v)))
		case map[string]any:
			out = append(out, line(labels.FromMap(m), at, "count", number(t, v["count"].(string))), line(labels.FromMap(m), at, "sum", number(t, v["sum"].(string))))
		}
	}
	switch answer.Data.ResultType {
	case "string":
		var p [2]any
		must(t, json.Unmarshal(answer.Data.Result, &p))
		out = append(out, p[1].(string))
	case "scalar":
		var p [2]any
		must(t, json.Unmarshal(answer.Data.Result, &p))
		point(nil, p)
	default:
		var series []struct {
			Metric     map[string]string `json:"metric"`
			Value      *[2]any           `json:"value"`
			Histogram  *[2]any           `json:"histogram"`
			Values     [][2]any          `json:"values"`
			Histograms [][2]any          `json:"histograms"`
		}
		must(t, json.Unmarshal(answer.Data.Result, &series))
		for _, s := range series {
			for _, p := range []*[2]any{s.Value, s.Histogram} {
				if p != nil {
					point(s.Metric, *p)
				}
			}
			for _, p := range append(s.Values, s.Histograms...) {
				point(s.Metric, p)
			}
		}
	}
	slices.Sort(out)
	return out
}

func number(t *testing.T, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	must(t, err)
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
