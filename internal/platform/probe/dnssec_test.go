package probe_test

import (
	"crypto"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mainstay/internal/platform/probe"
)

// zone signs records as a primary does.
type zone struct {
	t    *testing.T
	name string
	key  *dns.DNSKEY
	priv crypto.Signer
}

func newZone(t *testing.T, name string) *zone {
	t.Helper()
	key := &dns.DNSKEY{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 60}, Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
	priv, err := key.Generate(256)
	if err != nil {
		t.Fatal(err)
	}
	return &zone{t, name, key, priv.(crypto.Signer)}
}

// sign returns the records, which are one set, and their signature.
func (z *zone) sign(from, left time.Duration, records ...string) []dns.RR {
	z.t.Helper()
	var set []dns.RR
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			z.t.Fatal(err)
		}
		set = append(set, rr)
	}
	return z.signed(from, left, set...)
}

func (z *zone) signed(from, left time.Duration, set ...dns.RR) []dns.RR {
	z.t.Helper()
	sig := &dns.RRSIG{Hdr: dns.RR_Header{Ttl: 60}, Algorithm: z.key.Algorithm, KeyTag: z.key.KeyTag(), SignerName: z.name,
		Inception: uint32(time.Now().Add(from).Unix()), Expiration: uint32(time.Now().Add(left).Unix())}
	if err := sig.Sign(z.priv, set); err != nil {
		z.t.Fatal(err)
	}
	return append(set, sig)
}

// TestDNSSEC asks for what is signed, forged, expired, expanded and absent below a
// signed delegation.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	parent, child := newZone(t, "example."), newZone(t, "shop.example.")
	const from, left = -time.Hour, 48 * time.Hour
	ds := child.key.ToDS(dns.SHA256)
	ds.Hdr = dns.RR_Header{Name: "shop.example.", Rrtype: dns.TypeDS, Class: dns.ClassINET, Ttl: 60}
	forged := child.sign(from, left, "forged.shop.example. 60 IN A 192.0.2.1")
	forged[0].(*dns.A).A = net.IPv4(192, 0, 2, 66)
	wild := child.sign(from, left, "*.apps.shop.example. 60 IN A 192.0.2.9")
	expanded := func(name string) []dns.RR {
		var out []dns.RR
		for _, rr := range wild {
			rr = dns.Copy(rr)
			rr.Header().Name = name
			out = append(out, rr)
		}
		return out
	}
	nsec := child.sign(from, left, "www.shop.example. 60 IN NSEC shop.example. A RRSIG NSEC")
	apex := child.sign(from, left, "shop.example. 60 IN NSEC alias.shop.example. SOA RRSIG NSEC DNSKEY")
	inApps := child.sign(from, left, "*.apps.shop.example. 60 IN NSEC www.shop.example. A RRSIG NSEC")
	type reply struct {
		answer, authority []dns.RR
		rcode             int
		ad                bool
	}
	replies := map[string]reply{
		"example. DNSKEY":          {answer: parent.signed(from, left, parent.key)},
		"shop.example. DS":         {answer: parent.signed(from, left, ds)},
		"shop.example. DNSKEY":     {answer: child.signed(from, left, child.key)},
		"www.shop.example. A":      {answer: child.sign(from, left, "www.shop.example. 60 IN A 192.0.2.1", "www.shop.example. 60 IN A 192.0.2.2"), ad: true},
		"alias.shop.example. A":    {answer: append(child.sign(from, left, "alias.shop.example. 60 IN CNAME www.shop.example."), child.sign(from, left, "www.shop.example. 60 IN A 192.0.2.1")...)},
		"forged.shop.example. A":   {answer: forged},
		"bare.shop.example. A":     {answer: child.sign(from, left, "bare.shop.example. 60 IN A 192.0.2.1")[:1]},
		"old.shop.example. A":      {answer: child.sign(-48*time.Hour, -time.Hour, "old.shop.example. 60 IN A 192.0.2.1")},
		"soon.shop.example. A":     {answer: child.sign(from, time.Hour, "soon.shop.example. 60 IN A 192.0.2.1")},
		"stolen.shop.example. A":   {answer: newZone(t, "shop.example.").sign(from, left, "stolen.shop.example. 60 IN A 192.0.2.1")},
		"other.example. A":         {answer: child.sign(from, left, "other.example. 60 IN A 192.0.2.1")},
		"x.apps.shop.example. A":   {answer: expanded("x.apps.shop.example."), authority: inApps},
		"y.apps.shop.example. A":   {answer: expanded("y.apps.shop.example.")},
		"missing.shop.example. A":  {rcode: dns.RcodeNameError, authority: append(child.sign(from, left, "alias.shop.example. 60 IN NSEC www.shop.example. CNAME RRSIG NSEC"), apex...)},
		"unproven.shop.example. A": {rcode: dns.RcodeNameError, authority: apex},
		"www.shop.example. MX":     {authority: nsec},
		"www.shop.example. TXT":    {authority: apex},
		"lied.shop.example. A":     {authority: child.sign(from, left, "lied.shop.example. 60 IN NSEC www.shop.example. A RRSIG NSEC")},
		"www.unsigned.example. A":  {answer: newZone(t, "unsigned.example.").sign(from, left, "www.unsigned.example. 60 IN A 192.0.2.1")},
	}
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		r := replies[q.Question[0].Name+" "+dns.TypeToString[q.Question[0].Qtype]]
		m.Answer, m.Ns, m.Rcode, m.AuthenticatedData = r.answer, r.authority, r.rcode, r.ad
		if e := q.IsEdns0(); e == nil || !e.Do() {
			m.Rcode = dns.RcodeFormatError
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	anchor := []string{parent.key.ToDS(dns.SHA256).String()}
	ask := func(name, kind, rcode string, d probe.DNSSEC) probe.Spec {
		d.Anchors = anchor
		return probe.Spec{DNS: &probe.DNS{Name: name, Type: kind, RCode: rcode, Server: pc.LocalAddr().String(), DNSSEC: &d}}
	}
	expect(t, ask("www.shop.example", "A", "", probe.DNSSEC{AD: true}), probe.OK, "192.0.2.1, 192.0.2.2")
	expect(t, ask("alias.shop.example", "A", "", probe.DNSSEC{}), probe.OK, "192.0.2.1")
	expect(t, ask("alias.shop.example", "A", "", probe.DNSSEC{AD: true}), probe.Critical, "does not say that it has validated")
	expect(t, ask("x.apps.shop.example", "A", "", probe.DNSSEC{}), probe.OK, "192.0.2.9")
	expect(t, ask("missing.shop.example", "A", "NXDOMAIN", probe.DNSSEC{}), probe.OK, "missing")
	for name, want := range map[string]string{
		"forged.shop.example": "its signature is wrong", "bare.shop.example": "is not signed", "old.shop.example": "its signature is valid from",
		"stolen.shop.example": "its signature is wrong", "other.example": "which it does not belong to", "y.apps.shop.example": "nothing proves",
		"www.unsigned.example": "unsigned.example. is not signed: its parent has no DS",
	} {
		expect(t, ask(name, "A", "", probe.DNSSEC{}), probe.Critical, want)
	}
	expect(t, ask("unproven.shop.example", "A", "NXDOMAIN", probe.DNSSEC{}), probe.Critical, "nothing proves that unproven.shop.example. does not exist")
	expect(t, ask("soon.shop.example", "A", "", probe.DNSSEC{Expiry: &probe.Limits{Warning: probe.Duration(24 * time.Hour), Critical: probe.Duration(time.Minute)}}), probe.Warning, "a signature ends in")
	if res := probe.Run(t.Context(), ask("www.shop.example", "MX", "", probe.DNSSEC{})); !strings.Contains(res.Output, "no answer of this type") || strings.Contains(res.Output, "not proven") {
		t.Errorf("%+v", res)
	}
	expect(t, ask("www.shop.example", "TXT", "", probe.DNSSEC{}), probe.Critical, "nothing proves")
	expect(t, ask("lied.shop.example", "A", "", probe.DNSSEC{}), probe.Critical, "says that lied.shop.example. has such a record")
	untrusted := ask("www.shop.example", "A", "", probe.DNSSEC{})
	untrusted.DNS.DNSSEC.Anchors = []string{newZone(t, "example.").key.ToDS(dns.SHA256).String()}
	expect(t, untrusted, probe.Critical, "no key of example. is the one")
}
