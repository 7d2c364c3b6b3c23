package probe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/theory/jsonpath"
)

// JSONRule is what a part of an answer in JSON must be. Every part that the path
// selects must be so, and there must be one.
type JSONRule struct {
	Path   string  `json:"path" doc:"JSONPath (RFC 9535), such as $.queue.depth or $.nodes[*].state"`
	Equals *string `json:"equals,omitempty" doc:"the value as text; what is not a text is compared as JSON"`
	Match  string  `json:"match,omitempty" doc:"regular expression that the value as text must match"`
	Absent bool    `json:"absent,omitempty" doc:"there must be nothing at the path"`
	Name   string  `json:"name,omitempty" doc:"keeps the number as a figure of this name"`
	Unit   string  `json:"unit,omitempty" doc:"of the figure: seconds, bytes, percent, count"`
	Bounds
}

func (j *JSONRule) validate(f *fields) {
	_, err := jsonpath.Parse(j.Path)
	f.check(err == nil && len(j.Path) <= 500, "path", "must be a JSONPath such as $.status, at most 500 characters")
	f.check(strings.Count(j.Path, "..") <= 2, "path", "must not descend more than twice with ..: each multiplies the work")
	checkRegexp(f, "match", j.Match)
	f.check(!j.Absent || j.Equals == nil && j.Match == "" && j.Name == "" && j.Bounds == (Bounds{}), "absent", "goes with no other rule")
	j.Bounds.validate(f)
}

// selectJSON returns the parts of a document, as text and as values.
func selectJSON(path string, body []byte) ([]any, error) {
	p, err := jsonpath.Parse(path)
	if err != nil {
		return nil, err
	}
	var doc any
	in := json.NewDecoder(bytes.NewReader(body))
	if err := in.Decode(&doc); err != nil {
		return nil, errors.New("the answer is not JSON")
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer is more than one document of JSON")
	}
	return p.Select(doc), nil
}

func jsonText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return number(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func (j *JSONRule) judge(body []byte, res *Result) {
	found, err := selectJSON(j.Path, body)
	switch {
	case err != nil:
		res.Worsen(Critical, "%s", err)
		res.Detail = string(body)
		return
	case j.Absent:
		if len(found) > 0 {
			res.Worsen(Critical, "%s is there", j.Path)
		}
		return
	case len(found) == 0:
		res.Worsen(Critical, "%s is missing", j.Path)
		res.Detail = string(body)
		return
	}
	for i, v := range found {
		text := jsonText(v)
		if j.Equals != nil && text != *j.Equals {
			res.Worsen(Critical, "%s is %s, not %s", j.Path, clip(text, 80), *j.Equals)
		}
		if j.Match != "" && !regexp.MustCompile(j.Match).MatchString(text) {
			res.Worsen(Critical, "%s is %s and does not match %s", j.Path, clip(text, 80), j.Match)
		}
		value, numeric := v.(float64)
		switch {
		case numeric:
			j.Bounds.Judge(res, j.Path, value)
		case j.Bounds != (Bounds{}):
			res.Worsen(Unknown, "%s is not a number: %s", j.Path, clip(text, 80))
		}
		if numeric && j.Name != "" && i == 0 {
			res.Measure(j.Name, j.Unit, value)
		}
	}
}
