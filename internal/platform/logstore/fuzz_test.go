package logstore

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"mainstay/internal/core"
)

// FuzzAnswers reads what an engine, our own or an external one, answers.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"_time":"2026-11-02T03:00:00Z","_msg":"a"}` + "\n\n" + `{"_time":"x","n":"1"}` + "\n"))
	f.Add([]byte(`{"a":"b"}` + "\ncannot read block: damaged\n"))
	f.Add([]byte(`{"hits":[{"fields":{"a":"b"},"timestamps":["2026-11-02T03:00:00Z","2026-11-02T04:00:00Z"],"values":[1],"total":1}]}`))
	f.Add([]byte(`{"values":[{"value":"x","hits":3}]}`))
	f.Add([]byte("# HELP\nvl_free_disk_space_bytes{path=\"/\"} NaN\nvl_storage_rows{type=\"a\"} 1e300\nvm_app_start_timestamp 5\n"))
	var body []byte
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	f.Cleanup(engine.Close)
	cfg := Defaults("logs", f.TempDir())
	cfg.URL = engine.URL
	s, err := New(cfg, Dependencies{Clock: core.SystemClock{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if _, err := readStatus(bytes.NewReader(answer)); err != nil && err != io.EOF && len(answer) < 1<<20 {
			t.Fatal(err)
		}
		body = answer
		end := time.Unix(1e9, 0)
		for row, err := range s.Query(t.Context(), Query{Limit: 10, End: end}) {
			if (row == nil) == (err == nil) || err != nil && core.CodeOf(err) != core.CodeUnavailable {
				t.Fatalf("%v %v", row, err)
			}
		}
		series, _ := s.Hits(t.Context(), Query{End: end}, time.Minute)
		for _, one := range series {
			if one.Buckets == nil {
				t.Fatal("a series without buckets")
			}
		}
		_, _ = s.Fields(t.Context(), Query{End: end})
	})
}
