package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"time"
)

// Journey sends several requests, one after the other, as a visitor does: cookies
// are kept, and what one answer holds can be used by the next request as ${name}.
type Journey struct {
	Variables map[string]string `json:"variables,omitempty" doc:"values for the steps; secret:<name> keeps one out of the document"`
	Steps     []JourneyStep     `json:"steps"`
	Latency   *Limits           `json:"latency,omitempty" doc:"thresholds of all steps together"`
}

// JourneyStep is one request of a journey and what its answer must be.
type JourneyStep struct {
	Name string `json:"name" doc:"what the step is for; its time is a figure of this name"`
	HTTP
	Extract []Extraction `json:"extract,omitempty" doc:"values of the answer for later steps"`
}

// Extraction takes a value out of an answer: of its body when neither json, header
// nor cookie is said.
type Extraction struct {
	Name   string `json:"name" doc:"of the variable"`
	JSON   string `json:"json,omitempty" doc:"JSONPath into the body; the first value counts"`
	Header string `json:"header,omitempty"`
	Cookie string `json:"cookie,omitempty" doc:"name of a cookie that the answer sets"`
	Regexp string `json:"regexp,omitempty" doc:"the first group counts, or all that matches when there is none"`
	Metric bool   `json:"metric,omitempty" doc:"the value is a number that is kept as a figure, too"`
}

// Bounds of a journey.
const (
	maxSteps     = 50
	maxExtracted = 8 << 10
)

func (j *Journey) validate(f *fields) {
	f.check(len(j.Steps) > 0 && len(j.Steps) <= maxSteps, "steps", fmt.Sprintf("must be between 1 and %d", maxSteps))
	known := variables(j.Variables).clone()
	known.validate(f)
	seen := map[string]bool{}
	for i := range j.Steps {
		s, at := &j.Steps[i], f.below(fmt.Sprintf("steps[%d]", i))
		at.check(s.Name != "" && len(s.Name) <= 100, "name", "must be between 1 and 100 characters")
		at.check(!seen[s.Name], "name", "must be that of one step alone")
		seen[s.Name] = true
		s.eachText(func(field string, text *string) { known.uses(at, field, *text) })
		filled := s.filled(known)
		filled.validate(at)
		for k, e := range s.Extract {
			e.validate(at.below(fmt.Sprintf("extract[%d]", k)))
			known[e.Name] = "1" // something that is valid as a name, a number and a part of an address
		}
	}
	j.Latency.validate(f.below("latency"))
}

func (e *Extraction) validate(f *fields) {
	f.check(variableName.MatchString(e.Name), "name", "must be letters, digits and _, not beginning with a digit")
	ways := 0
	for _, way := range []string{e.JSON, e.Header, e.Cookie} {
		if way != "" {
			ways++
		}
	}
	f.check(ways <= 1, "", "must take from one of json, header and cookie")
	f.check(ways == 1 || e.Regexp != "", "", "must say what to take: json, header, cookie or regexp")
	if e.JSON != "" {
		(&JSONRule{Path: e.JSON}).validate(f)
	}
	checkRegexp(f, "regexp", e.Regexp)
}

// filled is the step's request with the variables in place.
func (s *JourneyStep) filled(v variables) *HTTP {
	copied := s.HTTP
	copied.Headers, copied.Form = variables(s.Headers).clone(), variables(s.Form).clone()
	copied.JSON = append([]JSONRule(nil), s.JSON...)
	if s.Basic != nil {
		basic := *s.Basic
		copied.Basic = &basic
	}
	step := &JourneyStep{HTTP: copied}
	quoted := v.quoted()
	step.eachText(func(field string, text *string) {
		if field == "match" || field == "noMatch" {
			*text = quoted.expand(*text)
			return
		}
		*text = v.expand(*text)
	})
	return &step.HTTP
}

// eachText visits the texts of a step that may hold variables.
func (s *JourneyStep) eachText(visit func(field string, text *string)) {
	for field, text := range map[string]*string{"url": &s.URL, "body": &s.Body, "match": &s.Match, "noMatch": &s.NoMatch, "bearer": &s.Bearer} {
		visit(field, text)
	}
	for prefix, m := range map[string]map[string]string{"headers.": s.Headers, "form.": s.Form} {
		for name, value := range m {
			text := value
			if visit(prefix+name, &text); text != value {
				m[name] = text
			}
		}
	}
	if s.Basic != nil {
		visit("basic.user", &s.Basic.User)
		visit("basic.password", &s.Basic.Password)
	}
	for i := range s.JSON {
		if equals := s.JSON[i].Equals; equals != nil {
			text := *equals
			visit(fmt.Sprintf("json[%d].equals", i), &text)
			s.JSON[i].Equals = &text
		}
	}
}

func (j *Journey) probe(ctx context.Context, r Runner, res *Result) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		res.Set(Unknown, "%s", Why(err))
		return
	}
	values := variables(j.Variables).clone()
	start := time.Now()
	var lines []string
	for i := range j.Steps {
		s := &j.Steps[i]
		step := s.run(ctx, r, jar, values)
		lines = append(lines, fmt.Sprintf("%s: %s: %s", s.Name, step.State, step.Output))
		res.Metrics = append(res.Metrics, step.Metrics...)
		if step.State != OK {
			res.Worsen(step.State, "step %d, %s: %s", i+1, s.Name, step.Output)
		}
		if step.State == Critical || step.State == Unknown {
			if step.Detail != "" {
				lines = append(lines, step.Detail)
			}
			res.Detail = strings.Join(lines, "\n")
			return
		}
	}
	took := time.Since(start)
	res.Detail = strings.Join(lines, "\n")
	res.Measure("time", "seconds", took.Seconds())
	if res.State == OK {
		res.Set(OK, "%d steps in %v", len(j.Steps), took.Round(time.Microsecond))
	}
	j.Latency.judge(res, "the journey", took)
}

// run sends the step's request and takes its values. The result's figures are named
// after the step.
func (s *JourneyStep) run(ctx context.Context, r Runner, jar http.CookieJar, values variables) (res Result) {
	h := s.filled(values)
	got, err := h.send(ctx, r, jar)
	if err != nil {
		res.Failed("no answer", err)
		return res
	}
	res.Measure("time "+s.Name, "seconds", got.took.Seconds())
	// The address and the body may hold secrets that were put in: neither is shown here.
	res.Set(OK, "%s in %v", got.Status, got.took.Round(time.Microsecond))
	var judged Result
	h.judge(got, &judged)
	for _, m := range judged.Metrics {
		if m.Name != "certificate_left" {
			res.Metrics = append(res.Metrics, m)
		}
	}
	res.Detail = judged.Detail
	if judged.Output != "" {
		res.Worsen(judged.State, "%s", judged.Output)
	}
	if res.State == Critical {
		return res
	}
	for _, e := range s.Extract {
		value, err := e.take(got)
		if err != nil {
			res.Worsen(Critical, "%s cannot be taken: %s", e.Name, err)
			return res
		}
		values[e.Name] = value
		if e.Metric {
			var figure float64
			if _, err := fmt.Sscan(value, &figure); err != nil {
				res.Worsen(Unknown, "%s is not a number", e.Name)
				continue
			}
			res.Measure(e.Name, "", figure)
		}
	}
	return res
}

// take returns the value in an answer.
func (e *Extraction) take(got *answer) (string, error) {
	source := got.body
	switch {
	case e.JSON != "":
		found, err := selectJSON(e.JSON, got.body)
		if err != nil {
			return "", err
		}
		if len(found) == 0 {
			return "", fmt.Errorf("nothing is at %s", e.JSON)
		}
		source = []byte(jsonText(found[0]))
	case e.Header != "":
		if len(got.Header.Values(e.Header)) == 0 {
			return "", fmt.Errorf("there is no header %s", e.Header)
		}
		source = []byte(got.Header.Get(e.Header))
	case e.Cookie != "":
		value, found := cookie(got.Response, e.Cookie)
		if !found {
			return "", fmt.Errorf("no cookie %s is set", e.Cookie)
		}
		source = []byte(value)
	}
	if e.Regexp != "" {
		groups := regexp.MustCompile(e.Regexp).FindSubmatch(source)
		if groups == nil {
			return "", fmt.Errorf("nothing matches %s", e.Regexp)
		}
		source = groups[min(1, len(groups)-1)]
	}
	if len(source) > maxExtracted {
		return "", fmt.Errorf("it has more than %d bytes", maxExtracted)
	}
	if bytes.ContainsRune(source, 0) {
		return "", errors.New("it holds a zero byte")
	}
	return string(source), nil
}

func cookie(resp *http.Response, name string) (string, bool) {
	for _, c := range resp.Cookies() {
		if c.Name == name {
			return c.Value, true
		}
	}
	return "", false
}
