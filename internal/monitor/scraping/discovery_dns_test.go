//go:build linux

package scraping

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"

	"mainstay/internal/platform/sqldb/sqldbtest"
)

// inside marks the process that has its own network and /etc/resolv.conf.
const inside = "MAINSTAY_TEST_DNS"

// DNS discovery asks the servers of /etc/resolv.conf at port 53, which a test
// cannot change for the machine: it runs itself again in namespaces of its own.
func TestDNSTellsWhatIsScraped(t *testing.T) {
	if os.Getenv(inside) != "" {
		followsDNS(t)
		return
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDNSTellsWhatIsScraped$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), inside+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		t.Skip("this machine gives no namespaces: ", err)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: TestDNSTellsWhatIsScraped") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// ownNetwork has lo up and 127.0.0.1 asked for names.
func ownNetwork(t *testing.T) {
	t.Helper()
	resolv := filepath.Join(os.Getenv(inside), "resolv.conf")
	if err := os.WriteFile(resolv, []byte("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(resolv, "/etc/resolv.conf", "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(err)
	}
}

// nameServer answers with a service record for each peer, with their addresses,
// and with all addresses under one name.
func nameServer(t *testing.T, state *changing) {
	t.Helper()
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, r *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(r)
		m.Authoritative = true
		q := r.Question[0]
		head := func(kind uint16) dns.RR_Header {
			return dns.RR_Header{Name: q.Name, Rrtype: kind, Class: dns.ClassINET, Ttl: 0}
		}
		_, peers, _ := state.look()
		known := q.Name == "_metrics._tcp.shop.example." || q.Name == "all.shop.example."
		for name, address := range peers {
			host, port, _ := net.SplitHostPort(address)
			n, _ := strconv.Atoi(port)
			own := name + ".shop.example."
			known = known || q.Name == own
			switch {
			case q.Qtype == dns.TypeSRV && q.Name == "_metrics._tcp.shop.example.":
				m.Answer = append(m.Answer, &dns.SRV{Hdr: head(dns.TypeSRV), Priority: 1, Weight: 1, Port: uint16(n), Target: own})
			case q.Qtype == dns.TypeA && (q.Name == own || q.Name == "all.shop.example."):
				m.Answer = append(m.Answer, &dns.A{Hdr: head(dns.TypeA), A: net.ParseIP(host)})
			}
		}
		if !known {
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m)
	})
	for _, network := range []string{"udp", "tcp"} {
		ready := make(chan struct{})
		server := &dns.Server{Addr: "127.0.0.1:53", Net: network, Handler: handler, NotifyStartedFunc: func() { close(ready) }}
		failed := make(chan error, 1)
		go func() { failed <- server.ListenAndServe() }()
		select {
		case <-ready:
		case err := <-failed:
			t.Fatal(err)
		case <-time.After(10 * time.Second):
			t.Fatal("the name server does not start")
		}
		t.Cleanup(func() { _ = server.Shutdown() })
	}
}

func followsDNS(t *testing.T) {
	ownNetwork(t)
	first, _ := exporter(t, says("found 1\n"))
	second, _ := exporter(t, says("found 2\n"))
	state := newChanging(map[string]string{"web1": first})
	nameServer(t, state)
	w := newWorld(t, sqldbtest.SQLite(t))
	w.start()
	_, port, _ := net.SplitHostPort(first)
	w.put("addresses", `{"dns_sd_configs":[{"names":["all.shop.example"],"type":"A","port":`+port+`,"refresh_interval":"50ms"}]}`)
	w.put("services", `{"dns_sd_configs":[{"names":["_metrics._tcp.shop.example"],"refresh_interval":"50ms"}],
		"relabel_configs":[{"source_labels":["__meta_dns_srv_record_target"],"regex":"([^.]+)[.].*","target_label":"node"}]}`)
	w.until("an address", func() bool {
		v, ok := w.value(`found{job="addresses",instance="` + first + `"}`)
		return ok && v == 1
	})
	follows(w, state, `found{job="services",node="%s"}`, first, second)
}
