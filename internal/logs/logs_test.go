package logs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/logs"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
)

// fakeStore remembers what it is given.
type fakeStore struct {
	mu       sync.Mutex
	records  []logstore.Record
	query    logstore.Query
	refuse   int
	silent   bool // nothing comes
	flood    int  // records of a tail, at once
	fails    error
	received chan struct{}
}

func (s *fakeStore) Write(_ context.Context, records []logstore.Record) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return 0, s.fails
	}
	s.records = append(s.records, records...)
	if s.received != nil {
		s.received <- struct{}{}
	}
	return s.refuse, nil
}

func (s *fakeStore) Query(_ context.Context, q logstore.Query) iter.Seq2[logstore.Row, error] {
	s.query = q
	return func(yield func(logstore.Row, error) bool) {
		for i := range 3 {
			if !yield(logstore.Row{"_msg": string(rune('a' + i))}, nil) {
				return
			}
		}
	}
}

func (s *fakeStore) Tail(ctx context.Context, q logstore.Query) iter.Seq2[logstore.Row, error] {
	if s.silent {
		return func(func(logstore.Row, error) bool) { <-ctx.Done() }
	}
	if s.flood > 0 {
		return func(yield func(logstore.Row, error) bool) {
			for range s.flood {
				if !yield(logstore.Row{"_msg": "x"}, nil) {
					return
				}
			}
		}
	}
	return s.Query(ctx, q)
}

func (s *fakeStore) Hits(context.Context, logstore.Query, time.Duration, ...string) ([]logstore.Series, error) {
	return []logstore.Series{}, nil
}

func (s *fakeStore) Fields(context.Context, logstore.Query) ([]logstore.Count, error) {
	return []logstore.Count{}, nil
}

func (s *fakeStore) Values(context.Context, logstore.Query, string) ([]logstore.Count, error) {
	return []logstore.Count{}, nil
}

type fakeItems struct{}

func (fakeItems) Resolve(_ context.Context, ids []core.Identity) (string, error) {
	for _, id := range ids {
		if id == (core.Identity{Kind: "fqdn", Value: "web1.example"}) {
			return "item-web1", nil
		}
	}
	return "", core.NotFound("item", "x")
}

func setup(t testing.TB) (*httpapi.API, *fakeStore, *fakeStore) {
	t.Helper()
	records, spans := &fakeStore{}, &fakeStore{}
	log := slog.New(slog.DiscardHandler)
	cfg := logs.Defaults()
	cfg.MaxBody = 64 << 10
	c, err := logs.New(cfg, logs.Dependencies{Logs: records, Traces: spans, Items: fakeItems{}, Clock: coretest.NewClock(time.Unix(1_800_000_000, 0)), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	api := httpapi.New("test", log)
	c.Routes(api)
	return api, records, spans
}

func call(api *httpapi.API, p *auth.Principal, method, path, contentType string, body []byte, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	api.Handler().ServeHTTP(w, r.WithContext(auth.With(r.Context(), p)))
	return w
}

func attribute(name, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

func export() *collectorpb.ExportLogsServiceRequest {
	return &collectorpb.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{attribute("service.name", "shop"), attribute("host.name", "web1.example"), attribute("os.type", "linux")}},
		ScopeLogs: []*logspb.ScopeLogs{{LogRecords: []*logspb.LogRecord{{
			TimeUnixNano: 1_799_999_999_000_000_001, SeverityNumber: 17, Body: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "it failed"}},
			TraceId: bytes.Repeat([]byte{0xab}, 16), SpanId: bytes.Repeat([]byte{0xcd}, 8), Attributes: []*commonpb.KeyValue{attribute("user", "rita")},
		}}}},
	}}}
}

const inJSON = `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"host.name","value":{"stringValue":"web1.example"}},{"key":"os.type","value":{"stringValue":"linux"}}]},
 "scopeLogs":[{"logRecords":[{"timeUnixNano":"1799999999000000001","severityNumber":17,"body":{"stringValue":"it failed"},"traceId":"abababababababababababababababab","spanId":"cdcdcdcdcdcdcdcd","attributes":[{"key":"user","value":{"stringValue":"rita"}}],"fromTheFuture":1}]}]}]}`

func TestRecordsArriveInEveryEncoding(t *testing.T) {
	t.Parallel()
	inProtobuf, err := proto.Marshal(export())
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(inProtobuf)
	z.Close()
	for name, w := range map[string]func(*httpapi.API) *httptest.ResponseRecorder{
		"protobuf": func(a *httpapi.API) *httptest.ResponseRecorder {
			return call(a, auth.System("t"), "POST", "/v1/logs", "application/x-protobuf", inProtobuf)
		},
		"gzip": func(a *httpapi.API) *httptest.ResponseRecorder {
			return call(a, auth.System("t"), "POST", "/v1/logs", "application/x-protobuf", packed.Bytes(), "Content-Encoding", "gzip")
		},
		"json": func(a *httpapi.API) *httptest.ResponseRecorder {
			return call(a, auth.System("t"), "POST", "/v1/logs", "application/json; charset=utf-8", []byte(inJSON))
		},
	} {
		api, store, _ := setup(t)
		if answer := w(api); answer.Code != 200 || len(store.records) != 1 {
			t.Fatalf("%s: %d %s", name, answer.Code, answer.Body)
		}
		r := store.records[0]
		got, _ := json.Marshal(r.Fields)
		want := `[{"name":"trace_id","value":"abababababababababababababababab"},{"name":"span_id","value":"cdcdcdcdcdcdcdcd"},{"name":"user","value":"rita"},{"name":"resource.os.type","value":"linux"}]`
		if r.Message != "it failed" || r.Item != "item-web1" || r.App != "shop" || r.Host != "web1.example" || r.Level != "error" || r.Time.UnixNano() != 1_799_999_999_000_000_001 || string(got) != want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestSpansAreRows(t *testing.T) {
	t.Parallel()
	api, _, spans := setup(t)
	body := `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{"traceId":"abababababababababababababababab","spanId":"cdcdcdcdcdcdcdcd","name":"GET /","kind":2,
		"startTimeUnixNano":"1799999999000000000","endTimeUnixNano":"1799999999000000250","status":{"code":2,"message":"boom"},"attributes":[{"key":"http.status","value":{"intValue":"500"}}],"events":[{"name":"retry","timeUnixNano":"1799999999000000100"}]}]}]}]}`
	if answer := call(api, auth.System("t"), "POST", "/v1/traces", "application/json", []byte(body)); answer.Code != 200 || len(spans.records) != 1 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	got, _ := json.Marshal(spans.records[0].Fields)
	for _, want := range []string{`"duration_ns","value":"250"`, `"kind","value":"server"`, `"status","value":"error"`, `"http.status","value":"500"`, `retry`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

func TestBadExportsAreRefused(t *testing.T) {
	t.Parallel()
	api, store, _ := setup(t)
	agent := auth.System("t")
	auditor := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Auditor})
	for _, c := range []struct {
		name, contentType, encoding string
		body                        []byte
		who                         *auth.Principal
		want                        int
	}{
		{"text", "text/plain", "", []byte("x"), agent, 400},
		{"not protobuf", "application/x-protobuf", "", []byte("\xff\xff\xff"), agent, 400},
		{"not JSON", "application/json", "", []byte(`{"resourceLogs":`), agent, 400},
		{"wrong type", "application/json", "", []byte(`{"resourceLogs":7}`), agent, 400},
		{"not gzip", "application/json", "gzip", []byte(`{}`), agent, 400},
		{"zstd", "application/json", "zstd", []byte(`{}`), agent, 400},
		{"too large", "application/json", "", bytes.Repeat([]byte(" "), 70<<10), agent, 413},
		{"empty", "application/json", "", []byte(`{}`), agent, 200},
		{"reader", "application/json", "", []byte(`{}`), auditor, 403},
		{"nobody", "application/json", "", []byte(`{}`), nil, 401},
	} {
		if answer := call(api, c.who, "POST", "/v1/logs", c.contentType, c.body, "Content-Encoding", c.encoding); answer.Code != c.want {
			t.Errorf("%s: %d %s", c.name, answer.Code, answer.Body)
		}
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 10<<20))
	z.Close()
	if answer := call(api, agent, "POST", "/v1/logs", "application/json", bomb.Bytes(), "Content-Encoding", "gzip"); answer.Code != 413 {
		t.Errorf("a bomb: %d", answer.Code)
	}
	store.fails = errors.New("disk broken")
	if answer := call(api, agent, "POST", "/v1/logs", "application/json", []byte(inJSON)); answer.Code != 503 || answer.Header().Get("Retry-After") == "" {
		t.Errorf("a broken spool: %d", answer.Code)
	}
	store.fails, store.refuse = nil, 1
	if answer := call(api, agent, "POST", "/v1/logs", "application/json", []byte(inJSON)); answer.Code != 200 || !strings.Contains(answer.Body.String(), `"rejectedLogRecords":"1"`) {
		t.Errorf("a partial success: %d %s", answer.Code, answer.Body)
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	api, store, _ := setup(t)
	operator := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator})
	ofTeam := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "t"})
	answer := call(api, operator, "GET", "/api/v1/logs/query?query=error&limit=2", "", nil)
	var rows logs.Rows
	if err := json.Unmarshal(answer.Body.Bytes(), &rows); err != nil || len(rows.Items) != 2 || !rows.More || store.query.Limit != 3 || store.query.End.Sub(store.query.Start) != time.Hour {
		t.Fatalf("%d %s; %+v", answer.Code, answer.Body, store.query)
	}
	for path, want := range map[string]int{
		"/api/v1/logs/hits?step=1m": 200, "/api/v1/logs/hits?step=1ms": 422, "/api/v1/logs/hits?step=x": 422, "/api/v1/logs/fields": 200, "/api/v1/logs/fields/app/values": 200,
		"/api/v1/logs/query?start=2027-01-15T08:00:00Z&end=2027-01-15T07:00:00Z": 422, "/api/v1/logs/query?dataset=other": 422, "/api/v1/logs/query?limit=0": 422,
	} {
		if answer := call(api, operator, "GET", path, "", nil); answer.Code != want {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if answer := call(api, ofTeam, "GET", "/api/v1/logs/query", "", nil); answer.Code != 403 {
		t.Errorf("of a team: %d", answer.Code)
	}
	if answer := call(api, operator, "GET", "/api/v1/logs/tail?query=x", "", nil); strings.Count(answer.Body.String(), "event: record\ndata: {") != 3 {
		t.Errorf("tail: %s", answer.Body)
	}
}

func TestOwnLogNeverWaits(t *testing.T) {
	t.Parallel()
	self := logs.NewSelf(2)
	log := slog.New(self.Handler(slog.DiscardHandler)) // not enabled: nothing is taken
	log.Error("x")
	var text bytes.Buffer
	log = slog.New(self.Handler(slog.NewTextHandler(&text, nil))).With("part", "a").WithGroup("g")
	for range 5 {
		log.Error("broken", "n", 1, slog.Group("h", "k", "v"))
	}
	if self.Dropped() != 3 || strings.Count(text.String(), "broken") != 5 {
		t.Fatalf("%d dropped, %s", self.Dropped(), &text)
	}
	store := &fakeStore{received: make(chan struct{}, 10)}
	clock := coretest.NewClock(time.Unix(1_800_000_000, 0))
	c, err := logs.New(logs.Defaults(), logs.Dependencies{Logs: store, Traces: store, Items: fakeItems{}, Clock: clock, Log: log, Self: self})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Start(t.Context()), c.Stop(t.Context())); err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(store.records[0].Fields)
	if len(store.records) != 2 || store.records[0].Level != "error" || string(got) != `[{"name":"part","value":"a"},{"name":"g.n","value":"1"},{"name":"g.h.k","value":"v"}]` {
		t.Fatalf("%+v %s", store.records, got)
	}
}

// FuzzExport feeds arbitrary bytes to the intake: it must answer, not panic.
func FuzzExport(f *testing.F) {
	inProtobuf, _ := proto.Marshal(export())
	f.Add(inProtobuf, true)
	f.Add([]byte(inJSON), false)
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"arrayValue":{"values":[{"doubleValue":"NaN"}]}}}]}]}]}`), false)
	api, _, _ := setup(f)
	f.Fuzz(func(t *testing.T, body []byte, binary bool) {
		contentType := "application/json"
		if binary {
			contentType = "application/x-protobuf"
		}
		for _, path := range []string{"/v1/logs", "/v1/traces"} {
			if answer := call(api, auth.System("t"), "POST", path, contentType, body); answer.Code != 200 && answer.Code != 400 && answer.Code != 413 {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
		}
	})
}

// TestTailBeginsBeforeTheFirstRecord: a page that follows a silent log knows
// that it does.
func TestTailBeginsBeforeTheFirstRecord(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Unix(1_800_000_000, 0))
	log := slog.New(slog.DiscardHandler)
	c, err := logs.New(logs.Defaults(), logs.Dependencies{Logs: &fakeStore{silent: true}, Traces: &fakeStore{}, Items: fakeItems{}, Clock: clock, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	api := httpapi.New("test", log)
	c.Routes(api)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.Handler().ServeHTTP(w, r.WithContext(auth.With(r.Context(), auth.System("test"))))
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/v1/logs/tail?query=x", nil)
	answered := make(chan *http.Response, 1)
	go func() {
		if answer, err := http.DefaultClient.Do(request); err == nil {
			answered <- answer
		}
	}()
	for clock.Timers() == 0 {
		runtime.Gosched()
	}
	clock.Advance(time.Second)
	answer := <-answered
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || got != "text/event-stream" {
		t.Errorf("status %d, %s", answer.StatusCode, got)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	api, _, _ := setup(t)
	for _, c := range []struct {
		query, want string
		status      int
	}{
		{"format=csv&fields=_msg,app", "_msg,app\na,\nb,\nc,\n", 200},
		{"format=ndjson", "{\"_msg\":\"a\"}\n{\"_msg\":\"b\"}\n{\"_msg\":\"c\"}\n", 200},
		{"format=xls", "", 422},
		{"format=csv&limit=0", "", 422},
		{"format=csv&start=yesterday", "", 422},
	} {
		answer := call(api, auth.System("test"), "GET", "/api/v1/logs/export?"+c.query, "", nil)
		if answer.Code != c.status || c.status == 200 && answer.Body.String() != c.want {
			t.Errorf("%s: %d %q", c.query, answer.Code, answer.Body)
		}
	}
	ofTeam := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "t"})
	if answer := call(api, ofTeam, "GET", "/api/v1/logs/export?format=csv", "", nil); answer.Code != 403 {
		t.Errorf("of a team: %d", answer.Code)
	}
}

// TestTailTellsWhatItLeavesOut: of a flood a person gets what can be read, and
// the number of the rest.
func TestTailTellsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	api, records, _ := setup(t)
	records.flood = 1200
	operator := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator})
	answer := call(api, operator, "GET", "/api/v1/logs/tail?query=x", "", nil).Body.String()
	if n := strings.Count(answer, "event: record\n"); n != 500 || !strings.Contains(answer, "event: skipped\ndata: {\"count\":700}\n") {
		t.Errorf("%d records: ...%s", n, answer[max(0, len(answer)-100):])
	}
}
