package probe

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Browser visits a site in a headless Chromium, step by step. The browser is driven by
// package browse.
type Browser struct {
	Variables map[string]string `json:"variables,omitempty" doc:"values for the steps as ${name}; secret:<name> keeps one out of the document"`
	Steps     []BrowserStep     `json:"steps"`
	Width     int               `json:"width,omitempty" doc:"of the window; 1280 when left out"`
	Height    int               `json:"height,omitempty" doc:"of the window; 800 when left out"`
	Insecure  bool              `json:"insecure,omitempty" doc:"accept any certificate"`
	Latency   *Limits           `json:"latency,omitempty" doc:"thresholds of all steps together"`
	NoPicture bool              `json:"noPicture,omitempty" doc:"keep no picture of the page when a step fails: it shows what must not be kept"`
}

// BrowserStep is one thing a visitor does or looks for.
type BrowserStep struct {
	Name   string   `json:"name" doc:"what the step is for; its time is a figure of this name"`
	Open   string   `json:"open,omitempty" doc:"URL to go to"`
	Click  *Element `json:"click,omitempty" doc:"what to click, when it is there to be seen"`
	Fill   *Element `json:"fill,omitempty" doc:"field to fill with value; of a list, the entry of that label"`
	Value  string   `json:"value,omitempty" doc:"what to fill in"`
	Press  string   `json:"press,omitempty" doc:"key to press: Enter, Tab, Escape, Backspace, ArrowUp, ArrowDown, ArrowLeft, ArrowRight, or one character"`
	See    *Element `json:"see,omitempty" doc:"wait until it is there to be seen"`
	Gone   *Element `json:"gone,omitempty" doc:"wait until it is not there to be seen"`
	Title  string   `json:"title,omitempty" doc:"wait until the page's title matches this regular expression"`
	URL    string   `json:"url,omitempty" doc:"wait until the page's address matches this regular expression"`
	Within Duration `json:"within,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long to wait; until the check's timeout when left out"`
}

// Element says how something on a page is found: by role and name as a screen reader
// has them, by text, or by a selector of CSS.
type Element struct {
	Role string `json:"role,omitempty" doc:"such as button, link, textbox, heading"`
	Name string `json:"name,omitempty" doc:"part of the name of the element with that role, in any case"`
	Text string `json:"text,omitempty" doc:"part of the text of the smallest element that has it"`
	CSS  string `json:"css,omitempty" doc:"selector of CSS"`
}

// String describes the element to a person.
func (e *Element) String() string {
	switch {
	case e.CSS != "":
		return e.CSS
	case e.Role == "":
		return fmt.Sprintf("the text %q", e.Text)
	case e.Name == "":
		return "a " + e.Role
	}
	return fmt.Sprintf("the %s %q", e.Role, e.Name)
}

func (e *Element) validate(f *fields) {
	ways := 0
	for _, way := range []string{e.Role, e.Text, e.CSS} {
		if way != "" {
			ways++
		}
	}
	f.check(ways == 1, "", "must be found by exactly one of role, text and css")
	f.check(e.Name == "" || e.Role != "", "name", "goes with a role")
}

func (b *Browser) validate(f *fields) {
	f.check(len(b.Steps) > 0 && len(b.Steps) <= maxSteps, "steps", fmt.Sprintf("must be between 1 and %d", maxSteps))
	f.check(b.Width >= 0 && b.Width <= 4096, "width", "must be between 0 and 4096")
	f.check(b.Height >= 0 && b.Height <= 4096, "height", "must be between 0 and 4096")
	values := variables(b.Variables)
	values.validate(f)
	seen := map[string]bool{}
	for i := range b.Steps {
		s, at := &b.Steps[i], f.below(fmt.Sprintf("steps[%d]", i))
		at.check(s.Name != "" && len(s.Name) <= 100, "name", "must be between 1 and 100 characters")
		at.check(!seen[s.Name], "name", "must be that of one step alone")
		seen[s.Name] = true
		s.validate(at, values)
		at.check(i > 0 || s.Open != "", "open", "is needed: the first step opens a page")
	}
	b.Latency.validate(f.below("latency"))
}

func (s *BrowserStep) validate(f *fields, values variables) {
	acts := 0
	for _, e := range []struct {
		name string
		at   *Element
	}{{"click", s.Click}, {"fill", s.Fill}, {"see", s.See}, {"gone", s.Gone}} {
		if e.at != nil {
			acts++
			e.at.validate(f.below(e.name))
		}
	}
	for _, text := range []string{s.Open, s.Press, s.Title, s.URL} {
		if text != "" {
			acts++
		}
	}
	f.check(acts == 1, "", "must do exactly one of open, click, fill, press, see, gone, title, url")
	f.check(s.Value == "" || s.Fill != nil, "value", "goes with fill")
	values.uses(f, "open", s.Open)
	values.uses(f, "value", s.Value)
	if s.Open != "" {
		u, err := url.Parse(values.expand(s.Open))
		f.check(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", "open", "must be an http or https URL")
	}
	f.check(s.Press == "" || len([]rune(s.Press)) == 1 || strings.Contains(" Enter Tab Escape Backspace ArrowUp ArrowDown ArrowLeft ArrowRight ", " "+s.Press+" "), "press", "must be a key such as Enter, or one character")
	checkRegexp(f, "title", s.Title)
	checkRegexp(f, "url", s.URL)
	f.check(s.Within >= 0, "within", "must not be negative")
}

// Expand puts the variables into a text of a step.
func (b *Browser) Expand(text string) string { return variables(b.Variables).expand(text) }

func (b *Browser) probe(ctx context.Context, r Runner, res *Result) {
	r.drive(ctx, Spec{Browser: b}, res)
}
