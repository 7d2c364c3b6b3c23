package metricstore

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// admitting bounds the body and refuses while the guard is closed, in the way
// senders understand: 503 with Retry-After, so they keep their samples.
func (s *local) admitting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "only POST", http.StatusMethodNotAllowed)
			return
		}
		if err := s.guard.admit(1); err != nil {
			w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		body, err := plainBody(w, r, s.cfg.MaxBody)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		defer body.Close()
		r.Body = body
		next.ServeHTTP(w, r)
	})
}

// plainBody bounds the body and undoes gzip, whose expansion is bounded as well.
func plainBody(w http.ResponseWriter, r *http.Request, limit int64) (io.ReadCloser, error) {
	body := http.MaxBytesReader(w, r.Body, limit)
	if r.Header.Get("Content-Encoding") != "gzip" {
		return body, nil
	}
	unzipped, err := gzip.NewReader(body)
	if err != nil {
		return nil, errors.New("the body is not gzip")
	}
	r.Header.Del("Content-Encoding")
	return http.MaxBytesReader(w, unzipped, limit), nil
}
