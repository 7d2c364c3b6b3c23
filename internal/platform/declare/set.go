package declare

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// String is the outcome in words: "created", or "would create" when it was only tried.
func (o Outcome) String() string {
	if o.DryRun && (o.Action == Created || o.Action == Changed || o.Action == Deleted) {
		return "would " + strings.TrimSuffix(string(o.Action), "d")
	}
	return string(o.Action)
}

// Action is what applying a document did, or would do.
type Action string

// The actions.
const (
	Created   Action = "created"
	Changed   Action = "changed"
	Unchanged Action = "unchanged"
	Deleted   Action = "deleted"
	Failed    Action = "failed"
)

// Outcome tells what became of one document.
type Outcome struct {
	Kind    string        `json:"kind"`
	Name    string        `json:"name"`
	Line    int           `json:"line,omitempty" doc:"Where the document begins in the input"`
	Action  Action        `json:"action" enum:"created,changed,unchanged,deleted,failed"`
	DryRun  bool          `json:"dryRun,omitempty" doc:"It would be so: nothing was changed"`
	Problem string        `json:"problem,omitempty"`
	Errors  []core.Detail `json:"errors,omitempty"`
	Diff    []Difference  `json:"diff,omitempty"`
}

// Set holds the kinds of an installation. It is safe for concurrent use once
// all kinds are registered.
type Set struct {
	db    *sqldb.DB
	kinds map[string]*Kind
	clock core.Clock // of versions; without it none are kept
}

// NewSet returns a set that knows kinds; two of one name are an error.
func NewSet(db *sqldb.DB, kinds ...Kind) (*Set, error) {
	s := &Set{db: db, kinds: map[string]*Kind{}}
	for _, k := range kinds {
		if s.kinds[k.Name] != nil {
			return nil, fmt.Errorf("declare: two kinds are called %s", k.Name)
		}
		k.rules = sync.OnceValue(func() *rules { return rulesOf(k.Spec) })
		s.kinds[k.Name] = &k
	}
	return s, nil
}

// Kinds returns the kinds in the order they are applied.
func (s *Set) Kinds() []*Kind {
	out := make([]*Kind, 0, len(s.kinds))
	for _, k := range s.kinds {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b *Kind) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name)) })
	return out
}

func (s *Set) kind(name string) (*Kind, error) {
	if k := s.kinds[name]; k != nil {
		return k, nil
	}
	var names []string
	for _, k := range s.Kinds() {
		names = append(names, k.Name)
	}
	return nil, core.Invalid("kind", "must be one of "+strings.Join(names, ", "))
}

// named finds the kind a person means: check, checks and maintenance-windows
// are good enough.
func (s *Set) named(name string) (*Kind, error) {
	for _, k := range s.Kinds() {
		if loose(k.Name) == loose(name) {
			return k, nil
		}
	}
	return s.kind(name)
}

// loose is a name without case, separators and plural.
func loose(name string) string {
	return strings.TrimSuffix(strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name)), "s")
}

// errDryRun rolls a dry run back.
var errDryRun = errors.New("declare: dry run")

// Apply makes the installation hold the documents, as far as the caller in ctx
// may, and tells what became of each, in the order of the input. Each document
// is a transaction of its own. A dry run is one transaction for all, so that a
// document may refer to one before it, and leaves nothing.
func (s *Set) Apply(ctx context.Context, docs []Parsed, dryRun bool) []Outcome {
	out := make([]Outcome, len(docs))
	if !dryRun {
		for _, i := range s.order(docs) {
			out[i] = s.apply(ctx, docs[i], func(fn func(tx *sqldb.Tx) error) error { return s.db.Write(ctx, fn) })
		}
		return out
	}
	err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, i := range s.order(docs) {
			out[i] = s.apply(ctx, docs[i], func(fn func(tx *sqldb.Tx) error) error { return tx.Attempt(ctx, fn) })
			out[i].DryRun = true
		}
		return errDryRun
	})
	if !errors.Is(err, errDryRun) {
		for i := range out {
			out[i] = Outcome{Kind: docs[i].Kind, Name: docs[i].Name, Line: docs[i].Line}.fail(err)
		}
	}
	return out
}

// order is the documents by the Order of their kinds.
func (s *Set) order(docs []Parsed) []int {
	order := make([]int, len(docs))
	for i := range order {
		order[i] = i
	}
	rank := func(i int) int {
		if k := s.kinds[docs[i].Kind]; k != nil {
			return k.Order
		}
		return 0
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	return order
}

// apply applies one document in what write offers: a transaction, or a part of one.
func (s *Set) apply(ctx context.Context, p Parsed, write func(func(tx *sqldb.Tx) error) error) Outcome {
	out := Outcome{Kind: p.Kind, Name: p.Name, Line: p.Line}
	if p.Err != nil {
		return out.fail(p.Err)
	}
	k, err := s.kind(p.Kind)
	if err == nil {
		err = allowed(ctx, k, auth.Write)
	}
	if err == nil {
		err = k.check(p.Spec)
	}
	if err != nil {
		return out.fail(err)
	}
	err = write(func(tx *sqldb.Tx) error {
		before, existed, err := k.Get(ctx, tx, p.Name)
		if err != nil {
			return err
		}
		changed, err := k.Apply(ctx, tx, p.Name, p.Spec)
		if err != nil {
			return err
		}
		after, _, err := k.Get(ctx, tx, p.Name)
		if err != nil {
			return err
		}
		switch {
		case !existed:
			out.Action = Created
		case changed:
			out.Action, out.Diff = Changed, Differences(before, after)
		default:
			out.Action = Unchanged
			return nil
		}
		if !existed {
			before = nil
		}
		return s.record(ctx, tx, k.Name, p.Name, out.Action, before, after)
	})
	if err != nil {
		return out.fail(err)
	}
	return out
}

func (o Outcome) fail(err error) Outcome {
	o.Action, o.Diff = Failed, nil
	var e *core.Error
	if errors.As(err, &e) {
		o.Problem, o.Errors = e.Message, e.Details
	} else {
		o.Problem = "internal error"
	}
	return o
}

func allowed(ctx context.Context, k *Kind, verb string) error {
	permission := auth.Permission(k.Resource + ":" + verb)
	if !auth.From(ctx).Can(permission) {
		return core.Errorf(core.CodeForbidden, "documents of kind %s need the permission %s", k.Name, permission)
	}
	return nil
}

// Get returns one document.
func (s *Set) Get(ctx context.Context, kind, name string) (Document, error) {
	k, err := s.named(kind)
	if err == nil {
		err = allowed(ctx, k, auth.Read)
	}
	if err != nil {
		return Document{}, err
	}
	spec, found, err := k.Get(ctx, s.db, name)
	if err == nil && !found {
		err = core.NotFound(k.Name, name)
	}
	if err != nil {
		return Document{}, err
	}
	return Document{Kind: k.Name, Name: name, Spec: spec}, nil
}

// List returns the documents of the named kinds, or of all the caller may
// read, in the order they are applied.
func (s *Set) List(ctx context.Context, kinds ...string) ([]Document, error) {
	selected := s.Kinds()
	if len(kinds) > 0 {
		selected = selected[:0:0]
		for _, name := range kinds {
			k, err := s.named(name)
			if err == nil {
				err = allowed(ctx, k, auth.Read)
			}
			if err != nil {
				return nil, err
			}
			selected = append(selected, k)
		}
	}
	out := []Document{}
	for _, k := range selected {
		if allowed(ctx, k, auth.Read) != nil {
			continue
		}
		docs, err := k.List(ctx, s.db)
		if err != nil {
			return nil, err
		}
		out = append(out, docs...)
	}
	return out, nil
}

// Delete removes one document.
func (s *Set) Delete(ctx context.Context, kind, name string) error {
	k, err := s.named(kind)
	if err == nil {
		err = allowed(ctx, k, auth.Write)
	}
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		before, existed, err := k.Get(ctx, tx, name)
		if err != nil {
			return err
		}
		deleted, err := k.Delete(ctx, tx, name)
		if err == nil && !deleted {
			err = core.NotFound(k.Name, name)
		}
		if err != nil || !existed {
			return err
		}
		return s.record(ctx, tx, k.Name, name, Deleted, before, before)
	})
}

// Difference is one field whose value differs.
type Difference struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// Differences compares two JSON values field by field.
func Differences(before, after json.RawMessage) []Difference {
	if bytes.Equal(before, after) {
		return nil
	}
	var b, a any
	json.Unmarshal(before, &b)
	json.Unmarshal(after, &a)
	var out []Difference
	compare("", b, a, &out)
	slices.SortFunc(out, func(x, y Difference) int { return cmp.Compare(x.Field, y.Field) })
	return out
}

func compare(path string, before, after any, out *[]Difference) {
	b, bIsMap := before.(map[string]any)
	a, aIsMap := after.(map[string]any)
	if bIsMap && aIsMap {
		for key := range b {
			compare(join(path, key), b[key], a[key], out)
		}
		for key := range a {
			if _, ok := b[key]; !ok {
				compare(join(path, key), nil, a[key], out)
			}
		}
		return
	}
	x, _ := json.Marshal(before)
	y, _ := json.Marshal(after)
	if !bytes.Equal(x, y) {
		*out = append(*out, Difference{path, before, after})
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
