package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// DNS asks a name server.
type DNS struct {
	Name    string   `json:"name" doc:"the name to ask for"`
	Type    string   `json:"type,omitempty" doc:"A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT ...; A when left out"`
	Server  string   `json:"server,omitempty" doc:"host or host:port; the system's first name server when left out"`
	TCP     bool     `json:"tcp,omitempty" doc:"ask over TCP"`
	Expect  []string `json:"expect,omitempty" doc:"values the answer must contain; any order"`
	RCode   string   `json:"rcode,omitempty" doc:"expected response code; NOERROR when left out"`
	DNSSEC  *DNSSEC  `json:"dnssec,omitempty" doc:"the answer must be proven by signatures"`
	Latency *Limits  `json:"latency,omitempty" doc:"thresholds of the answer's time"`
}

func (d *DNS) validate(f *fields) {
	_, valid := dns.IsDomainName(d.Name)
	f.check(d.Name != "" && valid, "name", "must be a domain name")
	_, known := dns.StringToType[d.recordType()]
	f.check(known, "type", "must be a record type such as A, AAAA, MX, TXT")
	_, known = dns.StringToRcode[d.rcode()]
	f.check(known, "rcode", "must be a response code such as NOERROR or NXDOMAIN")
	d.DNSSEC.validate(f.below("dnssec"))
	d.Latency.validate(f.below("latency"))
}

func (d *DNS) recordType() string {
	if d.Type == "" {
		return "A"
	}
	return strings.ToUpper(d.Type)
}

func (d *DNS) rcode() string {
	if d.RCode == "" {
		return "NOERROR"
	}
	return strings.ToUpper(d.RCode)
}

func (spec *DNS) probe(ctx context.Context, r Runner, res *Result) {
	server, err := nameServer(ctx, spec.Server)
	if err != nil {
		res.Set(Unknown, "%s: %s", spec.Name, Why(err))
		return
	}
	if r.Allow != nil {
		if ap, err := netip.ParseAddrPort(server); err == nil {
			if err := r.Allow(ap.Addr().Unmap()); err != nil {
				res.Failed(server, refusal(err))
				return
			}
		}
	}
	answer, took, err := exchange(ctx, question(spec.Name, dns.StringToType[spec.recordType()], spec.DNSSEC), server, spec.TCP)
	if err != nil {
		res.Set(Critical, "%s at %s: %s", spec.Name, server, Why(err))
		return
	}
	values := answers(answer, dns.StringToType[spec.recordType()])
	res.Measure("time", "seconds", took.Seconds())
	res.Measure("answers", "", float64(len(values)))
	res.Set(OK, "%s %s: %s in %v", spec.Name, spec.recordType(), strings.Join(values, ", "), took.Round(time.Microsecond))
	if got := dns.RcodeToString[answer.Rcode]; got != spec.rcode() {
		res.Worsen(Critical, "the response code is %s, not %s", got, spec.rcode())
	} else if len(values) == 0 && spec.rcode() == "NOERROR" {
		res.Worsen(Critical, "no answer of this type")
	}
	for _, want := range spec.Expect {
		if !slices.ContainsFunc(values, func(v string) bool {
			return strings.EqualFold(strings.TrimSuffix(v, "."), strings.TrimSuffix(want, "."))
		}) {
			res.Worsen(Critical, "%s is not in the answer", want)
		}
	}
	if spec.DNSSEC != nil {
		spec.DNSSEC.proven(ctx, spec, server, answer, res)
	}
	spec.Latency.judge(res, "the answer", took)
}

// exchange asks again over TCP when the answer is truncated (RFC 1035, 4.2.1).
func exchange(ctx context.Context, query *dns.Msg, server string, tcp bool) (*dns.Msg, time.Duration, error) {
	client := &dns.Client{Net: "udp", Timeout: DefaultTimeout}
	if deadline, ok := ctx.Deadline(); ok {
		client.Timeout = time.Until(deadline)
	}
	if tcp {
		client.Net = "tcp"
	}
	answer, took, err := client.ExchangeContext(ctx, query, server)
	if err == nil && answer.Truncated && !tcp {
		return exchange(ctx, query, server, true)
	}
	return answer, took, err
}

func answers(m *dns.Msg, wanted uint16) []string {
	var out []string
	for _, rr := range m.Answer {
		if rr.Header().Rrtype != wanted {
			continue
		}
		if txt, ok := rr.(*dns.TXT); ok {
			out = append(out, strings.Join(txt.Txt, ""))
			continue
		}
		out = append(out, strings.TrimSpace(strings.TrimPrefix(rr.String(), rr.Header().String())))
	}
	return out
}

// nameServer returns ip:port of the server to ask.
func nameServer(ctx context.Context, server string) (string, error) {
	if server == "" {
		cfg, err := dns.ClientConfigFromFile("/etc/resolv.conf")
		if err != nil || len(cfg.Servers) == 0 {
			return "", fmt.Errorf("no name server is configured on this host")
		}
		return net.JoinHostPort(cfg.Servers[0], cfg.Port), nil
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = strings.Trim(server, "[]"), "53"
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(ips[0].Unmap().String(), port), nil
}
