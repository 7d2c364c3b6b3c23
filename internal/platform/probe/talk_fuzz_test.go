package probe

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// FuzzGreetings reads what servers of the protocols of lines say.
func FuzzGreetings(f *testing.F) {
	f.Add([]byte("220-a\r\n220 b\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n"))
	f.Add([]byte("* OK ready\r\n* CAPABILITY IMAP4rev1\r\na OK done\r\na OK\r\n"))
	f.Add([]byte("+OK\r\n+OK\r\nUIDL\r\n.\r\n+OK\r\n"))
	f.Add([]byte("220 x\n211-Features:\n MDTM\n211 End\n234 go\n"))
	f.Add([]byte("999999\r\n22\r\n\r\n220-\r\n-\x00\xff"))
	f.Fuzz(func(t *testing.T, said []byte) {
		for _, p := range []protocol{smtpProtocol(""), imapProtocol(), pop3Protocol(), ftpProtocol()} {
			d := newDialogue(&replay{in: strings.NewReader(string(said))})
			if _, err := p.greeting(d); err != nil {
				continue
			}
			lines, _ := p.capabilities(d)
			if len(lines) > maxLines*maxLine {
				t.Fatal(len(lines))
			}
			_ = p.startTLS(d)
		}
		_ = sshVersion(string(said))
	})
}

// replay is a peer that has said everything already.
type replay struct {
	net.Conn
	in *strings.Reader
}

func (r *replay) Read(p []byte) (int, error)  { return r.in.Read(p) }
func (r *replay) Write(p []byte) (int, error) { return len(p), nil }

// FuzzHealth reads what gRPC servers answer.
func FuzzHealth(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 2, 8, 1}, "0")
	f.Add([]byte{0, 255, 255, 255, 255, 8}, "")
	f.Add([]byte{0, 0, 0, 0, 3, 10, 200, 1}, "x")
	f.Fuzz(func(t *testing.T, body []byte, status string) {
		state, said := healthAnswer(&http.Response{StatusCode: 200, Trailer: http.Header{"Grpc-Status": {status}}, Header: http.Header{}}, body)
		if said == "" || state < OK || state > Unknown {
			t.Fatalf("%v %q", state, said)
		}
	})
}

// FuzzProof reads answers that claim to be proven: without the keys, none is.
func FuzzProof(f *testing.F) {
	m := new(dns.Msg)
	m.SetQuestion("www.example.", dns.TypeA)
	for _, text := range []string{"www.example. 60 IN A 192.0.2.1", "www.example. 60 IN RRSIG A 13 2 60 20400101000000 20200101000000 1 example. AAAA", "a.example. 60 IN CNAME www.example."} {
		rr, err := dns.NewRR(text)
		if err != nil {
			f.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	for _, text := range []string{"a.example. 60 IN NSEC z.example. A", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. 60 IN NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY"} {
		rr, err := dns.NewRR(text)
		if err != nil {
			f.Fatal(err)
		}
		m.Ns = append(m.Ns, rr)
	}
	seed, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, wire []byte) {
		answer := new(dns.Msg)
		if answer.Unpack(wire) != nil {
			return
		}
		v := newValidator(nil, func(string, uint16) (*dns.Msg, error) { return answer, nil })
		v.now = time.Unix(1_800_000_000, 0)
		if v.prove("www.example", dns.TypeA, answer) == nil {
			t.Fatalf("proven without keys: %s", answer)
		}
		// The search for names must end, whatever the records say.
		d := denials{}
		for _, rr := range answer.Ns {
			switch n := rr.(type) {
			case *dns.NSEC:
				d.plain = append(d.plain, n)
			case *dns.NSEC3:
				if n.Iterations <= maxIterations {
					d.hashed = append(d.hashed, n)
				}
			}
		}
		_, next := d.encloser("www.example.")
		_ = next != "" && d.covers(next)
	})
}

// FuzzExtraction takes values out of answers.
func FuzzExtraction(f *testing.F) {
	f.Add("$.a[0].b", `(\d+)`, []byte(`{"a": [{"b": 7}]}`))
	f.Add("$..*", "", []byte(`[[[[]]]]`))
	f.Add("$[?@.a == 'x']", "x", []byte(`[{"a": "x"}]`))
	f.Fuzz(func(t *testing.T, path, expr string, body []byte) {
		for _, e := range []Extraction{{Name: "v", JSON: path, Regexp: expr}, {Name: "v", Regexp: expr}, {Name: "v", JSON: path}} {
			check := &fields{}
			if e.validate(check); len(check.found) > 0 {
				continue
			}
			value, err := e.take(&answer{Response: &http.Response{Header: http.Header{}}, body: body})
			if err == nil && len(value) > maxExtracted {
				t.Fatal(len(value))
			}
		}
	})
}
