package datasets_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/logs/datasets"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

var start = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// engine counts what is asked of it, and erases at once.
type engine struct {
	mu      sync.Mutex
	found   int64
	erased  []logstore.Erasure
	counted []logstore.Query
	fails   error
}

func (e *engine) Query(_ context.Context, q logstore.Query) iter.Seq2[logstore.Row, error] {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counted = append(e.counted, q)
	n := e.found
	return func(yield func(logstore.Row, error) bool) { yield(logstore.Row{"n": fmt.Sprint(n)}, nil) }
}

func (e *engine) Erase(_ context.Context, erasures []logstore.Erasure) (logstore.Erased, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fails != nil {
		return logstore.Erased{}, e.fails
	}
	e.erased = append(e.erased, erasures...)
	e.found = 0
	return logstore.Erased{Records: 3, Days: 1}, nil
}

func (e *engine) Check(_ context.Context, filter string) error {
	if strings.Contains(filter, ")") {
		return core.Invalid("query", "is no filter")
	}
	return nil
}

type teams struct{}

func (teams) Teams(context.Context) (map[string]string, error) {
	return map[string]string{"t1": "Security", "t2": "Shop"}, nil
}

type bench struct {
	t      *testing.T
	ctx    context.Context
	c      *datasets.Component
	set    *declare.Set
	engine *engine
	clock  *coretest.Clock
}

func setup(t *testing.T, db *sqldb.DB) *bench {
	t.Helper()
	b := &bench{t: t, ctx: auth.With(context.Background(), auth.System("test")), engine: &engine{found: 3}, clock: coretest.NewClock(start)}
	for _, err := range []error{sqldb.Migrate(b.ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(b.ctx, db, "logdatasets", datasets.Migrations())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	log, ids := slog.New(slog.DiscardHandler), core.NewIDs(b.clock, nil)
	var err error
	b.c, err = datasets.New(datasets.Dependencies{DB: db, Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: b.clock, IDs: ids, Log: log}), Store: b.engine, Teams: teams{},
		Keeps: 30 * 24 * time.Hour, Clock: b.clock, IDs: ids, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if b.set, err = declare.NewSet(db, b.c.Kinds()...); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) apply(who *auth.Principal, text string) string {
	b.t.Helper()
	var out []string
	for _, o := range b.set.Apply(auth.With(b.ctx, who), declare.Parse([]byte(text)), false) {
		line := o.Name + " " + string(o.Action)
		for _, e := range o.Errors {
			line += " " + e.Field
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func user(grants ...auth.Grant) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), grants...)
}

// readable is what somebody may read, as a text.
func (b *bench) readable(who *auth.Principal) string {
	only, err := b.c.Readable(auth.With(b.ctx, who))
	switch {
	case err != nil:
		return string(core.CodeOf(err))
	case only == nil:
		return "all"
	}
	slices.Sort(only)
	return strings.Join(only, " ")
}

func TestWhoReadsWhat(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin, operator := user(auth.Grant{Role: auth.Administrator}), user(auth.Grant{Role: auth.Operator})
		if got := b.readable(operator); got != "all" {
			t.Errorf("without datasets an operator reads %s", got)
		}
		got := b.apply(admin, "kind: Dataset\nname: open\nspec: {retention: 7d}\n---\nkind: Dataset\nname: sec\nspec: {access: {teams: [Security]}}\n---\nkind: Dataset\nname: audit\nspec: {access: {roles: [auditor]}}\n---\n"+
			"kind: Dataset\nname: Bad_Name\nspec: {retention: 90d, access: {}}\n---\nkind: Dataset\nname: default\nspec: {retention: 1d}\n---\nkind: Dataset\nname: x\nspec: {access: {teams: [Nobody]}}")
		if want := "open created\nsec created\naudit created\nBad_Name failed name spec.retention spec.access\ndefault failed spec.retention\nx failed spec.access.teams"; got != want {
			t.Errorf("%s", got)
		}
		for _, c := range []struct {
			who  *auth.Principal
			want string
		}{
			{admin, "all"}, {operator, "default open"}, {user(auth.Grant{Role: auth.Manager}), "default open"}, {user(auth.Grant{Role: auth.Auditor}), "audit default open"},
			{user(auth.Grant{Role: auth.Operator, Team: "t1"}), "sec"}, {user(auth.Grant{Role: auth.Operator, Team: "t2"}), "forbidden"},
			{user(auth.Grant{Role: auth.Operator}, auth.Grant{Role: auth.Requester, Team: "t1"}), "default open sec"},
			{user(auth.Grant{Role: auth.Requester, Team: "t1"}), "forbidden"}, {user(auth.Grant{Role: auth.Auditor, Team: "t2"}), "audit"},
			{admin.Limited(auth.NewSet("logs:read")), "default open"}, {admin.Limited(auth.NewSet("items:read")), "forbidden"}, {nil, "forbidden"},
		} {
			if got := b.readable(c.who); got != c.want {
				t.Errorf("%v reads %s, not %s", c.who.Grants(), got, c.want)
			}
		}
		if _, err := b.c.Narrow(auth.With(b.ctx, operator), []string{"open", "sec"}); core.CodeOf(err) != core.CodeForbidden {
			t.Errorf("asking for what may not be read: %v", err)
		}
		if got := b.apply(user(auth.Grant{Role: auth.Manager}), "kind: Dataset\nname: sec\nspec: {}"); got != "sec failed" {
			t.Errorf("a manager opens a dataset: %s", got)
		}
		if got := b.apply(admin, "kind: Dataset\nname: sec\nspec: {access: {teams: [t1]}}"); got != "sec unchanged" {
			t.Error(got)
		}
		for _, name := range []string{"open", "audit", "sec"} {
			if err := b.set.Delete(b.ctx, "Dataset", name); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.readable(operator); got != "default" || b.c.Known("sec") {
			t.Errorf("what was in datasets that are gone: %s", got)
		}
	})
}

func TestWhatIsTooOldGoes(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	b.apply(auth.System("test"), "kind: Dataset\nname: week\nspec: {retention: 7d}\n---\nkind: Dataset\nname: long\nspec: {}")
	work := func(want int, cutoff time.Time) {
		t.Helper()
		if err := b.c.Work(b.ctx); err != nil {
			t.Fatal(err)
		}
		if len(b.engine.erased) != want {
			t.Fatalf("%v", b.engine.erased)
		}
		if e := b.engine.erased[want-1]; !slices.Equal(e.Datasets, []string{"week"}) || !e.End.Equal(cutoff) || e.Filter != "" {
			t.Errorf("%+v", e)
		}
	}
	work(1, time.Date(2026, 11, 17, 23, 59, 59, 999999999, time.UTC))
	b.engine.found = 5
	work(1, time.Date(2026, 11, 17, 23, 59, 59, 999999999, time.UTC)) // the same day: nothing again
	b.clock.Advance(24 * time.Hour)
	work(2, time.Date(2026, 11, 18, 23, 59, 59, 999999999, time.UTC))
}

func TestDeletionsAreRecorded(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		for _, d := range []*datasets.Deletion{{Filter: "a", Datasets: []string{"default"}}, {Filter: "a", Reason: "x"}, {Filter: "a) or (b", Datasets: []string{"default"}, Reason: "x"},
			{Filter: "a", Datasets: []string{"default"}, Reason: "x", Start: start.Add(time.Hour)}} {
			if err := b.c.Delete(b.ctx, d); core.CodeOf(err) != core.CodeInvalid {
				t.Errorf("%+v: %v", d, err)
			}
		}
		d := &datasets.Deletion{Filter: "ann", Datasets: []string{"default"}, Reason: "she asked", By: ledger.Actor{Kind: "user", ID: "u", Name: "Bea"}, End: start.Add(time.Hour)}
		if err := b.c.Delete(b.ctx, d); err != nil || d.Found != 3 || !d.End.Equal(start) {
			t.Fatalf("%+v %v", d, err)
		}
		b.engine.fails = core.Errorf(core.CodeUnavailable, "away")
		if err := b.c.Work(b.ctx); err == nil {
			t.Error("an engine that is away is taken for done")
		}
		b.engine.fails = nil
		if err := b.c.Work(b.ctx); err != nil {
			t.Fatal(err)
		}
		if e := b.engine.erased; len(e) != 1 || e[0].Filter != "ann" || !e[0].End.Equal(start) || !slices.Equal(e[0].Datasets, []string{"default"}) {
			t.Errorf("%+v", e)
		}
		var state, by string
		var found, remained, entries int64
		row := db.QueryRow(b.ctx, "SELECT state, actor_name, found, remained FROM logs_deletion WHERE id = $1", d.ID)
		if err := row.Scan(&state, &by, &found, &remained); err != nil || state != "done" || by != "Bea" || found != 3 || remained != 0 {
			t.Errorf("%s %s %d %d %v", state, by, found, remained, err)
		}
		if err := db.QueryRow(b.ctx, "SELECT COUNT(*) FROM ledger_entry WHERE module = 'logs'").Scan(&entries); err != nil || entries != 2 {
			t.Errorf("%d entries, %v", entries, err)
		}
		if q := b.engine.counted[0]; !slices.Equal(q.Only, []string{"default"}) {
			t.Errorf("it counts in %v", q.Only)
		}
	})
}
