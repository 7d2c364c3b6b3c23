package probe

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzSpec reads the specs of checks: every fault names its field, and what
// has none can be written and read again.
func FuzzSpec(f *testing.F) {
	for _, seed := range []string{
		`{"tcp": {"address": "db:5432", "send": "x", "expect": "(a|b)"}, "timeout": "5s"}`,
		`{"http": {"url": "https://[::1]:443/", "status": ["200-299"], "body": "ok"}}`,
		`{"http": {"url": "http://a b", "status": ["299-200", "x", "-"], "body": "("}}`,
		`{"dns": {"name": "example.org", "type": "AAAA", "server": "[::1"}}`, `{"icmp": {"host": "a", "count": -1}}`,
		`{"command": {"path": "../x", "args": ["\u0000"], "env": {"=": ""}}}`, `{"process": {"name": "x"}, "service": {"name": "y"}}`, `{"timeout": "9999h"}`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Spec
		if json.Unmarshal(text, &s) != nil {
			return
		}
		bad := s.Validate("spec.")
		for _, d := range bad {
			if !strings.HasPrefix(d.Field, "spec") || d.Rule == "" {
				t.Fatalf("%s: %+v", text, d)
			}
		}
		if len(bad) > 0 {
			return
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again Spec
		if err := json.Unmarshal(written, &again); err != nil || again.Kind() != s.Kind() || len(again.Validate("")) > 0 {
			t.Fatalf("%s became %s: %v", text, written, err)
		}
	})
}

// FuzzPlugin reads what plugins print, and bounds it.
func FuzzPlugin(f *testing.F) {
	f.Add("PING OK - 1 ms|rta=1ms;5;10;0 pl=0%\nmore\nand more|'a b'=1c\nc=2", "", 0)
	f.Add("", "no such host\n", 2)
	f.Add("|\n|\n", "\x00\xff", -1)
	f.Add(strings.Repeat("\u20ac", 300), "", 200)
	f.Fuzz(func(t *testing.T, stdout, stderr string, code int) {
		res := pluginResult(stdout, stderr, code, Result{})
		res.Bound()
		stored(t, res)
	})
}

// FuzzAnswer reads what an agent answers to a check.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"state": "ok", "output": "fine", "started": "2026-11-02T03:00:00Z", "duration": "1.5ms", "metrics": [{"name": "a", "value": 1, "unit": "seconds"}]}`))
	f.Add([]byte(`{"state": "on fire", "duration": "-1ns"}`))
	f.Add([]byte(`{"output": "a\u0000\nb", "metrics": [{"name": "\ud800", "value": 1e308}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var res Result
		if json.Unmarshal(text, &res) != nil {
			return
		}
		res.Bound()
		stored(t, res)
	})
}

// stored checks that a result is small text that every store keeps.
func stored(t *testing.T, res Result) {
	t.Helper()
	plain := func(s string, most int) bool {
		return len(s) <= most && utf8.ValidString(s) && !strings.Contains(s, "\x00")
	}
	if !plain(res.Output, maxOutput) || strings.Contains(res.Output, "\n") || !plain(res.Detail, maxDetail) || len(res.Metrics) > maxMetrics {
		t.Fatalf("%+v", res)
	}
	if res.State < OK || res.State > Unknown {
		t.Fatalf("state %d", res.State)
	}
	for _, m := range res.Metrics {
		if !plain(m.Name, 128) || !plain(m.Unit, 64) || !plain(m.Warn, 64) || math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			t.Fatalf("%+v", m)
		}
	}
	if _, err := json.Marshal(res); err != nil {
		t.Fatal(err)
	}
}
