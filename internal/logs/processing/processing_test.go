package processing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/logs/processing"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

var start = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// sink keeps what is written.
type sink struct{ records []logstore.Record }

func (s *sink) Write(_ context.Context, records []logstore.Record) (int, error) {
	s.records = append(s.records, records...)
	return 0, nil
}

// world is what the component asks others for.
type world struct{ rows []logstore.Row }

func (w *world) Known(name string) bool { return name == "audit" || name == "default" }

func (w *world) Narrow(ctx context.Context, _ []string) ([]string, error) {
	if !auth.From(ctx).Scope("logs:read").All {
		return nil, core.Errorf(core.CodeForbidden, "no")
	}
	return []string{"default"}, nil
}

func (w *world) Query(_ context.Context, q logstore.Query) iter.Seq2[logstore.Row, error] {
	return func(yield func(logstore.Row, error) bool) {
		for _, row := range w.rows {
			if slices.Contains(q.Only, "default") && !yield(row, nil) {
				return
			}
		}
	}
}

// keys is a key that is kept in memory.
type keys struct{ value []byte }

func (k *keys) GetInternal(context.Context, sqldb.Querier, string) ([]byte, error) {
	if k.value == nil {
		return nil, core.NotFound("secret", "x")
	}
	return k.value, nil
}

func (k *keys) PutInternal(_ context.Context, _ *sqldb.Tx, _ string, value []byte) error {
	k.value = value
	return nil
}

var _ processing.Keys = (*secrets.Component)(nil)

type bench struct {
	t     *testing.T
	ctx   context.Context
	c     *processing.Component
	set   *declare.Set
	api   *httpapi.API
	world *world
	sink  *sink
	said  *bytes.Buffer
}

func setup(t *testing.T, db *sqldb.DB) *bench {
	t.Helper()
	b := &bench{t: t, ctx: auth.With(context.Background(), auth.System("test")), world: &world{}, sink: &sink{}, said: &bytes.Buffer{}}
	clock := coretest.NewClock(start)
	for module, files := range map[string]func() error{
		"ledger": func() error { return sqldb.Migrate(b.ctx, db, "ledger", ledger.Migrations()) },
		"rules":  func() error { return sqldb.Migrate(b.ctx, db, "logprocessing", processing.Migrations()) },
	} {
		if err := files(); err != nil {
			t.Fatal(module, err)
		}
	}
	log := slog.New(slog.NewTextHandler(b.said, nil))
	c, err := processing.New(processing.Dependencies{DB: db, Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil), Log: log}),
		Keys: &keys{}, Datasets: b.world, Logs: b.world, Clock: clock, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(b.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(b.ctx) })
	b.c, b.api = c, httpapi.New("test", log)
	if b.set, err = declare.NewSet(db, c.Kinds()...); err != nil {
		t.Fatal(err)
	}
	c.Routes(b.api)
	return b
}

func (b *bench) apply(text string) []declare.Outcome {
	b.t.Helper()
	return b.set.Apply(b.ctx, declare.Parse([]byte(text)), false)
}

func (b *bench) must(text string) {
	b.t.Helper()
	for _, o := range b.apply(text) {
		if o.Action == declare.Failed {
			b.t.Fatalf("%s: %s %v", o.Name, o.Problem, o.Errors)
		}
	}
}

// pass is what becomes of records.
func (b *bench) pass(records ...logstore.Record) []logstore.Record {
	b.t.Helper()
	b.sink.records = nil
	if _, err := b.c.Tap("syslog", b.sink).Write(b.ctx, records); err != nil {
		b.t.Fatal(err)
	}
	return b.sink.records
}

// show is a record in a line.
func show(r logstore.Record) string {
	fields := map[string]string{}
	for _, f := range r.Fields {
		fields[f.Name] = f.Value
	}
	out := r.Level + "|" + r.Dataset + "|" + r.Message
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out += "|" + name + "=" + fields[name]
	}
	return out
}

func (b *bench) call(method, path string, p *auth.Principal, body, into any) int {
	b.t.Helper()
	text, _ := json.Marshal(body)
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/api/v1"+path, bytes.NewReader(text)).WithContext(auth.With(b.ctx, p))
	r.Header.Set("Content-Type", "application/json")
	b.api.Handler().ServeHTTP(w, r)
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			b.t.Fatalf("%s: %s", err, w.Body)
		}
	}
	return w.Code
}

// hash is that of a masked value, which depends on the key.
var hash = regexp.MustCompile(`:[0-9a-f]{12}>`)

// TestCases reads what rules do from testdata/cases.txt.
func TestCases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for part := range strings.SplitSeq(string(text), "\n=== ") {
		title, rest, ok := strings.Cut(part, "\n")
		if !ok || strings.HasPrefix(part, "#") {
			continue
		}
		n++
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			rules, cases, _ := strings.Cut(rest, "\n---- \n")
			b := setup(t, sqldbtest.SQLite(t))
			if strings.TrimSpace(rules) != "" {
				b.must(rules)
			}
			var in string
			for line := range strings.Lines(cases) {
				line = strings.TrimSpace(line)
				if value, ok := strings.CutPrefix(line, "> "); ok {
					in = value
				}
				want, ok := strings.CutPrefix(line, "< ")
				if !ok {
					continue
				}
				app, message, _ := strings.Cut(in, ": ")
				record := logstore.Record{Time: start, Message: message, App: app, Host: "web1", Level: "info", Fields: []logstore.Field{{Name: "old", Value: "o"}}}
				got := "dropped"
				if out := b.pass(record); len(out) == 1 {
					got = hash.ReplaceAllString(show(out[0]), ":HASH>")
					if !out[0].Time.Equal(start) {
						got += "|@" + out[0].Time.Format(time.RFC3339Nano)
					}
				}
				if got != want {
					t.Errorf("%s\n gives %s\n not   %s", in, got, want)
				}
				if record.Fields[0] != (logstore.Field{Name: "old", Value: "o"}) || len(record.Fields) != 1 {
					t.Error("the caller's record was changed")
				}
			}
		})
	}
	if n < 8 {
		t.Fatalf("%d cases", n)
	}
}
