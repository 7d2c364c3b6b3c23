package probe

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// LDAP binds to a directory, and can search in it.
type LDAP struct {
	URL       string   `json:"url" doc:"ldap://host or ldaps://host, with a port when it is not the usual one"`
	StartTLS  bool     `json:"startTLS,omitempty" doc:"change to TLS before the bind"`
	BindDN    string   `json:"bindDN,omitempty" doc:"who to bind as; anonymous when left out"`
	Password  string   `json:"password,omitempty" doc:"secret:<name> keeps it out of the document"`
	Base      string   `json:"base,omitempty" doc:"where to search; no search when left out"`
	Scope     string   `json:"scope,omitempty" enum:"base,one,sub" doc:"sub when left out"`
	Filter    string   `json:"filter,omitempty" doc:"(objectClass=*) when left out"`
	Attribute string   `json:"attribute,omitempty" doc:"an attribute to read of what is found"`
	Expect    string   `json:"expect,omitempty" doc:"regular expression that one value of the attribute must match"`
	Entries   *HowMany `json:"entries,omitempty" doc:"how many entries must be found; one or more when left out"`
	Latency   *Limits  `json:"latency,omitempty" doc:"thresholds of the whole exchange"`
	Peer
}

func (l *LDAP) validate(f *fields) {
	u, err := url.Parse(l.URL)
	f.check(err == nil && (u.Scheme == "ldap" || u.Scheme == "ldaps") && u.Hostname() != "", "url", "must be an ldap or ldaps URL")
	f.check(!l.StartTLS || err != nil || u.Scheme == "ldap", "startTLS", "cannot be used with ldaps: the connection is in TLS already")
	f.check(l.BindDN == "" || l.Password != "", "password", "is needed: a bind with a name and no password proves nothing (RFC 4513, 5.1.2)")
	f.check(l.BindDN != "" || l.Password == "", "bindDN", "is needed with a password")
	f.oneOf("scope", l.Scope, "base", "one", "sub")
	_, err = ldap.CompileFilter(l.filter())
	f.check(err == nil, "filter", "must be a filter such as (uid=*)")
	f.check(l.Expect == "" || l.Attribute != "", "attribute", "must be named for expect")
	checkRegexp(f, "expect", l.Expect)
	l.Entries.validate(f.below("entries"))
	l.Latency.validate(f.below("latency"))
	l.Peer.validate(f)
}

func (l *LDAP) filter() string {
	if l.Filter == "" {
		return "(objectClass=*)"
	}
	return l.Filter
}

func (l *LDAP) probe(ctx context.Context, r Runner, res *Result) {
	u, err := url.Parse(l.URL)
	if err != nil {
		res.Set(Unknown, "%s", Why(err))
		return
	}
	address, secured := withPort(u.Host, "389"), u.Scheme == "ldaps"
	if secured {
		address = withPort(u.Host, "636")
	}
	start := time.Now()
	conn, err := r.connect(ctx, "tcp", address)
	if err != nil {
		res.Failed(l.URL, err)
		return
	}
	defer conn.Close()
	judged := Result{}
	if secured {
		if conn, err = l.secure(ctx, conn, address, &judged); err != nil {
			res.Set(Critical, "%s: %s", l.URL, Why(err))
			return
		}
	}
	found, err := l.converse(ctx, conn, secured, u.Hostname(), &judged)
	took := time.Since(start)
	if err != nil {
		res.Failed(l.URL, err)
		return
	}
	res.Measure("time", "seconds", took.Seconds())
	res.Metrics = append(res.Metrics, judged.Metrics...)
	if l.Base == "" {
		res.Set(OK, "%s: bound in %v", l.URL, took.Round(time.Microsecond))
	} else {
		res.Measure("entries", "", float64(len(found)))
		res.Set(OK, "%s: %d entries in %v", l.URL, len(found), took.Round(time.Microsecond))
		l.judge(found, res)
	}
	if judged.Output != "" {
		res.Worsen(judged.State, "%s", judged.Output)
	}
	l.Latency.judge(res, "the exchange", took)
}

// maxEntries bounds what a search returns.
const maxEntries = 1000

// converse binds and searches. The library ends a call when the connection's deadline does.
func (l *LDAP) converse(ctx context.Context, conn net.Conn, secured bool, host string, judged *Result) ([]*ldap.Entry, error) {
	client := ldap.NewConn(conn, secured)
	client.SetTimeout(remaining(ctx))
	client.Start()
	defer client.Close()
	if l.StartTLS {
		if err := client.StartTLS(l.Config(host)); err != nil {
			return nil, fmt.Errorf("STARTTLS: %s", certificateFault(err))
		}
		if state, ok := client.TLSConnectionState(); ok && len(state.PeerCertificates) > 0 {
			l.Certificate.judge(judged, time.Until(state.PeerCertificates[0].NotAfter))
		}
	}
	var err error
	if l.BindDN == "" {
		err = client.UnauthenticatedBind("")
	} else {
		err = client.Bind(l.BindDN, l.Password)
	}
	if err != nil {
		return nil, fmt.Errorf("the bind failed: %s", ldapFault(err))
	}
	if l.Base == "" {
		return nil, nil
	}
	scope := ldap.ScopeWholeSubtree
	switch l.Scope {
	case "base":
		scope = ldap.ScopeBaseObject
	case "one":
		scope = ldap.ScopeSingleLevel
	}
	attributes := []string{"1.1"} // none (RFC 4511, 4.5.1.8)
	if l.Attribute != "" {
		attributes = []string{l.Attribute}
	}
	answer, err := client.Search(ldap.NewSearchRequest(l.Base, scope, ldap.NeverDerefAliases, maxEntries, int(remaining(ctx).Seconds())+1, false, l.filter(), attributes, nil))
	if err != nil && !(ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) && answer != nil) {
		return nil, fmt.Errorf("the search failed: %s", ldapFault(err))
	}
	return answer.Entries, nil
}

func (l *LDAP) judge(found []*ldap.Entry, res *Result) {
	if l.Entries == nil {
		least := 1
		(&HowMany{Min: &least}).Judge(res, "entries", len(found))
	}
	l.Entries.Judge(res, "entries", len(found))
	if l.Attribute == "" {
		return
	}
	var values []string
	for _, e := range found {
		values = append(values, e.GetAttributeValues(l.Attribute)...)
	}
	res.Detail = strings.Join(values, "\n")
	if l.Expect == "" {
		return
	}
	re := regexp.MustCompile(l.Expect)
	for _, v := range values {
		if re.MatchString(v) {
			return
		}
	}
	res.Worsen(Critical, "no %s matches %s", l.Attribute, l.Expect)
}

// ldapFault is the result code in words, without the library's numbering.
func ldapFault(err error) string {
	e, ok := err.(*ldap.Error)
	if !ok {
		return Why(err)
	}
	if name := ldap.LDAPResultCodeMap[e.ResultCode]; name != "" && e.ResultCode < ldap.ErrorNetwork {
		return strings.ToLower(name)
	}
	return Why(e.Err)
}
