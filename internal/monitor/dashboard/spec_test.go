package dashboard

import (
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

func number(n float64) *float64 { return &n }

func TestValidationNamesFieldAndRule(t *testing.T) {
	t.Parallel()
	at := Place{W: 12, H: 8}
	ask := func(query string) []Target { return []Target{{Query: query}} }
	series := func(query string) Spec {
		return Spec{Title: "t", Variables: []Variable{{Name: "job", Kind: OfText}, {Name: "n", Kind: OfConstant, Options: []string{"3"}}, {Name: "w", Kind: OfInterval, Options: []string{"5m"}}},
			Panels: []Panel{{Type: TimeSeries, At: at, Targets: ask(query)}}}
	}
	panel := func(p Panel) Spec { return Spec{Title: "t", Panels: []Panel{p}} }
	variable := func(v Variable) Spec { return Spec{Title: "t", Variables: []Variable{v}} }
	for name, c := range map[string]struct {
		spec Spec
		want string // "field rule", or "" when nothing is wrong
	}{
		"no title":           {Spec{}, "spec.title must be given"},
		"time":               {Spec{Title: "t", From: "yesterday"}, "spec.from must be now"},
		"refresh":            {Spec{Title: "t", Refresh: probe.Duration(time.Second)}, "spec.refresh must be between"},
		"marks":              {Spec{Title: "t", Marks: []string{"alerts", "changes"}}, ""},
		"no marks":           {Spec{Title: "t", Marks: []string{"none"}}, ""},
		"other marks":        {Spec{Title: "t", Marks: []string{"alerts", "moods"}}, "spec.marks[1] must be one of"},
		"none and others":    {Spec{Title: "t", Marks: []string{"alerts", "none"}}, "spec.marks[1] must be there once"},
		"tag":                {Spec{Title: "t", Tags: []string{"a|b"}}, "spec.tags[0] must be"},
		"good query":         {series(`topk($n, rate(x{job=~"${job:regex}",i="[[job]]"}[$__rate_interval])) / $n`), ""},
		"interval":           {series(`rate(x[$w]) > rate(x[$__range])`), ""},
		"name of a metric":   {series(`${job}_total`), ""},
		"regex end":          {series(`x{a=~"b$"}`), ""},
		"group reference":    {series(`label_replace(x, "a", "$1", "b", "(.*)")`), ""},
		"bad query":          {series(`rate(x)`), "spec.panels[0].targets[0].query 1:6: parse error"},
		"bad with variables": {series(`sum(x{job="$job"}`), "spec.panels[0].targets[0].query"},
		"unknown variable":   {series(`x{job="$jobs"}`), "spec.panels[0].targets[0].query $jobs is not a variable"},
		"range vector":       {series(`x[5m]`), "spec.panels[0].targets[0].query must give"},
		"no target":          {panel(Panel{Type: StatPanel, At: at}), "spec.panels[0].targets must have"},
		"text that asks":     {panel(Panel{Type: Text, At: at, Targets: ask("up")}), "spec.panels[0].targets a text asks nothing"},
		"too wide":           {panel(Panel{Type: Text, At: Place{X: 13, W: 12, H: 1}}), "spec.panels[0].at must lie"},
		"type":               {panel(Panel{Type: "pie", At: at}), "spec.panels[0].type is not"},
		"map":                {panel(Panel{Type: Map, At: at}), "spec.panels[0].selector must say"},
		"repeat":             {panel(Panel{Type: Text, At: at, Repeat: "x"}), "spec.panels[0].repeat is not a variable"},
		"threshold order":    {panel(Panel{Type: Gauge, At: at, Targets: ask("up"), Thresholds: []Threshold{{Severity: "clear"}, {From: number(2), Severity: "minor"}, {From: number(2), Severity: "major"}}}), "spec.panels[0].thresholds[2].from must be more"},
		"mapping":            {panel(Panel{Type: Gauge, At: at, Targets: ask("up"), Mappings: []Mapping{{Text: "x"}}}), "spec.panels[0].mappings[0] must have"},
		"right axis":         {panel(Panel{Type: TimeSeries, At: at, Targets: ask("up"), Right: &Right{Match: "("}}), "spec.panels[0].right.match must be"},
		"ends":               {panel(Panel{Type: Gauge, At: at, Targets: ask("up"), Min: number(1), Max: number(1)}), "spec.panels[0].max must be"},
		"script":             {panel(Panel{Type: Text, At: at, Links: []Link{{"x", "javascript:alert(1)"}}}), "spec.panels[0].links[0].to must be"},
		"another host":       {panel(Panel{Type: Text, At: at, Links: []Link{{"x", "//evil.example"}}}), "spec.panels[0].links[0].to must be"},
		"label":              {variable(Variable{Name: "v", Kind: OfQuery, Query: "up"}), "spec.variables[0].of must be"},
		"regex":              {variable(Variable{Name: "v", Kind: OfQuery, Of: "job", Regex: "("}), "spec.variables[0].regex must be"},
		"durations":          {variable(Variable{Name: "v", Kind: OfInterval, Options: []string{"soon"}}), "spec.variables[0].options[0] must be"},
		"many defaults":      {variable(Variable{Name: "v", Kind: OfText, Default: []string{"a", "b"}}), "spec.variables[0].default must be"},
		"kind of variable":   {variable(Variable{Name: "v", Kind: "magic"}), "spec.variables[0].kind must be"},
		"name of variable":   {variable(Variable{Name: "__interval", Kind: OfText}), "spec.variables[0].name must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.spec.Validate("d")
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			e, ok := err.(*core.Error)
			if !ok {
				t.Fatalf("got %v", err)
			}
			for _, d := range e.Details {
				if strings.HasPrefix(d.Field+" "+d.Rule, c.want) {
					return
				}
			}
			t.Errorf("got %+v", e.Details)
		})
	}
}

func FuzzExpression(f *testing.F) {
	f.Add(`rate(x{a="$job"}[$__rate_interval])`)
	f.Add(`${a:b} [[c]] $`)
	f.Fuzz(func(t *testing.T, text string) {
		known := map[string]Variable{"job": {Name: "job", Kind: OfText}}
		var bad faults
		bad.expression(text, known, "q")
		for _, d := range bad {
			if d.Field != "q" || d.Rule == "" {
				t.Fatalf("%+v", d)
			}
		}
	})
}
