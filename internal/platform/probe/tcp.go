package probe

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"
)

// maxRead bounds what a tcp or http probe reads of an answer.
const maxRead = 1 << 20

// TCP connects, and can send a line and wait for an answer.
type TCP struct {
	Address     string  `json:"address" doc:"host:port"`
	TLS         bool    `json:"tls,omitempty" doc:"speak TLS and check the certificate"`
	Insecure    bool    `json:"insecure,omitempty" doc:"accept any certificate"`
	ServerName  string  `json:"serverName,omitempty" doc:"name to ask for and to check in TLS; the host of the address when left out"`
	Certificate *Expiry `json:"certificate,omitempty" doc:"thresholds of the certificate's remaining life"`
	IPVersion   int     `json:"ipVersion,omitempty" enum:"4,6" doc:"use only this version of IP"`
	Send        string  `json:"send,omitempty" doc:"text to send once connected"`
	Expect      string  `json:"expect,omitempty" doc:"regular expression that the answer must match"`
	Latency     *Limits `json:"latency,omitempty" doc:"thresholds of the time to connect"`
}

func (t *TCP) validate(f *fields) {
	f.check(validAddress(t.Address), "address", "must be host:port")
	checkRegexp(f, "expect", t.Expect)
	f.check(t.IPVersion == 0 || t.IPVersion == 4 || t.IPVersion == 6, "ipVersion", "must be 4 or 6")
	t.Certificate.validate(f)
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
	network := "tcp"
	if spec.IPVersion != 0 {
		network = fmt.Sprintf("tcp%d", spec.IPVersion)
	}
	conn, err := r.connect(ctx, network, spec.Address)
	if err != nil {
		res.Failed(spec.Address, err)
		return
	}
	defer conn.Close()
	var judged Result
	if spec.TLS {
		peer := Peer{ServerName: spec.ServerName, Insecure: spec.Insecure, Certificate: spec.Certificate}
		if conn, err = peer.secure(ctx, conn, spec.Address, &judged); err != nil {
			res.Set(Critical, "%s: %s", spec.Address, Why(err))
			return
		}
	}
	took := time.Since(start)
	res.Measure("connect", "seconds", took.Seconds())
	res.Set(OK, "%s: connected in %v", spec.Address, took.Round(time.Microsecond))
	res.Metrics = append(res.Metrics, judged.Metrics...)
	if judged.Output != "" {
		res.Worsen(judged.State, "%s", judged.Output)
	}
	spec.Latency.judge(res, "the connection", took)
	if spec.Send != "" {
		if _, err := conn.Write([]byte(spec.Send)); err != nil {
			res.Worsen(Critical, "sending failed: %s", Why(err))
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
	res.Worsen(Critical, "the answer does not match %s", re)
	res.Detail = string(got)
}
