package declare_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

type lampSpec struct {
	Colour string `json:"colour" enum:"red,green"`
	Watts  int    `json:"watts,omitempty" minimum:"1"`
	Beside string `json:"beside,omitempty"` // another lamp
	Parts  []struct {
		Name string `json:"name" minLength:"1"`
	} `json:"parts,omitempty"`
}

// lamps is a kind that keeps its documents in a table.
func lamps(t *testing.T, db *sqldb.DB) *declare.Set {
	t.Helper()
	ctx := t.Context()
	if err := db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "CREATE TABLE lamp (name TEXT PRIMARY KEY, spec TEXT NOT NULL)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	get := func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
		var spec string
		err := q.QueryRow(ctx, "SELECT spec FROM lamp WHERE name = $1", name).Scan(&spec)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil, false, nil
		}
		return json.RawMessage(spec), err == nil, err
	}
	set, err := declare.NewSet(db, declare.Kind{Name: "Lamp", Resource: "lamps", Spec: lampSpec{}, Get: get,
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
			before, _, err := get(ctx, tx, name)
			if err != nil || declare.Equal(before, spec) {
				return false, err
			}
			var lamp lampSpec
			if err := declare.Decode(spec, &lamp); err != nil {
				return false, err
			}
			if _, found, err := get(ctx, tx, lamp.Beside); lamp.Beside != "" && !found {
				return false, errors.Join(err, core.Invalid("spec.beside", "there is no such lamp"))
			}
			_, err = tx.Exec(ctx, "INSERT INTO lamp (name, spec) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec", name, string(spec))
			return true, err
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			rows, err := q.Query(ctx, "SELECT name, spec FROM lamp ORDER BY name")
			return sqldb.Collect(rows, err, func(r *sqldb.Rows) (declare.Document, error) {
				var name, spec string
				err := r.Scan(&name, &spec)
				return declare.Document{Kind: "Lamp", Name: name, Spec: json.RawMessage(spec)}, err
			})
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM lamp WHERE name = $1", name))
			return n > 0, err
		}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func summary(outcomes []declare.Outcome) string {
	var lines []string
	for _, o := range outcomes {
		line := fmt.Sprintf("%d %s %s", o.Line, o.Name, o.Action)
		for _, e := range o.Errors {
			line += " " + e.Field
		}
		for _, d := range o.Diff {
			line += fmt.Sprintf(" %s:%v->%v", d.Field, d.Before, d.After)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const mixed = `# lamps of the hall
kind: Lamp
name: one
spec: {colour: red}
---
kind: Lamp
name: two
spec: {colour: blue, watts: 0, shade: none, parts: [{name: a}, {name: ""}]}
---
name: three
spec: [1]
---
kind: Lamp
  name: bad indent
spec: {
---
kind: Rocket
name: four
---

---
kind: Lamp
name: five
spec: {colour: green, watts: 5}
`

func TestOneBadDocumentDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		set := lamps(t, db)
		ctx := auth.With(t.Context(), auth.System("test"))
		got := summary(set.Apply(ctx, declare.Parse([]byte(mixed)), false))
		want := []string{"2 one created", "6 two failed", "spec.colour", "spec.watts", "spec.shade", "spec.parts[1].name",
			"10 three failed kind spec", "13  failed", "17 four failed kind", "22 five created"}
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("lacks %q:\n%s", w, got)
			}
		}
		docs, err := set.List(ctx)
		if err != nil || len(docs) != 2 {
			t.Fatalf("stored %v, %v", docs, err)
		}
		var exported bytes.Buffer
		if err := declare.Encode(&exported, docs); err != nil {
			t.Fatal(err)
		}
		for _, o := range set.Apply(ctx, declare.Parse(exported.Bytes()), false) {
			if o.Action != declare.Unchanged {
				t.Errorf("an export applied again: %+v\n%s", o, exported.String())
			}
		}
	})
}

func TestDryRunTellsTheDifferenceAndChangesNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		set := lamps(t, db)
		ctx := auth.With(t.Context(), auth.System("test"))
		set.Apply(ctx, declare.Parse([]byte("kind: Lamp\nname: one\nspec: {colour: red, watts: 5}")), false)
		change := declare.Parse([]byte("kind: Lamp\nname: one\nspec: {colour: green, watts: 5}"))
		for range 2 {
			if got := summary(set.Apply(ctx, change, true)); got != "1 one changed colour:red->green" {
				t.Fatal(got)
			}
		}
		if o := set.Apply(ctx, change, true)[0]; o.String() != "would change" || !o.DryRun {
			t.Errorf("%+v", o)
		}
		if o := set.Apply(ctx, change, false)[0]; o.String() != "changed" || o.DryRun {
			t.Errorf("%+v", o)
		}
		if err := set.Delete(ctx, "Lamp", "one"); err != nil {
			t.Fatal(err)
		}
		if err := set.Delete(ctx, "Lamp", "one"); core.CodeOf(err) != core.CodeNotFound {
			t.Fatal(err)
		}
	})
}

func TestDocumentsOfADryRunMayReferToEachOther(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		set := lamps(t, db)
		ctx := auth.With(t.Context(), auth.System("test"))
		docs := declare.Parse([]byte("kind: Lamp\nname: one\nspec: {colour: red}\n---\nkind: Lamp\nname: lost\nspec: {colour: red, beside: none}\n---\n" +
			"kind: Lamp\nname: two\nspec: {colour: red, beside: one}"))
		for _, dryRun := range []bool{true, false} {
			if got := summary(set.Apply(ctx, docs, dryRun)); got != "1 one created\n5 lost failed spec.beside\n9 two created" {
				t.Errorf("dry run %t:\n%s", dryRun, got)
			}
			if stored, err := set.List(ctx, "lamps"); err != nil || dryRun != (len(stored) == 0) {
				t.Errorf("dry run %t: stored %v, %v", dryRun, stored, err)
			}
		}
		if doc, err := set.Get(ctx, "lamp", "two"); err != nil || doc.Kind != "Lamp" {
			t.Errorf("%+v, %v", doc, err)
		}
	})
}

func TestEachKindNeedsItsPermission(t *testing.T) {
	t.Parallel()
	set := lamps(t, sqldbtest.SQLite(t))
	ctx := auth.With(t.Context(), auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Auditor}))
	out := set.Apply(ctx, declare.Parse([]byte("kind: Lamp\nname: one\nspec: {colour: red}")), false)
	if out[0].Action != declare.Failed || !strings.Contains(out[0].Problem, "lamps:write") {
		t.Fatalf("%+v", out)
	}
	if _, err := set.List(ctx, "Lamp"); err != nil {
		t.Fatal(err)
	}
	if _, err := set.List(t.Context(), "Lamp"); core.CodeOf(err) != core.CodeForbidden {
		t.Fatal(err)
	}
}

func TestExportsAreWhatApplyTakes(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		set := lamps(t, db)
		set.Apply(auth.With(t.Context(), auth.System("test")), declare.Parse([]byte(mixed)), false)
		api := httpapi.New("test", slog.New(slog.DiscardHandler))
		set.Routes(api)
		get := func(who *auth.Principal, path string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("GET", "/api/v1"+path, nil)
			w := httptest.NewRecorder()
			api.Handler().ServeHTTP(w, r.WithContext(auth.With(r.Context(), who)))
			return w
		}
		w := get(auth.System("test"), "/documents/export?kind=Lamp&name=one")
		if got := w.Body.String(); got != "kind: Lamp\nname: one\nspec:\n  colour: red\n" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/yaml") {
			t.Errorf("%d %v\n%s", w.Code, w.Header(), got)
		}
		if w := get(auth.System("test"), "/documents/export"); strings.Count(w.Body.String(), "kind: Lamp") != 2 {
			t.Errorf("%s", w.Body)
		}
		if w := get(auth.System("test"), "/documents/export?name=none"); w.Code != 404 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		nobody := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Requester})
		if w := get(nobody, "/documents/export?kind=Lamp"); w.Code != 403 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func TestDecodeNamesTheField(t *testing.T) {
	t.Parallel()
	var v lampSpec
	for spec, field := range map[string]string{
		`{"colour": 1}`:     "spec.colour",
		`{"shade": "x"}`:    "spec.shade",
		`{"parts": {}}`:     "spec.parts",
		`{"watts": "many"}`: "spec.watts",
		`{"colour": "red"`:  "spec",
	} {
		if err := declare.Decode(json.RawMessage(spec), &v); !strings.Contains(fmt.Sprint(err), field+":") {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(mixed))
	f.Add([]byte("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]"))
	f.Add([]byte("kind: [\n---\n---\n!!binary x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, p := range declare.Parse(text) {
			if p.Err == nil && (p.Kind == "" || p.Name == "" || !json.Valid(p.Spec)) {
				t.Fatalf("accepted %+v", p)
			}
			if p.Line < 1 {
				t.Fatalf("line %d", p.Line)
			}
		}
	})
}
