package probe_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/crypto/ssh"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"mainstay/internal/platform/probe"
)

// authority signs certificates for tests.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	PEM  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(1000 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, key, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))}
}

// issue makes a certificate for a name that ends after a while.
func (a *authority) issue(name string, from, left time.Duration) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(left), DNSNames: []string{name}}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// serve accepts connections until the test ends, and returns the address.
func serve(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); talk(c) }()
		}
	}()
	return l.Addr().String()
}

// script is a server that says greeting and answers lines that begin with a key.
func script(t *testing.T, greeting string, answers map[string]string, secure *tls.Config) string {
	return serve(t, func(c net.Conn) {
		fmt.Fprint(c, greeting)
		in := bufio.NewReader(c)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			for key, answer := range answers {
				if !strings.Contains(line, key) {
					continue
				}
				fmt.Fprint(c, answer)
				if strings.Contains(line, "STARTTLS") || strings.Contains(line, "STLS") || strings.Contains(line, "AUTH TLS") {
					s := tls.Server(c, secure)
					if s.Handshake() != nil {
						return
					}
					c, in = s, bufio.NewReader(s)
				}
			}
		}
	})
}

func TestGreetings(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	secure := &tls.Config{Certificates: []tls.Certificate{ca.issue("mail.example", -time.Hour, 100*time.Hour)}}
	smtp := script(t, "220-mail.example\r\n220 ready\r\n", map[string]string{"EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n", "STARTTLS": "220 go\r\n"}, secure)
	peer := probe.Peer{CA: ca.PEM, ServerName: "mail.example"}
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: smtp, Expect: "ready$"}}}, probe.OK, "mail.example ready")
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: smtp, Expect: "busy"}}}, probe.Critical, "does not match busy")
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: smtp, StartTLS: true, Capabilities: []string{"auth login"}, Peer: peer}}}, probe.OK, "ready")
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: smtp, Capabilities: []string{"AUTH GSSAPI"}}}}, probe.Critical, "AUTH GSSAPI is not offered")
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: smtp, StartTLS: true, Peer: probe.Peer{CA: ca.PEM}}}}, probe.Critical, "not for this name")
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: smtp, StartTLS: true, Peer: probe.Peer{CA: ca.PEM, ServerName: "mail.example", Certificate: &probe.Expiry{WarningDays: 10}}}}}, probe.Warning, "ends in 4 days")

	imap := script(t, "* OK ready\r\n", map[string]string{"CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\na OK done\r\n", "STARTTLS": "a OK go\r\n"}, secure)
	expect(t, probe.Spec{IMAP: &probe.IMAP{Greeting: probe.Greeting{Address: imap, StartTLS: true, Capabilities: []string{"IDLE"}, Peer: peer}}}, probe.OK, "ready")
	expect(t, probe.Spec{IMAP: &probe.IMAP{Greeting: probe.Greeting{Address: smtp}}}, probe.Critical, "the greeting is")
	bye := script(t, "* BYE too many\r\n", nil, nil)
	expect(t, probe.Spec{IMAP: &probe.IMAP{Greeting: probe.Greeting{Address: bye}}}, probe.Critical, "BYE too many")

	pop := script(t, "+OK ready\r\n", map[string]string{"CAPA": "+OK list\r\nUIDL\r\nSTLS\r\n.\r\n", "STLS": "+OK go\r\n"}, secure)
	expect(t, probe.Spec{POP3: &probe.POP3{Greeting: probe.Greeting{Address: pop, StartTLS: true, Capabilities: []string{"UIDL"}, Peer: peer}}}, probe.OK, "ready")

	ftp := script(t, "220-Hello\r\n of many lines\r\n220 end\r\n", map[string]string{"FEAT": "211-Features:\r\n MDTM\r\n AUTH TLS\r\n211 End\r\n", "AUTH TLS": "234 go\r\n"}, secure)
	expect(t, probe.Spec{FTP: &probe.FTP{Greeting: probe.Greeting{Address: ftp, StartTLS: true, Capabilities: []string{"MDTM"}, Peer: peer}}}, probe.OK, "of many lines")
	for _, name := range []string{"smtp", "imap", "pop3", "ftp"} {
		address := map[string]string{"smtp": smtp, "imap": imap, "pop3": pop, "ftp": ftp}[name]
		expect(t, probe.Spec{TLS: &probe.TLS{Address: address, StartTLS: name, Peer: peer}}, probe.OK, "TLS 1.3")
	}

	hang := serve(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: hang}}, Timeout: probe.Duration(30 * time.Millisecond)}, probe.Critical, "no answer in time")
	flood := serve(t, func(c net.Conn) { _, _ = c.Write(make([]byte, 10<<20)) })
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: flood}}}, probe.Critical, "a line of more than")
	endless := serve(t, func(c net.Conn) {
		for err := error(nil); err == nil; {
			_, err = fmt.Fprint(c, "220-more\r\n")
		}
	})
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: endless}}}, probe.Critical, "more than 256 lines")
	injected := script(t, "220 ready\r\n", map[string]string{"EHLO": "250-x\r\n250 STARTTLS\r\n", "STARTTLS": "220 go\r\n250 injected\r\n"}, secure)
	expect(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: injected, StartTLS: true, Peer: peer}}}, probe.Critical, "ahead of TLS")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	at := func(cert tls.Certificate, most uint16) string {
		return serve(t, func(c net.Conn) {
			s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: most})
			if s.Handshake() == nil {
				_, _ = s.Read(make([]byte, 1))
			}
		})
	}
	good := ca.issue("web.example", -time.Hour, 100*time.Hour)
	peer := probe.Peer{CA: ca.PEM, ServerName: "web.example"}
	address := at(good, tls.VersionTLS13)
	res := expect(t, probe.Spec{TLS: &probe.TLS{Address: address, Peer: peer}}, probe.OK, "TLS 1.3")
	if !strings.Contains(res.Detail, "issued by CN=Test authority") {
		t.Errorf("%s", res.Detail)
	}
	expect(t, probe.Spec{TLS: &probe.TLS{Address: address, Peer: peer, Refuse: []string{"1.0", "1.1"}}}, probe.Critical, "TLS 1.0 is accepted; TLS 1.1 is accepted")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: at(good, tls.VersionTLS11), Peer: peer}}, probe.Critical, "it chose TLS 1.1")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: at(good, tls.VersionTLS12), Peer: peer, Refuse: []string{"1.3"}}}, probe.OK, "TLS 1.2")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: address, Peer: probe.Peer{ServerName: "web.example"}}}, probe.Critical, "unknown authority")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: address, Peer: probe.Peer{CA: ca.PEM, ServerName: "other.example"}}}, probe.Critical, "not for this name")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: at(ca.issue("web.example", -2*time.Hour, -time.Hour), tls.VersionTLS13), Peer: peer}}, probe.Critical, "expired on")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: at(ca.issue("web.example", time.Hour, 2*time.Hour), tls.VersionTLS13), Peer: peer}}, probe.Critical, "valid only from")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: address, Peer: peer, Fingerprint: strings.Repeat("ab", 32)}}, probe.Critical, "another one")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: address, Peer: peer, Issuer: "Let's Encrypt"}}, probe.Critical, "the issuer is CN=Test authority")
	expect(t, probe.Spec{TLS: &probe.TLS{Address: address, Peer: probe.Peer{CA: ca.PEM, ServerName: "web.example", Certificate: &probe.Expiry{CriticalDays: 5}}}}, probe.Critical, "ends in 4 days")
	plain := serve(t, func(c net.Conn) { fmt.Fprint(c, "HTTP/1.0 400 no\r\n\r\n") })
	expect(t, probe.Spec{TLS: &probe.TLS{Address: plain, Peer: peer}}, probe.Critical, "does not look like a TLS handshake")
	expect(t, probe.Spec{TCP: &probe.TCP{Address: address, TLS: true, Insecure: true, Certificate: &probe.Expiry{WarningDays: 9}}}, probe.Warning, "ends in 4 days")
}

func TestGRPC(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, state := grpc.NewServer(), health.NewServer()
	grpc_health_v1.RegisterHealthServer(server, state)
	state.SetServingStatus("orders", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	at := l.Addr().String()
	expect(t, probe.Spec{GRPC: &probe.GRPC{Address: at}}, probe.OK, "serving")
	expect(t, probe.Spec{GRPC: &probe.GRPC{Address: at, Service: "orders"}}, probe.Critical, "orders at "+at+": not serving")
	expect(t, probe.Spec{GRPC: &probe.GRPC{Address: at, Service: "nothing"}}, probe.Critical, "knows no such service")
	bare := grpc.NewServer()
	l2, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = bare.Serve(l2) }()
	t.Cleanup(bare.Stop)
	expect(t, probe.Spec{GRPC: &probe.GRPC{Address: l2.Addr().String()}}, probe.Unknown, "does not have the health protocol")
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	if res := probe.Run(context.Background(), probe.Spec{GRPC: &probe.GRPC{Address: web.Listener.Addr().String()}, Timeout: probe.Duration(time.Second)}); res.State != probe.Critical {
		t.Errorf("%+v", res)
	}
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/live" || r.Header.Get("X-Key") != "1" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}})
		if err != nil {
			return
		}
		defer c.CloseNow()
		_ = c.Write(r.Context(), websocket.MessageText, []byte("welcome"))
		_, message, err := c.Read(r.Context())
		if err == nil {
			_ = c.Write(r.Context(), websocket.MessageText, append([]byte("echo "), message...))
		}
		_, _, _ = c.Read(r.Context())
	}))
	t.Cleanup(server.Close)
	at := "ws" + strings.TrimPrefix(server.URL, "http") + "/live"
	headers := map[string]string{"X-Key": "1"}
	expect(t, probe.Spec{WebSocket: &probe.WebSocket{URL: at, Headers: headers, Subprotocol: "chat", Send: "ping", Expect: "^echo ping$"}}, probe.OK, "connected")
	expect(t, probe.Spec{WebSocket: &probe.WebSocket{URL: at, Headers: headers, Subprotocol: "other"}}, probe.Critical, "did not choose")
	expect(t, probe.Spec{WebSocket: &probe.WebSocket{URL: at, Headers: headers, Expect: "^bye"}, Timeout: probe.Duration(50 * time.Millisecond)}, probe.Critical, "no message matches")
	expect(t, probe.Spec{WebSocket: &probe.WebSocket{URL: at}}, probe.Critical, "403 Forbidden instead")
}

func TestSSH(t *testing.T) {
	t.Parallel()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{NoClientAuth: true, ServerVersion: "SSH-2.0-Test_1"}
	config.AddHostKey(signer)
	at := serve(t, func(c net.Conn) { _, _, _, _ = ssh.NewServerConn(c, config) })
	print := ssh.FingerprintSHA256(signer.PublicKey())
	expect(t, probe.Spec{SSH: &probe.SSH{Address: at, Expect: "Test_1", HostKeys: []string{print}}}, probe.OK, print)
	expect(t, probe.Spec{SSH: &probe.SSH{Address: at, HostKeys: []string{"SHA256:" + strings.Repeat("A", 43)}}}, probe.Critical, "none of those expected")
	expect(t, probe.Spec{SSH: &probe.SSH{Address: at, KeyType: "ssh-rsa"}}, probe.Critical, "SSH-2.0-Test_1")
	other := serve(t, func(c net.Conn) { fmt.Fprint(c, "220 mail\r\n") })
	expect(t, probe.Spec{SSH: &probe.SSH{Address: other}}, probe.Critical, other)
}

// TestGuardStandsBeforeEveryKind dials with each kind what may not be reached.
func TestGuardStandsBeforeEveryKind(t *testing.T) {
	t.Parallel()
	reached := make(chan string, 100)
	at := serve(t, func(c net.Conn) { reached <- "tcp" })
	datagrams, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { datagrams.Close() })
	go func() {
		if _, _, err := datagrams.ReadFrom(make([]byte, 1500)); err == nil {
			reached <- "udp"
		}
	}()
	udp := datagrams.LocalAddr().String()
	host, port, _ := net.SplitHostPort(at)
	_ = host
	at = net.JoinHostPort("localhost", port) // the name is resolved before the guard is asked
	greeting := probe.Greeting{Address: at}
	specs := []probe.Spec{
		{TCP: &probe.TCP{Address: at}}, {HTTP: &probe.HTTP{URL: "http://" + at}}, {TLS: &probe.TLS{Address: at}}, {TLS: &probe.TLS{Address: at, StartTLS: "ldap"}},
		{WebSocket: &probe.WebSocket{URL: "ws://" + at}}, {GRPC: &probe.GRPC{Address: at}}, {SMTP: &probe.SMTP{Greeting: greeting}}, {IMAP: &probe.IMAP{Greeting: greeting}},
		{POP3: &probe.POP3{Greeting: greeting}}, {FTP: &probe.FTP{Greeting: greeting}}, {SSH: &probe.SSH{Address: at}}, {LDAP: &probe.LDAP{URL: "ldap://" + at}},
		{Journey: &probe.Journey{Steps: []probe.JourneyStep{{Name: "a", HTTP: probe.HTTP{URL: "http://" + at}}}}},
		{HTTP: &probe.HTTP{URL: "http://192.0.2.1/", Proxy: "http://" + at}}, {HTTP: &probe.HTTP{URL: "http://192.0.2.1/", Proxy: "socks5://" + at}},
		{NTP: &probe.NTP{Server: udp}}, {SNMP: &probe.SNMP{Address: udp, Values: []probe.SNMPGet{{OID: "1.3.6.1.2.1.1.3.0"}}}}, {DNS: &probe.DNS{Name: "x.example", Server: udp}},
		{ICMP: &probe.ICMP{Address: "127.0.0.1"}},
	}
	guarded := probe.Runner{Allow: func(ip netip.Addr) error {
		if ip.IsLoopback() {
			return errors.New("loopback is off limits")
		}
		return nil
	}}
	for _, spec := range specs {
		if res := guarded.Run(context.Background(), spec); res.State != probe.Unknown || !strings.Contains(res.Output, "off limits") {
			t.Errorf("%s: %s %s", spec.Kind(), res.State, res.Output)
		}
	}
	select {
	case what := <-reached:
		t.Errorf("%s was reached", what)
	default:
	}
	for _, name := range []string{"sql", "browser"} {
		spec := map[string]probe.Spec{"sql": {SQL: &probe.SQL{Driver: "mysql", Address: at, User: "x"}}, "browser": {Browser: &probe.Browser{Steps: []probe.BrowserStep{{Name: "a", Open: "http://x/"}}}}}[name]
		expect(t, spec, probe.Unknown, "cannot run "+name+" checks")
	}
}
