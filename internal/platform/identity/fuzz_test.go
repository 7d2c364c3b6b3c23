package identity

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// FuzzSecrets feeds what anyone may send as token or cookie.
func FuzzSecrets(f *testing.F) {
	f.Add(TokenPrefix + strings.Repeat("A", tokenLength-len(TokenPrefix)))
	f.Add(TokenPrefix + strings.Repeat("\n", tokenLength-len(TokenPrefix)))
	f.Add(TokenPrefix + strings.Repeat("A", tokenLength-len(TokenPrefix)-8) + strings.Repeat("\r\n", 4))
	f.Add("eyJzIjoiYSIsIm4iOiJiIiwidiI6ImMiLCJyIjoiLyJ9")
	f.Add("$argon2id$v=19$m=65536,t=1,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
	f.Fuzz(func(t *testing.T, text string) {
		if wellFormed(text) && (len(text) != tokenLength || strings.ContainsAny(text, "\r\n")) {
			t.Errorf("%q passes for a token", text)
		}
		if flow, err := decodeFlow(text); err == nil {
			again, err := flow.encode()
			if back, wrong := decodeFlow(again); err != nil || wrong != nil || back != flow {
				t.Errorf("%+v became %+v: %v %v", flow, back, err, wrong)
			}
		}
		decodeHash(text)
	})
}

// FuzzClaims reads what an OpenID provider says of a person.
func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{"preferred_username": " Ann ", "name": "Ann", "email": "ann@example.org", "email_verified": true, "groups": ["ops", 1, null]}`))
	f.Add([]byte(`{"email": "ANN@EXAMPLE.ORG", "email_verified": "true", "groups": "ops"}`))
	f.Add([]byte(`{"preferred_username": ["a"], "groups": {"a": 1}}`))
	p := &provider{cfg: Defaults().OIDC}
	f.Fuzz(func(t *testing.T, text []byte) {
		said := map[string]any{}
		if json.Unmarshal(text, &said) != nil {
			return
		}
		c := p.read("subject", said)
		if c.Subject != "subject" || c.Username != normalUsername(c.Username) || c.Verified != (said["email_verified"] == true) {
			t.Errorf("%s is %+v", text, c)
		}
	})
}

// FuzzCaller reads what proxies add to requests: only a trusted one is believed,
// and no address on the way back leaves this site.
func FuzzCaller(f *testing.F) {
	f.Add("127.0.0.1:5", "203.0.113.9, 127.0.0.2", "/alerts?x=1")
	f.Add("203.0.113.1:5", "198.51.100.1", "//evil.example")
	f.Add("[::1]:5", "fe80::1%eth0,, x", "/\\evil.example")
	f.Add("@", "", "/\t/evil.example")
	c := &Component{cfg: Configuration{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}}
	f.Fuzz(func(t *testing.T, peer, forwarded, back string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}, "User-Agent": {forwarded}}}
		from := c.callerOf(r)
		if direct, err := netip.ParseAddrPort(peer); err == nil && !c.trusted(direct.Addr().Unmap()) && from.address != direct.Addr().Unmap() {
			t.Errorf("%s passes for %s", peer, from.address)
		}
		if to := localPath(back); to != "/" {
			if u, err := url.Parse(to); err == nil && (u.Host != "" || u.Scheme != "") {
				t.Errorf("%q leads to %s", back, to)
			}
		}
	})
}
