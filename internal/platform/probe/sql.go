package probe

import (
	"context"
	"strings"
)

// SQL runs one query in a read-only transaction, and judges what it returns. Its
// drivers are in package sqlquery.
type SQL struct {
	Driver    string   `json:"driver" enum:"postgres,mysql" doc:"mysql is MariaDB, too"`
	Address   string   `json:"address" doc:"host or host:port"`
	Database  string   `json:"database,omitempty"`
	User      string   `json:"user"`
	Password  string   `json:"password,omitempty" doc:"secret:<name> keeps it out of the document"`
	TLS       string   `json:"tls,omitempty" enum:"disable,verify,unverified" doc:"disable when left out"`
	Query     string   `json:"query,omitempty" doc:"one statement that changes nothing; SELECT 1 when left out"`
	Arguments []string `json:"arguments,omitempty" doc:"for the query's placeholders"`
	Value     *Bounds  `json:"value,omitempty" doc:"thresholds of the first column of the first row"`
	Expect    string   `json:"expect,omitempty" doc:"regular expression that the first column of the first row must match"`
	Rows      *HowMany `json:"rows,omitempty" doc:"how many rows there must be"`
	Latency   *Limits  `json:"latency,omitempty" doc:"thresholds of the query's time, without the connection"`
	CA        string   `json:"ca,omitempty" doc:"PEM certificates to trust instead of the system's"`
}

func (s *SQL) validate(f *fields) {
	f.check(s.Driver == "postgres" || s.Driver == "mysql", "driver", "must be postgres or mysql")
	f.check(validAddress(withPort(s.Address, "1")), "address", "must be host or host:port")
	f.check(s.User != "", "user", "is needed")
	f.oneOf("tls", s.TLS, "disable", "verify", "unverified")
	f.check(!strings.ContainsRune(s.Query, 0), "query", "must not contain a zero byte")
	checkRegexp(f, "expect", s.Expect)
	s.Value.validate(f.below("value"))
	s.Rows.validate(f.below("rows"))
	s.Latency.validate(f.below("latency"))
	(&Peer{CA: s.CA}).validate(f)
}

// Endpoint is the address with a port.
func (s *SQL) Endpoint() string {
	if s.Driver == "mysql" {
		return withPort(s.Address, "3306")
	}
	return withPort(s.Address, "5432")
}

// Peer is what to accept of the server in TLS.
func (s *SQL) Peer() *Peer { return &Peer{CA: s.CA, Insecure: s.TLS == "unverified"} }

func (s *SQL) probe(ctx context.Context, r Runner, res *Result) {
	r.drive(ctx, Spec{SQL: s}, res)
}
