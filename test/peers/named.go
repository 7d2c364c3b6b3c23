package peers

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// StartNamed starts a name server for the zone example.test, signed with NSEC3: ns, www
// (192.0.2.7) and *.apps (192.0.2.9). It returns the DS record of the zone, too.
func StartNamed(t testing.TB) (d *Daemon, ds string) {
	t.Helper()
	d = newDaemon(t, "named")
	program, keygen, sign := require(t, "named", "bind9"), require(t, "dnssec-keygen", "bind9-utils"), require(t, "dnssec-signzone", "bind9-utils")
	d.run(keygen, "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", ".", "example.test")
	d.run(keygen, "-q", "-a", "ECDSAP256SHA256", "-K", ".", "example.test")
	d.write("zone", "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.7\n*.apps A 192.0.2.9\n")
	d.run(sign, "-q", "-S", "-3", "ab", "-K", ".", "-o", "example.test", "-f", "zone.signed", "zone")
	text, err := os.ReadFile(filepath.Join(d.Dir, "dsset-example.test."))
	if err != nil {
		t.Fatal(err)
	}
	config := d.write("named.conf", `options {
	directory "$DIR"; listen-on port $PORT { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none;
};
controls {};
zone "example.test" { type primary; file "zone.signed"; };
`)
	d.start("tcp", program, "-g", "-c", config)
	// It listens before it has read the zone.
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", d.Address())
	}}
	answers := func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := resolver.LookupHost(ctx, "www.example.test.")
		return err == nil
	}
	if err := d.process.until(program, answers); err != nil {
		t.Fatal(err)
	}
	return d, strings.TrimSpace(string(text))
}

func portOf(d *Daemon) string { return fmt.Sprint(d.Port) }
