package processing

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/logs/masking"
	"mainstay/internal/platform/declare"
)

// Spec is what a LogProcessing document says.
type Spec struct {
	Description string `json:"description,omitempty" maxLength:"1000"`
	Order       int    `json:"order,omitempty" minimum:"0" maximum:"1000000" doc:"Smaller is earlier; 100 when absent. The default extraction is 50, the default masking the last" example:"100"`
	When        *When  `json:"when,omitempty" doc:"Which records it is for; all when absent"`
	Steps       []Step `json:"steps" maxItems:"50" nullable:"false"`
	Stop        bool   `json:"stop,omitempty" doc:"Records it was for see no rule after it but default-masking"`
	Disabled    bool   `json:"disabled,omitempty"`
}

// When says which records a rule is for: all that is set must hold. In texts, *
// stands for any.
type When struct {
	App        []string `json:"app,omitempty" maxItems:"200"`
	Host       []string `json:"host,omitempty" maxItems:"200"`
	Level      []string `json:"level,omitempty" maxItems:"20"`
	Dataset    []string `json:"dataset,omitempty" maxItems:"50"`
	Receiver   []string `json:"receiver,omitempty" maxItems:"20" doc:"syslog, otlp, http, snmp-traps, self"`
	Contains   string   `json:"contains,omitempty" maxLength:"200" doc:"A text that the message has"`
	Expression string   `json:"expression,omitempty" maxLength:"4096" doc:"CEL over record: record.message, app, host, item, level, dataset, receiver, time, fields" example:"record.fields['http.status'] == '500'"`
}

// Step is one thing to do: exactly one of its fields is set.
type Step struct {
	Parse      *Parse     `json:"parse,omitempty"`
	Set        *Set       `json:"set,omitempty"`
	Rename     *Rename    `json:"rename,omitempty"`
	DropFields []string   `json:"dropFields,omitempty" maxItems:"200" doc:"Names of fields to leave out; * stands for any text"`
	Drop       *Drop      `json:"drop,omitempty"`
	Level      *Level     `json:"level,omitempty"`
	Timestamp  *Timestamp `json:"timestamp,omitempty"`
	Dataset    string     `json:"dataset,omitempty" doc:"Put the record into this dataset"`
	Mask       *Mask      `json:"mask,omitempty"`
}

// Parse makes fields of a text.
type Parse struct {
	Format   string            `json:"format" enum:"auto,json,logfmt,pairs,grok,regex" doc:"auto: JSON or logfmt, whatever the text is; no failure when it is neither"`
	From     string            `json:"from,omitempty" doc:"A field; the message when absent"`
	Pattern  string            `json:"pattern,omitempty" maxLength:"4096" doc:"of grok and regex; groups that have names become fields"`
	Patterns map[string]string `json:"patterns,omitempty" doc:"More names for grok"`
	Prefix   string            `json:"prefix,omitempty" maxLength:"64" doc:"Before the names of the fields"`
	Between  string            `json:"between,omitempty" maxLength:"8" doc:"of pairs: characters between them; blanks when absent"`
	Equals   string            `json:"equals,omitempty" maxLength:"4" doc:"of pairs: what stands between name and value; = when absent"`
}

// Set gives a field the value of an expression.
type Set struct {
	Field string `json:"field" minLength:"1" maxLength:"128" doc:"A field, or message, app, host, level"`
	Value string `json:"value" minLength:"1" maxLength:"4096" doc:"CEL" example:"record.fields.user + '@' + record.host"`
}

// Rename gives a field another name.
type Rename struct {
	From string `json:"from" minLength:"1" maxLength:"128"`
	To   string `json:"to" minLength:"1" maxLength:"128" doc:"A field, or message, app, host, level"`
}

// Drop leaves the record out.
type Drop struct {
	When string `json:"when,omitempty" maxLength:"4096" doc:"CEL; always when absent"`
}

// Level takes the severity from a field.
type Level struct {
	From string            `json:"from" minLength:"1" maxLength:"128"`
	Map  map[string]string `json:"map,omitempty" doc:"Values and what they are: trace, debug, info, warn, error or fatal. Usual words and syslog's numbers are known"`
}

// Timestamp takes the time from a field.
type Timestamp struct {
	From   string `json:"from" minLength:"1" maxLength:"128"`
	Format string `json:"format,omitempty" maxLength:"64" doc:"rfc3339, unix (seconds, milliseconds, microseconds or nanoseconds), http, syslog, or Go's layout; whatever it is of the first four when absent" example:"2006-01-02 15:04:05"`
	Zone   string `json:"zone,omitempty" maxLength:"64" doc:"of times that name none; UTC when absent" example:"Europe/Berlin"`
}

// Mask replaces what must not be kept.
type Mask struct {
	Detectors []string      `json:"detectors,omitempty" maxItems:"20" doc:"secrets, privatekeys, jwt, cloudkeys, cards, iban, email, ip"`
	Patterns  []masking.Own `json:"patterns,omitempty" maxItems:"50"`
	Fields    []string      `json:"fields,omitempty" maxItems:"50" doc:"Fields whose whole value is masked"`
	Fixed     bool          `json:"fixed,omitempty" doc:"<email> rather than <email:3f9a...>: equal values cannot be told to be equal"`
}

// The rules that are there without being declared.
const (
	Extraction  = "default-extraction"
	LastMasking = "default-masking"
)

const (
	usualOrder      = 100
	extractionOrder = 50
	lastOrder       = 1_000_001
)

// builtin are the rules that hold while no document takes their place.
func builtin() map[string]Spec {
	return map[string]Spec{
		Extraction: {Description: "Makes fields of messages that are JSON or logfmt", Order: extractionOrder, Steps: []Step{{Parse: &Parse{Format: "auto"}}}},
		LastMasking: {Description: "Masks passwords, tokens, private keys, cards and IBANs wherever they are", Order: lastOrder,
			Steps: []Step{{Mask: &Mask{Detectors: masking.Usual()}}}},
	}
}

func (s Spec) order(name string) int {
	switch {
	case name == LastMasking:
		return lastOrder // whatever it says: nothing may come after it
	case s.Order != 0:
		return s.Order
	case name == Extraction:
		return extractionOrder
	}
	return usualOrder
}

// ParseSpec reads and checks a document's spec.
func ParseSpec(raw json.RawMessage) (*Spec, error) {
	var spec Spec
	if err := declare.Decode(raw, &spec); err != nil {
		return nil, err
	}
	_, err := compile("example", spec, nil)
	return &spec, err
}

// name says which of a step's fields is set.
func (s Step) name() string {
	names := s.names()
	if len(names) != 1 {
		return "nothing"
	}
	return names[0]
}

func (s Step) names() []string {
	var names []string
	for _, f := range []struct {
		name string
		set  bool
	}{{"parse", s.Parse != nil}, {"set", s.Set != nil}, {"rename", s.Rename != nil}, {"dropFields", s.DropFields != nil}, {"drop", s.Drop != nil},
		{"level", s.Level != nil}, {"timestamp", s.Timestamp != nil}, {"dataset", s.Dataset != ""}, {"mask", s.Mask != nil}} {
		if f.set {
			names = append(names, f.name)
		}
	}
	return names
}

// glob matches a text in which * stands for any.
type glob struct {
	exact string
	parts []string // between the stars
}

func globOf(text string) glob {
	if !strings.Contains(text, "*") {
		return glob{exact: text}
	}
	return glob{parts: strings.Split(text, "*")}
}

func (g glob) match(s string) bool {
	if g.parts == nil {
		return g.exact == s
	}
	first, last := g.parts[0], g.parts[len(g.parts)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range g.parts[1 : len(g.parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

func globs(texts []string) []glob {
	out := make([]glob, 0, len(texts))
	for _, t := range texts {
		out = append(out, globOf(t))
	}
	return out
}

// matches says that there are none, or that one matches.
func matches(list []glob, s string) bool {
	if len(list) == 0 {
		return true
	}
	for _, g := range list {
		if g.match(s) {
			return true
		}
	}
	return false
}

func details(field string, list []core.Detail) []core.Detail {
	for i := range list {
		list[i].Field = field + "." + list[i].Field
	}
	return list
}

func stepField(i int) string { return fmt.Sprintf("spec.steps[%d]", i) }

// location is a zone by its name.
func location(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	return time.LoadLocation(name)
}
