package processing_test

import (
	"fmt"
	"strings"
	"testing"

	"mainstay/internal/logs/mining"
	"mainstay/internal/logs/processing"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func as(role string) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: role})
}

const badRule = `kind: LogProcessing
name: bad
spec:
  when: {expression: "record.nothing =="}
  steps:
    - parse: {format: grok, pattern: "%{NOSUCH:x}"}
    - {set: {field: _time, value: "1"}, drop: {}}
    - dataset: nowhere
    - timestamp: {from: a, zone: Atlantis}
    - mask: {detectors: [feelings]}
`

func TestRulesAreDeclaredChangedAndCounted(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		out := b.apply(badRule)
		var fields []string
		for _, e := range out[0].Errors {
			fields = append(fields, e.Field)
		}
		got := strings.Join(fields, " ")
		for _, want := range []string{"spec.when.expression", "spec.steps[0].parse.pattern", "spec.steps[1]", "spec.steps[2].dataset.name", "spec.steps[3].timestamp.zone", "spec.steps[4].mask.detectors"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s is not said to be wrong: %s", want, got)
			}
		}
		b.must("kind: LogProcessing\nname: drops\nspec: {when: {contains: noise}, steps: [{drop: {}}]}")
		b.must("kind: LogProcessing\nname: fails\nspec: {steps: [{parse: {format: json}}]}")
		if o := b.apply("kind: LogProcessing\nname: drops\nspec: {when: {contains: noise}, steps: [{drop: {}}]}"); o[0].Action != declare.Unchanged {
			t.Errorf("the same again is %s", o[0].Action)
		}
		b.pass(logstore.Record{Message: "noise"}, logstore.Record{Message: "secret is password=topsecretvalue"}, logstore.Record{Message: "x"})
		var list struct {
			Items  []processing.View
			Passed int64
		}
		if code := b.call("GET", "/log-processing", as(auth.Auditor), nil, &list); code != 200 {
			t.Fatal(code)
		}
		var lines []string
		for _, v := range list.Items {
			lines = append(lines, fmt.Sprintf("%s %v m%d d%d k%d f%d %s", v.Name, v.Declared, v.Matched, v.Dropped, v.Masked, v.Failed, v.Fault))
		}
		want := "default-extraction false m3 d0 k0 f0 \ndrops true m1 d1 k0 f0 \nfails true m2 d0 k0 f2 parse: the text does not have the format\ndefault-masking false m2 d0 k1 f0 "
		if got := strings.Join(lines, "\n"); got != want || list.Passed != 3 {
			t.Errorf("%s\n%d", got, list.Passed)
		}
		if err := b.set.Delete(b.ctx, "LogProcessing", "drops"); err != nil {
			t.Fatal(err)
		}
		if out := b.pass(logstore.Record{Message: "noise"}); len(out) != 1 {
			t.Error("a deleted rule drops")
		}
		if strings.Contains(b.said.String(), "topsecret") {
			t.Errorf("a masked value is in the log: %s", b.said)
		}
	})
}

// TestAMaskedValueIsNowhere writes secrets through the stage and the mining, and
// looks for them in all that comes out.
func TestAMaskedValueIsNowhere(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	b := setup(t, db)
	if err := sqldb.Migrate(b.ctx, db, "logmining", mining.Migrations()); err != nil {
		t.Fatal(err)
	}
	miner, err := mining.New(mining.Defaults(), mining.Dependencies{DB: db})
	if err != nil {
		t.Fatal(err)
	}
	if err := miner.Start(b.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = miner.Stop(b.ctx) })
	// A rule that fails with the secret in its hands.
	b.must("kind: LogProcessing\nname: fails\nspec:\n  steps:\n    - {timestamp: {from: password}}\n    - {set: {field: x, value: 'string(int(record.message))'}}\n    - {level: {from: message}}")
	sink := &sink{}
	tap := b.c.Tap("otlp", miner.Tap(sink))
	const secret = "zx81spectrum"
	var records []logstore.Record
	for range 5 {
		records = append(records,
			logstore.Record{Time: start, Message: `{"msg":"signed in","password":"` + secret + `"}`},
			logstore.Record{Time: start, Message: "login with password=" + secret + " ok"},
			logstore.Record{Time: start, Message: "other", Fields: []logstore.Field{{Name: "http.request.header.authorization", Value: "Bearer " + secret}, {Name: "url", Value: "https://a:" + secret + "@h/"}}})
	}
	if _, err := tap.Write(b.ctx, records); err != nil {
		t.Fatal(err)
	}
	if err := miner.Flush(b.ctx); err != nil {
		t.Fatal(err)
	}
	if err := miner.Remember(b.ctx); err != nil {
		t.Fatal(err)
	}
	if len(sink.records) != 15 {
		t.Fatalf("%d records", len(sink.records))
	}
	text := fmt.Sprint(sink.records) + b.said.String()
	for _, query := range []string{"SELECT template FROM logs_pattern", "SELECT snapshot FROM logs_pattern_snapshot"} {
		rows, err := db.Query(b.ctx, query)
		found, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (string, error) {
			var s string
			return s, r.Scan(&s)
		})
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d, %v", query, len(found), err)
		}
		text += strings.Join(found, "\n")
	}
	var list struct{ Items []processing.View }
	b.call("GET", "/log-processing", auth.System("test"), nil, &list)
	if text += fmt.Sprint(list); strings.Contains(text, secret) {
		t.Errorf("the secret is in %s", text)
	}
}

func TestADraftIsTried(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	b.world.rows = []logstore.Row{{"_time": "2026-11-25T11:00:00Z", "_msg": "user=ann did x", "app": "shop", "_stream": "{}", "pattern": "p", "n": "1"}}
	draft := map[string]any{"document": "kind: LogProcessing\nname: draft\nspec:\n  when: {app: [shop]}\n  steps:\n    - parse: {format: grok, pattern: 'user=%{WORD:user}'}\n    - rename: {from: n, to: m}\n    - level: {from: none}\n    - drop: {when: \"record.fields.user == 'eve'\"}"}
	var out processing.Preview
	if code := b.call("POST", "/log-processing/preview", as(auth.Operator), draft, &out); code != 200 {
		t.Fatal(code)
	}
	if out.Matched != 1 || out.Failed != 1 || out.Dropped != 0 || len(out.Items) != 1 {
		t.Fatalf("%+v", out)
	}
	got := fmt.Sprint(out.Items[0].Steps)
	if want := "[{parse [{user  ann}] false } {rename [{m  1} {n 1 }] false } {level [] false the field is not there} {drop [] false }]"; got != want {
		t.Error(got)
	}
	draft["lines"], draft["app"] = []string{"user=eve did x", "nothing"}, "shop"
	b.call("POST", "/log-processing/preview", as(auth.Operator), draft, &out)
	if out.Matched != 2 || out.Dropped != 1 || !out.Items[0].Dropped || len(out.Items[0].Steps) != 4 {
		t.Errorf("%+v", out)
	}
	draft["document"] = "kind: LogProcessing\nname: x\nspec: {steps: [{parse: {format: csv}}]}"
	if code := b.call("POST", "/log-processing/preview", as(auth.Operator), draft, nil); code != 422 {
		t.Errorf("a draft that is wrong: %d", code)
	}
	if code := b.call("POST", "/log-processing/preview", as(auth.Requester), draft, nil); code != 403 {
		t.Errorf("a requester: %d", code)
	}
	if list, err := b.set.List(b.ctx, "LogProcessing"); err != nil || len(list) != 0 {
		t.Errorf("a draft was kept: %v %v", list, err)
	}
}

func TestWhoMayChangeMasking(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	apply := func(role, text string) string {
		out := b.set.Apply(auth.With(b.ctx, as(role)), declare.Parse([]byte(text)), false)
		return string(out[0].Action)
	}
	off := "kind: LogProcessing\nname: default-masking\nspec: {disabled: true, steps: []}"
	other := "kind: LogProcessing\nname: other\nspec: {steps: [{drop: {}}]}"
	for _, c := range []struct{ role, text, want string }{
		{auth.Operator, other, "failed"}, {auth.Manager, other, "created"}, {auth.Manager, off, "failed"}, {auth.Administrator, off, "created"},
	} {
		if got := apply(c.role, c.text); got != c.want {
			t.Errorf("%s: %s, not %s", c.role, got, c.want)
		}
	}
}

func TestNamesOfFieldsAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	names := map[string]bool{}
	for i := range 500 {
		for _, r := range b.pass(logstore.Record{App: "wild", Message: fmt.Sprintf(`{"always":"x","k%d":"v","msg":"m"}`, i)}) {
			if r.Message != "m" && !strings.Contains(r.Message, fmt.Sprintf("k%d", i)) {
				t.Fatalf("what has no field is lost: %v", r)
			}
			for _, f := range r.Fields {
				names[f.Name] = true
			}
		}
	}
	if len(names) > 301 || len(names) < 200 || !names["always"] {
		t.Errorf("%d names", len(names))
	}
}
