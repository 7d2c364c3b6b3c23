package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Styles may be inline because the component library positions popovers with
// style attributes; scripts may not.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

const unbuilt = "The console is not part of this build. Run `make build`. The API is under /api/v1.\n"

// Handler serves the console. It is safe for concurrent use.
func Handler() http.Handler { return newHandler(files()) }

func newHandler(dist fs.FS) *handler { return &handler{dist: dist, cache: map[string]*file{}} }

type handler struct {
	dist fs.FS

	mu    sync.Mutex
	cache map[string]*file
}

// file is one embedded file, as it is and compressed where that helps.
type file struct {
	kind, etag string
	plain, gz  []byte
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	hashed := strings.HasPrefix(name, "assets/")
	f := h.load(name)
	if f == nil && !hashed && !strings.Contains(path.Base(name), ".") {
		name = "index.html"
		f = h.load(name)
	}
	if f == nil && name == "index.html" {
		http.Error(w, unbuilt, http.StatusServiceUnavailable)
		return
	}
	if f == nil {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Content-Security-Policy", policy)
	if hashed {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	f.write(w, r)
}

func (f *file) write(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("ETag", f.etag)
	header.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.gz != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		body = f.gz
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader went away: nobody is left to tell
}

// load returns a file, compressed the first time it is asked for; nil when there is none.
func (h *handler) load(name string) *file {
	if path.Base(name) == ".gitkeep" {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.cache[name]; f != nil {
		return f
	}
	plain, err := fs.ReadFile(h.dist, name)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(plain)
	f := &file{kind: kindOf(name), etag: `W/"` + hex.EncodeToString(sum[:8]) + `"`, plain: plain}
	if compressible(f.kind) && len(plain) > 1024 {
		f.gz = compress(plain)
	}
	h.cache[name] = f
	return f
}

func compress(plain []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is valid: it cannot fail
	_, _ = z.Write(plain)                                   // neither can a buffer
	_ = z.Close()
	return out.Bytes()
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "javascript") || strings.Contains(kind, "json") || strings.Contains(kind, "svg")
}

// kindOf does not depend on the machine's MIME table for what a console holds.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}
