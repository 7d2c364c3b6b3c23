package declare

import (
	"bytes"
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Kind is one sort of document, as a module registers it.
type Kind struct {
	Name     string // as written in documents: Check
	Summary  string // one line for people
	Order    int    // kinds with a smaller Order are applied first and deleted last
	Resource string // permissions are Resource:read and Resource:write
	Spec     any    // a value of the spec's type; its tags (huma's: enum, minLength, pattern ...) are checked before Apply

	// Apply makes the stored resource equal to spec, within tx, and says
	// whether that changed anything. The spec has passed the type's checks.
	Apply func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (changed bool, err error)
	// Get returns the stored spec.
	Get func(ctx context.Context, q sqldb.Querier, name string) (spec json.RawMessage, found bool, err error)
	// List returns all documents of the kind, by name.
	List func(ctx context.Context, q sqldb.Querier) ([]Document, error)
	// Delete removes the resource; it is not an error when there is none.
	Delete func(ctx context.Context, tx *sqldb.Tx, name string) (deleted bool, err error)

	rules func() *rules
}

// rules are what the tags of a spec's type demand. They are made when the
// first document of the kind comes: reading the type takes longer than
// checking a document by them.
type rules struct {
	registry huma.Registry
	schema   *huma.Schema
}

func rulesOf(spec any) *rules {
	if spec == nil {
		return nil
	}
	of := reflect.TypeOf(spec)
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return &rules{registry: registry, schema: registry.Schema(of, true, of.Name())}
}

// Named is one stored resource: its name, and a spec that is written as JSON.
type Named struct {
	Name string
	Spec any
}

// Stored is the kind with Get and List made of a function that reads all that
// is stored, by name. It is for kinds of which there are few.
func (k Kind) Stored(all func(ctx context.Context, q sqldb.Querier) ([]Named, error)) Kind {
	k.Get = func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
		list, err := all(ctx, q)
		for _, one := range list {
			if one.Name == name && err == nil {
				spec, err := json.Marshal(one.Spec)
				return spec, true, err
			}
		}
		return nil, false, err
	}
	k.List = func(ctx context.Context, q sqldb.Querier) ([]Document, error) {
		list, err := all(ctx, q)
		var out []Document
		for _, one := range list {
			spec, err := json.Marshal(one.Spec)
			if err != nil {
				return nil, err
			}
			out = append(out, Document{Kind: k.Name, Name: one.Name, Spec: spec})
		}
		return out, err
	}
	return k
}

// InTable is the kind with Get and List made of a table with the columns name
// and spec, a spec being kept as it was written.
func (k Kind) InTable(table string) Kind {
	k.Get = func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
		var spec string
		err := q.QueryRow(ctx, "SELECT spec FROM "+table+" WHERE name = $1", name).Scan(&spec)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil, false, nil
		}
		return json.RawMessage(spec), err == nil, err
	}
	k.List = func(ctx context.Context, q sqldb.Querier) ([]Document, error) {
		rows, err := q.Query(ctx, "SELECT name, spec FROM "+table+" ORDER BY name")
		return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Document, error) {
			var name, spec string
			err := r.Scan(&name, &spec)
			return Document{Kind: k.Name, Name: name, Spec: json.RawMessage(spec)}, err
		})
	}
	return k
}

// Decode reads a spec into v, refusing fields v does not have. Its errors name
// the field.
func Decode(spec json.RawMessage, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(spec))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return core.Invalid("spec."+wrong.Field, "must be "+article(wrong.Type))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return core.Invalid("spec."+strings.Trim(name, `"`), "is not a field of this kind")
	}
	return core.Invalid("spec", strings.TrimPrefix(err.Error(), "json: "))
}

func article(t reflect.Type) string {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return "a text"
	}
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// check validates a spec against the tags of the kind's type.
func (k *Kind) check(spec json.RawMessage) error {
	rules := k.rules()
	if rules == nil {
		return nil
	}
	var value any
	if err := json.Unmarshal(spec, &value); err != nil {
		return core.Invalid("spec", "must be JSON")
	}
	var result huma.ValidateResult
	huma.Validate(rules.registry, rules.schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &result)
	var bad []core.Detail
	for _, err := range result.Errors {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			path := "spec"
			if d.Location != "" {
				path += "." + d.Location
			}
			bad = append(bad, core.Detail{Field: path, Rule: d.Message})
		}
	}
	return core.InvalidAll(bad)
}
