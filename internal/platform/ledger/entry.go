package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"time"

	"mainstay/internal/core"
)

// Actor is who did it.
type Actor struct {
	Kind string `json:"kind"` // user, service, agent or system
	ID   string `json:"id"`
	Name string `json:"name"`
}

// System is the actor for what Mainstay does of itself; name is the part that did it.
func System(name string) Actor { return Actor{Kind: "system", ID: name, Name: name} }

// Entry is one record of the ledger. Seq, ID, At and Hash are given by Append
// where they are empty.
type Entry struct {
	Seq     int64           `json:"seq"` // position, from 1 without gaps
	ID      string          `json:"id"`
	At      time.Time       `json:"at"`
	Actor   Actor           `json:"actor"`
	Module  string          `json:"module"`
	Type    string          `json:"type"` // module.noun.verb: desk.incident.opened
	Subject core.Ref        `json:"subject"`
	Item    string          `json:"item,omitempty"`    // id of the item it is about
	Related []string        `json:"related,omitempty"` // ids of other items it concerns
	Team    string          `json:"team,omitempty"`    // owner of the subject; empty: everyone with the permission
	Summary string          `json:"summary"`           // one line for a person
	Data    json.RawMessage `json:"data,omitempty"`
	Cause   string          `json:"cause,omitempty"` // id of the entry that led to this one
	Hash    []byte          `json:"-"`
}

// Decode reads the entry's data into v.
func (e Entry) Decode(v any) error {
	if err := json.Unmarshal(e.Data, v); err != nil {
		return core.Errorf(core.CodeInternal, "ledger entry %d (%s): %v", e.Seq, e.Type, err)
	}
	return nil
}

func (e *Entry) check() error {
	switch {
	case e.Module == "":
		return core.Invalid("module", "must not be empty")
	case e.Type == "":
		return core.Invalid("type", "must not be empty")
	case e.Subject.Kind == "":
		return core.Invalid("subject.kind", "must not be empty")
	case e.Actor.Kind == "":
		return core.Invalid("actor.kind", "must not be empty")
	case len(e.Data) > 0 && !json.Valid(e.Data):
		return core.Invalid("data", "must be JSON")
	}
	return nil
}

// chain returns the hash of the entry behind the hash of the one before it:
// SHA-256 over every field with its length.
func (e *Entry) chain(previous []byte) []byte {
	b := make([]byte, 0, 512+len(e.Data)+len(e.Summary)+40*len(e.Related))
	number := func(v int64) { b = binary.BigEndian.AppendUint64(b, uint64(v)) }
	text := func(s string) {
		number(int64(len(s)))
		b = append(b, s...)
	}
	text(string(previous))
	number(e.Seq)
	number(core.Micros(e.At))
	for _, s := range [...]string{e.ID, e.Actor.Kind, e.Actor.ID, e.Actor.Name, e.Module, e.Type,
		e.Subject.Kind, e.Subject.ID, e.Item, e.Team, e.Summary, e.Cause} {
		text(s)
	}
	number(int64(len(e.Related)))
	for _, item := range e.Related {
		text(item)
	}
	number(int64(len(e.Data)))
	sum := sha256.Sum256(append(b, e.Data...))
	return sum[:]
}
