package push

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
)

// shelf is a store in memory that can be full.
type shelf struct {
	mu      sync.Mutex
	records []logstore.Record
	full    bool
	refused int           // writes
	came    chan struct{} // a write or a refusal; may be nil
}

func (s *shelf) fill(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

func (s *shelf) Write(_ context.Context, records []logstore.Record) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.came <- struct{}{}:
	default:
	}
	if s.full {
		s.refused++
		return 0, errors.New("the spool is full")
	}
	s.records = append(s.records, records...)
	return 0, nil
}

// byName knows the item of db1, and of 10.0.0.7.
type byName struct{}

func (byName) ItemOf(_ context.Context, a map[string]string) string {
	switch {
	case a["mainstay.item"] != "":
		return a["mainstay.item"]
	case a["host.name"] == "db1":
		return "item-of-db1"
	case a["host.ip"] == "10.0.0.7":
		return "item-of-10.0.0.7"
	}
	return ""
}

var now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

type world struct {
	*httptest.Server
	t     *testing.T
	shelf *shelf
	list  *receivers.Registry
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := coretest.NewClock(now)
	w := &world{t: t, shelf: &shelf{}, list: receivers.NewRegistry(clock)}
	c, err := New(Defaults(), Dependencies{Logs: w.shelf, Items: byName{}, Receivers: w.list, Clock: clock, MaxBody: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	api := httpapi.New("test", nil)
	c.Routes(api)
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		api.Handler().ServeHTTP(rw, r.WithContext(auth.With(r.Context(), auth.System("test"))))
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *world) post(path, kind, encoding string, body []byte) (int, string) {
	w.t.Helper()
	r, err := http.NewRequest("POST", w.URL+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// took are the records as lines, and forgets them.
func (w *world) took() []string {
	w.shelf.mu.Lock()
	defer w.shelf.mu.Unlock()
	var out []string
	for _, r := range w.shelf.records {
		var fields []string
		for _, f := range r.Fields {
			fields = append(fields, f.Name+"="+f.Value)
		}
		slices.Sort(fields)
		out = append(out, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s", r.Time.Format(time.RFC3339Nano), r.Message, r.Item, r.App, r.Host, r.Level, strings.Join(fields, ",")))
	}
	w.shelf.records = nil
	return out
}

func (w *world) expect(what string, want ...string) {
	w.t.Helper()
	if got := w.took(); !slices.Equal(got, want) {
		w.t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLoki(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := []byte(`{"streams":[{"stream":{"job":"varlogs","host":"db1","level":"ERROR"},"values":[["1772352000000000001","disk full"],["1772352000000000002","still full",{"trace_id":"t1"}]]}]}`)
	want := []string{
		"2026-03-01T08:00:00.000000001Z|disk full|item-of-db1|varlogs|db1|error|",
		"2026-03-01T08:00:00.000000002Z|still full|item-of-db1|varlogs|db1|error|trace_id=t1",
	}
	if status, text := w.post("/loki/api/v1/push", "application/json", "", body); status != 204 {
		t.Error(status, text)
	}
	w.expect("JSON", want...)
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	_, _ = g.Write(body)
	_ = g.Close()
	if status, text := w.post("/loki/api/v1/push", "application/json", "gzip", z.Bytes()); status != 204 {
		t.Error(status, text)
	}
	w.expect("gzip", want...)

	message := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	text := func(n protowire.Number, v []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), v)
	}
	number := func(n protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
	}
	entryOf := func(nanos uint64, line string, more ...[]byte) []byte {
		return text(2, message(text(1, message(number(1, 1772352000), number(2, nanos))), text(2, []byte(line)), message(more...)))
	}
	push := text(1, message(text(1, []byte(`{job="varlogs", host="db1",level="ERROR"}`)), entryOf(1, "disk full"), entryOf(2, "still full", text(3, message(text(1, []byte("trace_id")), text(2, []byte("t1"))))), number(3, 77)))
	if status, text := w.post("/loki/api/v1/push", "application/x-protobuf", "", snappy.Encode(nil, push)); status != 204 {
		t.Error(status, text)
	}
	w.expect("protobuf", want...)
	for what, body := range map[string]string{"no time": `{"streams":[{"stream":{},"values":[["x","y"]]}]}`, "no JSON": `{`, "one value": `{"streams":[{"values":[["1"]]}]}`} {
		if status, _ := w.post("/loki/api/v1/push", "application/json", "", []byte(body)); status != 400 {
			t.Errorf("%s: %d", what, status)
		}
	}
	if status, _ := w.post("/loki/api/v1/push", "application/x-protobuf", "", []byte("\xff\xff\xff\xff\xff\x01")); status != 400 && status != 413 {
		t.Errorf("no snappy: %d", status)
	}
	w.shelf.full = true
	if status, _ := w.post("/loki/api/v1/push", "application/json", "", body); status != 503 {
		t.Errorf("a full spool: %d", status)
	}
}

func TestElasticsearchBulk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"create":{"_index":"logs-app"}}
{"@timestamp":"2026-03-01T08:00:00.5Z","message":"hello","log":{"level":"warn"},"host":{"name":"10.0.0.7"},"service":{"name":"shop"},"n":12345678901234567890,"tags":["a","b"]}
{"index":{}}
not JSON
{"delete":{"_index":"logs-app","_id":"1"}}
{"index":{"_id":"7"}}
{"msg":"no time"}
`
	status, text := w.post("/elasticsearch/other/_bulk", "application/x-ndjson", "", []byte(body))
	var said struct {
		Errors bool
		Items  []map[string]struct {
			Index  string `json:"_index"`
			Status int
			Error  *struct{ Type string }
		}
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil || status != 200 || !said.Errors || len(said.Items) != 4 {
		t.Fatal(status, text, err)
	}
	if said.Items[0]["create"].Status != 201 || said.Items[1]["index"].Error.Type != "document_parsing_exception" || said.Items[2]["delete"].Status != 400 || said.Items[3]["index"].Index != "other" {
		t.Error(text)
	}
	w.expect("bulk",
		`2026-03-01T08:00:00.5Z|hello|item-of-10.0.0.7|shop|10.0.0.7|warn|index=logs-app,n=12345678901234567890,tags=["a","b"]`,
		`2026-03-01T08:00:00.000000001Z|no time|||||index=other`)
	if status, _ := w.post("/elasticsearch/_bulk", "application/x-ndjson", "", []byte("{\"explode\":{}}\n{}\n")); status != 400 {
		t.Errorf("no action: %d", status)
	}
	w.shelf.full = true
	if status, _ := w.post("/elasticsearch/_bulk", "application/x-ndjson", "", []byte("{\"index\":{}}\n{\"msg\":\"x\"}\n")); status != 429 {
		t.Errorf("a full spool: %d", status)
	}
	response, err := http.Get(w.URL + "/elasticsearch/")
	if err != nil || response.Header.Get("X-Elastic-Product") != "Elasticsearch" {
		t.Error(response, err)
	}
}

func TestGELF(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if status, text := w.post("/gelf", "application/json", "", []byte(`{"version":"1.1","host":"db1","short_message":"A short message","full_message":"Backtrace here","timestamp":1772352000.3072,"level":4,"_app":"shop","_user_id":9001}`)); status != 202 {
		t.Error(status, text)
	}
	w.expect("GELF", "2026-03-01T08:00:00.3072Z|A short message|item-of-db1|shop|db1|warn|full_message=Backtrace here,user_id=9001")
	if status, text := w.post("/gelf", "application/json", "", []byte(`{"version":"1.1","host":"db1"}`)); status != 400 || !strings.Contains(text, "invalid") {
		t.Error(status, text)
	}
	states := w.list.States()
	i := slices.IndexFunc(states, func(s receivers.State) bool { return s.Name == "gelf" })
	if len(states) != 5 || states[i].Taken != 1 || states[i].Refused != 1 || states[i].Trouble == "" {
		t.Errorf("%+v", states)
	}
}

func TestHEC(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if status, text := w.post("/services/collector/event", "application/json", "", []byte(`{"time":1772352000.25,"host":"db1","source":"app.log","event":"plain text"}{"host":"db1","event":{"message":"structured","severity":"INFO","code":7},"fields":{"region":"eu"}}`)); status != 200 || !strings.Contains(text, `"code":0`) {
		t.Error(status, text)
	}
	w.expect("HEC", "2026-03-01T08:00:00.25Z|plain text|item-of-db1||db1||source=app.log", "2026-03-01T08:00:00.000000001Z|structured|item-of-db1||db1|info|code=7,region=eu")
	if status, text := w.post("/services/collector/raw?host=db1&sourcetype=t", "text/plain", "", []byte("one\ntwo\n")); status != 200 {
		t.Error(status, text)
	}
	w.expect("raw", "2026-03-01T08:00:00Z|one|item-of-db1||db1||sourcetype=t", "2026-03-01T08:00:00.000000001Z|two|item-of-db1||db1||sourcetype=t")
	for body, code := range map[string]string{`{"host":"a"}`: `"code":12`, ``: `"code":5`, `{`: `"code":6`} {
		if status, text := w.post("/services/collector", "application/json", "", []byte(body)); status != 400 || !strings.Contains(text, code) {
			t.Errorf("%q: %d %s", body, status, text)
		}
	}
}

// exported is a record of the journal in its export format, with a field that
// has a newline in it.
func exported(text string) []byte {
	var b bytes.Buffer
	b.WriteString("__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1772352000000042\n_HOSTNAME=db1\nPRIORITY=3\nSYSLOG_IDENTIFIER=postgres\nMESSAGE\n")
	_ = binary.Write(&b, binary.LittleEndian, uint64(len(text)))
	b.WriteString(text + "\n_PID=77\n\n")
	return b.Bytes()
}

func TestJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := append(exported("two\nlines"), exported("again")...)
	if status, text := w.post("/journal/upload", "application/vnd.fdo.journal", "", body); status != 202 {
		t.Error(status, text)
	}
	w.expect("journal", "2026-03-01T08:00:00.000042Z|two\nlines|item-of-db1|postgres|db1|error|_PID=77,journal.cursor=s=1;i=1", "2026-03-01T08:00:00.000042Z|again|item-of-db1|postgres|db1|error|_PID=77,journal.cursor=s=1;i=1")
	// What came whole before the fault is kept.
	if status, _ := w.post("/journal/upload", "application/vnd.fdo.journal", "", append(exported("whole"), "MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff"...)); status != 400 {
		t.Error(status)
	}
	if got := w.took(); len(got) != 1 {
		t.Error(got)
	}
	if status, _ := w.post("/journal/upload", "text/plain", "", body); status != 400 {
		t.Error(status)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	_, _ = g.Write(bytes.Repeat([]byte("a"), 4<<20)) // a bomb: it is small until it is opened
	_ = g.Close()
	for _, path := range []string{"/loki/api/v1/push", "/elasticsearch/_bulk", "/gelf", "/services/collector"} {
		if status, _ := w.post(path, "application/json", "gzip", z.Bytes()); status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", path, status)
		}
		if status, _ := w.post(path, "application/json", "br", []byte("x")); status != http.StatusBadRequest {
			t.Errorf("%s in an unknown encoding: %d", path, status)
		}
	}
}

// FuzzBodies feeds bytes to every decoder.
func FuzzBodies(f *testing.F) {
	f.Add(byte(0), []byte(`{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"c":"d"}]]}]}`))
	f.Add(byte(1), []byte("\x0a\x05\x0a\x03{a}"))
	f.Add(byte(2), []byte("{\"create\":{}}\n{\"a\":{\"b\":[1]}}\n"))
	f.Add(byte(3), []byte(`{"short_message":"x","timestamp":1e400,"level":9}`))
	f.Add(byte(4), []byte(`{"event":{"a":null},"time":"x"}{}`))
	f.Add(byte(5), exported("x\ny"))
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		var entries []entry
		switch which % 6 {
		case 0:
			entries, _ = lokiJSON(body)
		case 1:
			entries, _ = lokiProto(body)
		case 2:
			documents, _ := readBulk(body, "i")
			for _, d := range documents {
				entries = append(entries, d.entry)
			}
		case 3:
			entries, _ = readGELF(body)
		case 4:
			entries, _ = readHEC(body)
		case 5:
			_ = readJournal(bytes.NewReader(body), func(e entry, _ int) error { entries = append(entries, e); return nil })
		}
		c := &Component{deps: Dependencies{Items: byName{}}}
		for _, r := range c.records(context.Background(), entries, now) {
			if r.Time.IsZero() {
				t.Fatalf("%+v", r)
			}
		}
	})
}
