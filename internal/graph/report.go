package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
)

// Report is what one source saw at one time.
type Report struct {
	// Source is who says it: "agent", "snmp", "cloud:aws", "import:netbox".
	Source string `json:"source"`
	// Scope is the part of the world the source looked at, for example one
	// host. The same source may report an item in several scopes.
	Scope      string           `json:"scope,omitempty"`
	ObservedAt time.Time        `json:"observedAt,omitzero"`
	Items      []ReportItem     `json:"items"`
	Relations  []ReportRelation `json:"relations,omitempty"`
	// Complete lists classes of which the report names every item of its scope:
	// what it does not name is missing. It also means that the relations of
	// those items are all named.
	Complete []string `json:"complete,omitempty"`
}

// ReportItem is one item as the source sees it.
type ReportItem struct {
	// Ref names the item within the report.
	Ref        string          `json:"ref,omitempty"`
	Class      string          `json:"class"`
	Name       string          `json:"name,omitempty"`
	Team       string          `json:"team,omitempty"`
	Identities []core.Identity `json:"identities,omitempty"`
	Attributes map[string]any  `json:"attributes,omitempty"`
	// Redundancy says how many members of each named group of its dependencies
	// the item needs.
	Redundancy map[string]int `json:"redundancy,omitempty"`
}

// ReportRelation is one relation as the source sees it.
type ReportRelation struct {
	Type string   `json:"type"`
	From Endpoint `json:"from"`
	To   Endpoint `json:"to"`
	// Group is the redundancy group that the needed end belongs to.
	Group      string         `json:"group,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Endpoint points at an item: a ref of the same report, "id:" and an item id,
// or an identifier as kind=value or class/kind=value. In JSON an identifier
// may also be an object {kind, value, class}.
type Endpoint string

// ByID points at an item by its id.
func ByID(item string) Endpoint { return Endpoint("id:" + item) }

// ByIdentity points at an item by one of its identifiers.
func ByIdentity(i core.Identity) Endpoint {
	if i.Class != "" {
		return Endpoint(i.Class + "/" + i.Kind + "=" + i.Value)
	}
	return Endpoint(i.Kind + "=" + i.Value)
}

var identityForm = regexp.MustCompile(`^(?:([a-z][a-z0-9_]*)/)?([a-z][a-z0-9_]*)=(.+)$`)

// identity reads the form of ByIdentity.
func (e Endpoint) identity() (core.Identity, bool) {
	m := identityForm.FindStringSubmatch(string(e))
	if m == nil {
		return core.Identity{}, false
	}
	return core.Identity{Class: m[1], Kind: m[2], Value: m[3]}, true
}

// UnmarshalJSON reads a string or an identifier object.
func (e *Endpoint) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var i core.Identity
		if err := strict(data, &i); err != nil {
			return err
		}
		*e = ByIdentity(i)
		return nil
	}
	return json.Unmarshal(data, (*string)(e))
}

// envelope is a report whose entries are still text, so that a bad one does
// not take the others with it.
type envelope struct {
	Source     string            `json:"source"`
	Scope      string            `json:"scope"`
	ObservedAt time.Time         `json:"observedAt"`
	Items      []json.RawMessage `json:"items"`
	Relations  []json.RawMessage `json:"relations"`
	Complete   []string          `json:"complete"`
}

// ParseReport reads a report. Entries that cannot be read are left out and
// named in problems; places tells where in the text each item and relation
// stood. An error means that nothing could be read.
func ParseReport(data []byte) (r Report, places Places, problems []core.Detail, err error) {
	var e envelope
	if err := strict(data, &e); err != nil {
		return r, places, nil, core.Errorf(core.CodeMalformed, "the report cannot be read: %v", err)
	}
	r, places, problems = decodeReport(e)
	return r, places, problems, nil
}

// decodeReport reads the entries of a report one by one.
func decodeReport(e envelope) (r Report, places Places, problems []core.Detail) {
	r = Report{Source: e.Source, Scope: e.Scope, ObservedAt: e.ObservedAt, Complete: e.Complete}
	for i, raw := range e.Items {
		var item ReportItem
		if err := readEntry(raw, &item); err != nil {
			problems = append(problems, entryProblem(fmt.Sprintf("items[%d]", i), err))
			continue
		}
		r.Items = append(r.Items, item)
		places.Items = append(places.Items, i)
	}
	for i, raw := range e.Relations {
		var relation ReportRelation
		if err := readEntry(raw, &relation); err != nil {
			problems = append(problems, entryProblem(fmt.Sprintf("relations[%d]", i), err))
			continue
		}
		r.Relations = append(r.Relations, relation)
		places.Relations = append(places.Relations, i)
	}
	return r, places, problems
}

// Places are the positions of entries in the text they were read from.
type Places struct{ Items, Relations []int }

func (p Places) item(i int) int {
	if i < len(p.Items) {
		return p.Items[i]
	}
	return i
}

func (p Places) relation(i int) int {
	if i < len(p.Relations) {
		return p.Relations[i]
	}
	return i
}

// readEntry decodes one entry, whose texts must be storable.
func readEntry(raw json.RawMessage, v any) error {
	if httpapi.HoldsNUL(raw) {
		return errors.New("must not hold the character U+0000")
	}
	return strict(raw, v)
}

// strict decodes one JSON value and refuses unknown fields and what follows.
func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("there is text after the value")
	}
	return nil
}

var unknownField = regexp.MustCompile(`unknown field "(.*)"`)

// entryProblem turns a decoding error into the path of the field at fault.
func entryProblem(at string, err error) core.Detail {
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		return core.Detail{Field: at + "." + m[1], Rule: "is not a known field"}
	}
	if wrong, ok := err.(*json.UnmarshalTypeError); ok {
		field := at
		if wrong.Field != "" {
			field += "." + wrong.Field
		}
		return core.Detail{Field: field, Rule: fmt.Sprintf("must be %s, not %s", wrong.Type, wrong.Value)}
	}
	return core.Detail{Field: at, Rule: err.Error()}
}

// Action is what a report did to an item.
type Action string

// The actions.
const (
	Created   Action = "created"
	Changed   Action = "changed"
	Unchanged Action = "unchanged"
)

// Outcome tells what a report did.
type Outcome struct {
	Created          int `json:"created"`
	Changed          int `json:"changed"`
	Unchanged        int `json:"unchanged"`
	Missing          int `json:"missing"` // no source sees them any more
	RelationsAdded   int `json:"relationsAdded"`
	RelationsRemoved int `json:"relationsRemoved"`
	RelationsPending int `json:"relationsPending"` // their other end is not known yet
	Duplicates       int `json:"duplicates"`       // tasks opened for a person
	// Items tells which item each accepted entry is, in the order of the report.
	Items []OutcomeItem `json:"items,omitempty"`
	// Errors names what was left out and why; the rest was taken.
	Errors []core.Detail `json:"errors,omitempty"`
}

// OutcomeItem tells which item an entry of a report is.
type OutcomeItem struct {
	Ref    string `json:"ref,omitempty"`
	ID     string `json:"id"`
	Action Action `json:"action"`
}

// Item returns the id of the item with a ref, or "".
func (o Outcome) Item(ref string) string {
	for _, i := range o.Items {
		if i.Ref == ref {
			return i.ID
		}
	}
	return ""
}
