package statuspage

import (
	"net/http"
	"strconv"
	"strings"
)

// Front answers requests for public pages from memory, before next: no store,
// session or limit of others is asked. Everything else is for next.
func (c *Component) Front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ours := strings.CutPrefix(r.URL.Path, "/status/")
		if !ours || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		slug, name, _ := strings.Cut(rest, "/")
		page := (*c.served.Load())[slug]
		if page == nil || !page.public {
			next.ServeHTTP(w, r)
			return
		}
		f, ok := page.files[name]
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		select {
		case c.writes <- struct{}{}:
			defer func() { <-c.writes }()
			w.Header().Set("Cache-Control", "public, max-age=10")
			f.write(w, r)
		default:
			w.Header().Set("Retry-After", "2")
			http.Error(w, "too many at once", http.StatusServiceUnavailable)
		}
	})
}

func (f file) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Content-Security-Policy", policy())
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	text := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		text = f.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if r.Method != http.MethodHead {
		w.Write(text)
	}
}

// address is how people outside reach this installation.
func (c *Component) address() string {
	if c.deps.Address == nil {
		return ""
	}
	return strings.TrimSuffix(c.deps.Address(), "/")
}
