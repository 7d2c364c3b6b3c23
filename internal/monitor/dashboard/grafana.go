package dashboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// LeftOut is something of an imported dashboard that the document does not have.
type LeftOut struct {
	Where string `json:"where" doc:"the panel, variable or part it is about"`
	What  string `json:"what"`
	Why   string `json:"why"`
}

// Converted is an imported dashboard as a document.
type Converted struct {
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Spec    Spec      `json:"spec"`
	LeftOut []LeftOut `json:"leftOut" nullable:"false"`
}

const (
	mostPanels    = 300
	mostVariables = 50
	mostNotes     = 1000
)

// converter makes a document of one dashboard.
type converter struct {
	spec   Spec
	known  map[string]Variable
	notes  []LeftOut
	source map[string]bool // variables that stand for data sources
}

func (c *converter) note(where, what, why string) {
	if len(c.notes) < mostNotes {
		c.notes = append(c.notes, LeftOut{where, what, why})
	}
}

// Convert reads a dashboard as Grafana exports it: with rows of panels (schema
// versions up to 15) or a grid of them. The document is valid; what could not
// be taken over is told.
func Convert(raw []byte) (Converted, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return Converted{}, core.Errorf(core.CodeMalformed, "this is not JSON: %v", err)
	}
	doc := loose{v}
	if doc.has("dashboard") { // as its API answers
		doc = doc.get("dashboard")
	}
	if len(doc.list("panels")) == 0 && len(doc.list("rows")) == 0 {
		return Converted{}, core.Invalid("panels", "must be there: this is not a dashboard in Grafana's format")
	}
	c := &converter{known: map[string]Variable{}, source: map[string]bool{}}
	c.spec.Title = cut(cmp.Or(strings.TrimSpace(doc.text("title")), "Imported dashboard"), 200)
	c.spec.Description = cut(doc.text("description"), 4000)
	for _, t := range doc.texts("tags") {
		if t = cut(strings.NewReplacer("|", "/", "\n", " ").Replace(t), 50); len(c.spec.Tags) < 20 && !slices.Contains(c.spec.Tags, t) {
			c.spec.Tags = append(c.spec.Tags, t)
		}
	}
	c.times(doc)
	for _, t := range doc.list("templating", "list") {
		c.variable(t)
	}
	for _, a := range doc.list("annotations", "list") {
		if !a.has("builtIn") || a.number("builtIn") == nil || *a.number("builtIn") != 1 {
			c.note(cmp.Or(a.text("name"), "annotations"), "annotation", "annotations are not drawn from queries")
		}
	}
	if len(doc.list("links")) > 0 {
		c.note("dashboard", "links", "links to other dashboards are not taken over")
	}
	c.panels(doc)
	out := Converted{Kind: "Dashboard", Name: nameOf(c.spec.Title), Spec: c.spec, LeftOut: c.notes}
	if out.LeftOut == nil {
		out.LeftOut = []LeftOut{}
	}
	return out, out.Spec.Validate(out.Name)
}

var noName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// nameOf is a title as the name of a document.
func nameOf(title string) string {
	name := strings.Trim(noName.ReplaceAllString(strings.ToLower(title), "-"), "-._")
	name = strings.Trim(cut(name, 80), "-._")
	return cmp.Or(name, "imported")
}

// cut shortens a text to so many bytes, between characters.
func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

func (c *converter) times(doc loose) {
	from, to := doc.text("time", "from"), doc.text("time", "to")
	var bad faults
	bad.moment(from, "from")
	bad.moment(to, "to")
	if len(bad) == 0 {
		c.spec.From, c.spec.To = from, to
	} else {
		c.note("dashboard", "time range", fmt.Sprintf("%s to %s is not a range that is known here", cut(from, 40), cut(to, 40)))
	}
	text := doc.text("refresh")
	if text == "" {
		return
	}
	if days, ok := strings.CutSuffix(text, "d"); ok && days == "1" {
		text = "24h"
	}
	every, err := time.ParseDuration(text)
	if err != nil || every < minRefresh || every > 24*time.Hour {
		c.note("dashboard", "refresh", fmt.Sprintf("%s is not between 5s and 24h", cut(text, 20)))
		return
	}
	c.spec.Refresh = probe.Duration(every)
}

var (
	labelValues = regexp.MustCompile(`^\s*label_values\(\s*(?:(.*\S)\s*,\s*)?([A-Za-z_][A-Za-z0-9_]*)\s*\)\s*$`)
	slashed     = regexp.MustCompile(`^/(.*)/[a-z]*$`)
)

// variable takes one over; what it cannot be here becomes a text with its present value.
func (c *converter) variable(t loose) {
	name := t.text("name")
	where := "variable " + cut(name, 60)
	v := Variable{Name: name, Label: cut(t.text("label"), 100), Multi: t.flag("multi"), All: t.flag("includeAll"), Hidden: t.text("hide") == "2"}
	present := slices.DeleteFunc(t.texts("current", "value"), func(s string) bool { return s == "$__all" })
	asText := func(why string) {
		c.note(where, t.text("type"), why+"; it became a text with its present value")
		v = Variable{Name: name, Label: v.Label, Kind: OfText, Hidden: v.Hidden}
		v.Default = present[:min(1, len(present))]
	}
	switch kind := t.text("type"); kind {
	case "datasource":
		c.source[name] = true
		return // there is one source here
	case "query":
		asked := cmp.Or(t.text("query", "query"), t.text("query"), t.text("definition"))
		m := labelValues.FindStringSubmatch(asked)
		if m == nil {
			asText("only label_values() is asked for values, not " + cut(asked, 100))
			break
		}
		v.Kind, v.Query, v.Of = OfQuery, m[1], m[2]
		if pattern := t.text("regex"); pattern != "" {
			if m := slashed.FindStringSubmatch(pattern); m != nil {
				pattern = m[1]
			}
			if _, err := regexp.Compile(pattern); err != nil || len(pattern) > 400 {
				c.note(where, "regex", "it is not a regular expression that is known here")
			} else {
				v.Regex = pattern
			}
		}
		v.Default = present
	case "custom":
		v.Kind, v.Options, v.Default = OfConstant, optionsOf(t), present
	case "interval":
		v.Kind, v.Options, v.Default, v.Multi, v.All = OfInterval, optionsOf(t), present[:min(1, len(present))], false, false
		v.Options = slices.DeleteFunc(v.Options, func(o string) bool { return strings.HasPrefix(o, "$__auto") || o == "auto" })
		v.Default = slices.DeleteFunc(v.Default, func(o string) bool { return strings.HasPrefix(o, "$") })
	case "constant":
		v.Kind, v.Options, v.Hidden = OfConstant, t.texts("query"), true
	case "textbox":
		v.Kind, v.Default = OfText, cmpList(present, t.texts("query"))
	default:
		asText("variables of this type are not known here")
	}
	if !v.Multi {
		v.Default = v.Default[:min(1, len(v.Default))]
	}
	v.Default = v.Default[:min(100, len(v.Default))]
	v.Options = v.Options[:min(500, len(v.Options))]
	var bad faults
	bad.variable(v, c.known, "")
	if len(bad) > 0 {
		if !variableName.MatchString(name) || c.known[name].Name != "" || len(name) > 60 {
			c.note(where, "variable", bad[0].Rule)
			return
		}
		asText(bad[0].Rule)
	}
	if len(c.spec.Variables) == mostVariables {
		c.note(where, "variable", "there are too many")
		return
	}
	c.known[name] = v
	c.spec.Variables = append(c.spec.Variables, v)
}

func cmpList(a, b []string) []string {
	if len(a) > 0 {
		return a
	}
	return b
}

// optionsOf lists what a custom or interval variable offers. "Name : value" is
// written where the name differs; the value counts.
func optionsOf(t loose) []string {
	var out []string
	for option := range strings.SplitSeq(strings.ReplaceAll(t.text("query"), `\,`, "\x00"), ",") {
		option = strings.TrimSpace(strings.ReplaceAll(option, "\x00", ","))
		if _, value, ok := strings.Cut(option, " : "); ok {
			option = strings.TrimSpace(value)
		}
		if option != "" && !slices.Contains(out, option) {
			out = append(out, option)
		}
	}
	return out
}
