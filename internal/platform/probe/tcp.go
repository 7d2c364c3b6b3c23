package probe

import (
	"context"
	"crypto/tls"
	"net"
	"regexp"
	"strconv"
	"time"
)

// maxRead bounds what a tcp or http probe reads of an answer.
const maxRead = 1 << 20

// TCP connects, and can send a line and wait for an answer.
type TCP struct {
	Address  string  `json:"address" doc:"host:port"`
	TLS      bool    `json:"tls,omitempty" doc:"speak TLS and check the certificate"`
	Insecure bool    `json:"insecure,omitempty" doc:"accept any certificate"`
	Send     string  `json:"send,omitempty" doc:"text to send once connected"`
	Expect   string  `json:"expect,omitempty" doc:"regular expression that the answer must match"`
	Latency  *Limits `json:"latency,omitempty" doc:"thresholds of the time to connect"`
}

func (t *TCP) validate(f *fields) {
	f.check(validAddress(t.Address), "address", "must be host:port")
	checkRegexp(f, "expect", t.Expect)
	t.Latency.validate(f.below("latency"))
}

func validAddress(address string) bool {
	host, port, err := net.SplitHostPort(address)
	n, perr := strconv.Atoi(port)
	return err == nil && host != "" && perr == nil && n > 0 && n < 65536
}

func checkRegexp(f *fields, name, expr string) {
	_, err := regexp.Compile(expr)
	if err != nil {
		f.check(false, name, err.Error())
	}
}

func (spec *TCP) probe(ctx context.Context, r Runner, res *Result) {
	start := time.Now()
	conn, err := r.dialer().DialContext(ctx, "tcp", spec.Address)
	if err != nil {
		res.failed(spec.Address, err)
		return
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if spec.TLS {
		host, _, _ := net.SplitHostPort(spec.Address)
		secure := tls.Client(conn, &tls.Config{ServerName: host, InsecureSkipVerify: spec.Insecure})
		if err := secure.HandshakeContext(ctx); err != nil {
			res.set(Critical, "%s: TLS: %s", spec.Address, why(err))
			return
		}
		conn = secure
	}
	took := time.Since(start)
	res.measure("connect", "seconds", took.Seconds())
	res.set(OK, "%s: connected in %v", spec.Address, took.Round(time.Microsecond))
	spec.Latency.judge(res, "the connection", took)
	if spec.Send != "" {
		if _, err := conn.Write([]byte(spec.Send)); err != nil {
			res.worsen(Critical, "sending failed: %s", why(err))
			return
		}
	}
	if spec.Expect != "" {
		expect(conn, regexp.MustCompile(spec.Expect), res)
	}
}

// expect reads until the expression matches, the peer closes or time is up.
func expect(conn net.Conn, re *regexp.Regexp, res *Result) {
	var got []byte
	buf := make([]byte, 4096)
	for len(got) < maxRead {
		n, err := conn.Read(buf)
		got = append(got, buf[:n]...)
		if re.Match(got) {
			return
		}
		if err != nil {
			break
		}
	}
	res.worsen(Critical, "the answer does not match %s", re)
	res.Detail = string(got)
}
