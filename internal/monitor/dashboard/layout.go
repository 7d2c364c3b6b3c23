package dashboard

import (
	_ "embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed layouts.yaml
var layoutText []byte

// layout is what the dashboards of a class begin with.
type layout struct {
	Class string `yaml:"class"`
	// Through is "parent" where the parent is measured, with a label that names the part.
	Through string    `yaml:"through"`
	Panels  []curated `yaml:"panels"`
}

// curated is a panel that is there when one of its choices is measured.
type curated struct {
	Title      string          `yaml:"title"`
	Type       string          `yaml:"type"`
	Section    string          `yaml:"section"` // begins a row with this title
	W          int             `yaml:"w"`
	H          int             `yaml:"h"`
	Unit       string          `yaml:"unit"`
	Max        *float64        `yaml:"max"`
	Stack      bool            `yaml:"stack"`
	Area       bool            `yaml:"area"`
	Spark      bool            `yaml:"spark"`
	Reduce     string          `yaml:"reduce"`
	Limit      int             `yaml:"limit"`
	Thresholds []threshold     `yaml:"thresholds"`
	Mappings   []mapping       `yaml:"mappings"`
	Choices    []curatedChoice `yaml:"choices"`
}

type threshold struct {
	From     *float64 `yaml:"from"`
	Severity string   `yaml:"severity"`
}

type mapping struct {
	Value    string `yaml:"value"`
	Text     string `yaml:"text"`
	Severity string `yaml:"severity"`
}

// curatedChoice is one way to measure what a panel shows.
type curatedChoice struct {
	Needs   []string `yaml:"needs"` // all of these metrics
	Targets []struct {
		Query   string `yaml:"query"`
		Legend  string `yaml:"legend"`
		Instant bool   `yaml:"instant"`
	} `yaml:"targets"`
}

func readLayouts(text []byte) ([]layout, error) {
	var out []layout
	if err := yaml.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("layouts of dashboards: %w", err)
	}
	return out, nil
}

// layoutOf picks the layout of the nearest class that has one.
func layoutOf(all []layout, classes []string) layout {
	for _, class := range classes {
		if i := slices.IndexFunc(all, func(l layout) bool { return l.Class == class }); i >= 0 {
			return all[i]
		}
	}
	return layout{}
}

// panel makes the panel with what is measured, if enough is.
func (c curated) panel(measured map[string]bool) (Panel, []string, bool) {
	i := slices.IndexFunc(c.Choices, func(ch curatedChoice) bool {
		return !slices.ContainsFunc(ch.Needs, func(metric string) bool { return !measured[metric] })
	})
	if i < 0 {
		return Panel{}, nil, false
	}
	p := Panel{Type: c.Type, Title: c.Title, Unit: c.Unit, Max: c.Max, Spark: c.Spark, Reduce: c.Reduce, Limit: c.Limit, At: Place{W: max(c.W, 1), H: max(c.H, 1)}}
	if c.Max != nil || c.Stack {
		zero := 0.0
		p.Min = &zero
	}
	if c.Stack || c.Area {
		p.Draw = &Draw{Style: "area"}
		if c.Stack {
			p.Draw.Stack = "normal"
		}
	}
	for _, t := range c.Thresholds {
		p.Thresholds = append(p.Thresholds, Threshold(t))
	}
	for _, m := range c.Mappings {
		p.Mappings = append(p.Mappings, Mapping{Value: m.Value, Text: m.Text, Severity: m.Severity})
	}
	for _, t := range c.Choices[i].Targets {
		p.Targets = append(p.Targets, Target{Query: t.Query, Legend: t.Legend, Instant: t.Instant})
	}
	return p, c.Choices[i].Needs, true
}
