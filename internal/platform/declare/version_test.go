package declare_test

import (
	"context"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		if err := sqldb.Migrate(t.Context(), db, "declare", declare.Migrations()); err != nil {
			t.Fatal(err)
		}
		set := lamps(t, db)
		clock := coretest.NewClock(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
		ann := auth.With(t.Context(), auth.System("ann"))
		apply := func(ctx context.Context, text string) declare.Outcome {
			t.Helper()
			clock.Advance(time.Minute)
			out := set.Apply(ctx, declare.Parse([]byte(text)), false)
			if len(out) != 1 || out[0].Problem != "" {
				t.Fatalf("%+v", out)
			}
			return out[0]
		}
		apply(ann, "kind: Lamp\nname: one\nspec: {colour: red}") // before versions are kept
		set.KeepVersions(clock)
		apply(declare.WithReason(ann, "more light"), "kind: Lamp\nname: one\nspec: {colour: red, watts: 5}")
		apply(ann, "kind: Lamp\nname: one\nspec: {colour: red, watts: 5}") // nothing changes
		set.Apply(ann, declare.Parse([]byte("kind: Lamp\nname: one\nspec: {colour: green}")), true)
		// Something else than a document changes it.
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE lamp SET spec = '{"colour":"red","watts":9}' WHERE name = 'one'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		apply(ann, "kind: Lamp\nname: one\nspec: {colour: green}")
		list, err := set.Versions(ann, "lamp", "one")
		if err != nil {
			t.Fatal(err)
		}
		want := []struct {
			action declare.Action
			why    string
			diffs  int
		}{{declare.Changed, "", 2}, {declare.Found, "", 1}, {declare.Changed, "more light", 1}, {declare.Found, "", 0}}
		if len(list) != len(want) {
			t.Fatalf("%d versions: %+v", len(list), list)
		}
		for i, w := range want {
			if v := list[i]; v.Action != w.action || v.Why != w.why || len(v.Diff) != w.diffs || v.Version != int64(len(want)-i) || v.Current != (i == 0) || (v.By.Name == "ann") != (v.Action != declare.Found) {
				t.Errorf("version %d: %+v", v.Version, v)
			}
		}
		if out, err := set.Restore(ann, "Lamp", "one", 2); err != nil || out.Action != declare.Changed {
			t.Fatalf("%+v %v", out, err)
		}
		if doc, err := set.Get(ann, "Lamp", "one"); err != nil || string(doc.Spec) == "" || !declare.Equal(doc.Spec, list[2].Spec) {
			t.Errorf("%s %v", doc.Spec, err)
		}
		if err := set.Delete(ann, "Lamp", "one"); err != nil {
			t.Fatal(err)
		}
		if out, err := set.Restore(declare.WithReason(ann, "too dark"), "Lamp", "one", 5); err != nil || out.Action != declare.Created {
			t.Fatalf("%+v %v", out, err)
		}
		if list, err = set.Versions(ann, "Lamp", "one"); err != nil || len(list) != 7 || list[1].Action != declare.Deleted || list[0].Why != "too dark" || !list[0].Current {
			t.Errorf("%v %+v", err, list)
		}
		if _, err := set.Versions(t.Context(), "Lamp", "one"); err == nil {
			t.Error("nobody may read them")
		}
		if _, err := set.Restore(ann, "Lamp", "one", 99); err == nil {
			t.Error("there is no such version")
		}
	})
}
