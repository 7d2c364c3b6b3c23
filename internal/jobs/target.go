package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"mainstay/internal/core"
)

// Target says on which host a shell step runs: the agent on the host that an
// item is, or runs on. In short form it is a string: "$item" for the item the
// run is about, "${name}" for a parameter, an item id, or a host's name.
type Target struct {
	Item     string         `json:"item,omitempty"`
	Identity *core.Identity `json:"identity,omitempty"`
}

// OwnItem is the target that stands for the item of the run.
const OwnItem = "$item"

// parseTarget takes the short and the long form.
func parseTarget(data json.RawMessage) (t Target, err error) {
	var short string
	if json.Unmarshal(data, &short) == nil {
		return Target{Item: short}, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&t) != nil {
		return t, errors.New(`must be "$item", an item, a host name, or {identity: {kind, value}}`)
	}
	return t, nil
}

func (t Target) validate(r *Runbook, field string, add func(field, rule string)) {
	switch {
	case t.Identity != nil && t.Item != "":
		add(field, "must name an item or an identity, not both")
	case t.Identity != nil:
		if t.Identity.Kind == "" || t.Identity.Value == "" {
			add(field+".identity", "needs kind and value")
		}
		checkTemplate(r, t.Identity.Value, field+".identity.value", false, add)
	case t.Item == "":
		add(field, `must say on which host to run: "$item", an item, or an identity`)
	case t.Item != OwnItem:
		checkTemplate(r, t.Item, field, false, add)
	}
}

// identities of the target once its parameters are filled in; item is set
// instead when it is known already.
func (t Target) identities(run *Run) (item string, ids []core.Identity) {
	if t.Identity != nil {
		id := *t.Identity
		id.Value = expand(id.Value, run.Parameters, asItIs)
		return "", []core.Identity{id}
	}
	if t.Item == OwnItem {
		return run.Item, nil
	}
	name := expand(t.Item, run.Parameters, asItIs)
	if core.ValidID(name) {
		return name, nil
	}
	ids = []core.Identity{{Kind: "fqdn", Value: strings.ToLower(name)}, {Kind: "hostname", Value: name}, {Kind: "name", Value: name}}
	return "", ids
}
