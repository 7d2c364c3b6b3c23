package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"mainstay/internal/core"
)

// maxEvents bounds the list of one request.
const maxEvents = 20_000

// posted is an event as the API takes it.
type posted struct {
	core.Event
	ExpiresAfter string            `json:"expiresAfter"`
	Annotations  map[string]string `json:"annotations"`
	URL          string            `json:"url"`
}

// readEvents reads one event or a list. An entry that cannot be read is in
// bad, by its place; at gives the place of each observation.
func readEvents(body []byte, now time.Time) (observations []observation, bad [][]core.Detail, at []int, err error) {
	body = bytes.TrimSpace(body)
	list := []json.RawMessage{body}
	if len(body) > 0 && body[0] == '[' {
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, nil, nil, core.Errorf(core.CodeMalformed, "the body is not JSON: %v", err)
		}
	} else if !json.Valid(body) || len(body) == 0 || body[0] != '{' {
		return nil, nil, nil, core.Errorf(core.CodeMalformed, "the body must be a JSON event or a list of events")
	}
	if len(list) > maxEvents {
		return nil, nil, nil, core.Errorf(core.CodeTooLarge, "at most %d events in one request", maxEvents)
	}
	bad = make([][]core.Detail, len(list))
	for i, raw := range list {
		var p posted
		if err := strictly(raw, &p); err != nil {
			bad[i] = []core.Detail{describe(fmt.Sprintf("events[%d]", i), err)}
			continue
		}
		o, detail := p.observation(now)
		if detail != nil {
			detail.Field = fmt.Sprintf("events[%d].%s", i, detail.Field)
			bad[i] = []core.Detail{*detail}
			continue
		}
		observations, at = append(observations, o), append(at, i)
	}
	return observations, bad, at, nil
}

func (p *posted) observation(now time.Time) (observation, *core.Detail) {
	o := observation{Event: p.Event, Annotations: p.Annotations, URL: webAddress(p.URL)}
	if p.ExpiresAfter != "" {
		d, err := time.ParseDuration(p.ExpiresAfter)
		if err != nil || d <= 0 || d > 10*365*24*time.Hour {
			return o, &core.Detail{Field: "expiresAfter", Rule: "must be a positive duration such as 15m"}
		}
		o.ExpiresAt = now.Add(d)
	}
	if o.Key == "" && o.Kind != core.Notice && o.Title != "" {
		parts := []string{o.Source, o.Title, o.Item}
		for _, id := range o.Identities {
			parts = append(parts, id.Value)
		}
		o.Key = strings.TrimRight(strings.Join(parts, ":"), ":")
	}
	return o, nil
}

// strictly reads one JSON value with no unknown fields and nothing behind it.
func strictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the value")
	}
	return nil
}

// describe names the field and the rule of a decoding error.
func describe(path string, err error) core.Detail {
	var wrong *json.UnmarshalTypeError
	var coded *core.Error
	switch {
	case errors.As(err, &wrong):
		if wrong.Field != "" {
			path += "." + strings.TrimPrefix(wrong.Field, "Event.")
		}
		return core.Detail{Field: path, Rule: "must be a " + kindName(wrong.Type.Kind().String()) + ", not a " + wrong.Value}
	case errors.As(err, &coded) && len(coded.Details) > 0:
		return core.Detail{Field: path + "." + coded.Details[0].Field, Rule: coded.Details[0].Rule}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return core.Detail{Field: path + "." + strings.Trim(name, `"`), Rule: "is not a field of an event"}
	}
	return core.Detail{Field: path, Rule: strings.TrimPrefix(err.Error(), "json: ")}
}

func kindName(kind string) string {
	switch kind {
	case "slice", "array":
		return "list"
	case "map", "struct":
		return "object"
	case "int8":
		return "name"
	}
	return kind
}

// webAddress keeps only addresses a person may safely follow.
func webAddress(url string) string {
	if (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) && len(url) <= 4096 && plain(url) {
		return url
	}
	return ""
}

// renumber corrects the place named in the paths of errors.
func renumber(details []core.Detail, from, to int) []core.Detail {
	for i := range details {
		details[i].Field = strings.Replace(details[i].Field, fmt.Sprintf("events[%d]", from), fmt.Sprintf("events[%d]", to), 1)
	}
	return details
}
