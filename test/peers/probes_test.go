package peers_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/probe/sqlquery"
	"mainstay/test/peers"
)

// found runs a probe and wants a state and a text.
func found(t *testing.T, spec probe.Spec, state probe.State, contains string) probe.Result {
	t.Helper()
	if spec.Timeout == 0 {
		spec.Timeout = probe.Duration(30 * time.Second) // the machine may be busy
	}
	res := probe.Runner{Drivers: sqlquery.Drivers()}.Run(context.Background(), spec)
	if res.State != state || !strings.Contains(res.Output, contains) {
		t.Fatalf("%s: got %s %q, want %s with %q (%s)", spec.Kind(), res.State, res.Output, state, contains, res.Detail)
	}
	return res
}

// soon is found for a server that needs a moment after its port is open.
func soon(t *testing.T, spec probe.Spec, contains string) {
	t.Helper()
	for range 200 {
		if probe.Run(context.Background(), spec).State == probe.OK {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	found(t, spec, probe.OK, contains)
}

func bound(v float64) *float64 { return &v }

func TestSNMPOfNetSNMP(t *testing.T) {
	t.Parallel()
	at := peers.StartSNMPD(t).Address()
	uptime := probe.SNMPGet{OID: "1.3.6.1.2.1.1.3.0", Name: "uptime", Unit: "seconds", Scale: 0.01, Bounds: probe.Bounds{CriticalAbove: bound(1e6)}}
	location := probe.SNMPGet{OID: "1.3.6.1.2.1.1.6.0", Expect: "^lab$"}
	res := found(t, probe.Spec{SNMP: &probe.SNMP{Address: at, Values: []probe.SNMPGet{uptime, location}}}, probe.OK, "lab")
	if m := res.Metrics[len(res.Metrics)-1]; m.Name != "uptime" || m.Unit != "seconds" || m.Value > 600 {
		t.Errorf("%+v", res.Metrics)
	}
	found(t, probe.Spec{SNMP: &probe.SNMP{Address: at, Version: "1", Values: []probe.SNMPGet{location}}}, probe.OK, "lab")
	bob := func(auth, privacy string) *probe.SNMP {
		return &probe.SNMP{Address: at, Version: "3", User: "bob", Auth: &probe.SNMPKey{Protocol: "sha256", Password: auth}, Privacy: &probe.SNMPKey{Protocol: "aes", Password: privacy}, Values: []probe.SNMPGet{location}}
	}
	found(t, probe.Spec{SNMP: bob("authpass1", "privpass1")}, probe.OK, "lab")
	found(t, probe.Spec{SNMP: bob("wrong-password", "privpass1"), Timeout: probe.Duration(2 * time.Second)}, probe.Critical, "")
	found(t, probe.Spec{SNMP: &probe.SNMP{Address: at, Community: "other", Values: []probe.SNMPGet{location}}, Timeout: probe.Duration(300 * time.Millisecond)}, probe.Critical, "no answer in time")
	found(t, probe.Spec{SNMP: &probe.SNMP{Address: at, Values: []probe.SNMPGet{{OID: "1.3.6.1.4.1.99999.1.0", Name: "toner"}}}}, probe.Critical, "the device has no toner")
	found(t, probe.Spec{SNMP: &probe.SNMP{Address: at, Version: "1", Values: []probe.SNMPGet{{OID: "1.3.6.1.4.1.99999.1.0", Name: "toner"}}}}, probe.Critical, "toner: NoSuchName")
	location.Expect = "^roof$"
	found(t, probe.Spec{SNMP: &probe.SNMP{Address: at, Values: []probe.SNMPGet{location}}}, probe.Critical, "does not match ^roof$")
	uptime.Bounds = probe.Bounds{WarningBelow: bound(1e6)}
	found(t, probe.Spec{SNMP: &probe.SNMP{Address: at, Values: []probe.SNMPGet{uptime}}}, probe.Warning, "below 1000000")
}

func TestLDAPOfOpenLDAP(t *testing.T) {
	t.Parallel()
	d := peers.StartSlapd(t)
	at := func(change func(*probe.LDAP)) probe.Spec {
		l := &probe.LDAP{URL: "ldap://" + d.Address()}
		change(l)
		return probe.Spec{LDAP: l}
	}
	admin := func(l *probe.LDAP) { l.BindDN, l.Password = "cn=admin,dc=example,dc=org", "adminpw" }
	found(t, at(func(*probe.LDAP) {}), probe.OK, "bound in")
	found(t, at(admin), probe.OK, "bound in")
	found(t, at(func(l *probe.LDAP) { admin(l); l.Password = "no" }), probe.Critical, "invalid credentials")
	found(t, at(func(l *probe.LDAP) {
		admin(l)
		l.Base, l.Filter, l.Attribute, l.Expect = "dc=example,dc=org", "(dc=example)", "o", "^Example$"
	}), probe.OK, "1 entries")
	found(t, at(func(l *probe.LDAP) { l.Base, l.Filter = "dc=example,dc=org", "(dc=other)" }), probe.Critical, "at least 1 are needed")
	found(t, at(func(l *probe.LDAP) { l.Base = "dc=nothing" }), probe.Critical, "no such object")
	found(t, at(func(l *probe.LDAP) { admin(l); l.StartTLS, l.CA, l.ServerName = true, d.CA, "localhost" }), probe.OK, "bound in")
	found(t, at(func(l *probe.LDAP) { l.StartTLS, l.ServerName = true, "localhost" }), probe.Critical, "unknown authority")
	found(t, probe.Spec{TLS: &probe.TLS{Address: d.Address(), StartTLS: "ldap", Peer: probe.Peer{CA: d.CA, ServerName: "localhost"}}}, probe.OK, "TLS 1.")
	d.Stop()
	found(t, at(func(*probe.LDAP) {}), probe.Critical, "connection refused")
}

func TestNTPOfChrony(t *testing.T) {
	t.Parallel()
	at := peers.StartChrony(t).Address()
	soon(t, probe.Spec{NTP: &probe.NTP{Server: at}, Timeout: probe.Duration(time.Second)}, "stratum 8")
	found(t, probe.Spec{NTP: &probe.NTP{Server: at, MaxStratum: 3}}, probe.Critical, "the stratum is above 3")
	found(t, probe.Spec{NTP: &probe.NTP{Server: at, Offset: &probe.Limits{Critical: 1}}}, probe.Critical, "the distance between the clocks is")
	found(t, probe.Spec{NTP: &probe.NTP{Server: fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))}, Timeout: probe.Duration(300 * time.Millisecond)}, probe.Critical, "")
}

func TestGreetingsOfRealServers(t *testing.T) {
	t.Parallel()
	t.Run("dovecot", func(t *testing.T) {
		t.Parallel()
		d, pop3 := peers.StartDovecot(t)
		peer := probe.Peer{CA: d.CA, ServerName: "localhost"}
		found(t, probe.Spec{IMAP: &probe.IMAP{Greeting: probe.Greeting{Address: d.Address(), StartTLS: true, Expect: "Dovecot", Capabilities: []string{"IDLE", "AUTH=PLAIN"}, Peer: peer}}}, probe.OK, "Dovecot")
		pop := fmt.Sprintf("127.0.0.1:%d", pop3)
		found(t, probe.Spec{POP3: &probe.POP3{Greeting: probe.Greeting{Address: pop, StartTLS: true, Capabilities: []string{"UIDL"}, Peer: peer}}}, probe.OK, "Dovecot")
		found(t, probe.Spec{IMAP: &probe.IMAP{Greeting: probe.Greeting{Address: d.Address(), StartTLS: true}}}, probe.Critical, "TLS")
		found(t, probe.Spec{TLS: &probe.TLS{Address: pop, StartTLS: "pop3", Peer: peer, Refuse: []string{"1.0", "1.1"}}}, probe.OK, "TLS 1.3")
	})
	t.Run("postfix", func(t *testing.T) {
		t.Parallel()
		d := peers.StartPostfix(t)
		peer := probe.Peer{CA: d.CA, ServerName: "localhost"}
		found(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: d.Address(), StartTLS: true, Expect: "mail.example.test ESMTP", Capabilities: []string{"PIPELINING"}, Peer: peer}}}, probe.OK, "Postfix")
		found(t, probe.Spec{SMTP: &probe.SMTP{Greeting: probe.Greeting{Address: d.Address(), Capabilities: []string{"AUTH PLAIN"}}}}, probe.Critical, "AUTH PLAIN is not offered")
		found(t, probe.Spec{TLS: &probe.TLS{Address: d.Address(), StartTLS: "smtp", Peer: peer}}, probe.OK, "TLS 1.")
	})
	t.Run("vsftpd", func(t *testing.T) {
		t.Parallel()
		d := peers.StartVsftpd(t)
		peer := probe.Peer{CA: d.CA, ServerName: "localhost"}
		found(t, probe.Spec{FTP: &probe.FTP{Greeting: probe.Greeting{Address: d.Address(), StartTLS: true, Expect: "Test files", Capabilities: []string{"MDTM"}, Peer: peer}}}, probe.OK, "Test files")
		found(t, probe.Spec{TLS: &probe.TLS{Address: d.Address(), StartTLS: "ftp", Peer: peer}}, probe.OK, "TLS 1.")
	})
	t.Run("sshd", func(t *testing.T) {
		t.Parallel()
		d, print := peers.StartSSHD(t)
		found(t, probe.Spec{SSH: &probe.SSH{Address: d.Address(), Expect: "OpenSSH", HostKeys: []string{print}}}, probe.OK, "ssh-ed25519 "+print)
		found(t, probe.Spec{SSH: &probe.SSH{Address: d.Address(), HostKeys: []string{"SHA256:" + strings.Repeat("x", 43)}}}, probe.Critical, "none of those expected")
	})
}

func TestDNSSECOfBind(t *testing.T) {
	t.Parallel()
	d, ds := peers.StartNamed(t)
	ask := func(name, kind, rcode string) probe.Spec {
		return probe.Spec{DNS: &probe.DNS{Name: name, Type: kind, RCode: rcode, Server: d.Address(), DNSSEC: &probe.DNSSEC{Anchors: []string{ds}}}}
	}
	found(t, ask("www.example.test", "A", ""), probe.OK, "192.0.2.7")
	found(t, ask("shop.apps.example.test", "A", ""), probe.OK, "192.0.2.9")
	found(t, ask("none.example.test", "A", "NXDOMAIN"), probe.OK, "none")
	res := found(t, ask("www.example.test", "MX", ""), probe.Critical, "no answer of this type")
	if strings.Contains(res.Output, "not proven") {
		t.Error(res.Output)
	}
	other := ask("www.example.test", "A", "")
	other.DNS.DNSSEC.Anchors = nil
	found(t, other, probe.Critical, "not proven")
}

func TestSQLOfRealDatabases(t *testing.T) {
	t.Parallel()
	databases := map[string]func(t *testing.T) probe.SQL{
		"postgres": func(t *testing.T) probe.SQL {
			return probe.SQL{Driver: "postgres", Address: fmt.Sprintf("127.0.0.1:%d", peers.StartPostgreSQL(t).Port()), User: "mainstay", Database: "postgres"}
		},
		"mysql": func(t *testing.T) probe.SQL {
			return probe.SQL{Driver: "mysql", Address: peers.StartMariaDB(t).Address(), User: "root", Database: "mysql"}
		},
	}
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := start(t)
			query := func(text string, change func(*probe.SQL)) probe.Spec {
				s := at
				s.Query = text
				change(&s)
				return probe.Spec{SQL: &s}
			}
			same := func(*probe.SQL) {}
			found(t, query("", same), probe.OK, ": 1 in")
			res := found(t, query("SELECT 7 AS waiting", func(s *probe.SQL) { s.Value = &probe.Bounds{WarningAbove: bound(5), CriticalAbove: bound(10)} }), probe.Warning, "the value is 7, above 5")
			if !strings.Contains(res.Detail, "waiting") {
				t.Error(res.Detail)
			}
			none := 0
			found(t, query("SELECT 1 UNION SELECT 2", func(s *probe.SQL) { s.Rows = &probe.HowMany{Max: &none} }), probe.Critical, "2 rows, at most 0 are allowed")
			found(t, query("SELECT 'late'", func(s *probe.SQL) { s.Expect = "^in time$" }), probe.Critical, "does not match")
			found(t, query("SELECT NULL", func(s *probe.SQL) { s.Value = &probe.Bounds{WarningAbove: bound(5)} }), probe.Unknown, "no value to compare")
			found(t, query("SELECT FROM", same), probe.Critical, "syntax")
			found(t, query("CREATE TABLE made (id INT)", same), probe.Critical, "read")
			found(t, query("SELECT 1 FROM made", same), probe.Critical, "exist")
			sleep := map[string]string{"postgres": "SELECT pg_sleep(20)", "mysql": "SELECT SLEEP(20)"}[name]
			slow := query(sleep, same)
			slow.Timeout = probe.Duration(500 * time.Millisecond)
			if res := found(t, slow, probe.Critical, "no answer in time"); res.Duration.Std() > 5*time.Second {
				t.Errorf("it took %v", res.Duration)
			}
			found(t, query("", func(s *probe.SQL) { s.User, s.Password = "nobody", "wrong" }), probe.Critical, "")
			refuse := probe.Runner{Drivers: sqlquery.Drivers(), Allow: func(netip.Addr) error { return errors.New("off limits") }}
			if res := refuse.Run(context.Background(), query("", same)); res.State != probe.Unknown || !strings.Contains(res.Output, "off limits") {
				t.Errorf("%+v", res)
			}
		})
	}
}
