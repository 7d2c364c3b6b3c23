package events

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// applied applies documents and says what became of each.
func (w *world) applied(ctx context.Context, text string, dryRun bool) string {
	w.t.Helper()
	set, err := declare.NewSet(w.db, w.Kinds()...)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, o := range set.Apply(ctx, declare.Parse([]byte(text)), dryRun) {
		line := o.String() + o.Problem
		for _, e := range o.Errors {
			line += " " + e.Field
		}
		for _, d := range o.Diff {
			line += " " + d.Field
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

func TestSilencesAreDocuments(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain("web"))
		ctx := auth.With(t.Context(), auth.System("test"))
		w.accept(w.problem("web", core.Major))
		end := w.clock.Now().Add(time.Hour).Format(time.RFC3339)
		document := func(change string) string {
			return strings.Replace(fmt.Sprintf("kind: Silence\nname: web-moves\nspec: {matchers: ['item=\"web\"', 'severity!=critical'], endsAt: %q, comment: it moves}\n", end), "it moves", change, 1)
		}
		first := document("it moves")
		for _, step := range []struct {
			dryRun bool
			text   string
			want   string
		}{
			{true, first, "would create"}, {false, first, "created"}, {false, first, "unchanged"},
			{true, document("it still moves"), "would change comment"}, {false, document("it still moves"), "changed comment"},
		} {
			w.clock.Advance(time.Second)
			if got := w.applied(ctx, step.text, step.dryRun); got != step.want {
				t.Fatalf("dry run %t: %s, want %s", step.dryRun, got, step.want)
			}
		}
		w.eventually("the alert is suppressed", func() bool { return w.alert("web").Suppressed.Why == "it still moves" })
		w.restart()
		w.eventually("it stays so", func() bool { return w.alert("web").Suppressed.By == "silence" })
		set, _ := declare.NewSet(db, w.Kinds()...)
		docs, err := set.List(ctx, "silence")
		if err != nil || len(docs) != 1 || docs[0].Name != "web-moves" || !strings.Contains(string(docs[0].Spec), `item=\"web\"`) {
			t.Errorf("%+v %v", docs, err)
		}
		if err := set.Delete(ctx, "Silence", "web-moves"); err != nil {
			t.Fatal(err)
		}
		w.eventually("the alert is not suppressed any more", func() bool { return w.alert("web").Suppressed.By == "" })
		for text, want := range map[string]string{
			"kind: Silence\nname: x\nspec: {matchers: ['item'], endsAt: 2030-01-01T00:00:00Z}":         "failedinvalid input spec.matchers",
			"kind: Silence\nname: x\nspec: {matchers: ['item=~\"(\"'], endsAt: 2030-01-01T00:00:00Z}":  "failedinvalid input spec.matchers",
			"kind: Silence\nname: x\nspec: {matchers: ['item=\"x\"'], endsAt: 2020-01-01T00:00:00Z}":   "failedinvalid input spec.endsAt",
			"kind: Silence\nname: x\nspec: {matchers: ['item=~\".*\"'], endsAt: 2030-01-01T00:00:00Z}": "failedinvalid input spec.matchers",
			"kind: CorrelationSettings\nname: mine\nspec: {window: 1m}":                                "failedinvalid input name",
			"kind: CorrelationSettings\nname: default\nspec: {window: 1000h}":                          "failedinvalid input spec.window",
			"kind: CorrelationSettings\nname: default\nspec: {windows: 1m}":                            "failedinvalid input spec.windows",
		} {
			if got := w.applied(ctx, text, false); got != want {
				t.Errorf("%s\n%s, want %s", text, got, want)
			}
		}
		one := auth.With(t.Context(), auth.NewPrincipal(auth.KindUser, "u", "Una", auth.BuiltinRoles(), auth.Grant{Role: auth.Manager, Team: "shop"}))
		if got := w.applied(one, first, false); !strings.Contains(got, "all teams") {
			t.Errorf("a manager of one team: %s", got)
		}
	})
}

// TestCorrelationSettingsHoldAtOnce has two unrelated faults that share a label
// only a document says to look at, and takes the document away again.
func TestCorrelationSettingsHoldAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain())
		ctx := auth.With(t.Context(), auth.System("test"))
		pair := func(rack string) {
			t.Helper()
			for _, name := range []string{"a", "b"} {
				w.accept(core.Event{Source: "api", Kind: core.Problem, Severity: core.Major, Key: rack + name, Title: rack + name, Labels: map[string]string{"rack": rack}, At: w.clock.Now()})
				w.settled()
			}
		}
		open := func() int { return len(w.situations("open")) }
		pair("r1")
		if n := open(); n != 2 {
			t.Fatalf("%d situations before", n)
		}
		document := "kind: CorrelationSettings\nname: default\nspec: {groupBy: [rack], hold: 0s}\n"
		if got := w.applied(ctx, document, false); got != "created" {
			t.Fatal(got)
		}
		if got := w.applied(ctx, document, false); got != "unchanged" {
			t.Fatal(got)
		}
		pair("r2")
		if n := open(); n != 3 {
			t.Errorf("%d situations with the document", n)
		}
		w.restart()
		pair("r3")
		if n := open(); n != 4 {
			t.Errorf("%d situations after a restart", n)
		}
		set, _ := declare.NewSet(db, w.Kinds()...)
		if err := set.Delete(ctx, "CorrelationSettings", "default"); err != nil {
			t.Fatal(err)
		}
		pair("r4")
		if n := open(); n != 6 {
			t.Errorf("%d situations without the document", n)
		}
	})
}
