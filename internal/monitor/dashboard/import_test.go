package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func convert(t *testing.T, name string) Converted {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "grafana", name))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Convert(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// brief is a panel in one line.
func brief(p Panel) string {
	line := fmt.Sprintf("%s %q %d,%d %dx%d", p.Type, p.Title, p.At.X, p.At.Y, p.At.W, p.At.H)
	for _, t := range p.Targets {
		line += " [" + t.Query + "]"
	}
	if p.Unit != "" {
		line += " in " + p.Unit
	}
	for _, t := range p.Thresholds {
		if t.From == nil {
			line += " " + t.Severity
		} else {
			line += fmt.Sprintf(" %s>=%v", t.Severity, *t.From)
		}
	}
	for _, m := range p.Mappings {
		line += fmt.Sprintf(" %s=%s%s", m.Value, m.Text, m.Severity)
	}
	if p.Draw != nil {
		line += fmt.Sprintf(" %+v", *p.Draw)
	}
	if p.Legend != nil {
		line += fmt.Sprintf(" legend %s %v", p.Legend.As, p.Legend.Calcs)
	}
	if p.Right != nil {
		line += fmt.Sprintf(" right %s %s", p.Right.Match, p.Right.Unit)
	}
	for _, more := range []string{p.Reduce, p.Repeat, p.Text} {
		if more != "" {
			line += " " + more
		}
	}
	if p.Spark {
		line += " spark"
	}
	if p.Collapsed {
		line += " collapsed"
	}
	return line
}

func compare(t *testing.T, what string, got []string, want string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(want), "\n")
	for i := range max(len(got), len(lines)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(lines) {
			w = lines[i]
		}
		if g != w {
			t.Errorf("%s %d:\n got %s\nwant %s", what, i, g, w)
		}
	}
}

func told(c Converted) []string {
	var out []string
	for _, n := range c.LeftOut {
		out = append(out, n.Where+" | "+n.What+" | "+n.Why)
	}
	return out
}

func lines(c Converted) []string {
	var out []string
	for _, p := range c.Spec.Panels {
		out = append(out, brief(p))
	}
	return out
}

func TestRowsOfPanelsAreConverted(t *testing.T) {
	t.Parallel()
	c := convert(t, "rows.json")
	if c.Name != "yard-old-style" || c.Spec.From != "now-6h" || c.Spec.Refresh.String() != "10s" || c.Spec.Tags[0] != "yard" {
		t.Errorf("%+v", c)
	}
	compare(t, "panel", lines(c), `
row "Cranes" 0,0 24x1 yard
timeseries "Lifted" 0,1 16x9 [rate(crane_lifted_total{crane=~"$crane"}[$window])] [crane_wind] in bytes/s warning>=70 critical>=90 {Style:area Stack:normal Step:false Join:true} legend table [avg last] right wind.* celsius
stat "Wind" 16,1 8x9 [avg(crane_wind)] in kn clear major>=20 critical>=40 0=calm avg spark
gauge "Load" 0,10 24x9 [crane_load] in percent clear major>=50 critical>=80
text "" 0,19 24x8 # Read me`)
	compare(t, "left out", told(c), `
variable crane | query | $yard is not a variable of this dashboard; it became a text with its present value
variable Filters | adhoc | variables of this type are not known here; it became a text with its present value
panel Lifted | logarithmic axis | axes are linear
panel Lifted | threshold | what is below 1 is not marked: thresholds hold from their value on
panel Lifted | series override | not taken over for x
panel Alerts | alertlist | there is no such panel here`)
	if v := c.Spec.Variables; len(v) != 4 || strings.Join(v[1].Options, ";") != "1m;5m;1h" || strings.Join(v[2].Options, ";") != "n;south, old" || v[2].Default[0] != "n" {
		t.Errorf("%+v", v)
	}
}

func TestAGridOfPanelsIsConverted(t *testing.T) {
	t.Parallel()
	c := convert(t, "grid.json")
	compare(t, "panel", lines(c), `
timeseries "Heat" 0,0 12x8 [kiln_heat{kiln="${kiln:regex}"}] in celsius clear major>=900 critical>=1100 {Style:area Stack:percent Step:true Join:true} legend table [avg last] right ^gas \(m3\)$ m3 kiln
stat "Kilns lit" 12,0 4x4 [sum(kiln_lit)] 2=twocritical 10=ten =someclear max spark
gauge "Full" 16,0 4x4 [kiln_full] in ratio clear critical>=0.8
bar "Bricks" 20,0 4x4 [kiln_bricks / $find]
row "Folded" 0,8 24x1 collapsed
table "List" 0,9 12x6 [kiln_info]
heatmap "Time" 12,9 12x6 [sum by (le) (rate(kiln_seconds_bucket[$__rate_interval]))]
row "Open" 0,15 24x1
stateTimeline "Doors" 0,16 24x5 [kiln_door]
text "About" 0,21 24x3 <b>hot</b>`)
	compare(t, "left out", told(c), `
dashboard | time range | now/d to now/d is not a range that is known here
variable top | query | only label_values() is asked for values, not query_result(topk(3, kiln_heat)); it became a text with its present value
Deploys | annotation | annotations are not drawn from queries
dashboard | links | links to other dashboards are not taken over
panel Heat | query B | it asks loki, not Prometheus
panel Heat | query C | it has no expression
panel Heat | overrides | not taken over for single series: color
panel Heat | transformations | results are shown as they come
panel Heat | timeShift | all panels have the dashboard's time range
panel Heat | link | it does not lead to an address
panel Kilns lit | mapping special | values and ranges of values are mapped alone
panel About | HTML | what Markdown cannot say is left out when it is shown
panel Where | geomap | there is no such panel here
panel Logs | query  | it asks elasticsearch, not Prometheus
panel Logs | timeseries | it has no expression for Prometheus
panel Wrong | timeseries | panel.targets[0].query: 1:15: parse error: unclosed left parenthesis`)
	if v := c.Spec.Variables; len(v) != 4 || v[0].Of != "kiln" || v[1].Kind != OfText || v[2].Options[0] != "east" || v[3].Default[0] != "oven" {
		t.Errorf("%+v", v)
	}
}

func TestWhatIsImportedCanBeCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	kim := user("kim", auth.Operator, "")
	for _, name := range []string{"rows.json", "grid.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", "grafana", name))
		if err != nil {
			t.Fatal(err)
		}
		doc := w.call(kim, "POST", "/dashboards/import", "", raw, http.StatusOK)
		if doc["kind"] != "Dashboard" || len(doc["leftOut"].([]any)) == 0 {
			t.Errorf("%v", doc)
		}
		w.call(kim, "POST", "/dashboards", "", object{"name": doc["name"], "spec": doc["spec"]}, http.StatusCreated)
	}
	w.call(kim, "POST", "/dashboards/import", "", []byte(`{"title": "no panels"}`), http.StatusUnprocessableEntity)
	w.call(user("otto", auth.Auditor, ""), "POST", "/dashboards/import", "", []byte(`{}`), http.StatusForbidden)
}

func TestColoursSaySeverities(t *testing.T) {
	t.Parallel()
	for colour, want := range map[string]string{"dark-red": "critical", "#73BF69": "clear", "#f2cc0c": "warning", "rgb(255, 120, 10)": "major", "#5794F2": "info", "#808080": "unknown", "text": "unknown", "rgba(300, 999, 0, 1)": "warning"} {
		if got := severityOf(colour); got != want {
			t.Errorf("%s: %s", colour, got)
		}
	}
}

func FuzzConvert(f *testing.F) {
	for _, name := range []string{"rows.json", "grid.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", "grafana", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"panels":[{"type":"graph","gridPos":{"x":1e300,"y":-1,"w":"7","h":null},"targets":[{"expr":"$"}]}]}`))
	f.Add([]byte(`{"rows":[[],{"height":"99999px","panels":[{"type":"row"},{"type":"text","span":-3}]}],"panels":{}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := Convert(raw)
		if err != nil {
			if code := core.CodeOf(err); code != core.CodeMalformed && code != core.CodeInvalid {
				t.Fatal(err)
			}
			if e, ok := err.(*core.Error); ok && core.CodeOf(err) == core.CodeInvalid && (len(e.Details) != 1 || e.Details[0].Field != "panels") {
				t.Fatalf("it made what is not valid: %v", err)
			}
			return
		}
		if _, err := json.Marshal(out); err != nil {
			t.Fatal(err)
		}
	})
}
