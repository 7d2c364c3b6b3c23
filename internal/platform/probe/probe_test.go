package probe_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/probe"
)

func expect(t *testing.T, spec probe.Spec, state probe.State, contains string) probe.Result {
	t.Helper()
	res := probe.Run(context.Background(), spec)
	if res.State != state || !strings.Contains(res.Output, contains) {
		t.Fatalf("got %s %q, want %s with %q (%s)", res.State, res.Output, state, contains, res.Detail)
	}
	if res.Started.IsZero() || res.Duration <= 0 {
		t.Fatalf("no times in %+v", res)
	}
	return res
}

func TestTCP(t *testing.T) {
	t.Parallel()
	port, err := coretest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, "220 ready\r\n")
		}
	}()
	address := l.Addr().String()
	res := expect(t, probe.Spec{TCP: &probe.TCP{Address: address, Expect: "^220 "}}, probe.OK, "connected")
	if len(res.Metrics) != 1 || res.Metrics[0].Unit != "seconds" {
		t.Errorf("%+v", res.Metrics)
	}
	expect(t, probe.Spec{TCP: &probe.TCP{Address: address, Expect: "^500 "}, Timeout: probe.Duration(50 * time.Millisecond)}, probe.Critical, "does not match")
	expect(t, probe.Spec{TCP: &probe.TCP{Address: address, Latency: &probe.Limits{Warning: 1}}}, probe.Warning, "above 1ns")
	if err := coretest.Shut(l); err != nil {
		t.Fatal(err)
	}
	expect(t, probe.Spec{TCP: &probe.TCP{Address: address}}, probe.Critical, "connection refused")
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "all is well, "+r.Header.Get("X-Name")) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no database", 500) })
	mux.Handle("/moved", http.RedirectHandler("/", http.StatusFound))
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	at := func(path string) *probe.HTTP { return &probe.HTTP{URL: server.URL + path} }

	h := at("/")
	h.Match, h.Headers = "well, bob$", map[string]string{"X-Name": "bob"}
	res := expect(t, probe.Spec{HTTP: h}, probe.OK, "200 OK")
	if len(res.Metrics) != 5 {
		t.Errorf("%+v", res.Metrics)
	}
	expect(t, probe.Spec{HTTP: at("/broken")}, probe.Critical, "status 500 is not accepted")
	h = at("/broken")
	h.Status = []string{"2xx", "500-503"}
	expect(t, probe.Spec{HTTP: h}, probe.OK, "500")
	h = at("/")
	h.NoMatch = "well"
	expect(t, probe.Spec{HTTP: h}, probe.Critical, "the body matches")
	expect(t, probe.Spec{HTTP: at("/moved")}, probe.OK, "200")
	h = at("/moved")
	h.NoRedirect = true
	expect(t, probe.Spec{HTTP: h}, probe.OK, "302")
	expect(t, probe.Spec{HTTP: at("/slow"), Timeout: probe.Duration(30 * time.Millisecond)}, probe.Critical, "no answer in time")

	guarded := probe.Runner{Allow: func(ip netip.Addr) error {
		if ip.IsLoopback() {
			return errors.New("loopback is off limits")
		}
		return nil
	}}
	if res := guarded.Run(context.Background(), probe.Spec{HTTP: at("/")}); res.State != probe.Unknown || !strings.Contains(res.Output, "off limits") {
		t.Fatalf("%+v", res)
	}
}

func TestHTTPSCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{}
	server.StartTLS()
	t.Cleanup(server.Close)
	spec := probe.HTTP{URL: server.URL, Status: []string{"404"}}
	expect(t, probe.Spec{HTTP: &spec}, probe.Critical, "certificate")
	spec.Insecure, spec.Certificate = true, &probe.Expiry{WarningDays: 1_000_000}
	res := expect(t, probe.Spec{HTTP: &spec}, probe.Warning, "the certificate ends in")
	if m := res.Metrics[len(res.Metrics)-1]; m.Name != "certificate_left" || m.Value < 1 {
		t.Errorf("%+v", m)
	}
}

func TestDNS(t *testing.T) {
	t.Parallel()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		switch {
		case q.Question[0].Name == "missing.example.":
			m.Rcode = dns.RcodeNameError
		case q.Question[0].Qtype == dns.TypeA:
			rr, _ := dns.NewRR("www.example. 60 IN A 192.0.2.7")
			m.Answer = append(m.Answer, rr)
		case q.Question[0].Qtype == dns.TypeMX:
			rr, _ := dns.NewRR("www.example. 60 IN MX 10 mail.example.")
			m.Answer = append(m.Answer, rr)
		}
		_ = w.WriteMsg(m)
	})
	server := &dns.Server{PacketConn: pc, Handler: handler}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	at := pc.LocalAddr().String()
	expect(t, probe.Spec{DNS: &probe.DNS{Name: "www.example", Server: at, Expect: []string{"192.0.2.7"}}}, probe.OK, "192.0.2.7")
	expect(t, probe.Spec{DNS: &probe.DNS{Name: "www.example", Type: "mx", Server: at, Expect: []string{"10 mail.example"}}}, probe.OK, "mail.example")
	expect(t, probe.Spec{DNS: &probe.DNS{Name: "www.example", Server: at, Expect: []string{"192.0.2.8"}}}, probe.Critical, "not in the answer")
	expect(t, probe.Spec{DNS: &probe.DNS{Name: "missing.example", Server: at}}, probe.Critical, "NXDOMAIN")
	expect(t, probe.Spec{DNS: &probe.DNS{Name: "missing.example", Server: at, RCode: "NXDOMAIN"}}, probe.OK, "missing")
	expect(t, probe.Spec{DNS: &probe.DNS{Name: "www.example", Type: "TXT", Server: at}}, probe.Critical, "no answer of this type")
}

func TestICMP(t *testing.T) {
	t.Parallel()
	res := probe.Run(context.Background(), probe.Spec{ICMP: &probe.ICMP{Address: "127.0.0.1"}, Timeout: probe.Duration(3 * time.Second)})
	if res.State == probe.Unknown && strings.Contains(res.Output, "may not send ICMP") {
		t.Skip(res.Output)
	}
	if res.State != probe.OK || !strings.Contains(res.Output, "3 of 3 answered") {
		t.Fatalf("%+v", res)
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	self, none := filepath.Base(os.Args[0]), 0
	spec := probe.Process{Command: strings.ReplaceAll(self, ".", `\.`)}
	expect(t, probe.Spec{Process: &spec}, probe.OK, "processes of")
	spec.Min, spec.Max = &none, &none
	expect(t, probe.Spec{Process: &spec}, probe.Critical, "at most 0")
	expect(t, probe.Spec{Process: &probe.Process{Name: "no-such-process"}}, probe.Critical, "at least 1")
}

func TestServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	res := probe.Run(context.Background(), probe.Spec{Service: &probe.Service{Name: "no-such-service"}})
	if res.State == probe.OK {
		t.Fatalf("%+v", res)
	}
}

func TestValidateNamesTheField(t *testing.T) {
	t.Parallel()
	for field, spec := range map[string]probe.Spec{
		"spec":                      {},
		"spec.http.url":             {HTTP: &probe.HTTP{URL: "ftp://x"}},
		"spec.http.match":           {HTTP: &probe.HTTP{URL: "http://x", Match: "("}},
		"spec.http.status[1]":       {HTTP: &probe.HTTP{URL: "http://x", Status: []string{"200", "2x"}}},
		"spec.http.latency.warning": {HTTP: &probe.HTTP{URL: "http://x", Latency: &probe.Limits{Warning: 2, Critical: 1}}},
		"spec.tcp.address":          {TCP: &probe.TCP{Address: "host"}},
		"spec.dns.type":             {DNS: &probe.DNS{Name: "x", Type: "Q"}},
		"spec.icmp.address":         {ICMP: &probe.ICMP{}},
		"spec.process.name":         {Process: &probe.Process{}},
		"spec.service.name":         {Service: &probe.Service{Name: "--help"}},
		"spec.command.path":         {Command: &probe.Command{Path: "check"}},
		"spec.timeout":              {Timeout: -1, TCP: &probe.TCP{Address: "h:1"}},
	} {
		bad := spec.Validate("spec.")
		if len(bad) != 1 || bad[0].Field != field {
			t.Errorf("want %s, got %v", field, bad)
		}
	}
}

func TestSpecTravelsAsJSON(t *testing.T) {
	t.Parallel()
	var spec probe.Spec
	if err := json.Unmarshal([]byte(`{"timeout":"5s","http":{"url":"http://x","latency":{"warning":"200ms"}}}`), &spec); err != nil {
		t.Fatal(err)
	}
	if spec.Kind() != "http" || spec.Timeout.Std() != 5*time.Second || spec.HTTP.Latency.Warning.Std() != 200*time.Millisecond {
		t.Fatalf("%+v", spec)
	}
	raw, err := json.Marshal(probe.Result{State: probe.Critical, Output: "x", Duration: probe.Duration(time.Second)})
	if err != nil || !strings.Contains(string(raw), `"state":"critical"`) || !strings.Contains(string(raw), `"duration":"1s"`) {
		t.Fatalf("%s %v", raw, err)
	}
	var back probe.Result
	if err := json.Unmarshal(raw, &back); err != nil || back.State != probe.Critical {
		t.Fatalf("%+v %v", back, err)
	}
}

func TestDurationsAreWrittenShort(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "0s", time.Second: "1s", 90 * time.Second: "1m30s", time.Minute: "1m", 24 * time.Hour: "24h", 90 * time.Minute: "1h30m", 10 * time.Minute: "10m", 20 * time.Second: "20s", time.Hour + time.Second: "1h0m1s"} {
		text, err := probe.Duration(d).MarshalText()
		var back probe.Duration
		if err != nil || string(text) != want || back.UnmarshalText(text) != nil || back.Std() != d {
			t.Errorf("%v is written %s", d, text)
		}
	}
}
