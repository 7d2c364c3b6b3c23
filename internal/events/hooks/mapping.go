package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/platform/expression"
)

// Mapping makes events of any JSON. Every field is a CEL expression over body
// (the JSON posted, a form as an object of texts, or a text), headers (by
// lower-case name), query and it: the element of each, or the body.
type Mapping struct {
	Each        string            `json:"each,omitempty" doc:"A list: each of its elements is an event, as it" example:"body.alerts"`
	When        string            `json:"when,omitempty" doc:"True for what is an event; all is when absent" example:"it.state != \"pending\""`
	Kind        string            `json:"kind,omitempty" doc:"problem, clear or notice; clear when the severity is clear or ok, otherwise problem" example:"it.status == \"ok\" ? \"clear\" : \"problem\""`
	Severity    string            `json:"severity,omitempty" doc:"A word in use: critical, error, high, warn, ok ..." example:"it.level"`
	Key         string            `json:"key,omitempty" doc:"Events of one key are one alert; host and title when absent" example:"it.id"`
	Title       string            `json:"title" minLength:"1" doc:"One line" example:"it.name + \" on \" + it.host"`
	Description string            `json:"description,omitempty" example:"it.?detail.orValue(\"\")"`
	Host        string            `json:"host,omitempty" doc:"Name or address that the item is found by, or a list of them" example:"it.host"`
	Item        string            `json:"item,omitempty" doc:"Id of the item, when the sender knows it"`
	At          string            `json:"at,omitempty" doc:"RFC 3339, or seconds or milliseconds since 1970; now when absent" example:"it.timestamp"`
	URL         string            `json:"url,omitempty" example:"it.link"`
	Labels      map[string]string `json:"labels,omitempty" doc:"By name" example:"{\"env\": \"it.env\"}"`
}

// maxSignals bounds the events of one delivery.
const maxSignals = 10_000

// mapper evaluates mappings.
type mapper struct{ language *expression.Language }

func newMapper() (*mapper, error) {
	l, err := expression.Values("body", "headers", "query", "it")
	return &mapper{l}, err
}

// texts are the expressions of a mapping by their place in the document.
func (m *Mapping) texts() map[string]string {
	all := map[string]string{
		"each": m.Each, "when": m.When, "kind": m.Kind, "severity": m.Severity, "key": m.Key, "title": m.Title, "description": m.Description,
		"host": m.Host, "item": m.Item, "at": m.At, "url": m.URL,
	}
	for name, text := range m.Labels {
		all["labels."+name] = text
	}
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all
}

func (mp *mapper) check(m *Mapping) []core.Detail {
	var bad []core.Detail
	texts := m.texts()
	for _, place := range slices.Sorted(maps.Keys(texts)) {
		check := mp.language.Check
		if place == "when" {
			check = mp.language.CheckCondition
		}
		if rule := check(texts[place]); rule != "" {
			bad = append(bad, core.Detail{Field: "spec.mapping." + place, Rule: rule})
		}
	}
	if m.Title == "" {
		bad = append(bad, core.Detail{Field: "spec.mapping.title", Rule: "is needed"})
	}
	return bad
}

// variables are what a delivery offers to a mapping.
func (d *delivery) variables() map[string]any {
	headers, query := map[string]any{}, map[string]any{}
	for name := range d.header {
		headers[strings.ToLower(name)] = d.header.Get(name)
	}
	for name := range d.query {
		query[name] = d.query.Get(name)
	}
	var body any
	if json.Unmarshal(d.body, &body) != nil {
		body = strings.ToValidUTF8(string(d.body), "\uFFFD")
		if kind, _, err := mime.ParseMediaType(d.header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
			if form, err := url.ParseQuery(string(d.body)); err == nil {
				flat := map[string]any{}
				for name := range form {
					flat[name] = form.Get(name)
				}
				body = flat
			}
		}
	}
	return map[string]any{"body": body, "headers": headers, "query": query, "it": body}
}

func decodeMapped(ctx context.Context, c *Component, s *Source, d *delivery) (decoded, error) {
	signals, err := c.mapper.apply(ctx, s.Spec.Mapping, d)
	return decoded{signals: signals}, err
}

// apply makes signals of a delivery. What is not there is empty; anything else
// that goes wrong names the field.
func (mp *mapper) apply(ctx context.Context, m *Mapping, d *delivery) ([]events.Signal, error) {
	variables := d.variables()
	elements := []any{variables["body"]}
	if m.Each != "" {
		value, err := mp.language.Eval(ctx, m.Each, variables)
		if err != nil {
			return nil, core.Invalid("mapping.each", expression.Line(err))
		}
		list, ok := value.([]any)
		if !ok {
			return nil, core.Invalid("mapping.each", fmt.Sprintf("must give a list, not %s", kindOf(value)))
		}
		if len(list) > maxSignals {
			return nil, core.Errorf(core.CodeTooLarge, "at most %d events in one delivery", maxSignals)
		}
		elements = list
	}
	signals := make([]events.Signal, 0, len(elements))
	for _, it := range elements {
		variables["it"] = it
		e := evaluation{ctx: ctx, language: mp.language, variables: variables}
		s, wanted := e.signal(m, d.at)
		if len(e.bad) > 0 {
			return nil, core.InvalidAll(e.bad)
		}
		if wanted {
			signals = append(signals, s)
		}
	}
	return signals, nil
}

// evaluation is one element's.
type evaluation struct {
	ctx       context.Context
	language  *expression.Language
	variables map[string]any
	bad       []core.Detail
}

func (e *evaluation) value(place, text string) any {
	if text == "" {
		return nil
	}
	v, err := e.language.Eval(e.ctx, text, e.variables)
	if err != nil && !expression.Absent(err) {
		e.bad = append(e.bad, core.Detail{Field: "mapping." + place, Rule: expression.Line(err)})
	}
	if err != nil {
		return nil
	}
	return v
}

func (e *evaluation) text(place, text string) string {
	switch v := e.value(place, text).(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64, uint64:
		return fmt.Sprint(v)
	default:
		encoded, err := json.Marshal(v)
		if err != nil {
			e.bad = append(e.bad, core.Detail{Field: "mapping." + place, Rule: err.Error()})
		}
		return string(encoded)
	}
}

func (e *evaluation) signal(m *Mapping, now time.Time) (s events.Signal, wanted bool) {
	if m.When != "" {
		v := e.value("when", m.When)
		yes, isBool := v.(bool)
		if !isBool && v != nil {
			e.bad = append(e.bad, core.Detail{Field: "mapping.when", Rule: "must be true or false, not " + kindOf(v)})
		}
		if !yes {
			return s, false
		}
	}
	s.Title, s.Description, s.URL = e.text("title", m.Title), e.text("description", m.Description), e.text("url", m.URL)
	s.At = e.at(m.At, now)
	hosts, ok := e.value("host", m.Host).([]any)
	if !ok {
		hosts = []any{e.text("host", m.Host)}
	}
	for _, host := range hosts {
		if name, ok := host.(string); ok {
			s.Identities = append(s.Identities, events.HostIdentities(name)...)
		}
	}
	if id := e.text("item", m.Item); core.ValidID(id) {
		s.Item = id
	}
	if len(m.Labels) > 0 {
		s.Labels = map[string]string{}
		for name, text := range m.Labels {
			put(s.Labels, name, e.text("labels."+name, text))
		}
	}
	if word := e.text("severity", m.Severity); word != "" {
		severity, known := core.SeverityOf(word)
		if !known {
			e.bad = append(e.bad, core.Detail{Field: "mapping.severity", Rule: fmt.Sprintf("%q is no severity", bounded(word, 100))})
		}
		if s.Severity = severity; known && severity == core.Clear {
			s.Kind = core.Cleared
		}
	}
	switch kind := core.EventKind(e.text("kind", m.Kind)); kind {
	case "":
	case core.Problem, core.Cleared, core.Notice:
		s.Kind = kind
	default:
		e.bad = append(e.bad, core.Detail{Field: "mapping.kind", Rule: fmt.Sprintf("must be problem, clear or notice, not %q", bounded(string(kind), 100))})
	}
	if s.Kind != core.Notice {
		s.Key = first(e.text("key", m.Key), strings.Trim(e.text("host", m.Host)+" "+s.Title, " "))
	}
	return s, true
}

// at reads a time in any of the usual forms.
func (e *evaluation) at(text string, now time.Time) time.Time {
	switch v := e.value("at", text).(type) {
	case nil:
	case float64:
		return fromNumber(v)
	case int64:
		return fromNumber(float64(v))
	case string:
		if v == "" {
			return now
		}
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return fromNumber(n)
		}
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC1123Z, time.RFC1123} {
			if t, err := time.Parse(layout, v); err == nil {
				return t
			}
		}
		e.bad = append(e.bad, core.Detail{Field: "mapping.at", Rule: fmt.Sprintf("%q is no time", bounded(v, 100))})
	}
	return now
}

// fromNumber reads seconds since 1970, or milliseconds when seconds would be
// after the year 5000.
func fromNumber(n float64) time.Time {
	if n > 1e11 {
		n /= 1000
	}
	if n <= 0 || n > 1e11 {
		return time.Time{}
	}
	return time.UnixMicro(int64(n * 1e6)).UTC()
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
