package probe_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/probe"
)

func text(s string) *string     { return &s }
func figure(v float64) *float64 { return &v }

// shop is a site with a sign-in by form, a token, and an order.
func shop(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<form><input name="csrf" value="k-77"></form>`)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("csrf") != "k-77" || r.FormValue("password") != "p&=w" {
			http.Error(w, "wrong password "+r.FormValue("password"), http.StatusUnauthorized)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1", Path: "/"})
		w.Header().Set("Location", "/orders/42")
		w.WriteHeader(http.StatusSeeOther)
	})
	mux.HandleFunc("/orders/42", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err != nil || c.Value != "s1" {
			http.Error(w, "who are you", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id": 42, "state": "open", "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 5}], "total": 12.5}`)
	})
	mux.HandleFunc("/items/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "item %s for %s", r.URL.Path[len("/items/"):], r.Header.Get("Authorization"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestJourney(t *testing.T) {
	t.Parallel()
	site := shop(t)
	journey := func() *probe.Journey {
		return &probe.Journey{
			Variables: map[string]string{"base": site.URL, "password": "p&=w"},
			Steps: []probe.JourneyStep{
				{Name: "form", HTTP: probe.HTTP{URL: "${base}/login"}, Extract: []probe.Extraction{{Name: "csrf", Regexp: `name="csrf" value="([^"]+)"`}}},
				{Name: "sign in", HTTP: probe.HTTP{URL: "${base}/login", Form: map[string]string{"csrf": "${csrf}", "password": "${password}"}, NoRedirect: true, Status: []string{"303"}},
					Extract: []probe.Extraction{{Name: "where", Header: "Location"}, {Name: "id", Header: "Location", Regexp: `\d+$`}, {Name: "sid", Cookie: "session"}}},
				{Name: "order", HTTP: probe.HTTP{URL: "${base}${where}", JSON: []probe.JSONRule{{Path: "$.id", Equals: text("${id}")}, {Path: "$.lines[*].n", Bounds: probe.Bounds{CriticalAbove: figure(10)}},
					{Path: "$.state", Match: "^(open|paid)$"}, {Path: "$.error", Absent: true}}},
					Extract: []probe.Extraction{{Name: "sku", JSON: "$.lines[?@.n > 2].sku"}, {Name: "total", JSON: "$.total", Metric: true}}},
				{Name: "item", HTTP: probe.HTTP{URL: "${base}/items/${sku}", Bearer: "t-${sid}", Match: "^item b for Bearer t-s1$"}},
			},
		}
	}
	res := expect(t, probe.Spec{Journey: journey()}, probe.OK, "4 steps in")
	figures := map[string]float64{}
	for _, m := range res.Metrics {
		figures[m.Name] = m.Value
	}
	if figures["total"] != 12.5 || figures["time sign in"] <= 0 || figures["time"] < figures["time sign in"] {
		t.Errorf("%+v", res.Metrics)
	}

	wrong := journey()
	wrong.Variables["password"] = "no"
	res = expect(t, probe.Spec{Journey: wrong}, probe.Critical, "step 2, sign in: 401 Unauthorized")
	if strings.Contains(res.Detail, "item") {
		t.Errorf("it went on: %s", res.Detail)
	}
	forgot := journey()
	forgot.Steps[0].Extract[0].Regexp = "nothing"
	expect(t, probe.Spec{Journey: forgot}, probe.Critical, "step 1, form: 200 OK")
	slow := journey()
	slow.Steps[2].Latency = &probe.Limits{Warning: 1}
	res = expect(t, probe.Spec{Journey: slow}, probe.Warning, "step 3, order: 200 OK")
	if !strings.Contains(res.Detail, "item: ok") {
		t.Errorf("a warning ended it: %s", res.Detail)
	}
	bad := journey().Steps
	bad[0].URL, bad[1].Name = "${base}/${csrf}", "form"
	found := probe.Spec{Journey: &probe.Journey{Variables: map[string]string{"base": "http://x"}, Steps: bad}}.Validate("")
	var fields []string
	for _, d := range found {
		fields = append(fields, d.Field)
	}
	if got := strings.Join(fields, " "); got != "journey.steps[0].url journey.steps[1].name journey.steps[1].form.password" {
		t.Error(got)
	}
}

func TestHTTPOptions(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/private", func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "bob" || password != "pw" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("/status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Version", "1.2")
		fmt.Fprint(w, `{"queue": 7, "nodes": [{"up": true}, {"up": false}]}`)
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 64<<10)
		for sent := 0; sent < 100<<20 && r.Context().Err() == nil; sent += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "a")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/circle", http.StatusFound) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	http1 := func(path string, change func(*probe.HTTP)) probe.Spec {
		h := &probe.HTTP{URL: server.URL + path}
		change(h)
		return probe.Spec{HTTP: h}
	}
	expect(t, http1("/private", func(h *probe.HTTP) { h.Basic = &probe.Basic{User: "bob", Password: "pw"} }), probe.OK, "200")
	expect(t, http1("/private", func(h *probe.HTTP) { h.Basic = &probe.Basic{User: "bob", Password: "no"} }), probe.Critical, "401")
	expect(t, http1("/private", func(h *probe.HTTP) {
		h.Headers = map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("bob:pw"))}
	}), probe.OK, "200")
	res := expect(t, http1("/status", func(h *probe.HTTP) {
		h.JSON = []probe.JSONRule{{Path: "$.queue", Name: "queue", Bounds: probe.Bounds{WarningAbove: figure(5), CriticalAbove: figure(10)}}}
	}), probe.Warning, "$.queue is 7, above 5")
	names := map[string]bool{}
	for _, m := range res.Metrics {
		names[m.Name] = true
	}
	if !names["queue"] || !names["time_first_byte"] || !names["time_connect"] {
		t.Errorf("%+v", res.Metrics)
	}
	expect(t, http1("/status", func(h *probe.HTTP) { h.JSON = []probe.JSONRule{{Path: "$.nodes[*].up", Equals: text("true")}} }), probe.Critical, "$.nodes[*].up is false, not true")
	expect(t, http1("/status", func(h *probe.HTTP) { h.JSON = []probe.JSONRule{{Path: "$.absent"}} }), probe.Critical, "$.absent is missing")
	expect(t, http1("/status", func(h *probe.HTTP) { h.HeaderMatch = map[string]string{"X-Version": `^2\.`} }), probe.Critical, "X-Version does not match")
	expect(t, http1("/private", func(h *probe.HTTP) {
		h.Basic = &probe.Basic{User: "bob", Password: "pw"}
		h.JSON = []probe.JSONRule{{Path: "$.a"}}
	}), probe.Critical, "not JSON")
	res = expect(t, http1("/huge", func(*probe.HTTP) {}), probe.OK, "200")
	if len(res.Detail) > 8<<10 {
		t.Error(len(res.Detail))
	}
	expect(t, http1("/huge", func(h *probe.HTTP) { h.MaxBody = 4096 }), probe.Critical, "the body has more than 4096 bytes")
	dripping := http1("/drip", func(*probe.HTTP) {})
	dripping.Timeout = probe.Duration(100 * time.Millisecond)
	expect(t, dripping, probe.Critical, "the body broke off: no answer in time")
	expect(t, http1("/circle", func(h *probe.HTTP) { h.MaxRedirects = 3 }), probe.Critical, "more than 3 redirections")
	expect(t, http1("/status", func(h *probe.HTTP) { h.IPVersion = 6 }), probe.Critical, "")
	proxied := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if proxied++; r.URL.Host != "site.example" {
			t.Errorf("asked for %s", r.URL)
		}
		fmt.Fprint(w, "through the proxy")
	}))
	t.Cleanup(proxy.Close)
	expect(t, probe.Spec{HTTP: &probe.HTTP{URL: "http://site.example/", Proxy: proxy.URL, Match: "through"}}, probe.OK, "200")
	if proxied != 1 {
		t.Error(proxied)
	}
}
