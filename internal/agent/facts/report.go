package facts

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"
)

// Report is the shape in which the graph takes what a source saw.
type Report struct {
	Source     string     `json:"source"`
	Scope      string     `json:"scope"` // the agent's id
	ObservedAt time.Time  `json:"observedAt"`
	Items      []Item     `json:"items"`
	Relations  []Relation `json:"relations"`
	Complete   []string   `json:"complete"` // classes for which Items is the whole set
}

// Item is one thing the source saw.
type Item struct {
	Ref        string         `json:"ref"`
	Class      string         `json:"class"`
	Identities []Identity     `json:"identities"`
	Attributes map[string]any `json:"attributes"`
}

// Identity is one thing that tells an item from others. The value of kind
// "parent" is the Ref of another item of the report.
type Identity struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Relation leads from one Ref to another.
type Relation struct {
	Type string `json:"type"`
	From string `json:"from"`
	To   string `json:"to"`
}

// HostRef is the Ref of the host itself.
const HostRef = "host"

// Fingerprint is equal for reports that say the same, whenever they were made.
func (r *Report) Fingerprint() ([sha256.Size]byte, error) {
	slices.SortFunc(r.Items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Ref, b.Ref)) })
	slices.SortFunc(r.Relations, func(a, b Relation) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	slices.Sort(r.Complete)
	plain := *r
	plain.ObservedAt = time.Time{}
	data, err := json.Marshal(plain)
	return sha256.Sum256(data), err
}

// part adds an item that belongs to the host and says how: "part_of",
// "runs_on", "installed_on".
func (r *Report) part(class, name, relation string, attributes map[string]any, more ...Identity) string {
	ref := class + ":" + name
	identities := append([]Identity{{"parent", HostRef}, {"name", name}}, more...)
	for key, value := range attributes {
		if value == "" || value == nil {
			delete(attributes, key)
		}
	}
	r.Items = append(r.Items, Item{Ref: ref, Class: class, Identities: identities, Attributes: attributes})
	r.relate(relation, ref, HostRef)
	return ref
}

func (r *Report) relate(kind, from, to string) {
	r.Relations = append(r.Relations, Relation{kind, from, to})
}

func (r *Report) complete(class string) { r.Complete = append(r.Complete, class) }
