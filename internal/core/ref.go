package core

import "strings"

// Ref points at a record of any module: a kind ("item", "alert", "situation",
// "incident", "run", "check", "user", "agent") and its id.
type Ref struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// String writes kind/id.
func (r Ref) String() string { return r.Kind + "/" + r.ID }

// IsZero says that the reference points at nothing.
func (r Ref) IsZero() bool { return r.Kind == "" && r.ID == "" }

// ParseRef reads kind/id.
func ParseRef(s string) (Ref, error) {
	kind, id, ok := strings.Cut(s, "/")
	if !ok || kind == "" || id == "" {
		return Ref{}, Invalid("ref", "must be kind/id")
	}
	return Ref{kind, id}, nil
}
