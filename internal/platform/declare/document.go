package declare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
)

// MaxDocuments bounds one request.
const MaxDocuments = 10_000

// maxExpansion bounds what aliases may make of one document, in bytes of JSON.
const maxExpansion = 4 << 20

// Document is one declared resource.
type Document struct {
	Kind string          `json:"kind"`
	Name string          `json:"name"`
	Spec json.RawMessage `json:"spec"`
}

// Parsed is a document with its place in the input, or why it is none.
type Parsed struct {
	Document
	Line int
	Err  error
}

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._:/@()&+-]{0,198}$`)

// Parse reads YAML (or JSON) documents separated by "---". A document that
// cannot be read is returned with its error; the others are not affected by it.
func Parse(text []byte) []Parsed {
	var out []Parsed
	for _, part := range split(text) {
		if len(out) == MaxDocuments {
			return append(out, Parsed{Line: part.line, Err: core.Errorf(core.CodeTooLarge, "more than %d documents", MaxDocuments)})
		}
		doc, ok := parseOne(part)
		if ok {
			out = append(out, doc)
		}
	}
	return out
}

type part struct {
	text []byte
	line int // of its first line, from 1
}

// split cuts at lines that are "---" or begin with "--- ".
func split(text []byte) []part {
	var parts []part
	current, line := part{line: 1}, 0
	for l := range bytes.Lines(text) {
		line++
		trimmed := bytes.TrimRight(l, " \t\r\n")
		if bytes.Equal(trimmed, []byte("---")) {
			parts = append(parts, current)
			current = part{line: line + 1}
			continue
		}
		current.text = append(current.text, l...)
	}
	return append(parts, current)
}

func parseOne(p part) (doc Parsed, ok bool) {
	doc.Line = p.line
	var node yaml.Node
	if err := yaml.Unmarshal(p.text, &node); err != nil {
		doc.Err = malformed(p.line, err)
		return doc, true
	}
	if len(node.Content) == 0 || node.Content[0].Tag == "!!null" {
		return doc, false
	}
	body := node.Content[0]
	doc.Line = p.line + body.Line - 1
	if body.Kind != yaml.MappingNode {
		doc.Err = core.Errorf(core.CodeMalformed, "line %d: a document must be a mapping of kind, name and spec", doc.Line)
		return doc, true
	}
	var raw map[string]any
	if err := body.Decode(&raw); err != nil {
		doc.Err = malformed(p.line, err)
		return doc, true
	}
	doc.Err = doc.read(raw)
	return doc, true
}

var lineInMessage = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): `)

// malformed is the error of a document that begins at line first of the input.
func malformed(first int, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := first
	if m := lineInMessage.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		line, text = first+n-1, err.Error()[len(m[0]):]
	}
	text, _, _ = strings.Cut(text, "\n")
	return core.Errorf(core.CodeMalformed, "line %d: %s", line, text)
}

func (p *Parsed) read(raw map[string]any) error {
	var bad []core.Detail
	text := func(field string) string {
		s, ok := raw[field].(string)
		if !ok || s == "" {
			bad = append(bad, core.Detail{Field: field, Rule: "must be a text that is not empty"})
		}
		return s
	}
	p.Kind, p.Name = text("kind"), text("name")
	if p.Name != "" && !validName.MatchString(p.Name) {
		bad = append(bad, core.Detail{Field: "name", Rule: "must begin with a letter or digit and hold at most 199 letters, digits, spaces and ._:/@()&+-"})
	}
	for key := range raw {
		if key != "kind" && key != "name" && key != "spec" {
			bad = append(bad, core.Detail{Field: key, Rule: "is not a field of a document; it has kind, name and spec"})
		}
	}
	spec, isMap := raw["spec"].(map[string]any)
	if raw["spec"] != nil && !isMap {
		bad = append(bad, core.Detail{Field: "spec", Rule: "must be a mapping"})
	}
	if spec == nil {
		spec = map[string]any{}
	}
	encoded, err := json.Marshal(spec)
	if err != nil {
		bad = append(bad, core.Detail{Field: "spec", Rule: "holds a value that JSON cannot"})
	}
	if len(encoded) > maxExpansion {
		bad = append(bad, core.Detail{Field: "spec", Rule: fmt.Sprintf("must be at most %d bytes", maxExpansion)})
		encoded = nil
	}
	p.Spec = encoded
	return core.InvalidAll(bad)
}

// Encode writes documents as YAML, separated by "---".
func Encode(w io.Writer, docs []Document) error {
	for i, d := range docs {
		if i > 0 {
			if _, err := io.WriteString(w, "---\n"); err != nil {
				return err
			}
		}
		var spec any
		decoder := json.NewDecoder(bytes.NewReader(d.Spec))
		decoder.UseNumber()
		if err := decoder.Decode(&spec); err != nil {
			return err
		}
		b, err := marshal(struct {
			Kind string
			Name string
			Spec any
		}{d.Kind, d.Name, plain(spec)})
		if err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), encoder.Close()
}

// plain turns JSON numbers into numbers YAML writes without quotes.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
	case []any:
		for i, value := range v {
			v[i] = plain(value)
		}
	}
	return v
}
