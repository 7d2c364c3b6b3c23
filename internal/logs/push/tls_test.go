package push

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"mainstay/test/peers"
)

// TestSendersOverTLS has Debian's Python send over TLS: with a certificate that
// the receiver asks for, without one, and without TLS.
func TestSendersOverTLS(t *testing.T) {
	t.Parallel()
	certificate, key := peers.Credentials(t)
	c, store, list := newSockets(t, func(cfg *Configuration) {
		cfg.GELF.Certificate, cfg.GELF.Key, cfg.GELF.ClientCA = certificate, key, certificate
		cfg.Forward.Certificate, cfg.Forward.Key, cfg.Forward.ClientCA = certificate, key, certificate
	})
	_, gelf, forward := c.Addresses()
	port := func(a net.Addr) string { return fmt.Sprint(a.(*net.TCPAddr).Port) }
	out := peers.RunPython(t, `
import socket, ssl, sys
certificate, key, gelf, forward = sys.argv[1:]
def open(port, own):
    context = ssl.create_default_context(cafile=certificate)
    if own: context.load_cert_chain(certificate, key)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", int(port)), timeout=60), server_hostname="localhost")
def gelf_of(text): return b'{"version":"1.1","host":"db1","short_message":"' + text + b'"}\0'
def forward_of(text): return b"\x94\xa1t\x01\x81\xa7message" + bytes([0xa0 + len(text)]) + text + b"\x81\xa5chunk\xa2c1"
for name, port, of, answer in [("gelf", gelf, gelf_of, 0), ("forward", forward, forward_of, 9)]:
    with open(port, True) as s:
        s.sendall(of(name.encode() + b" secure"))
        print(name, s.version(), len(s.recv(100)) if answer else 0)
    try:
        with open(port, False) as s:
            s.sendall(of(b"without"))
            print(name, "let in" if s.recv(1) else "closed")
    except (ssl.SSLError, ConnectionError):
        print(name, "refused")
    with socket.create_connection(("127.0.0.1", int(port)), timeout=60) as s:
        s.sendall(of(b"plain"))
        s.shutdown(socket.SHUT_WR)
        while s.recv(100): pass
`, certificate, key, port(gelf), port(forward))
	if want := "gelf TLSv1.3 0\ngelf refused\nforward TLSv1.3 8\nforward refused\n"; out != want {
		t.Errorf("%q", out)
	}
	store.until(t, "both", func() bool { return len(store.records) >= 2 })
	if got, want := store.messages(), []string{"forward secure", "gelf secure"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"gelf-tcp", "fluent-forward"} {
		if s := state(list, name); s.Taken != 1 || !strings.Contains(s.Trouble, "was refused") {
			t.Errorf("%+v", s)
		}
	}
}
