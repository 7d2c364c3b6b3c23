package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, h http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var built = fstest.MapFS{
	"index.html":         {Data: []byte("<!doctype html>page")},
	"favicon.svg":        {Data: []byte("<svg/>")},
	".gitkeep":           {},
	"assets/main-a1b.js": {Data: []byte(strings.Repeat("export const a = 1;\n", 200))},
}

func TestHandler(t *testing.T) {
	t.Parallel()
	h := newHandler(built)
	cases := []struct {
		target string
		status int
		kind   string
		cache  string
	}{
		{"/", 200, "text/html; charset=utf-8", "no-cache"},
		{"/index.html", 200, "text/html; charset=utf-8", "no-cache"},
		{"/situations/01ABC?tab=x", 200, "text/html; charset=utf-8", "no-cache"},
		{"/favicon.svg", 200, "image/svg+xml", "no-cache"},
		{"/assets/main-a1b.js", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/main-old.js", 404, "text/plain; charset=utf-8", ""},
		{"/assets/none", 404, "text/plain; charset=utf-8", ""},
		{"/missing.png", 404, "text/plain; charset=utf-8", ""},
		{"/.gitkeep", 404, "text/plain; charset=utf-8", ""},
		{"/../../etc/passwd", 200, "text/html; charset=utf-8", "no-cache"},
	}
	for _, c := range cases {
		res := get(t, h, "GET", c.target)
		if res.StatusCode != c.status || res.Header.Get("Content-Type") != c.kind || res.Header.Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %q %q, want %d %q %q", c.target, res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("Cache-Control"), c.status, c.kind, c.cache)
		}
	}
	csp := get(t, h, "GET", "/").Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe-eval") {
		t.Errorf("policy lets scripts in: %s", csp)
	}
}

func TestHandlerCompressesAndRevalidates(t *testing.T) {
	t.Parallel()
	h := newHandler(built)
	res := get(t, h, "GET", "/assets/main-a1b.js", "Accept-Encoding", "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("not compressed: %v", res.Header)
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, z); got != string(built["assets/main-a1b.js"].Data) {
		t.Error("the compressed file differs")
	}
	if res := get(t, h, "GET", "/", "If-None-Match", get(t, h, "GET", "/").Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged page answered %d", res.StatusCode)
	}
	if res := get(t, h, "HEAD", "/"); text(t, res.Body) != "" || res.Header.Get("Content-Length") == "" {
		t.Error("HEAD must answer the headers alone")
	}
	if res := get(t, h, "POST", "/"); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST answered %d", res.StatusCode)
	}
}

func TestHandlerUnbuilt(t *testing.T) {
	t.Parallel()
	res := get(t, newHandler(fstest.MapFS{".gitkeep": {}}), "GET", "/")
	if res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text(t, res.Body), "make build") {
		t.Errorf("an unbuilt console answered %d", res.StatusCode)
	}
}
