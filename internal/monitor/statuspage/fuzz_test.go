package statuspage

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func FuzzSpec(f *testing.F) {
	f.Add([]byte(shop))
	f.Add([]byte(`{"title":"x","slug":"../x","groups":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		spec, err := ParseSpec(raw)
		if err != nil {
			return
		}
		if strings.ContainsAny(spec.Slug, "/.?# ") {
			t.Fatalf("%q", spec.Slug)
		}
		if _, err := execute("page", &Shown{Title: spec.Title, Slug: spec.Slug, Description: spec.Description, TimeZone: "UTC"}, "UTC"); err != nil {
			t.Fatal(err)
		}
	})
}

// BenchmarkServePage answers from memory.
func BenchmarkServePage(b *testing.B) {
	c := &Component{writes: make(chan struct{}, 8)}
	shown := &Shown{Title: "The shop", Slug: "shop", TimeZone: "UTC", Groups: []ShownGroup{{Components: make([]ShownPart, 20)}}}
	for i := range shown.Groups[0].Components {
		shown.Groups[0].Components[i].Days = make([]ShownDay, 90)
	}
	r, err := c.render(shown, true)
	if err != nil {
		b.Fatal(err)
	}
	c.served.Store(&map[string]*rendered{"shop": r})
	h := c.Front(http.NotFoundHandler())
	request := httptest.NewRequest("GET", "/status/shop", nil)
	request.Header.Set("Accept-Encoding", "gzip")
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), request)
	}
	b.ReportMetric(float64(len(r.files[""].gzipped)), "bytes/page")
}
