package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// HTTP sends one request and judges the answer.
type HTTP struct {
	URL         string            `json:"url"`
	Method      string            `json:"method,omitempty" doc:"GET when left out"`
	Headers     map[string]string `json:"headers,omitempty"`
	Body        string            `json:"body,omitempty"`
	Status      []string          `json:"status,omitempty" doc:"accepted codes: 204, 2xx, 200-399; 2xx and 3xx when left out"`
	Match       string            `json:"match,omitempty" doc:"regular expression the body must match"`
	NoMatch     string            `json:"noMatch,omitempty" doc:"regular expression the body must not match"`
	Latency     *Limits           `json:"latency,omitempty" doc:"thresholds of the whole exchange"`
	Certificate *Expiry           `json:"certificate,omitempty" doc:"thresholds of the certificate's remaining life"`
	NoRedirect  bool              `json:"noRedirect,omitempty" doc:"judge a redirection instead of following it"`
	Insecure    bool              `json:"insecure,omitempty" doc:"accept any certificate"`
	ServerName  string            `json:"serverName,omitempty" doc:"name to ask for and to check in TLS"`

	Basic        *Basic            `json:"basic,omitempty" doc:"who to authenticate as (RFC 7617)"`
	Bearer       string            `json:"bearer,omitempty" doc:"token to authenticate with (RFC 6750); secret:<name> keeps it out of the document"`
	Form         map[string]string `json:"form,omitempty" doc:"fields to send as a form instead of a body"`
	HeaderMatch  map[string]string `json:"headerMatch,omitempty" doc:"regular expressions that headers of the answer must match"`
	JSON         []JSONRule        `json:"json,omitempty" doc:"what parts of an answer in JSON must be"`
	MaxRedirects int               `json:"maxRedirects,omitempty" doc:"how many redirections are followed; 10 when left out"`
	IPVersion    int               `json:"ipVersion,omitempty" enum:"4,6" doc:"use only this version of IP"`
	Proxy        string            `json:"proxy,omitempty" doc:"URL of a proxy: http, https or socks5"`
	MaxBody      int64             `json:"maxBody,omitempty" doc:"bytes the body may have, at most 67108864; when left out the first 1048576 are read and the rest is left"`
	CA           string            `json:"ca,omitempty" doc:"PEM certificates to trust instead of the system's"`
	ClientCert   string            `json:"clientCertificate,omitempty" doc:"PEM certificate to show"`
	ClientKey    string            `json:"clientKey,omitempty" doc:"PEM key of the certificate to show; secret:<name> keeps it out of the document"`
}

// Basic is a name and a password.
type Basic struct {
	User     string `json:"user"`
	Password string `json:"password" doc:"secret:<name> keeps it out of the document"`
}

// maxBody bounds what a check may ask to be read of an answer.
const maxBody = 64 << 20

// Expiry are thresholds in whole days.
type Expiry struct {
	WarningDays  int `json:"warningDays,omitempty"`
	CriticalDays int `json:"criticalDays,omitempty"`
}

func (h *HTTP) validate(f *fields) {
	u, err := url.Parse(h.URL)
	f.check(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", "url", "must be an http or https URL")
	f.check(h.Method == "" || validToken(h.Method), "method", "must be an HTTP method")
	for name := range h.Headers {
		f.check(validToken(name), "headers."+name, "is not a header name")
	}
	for i, s := range h.Status {
		_, _, ok := statusRange(s)
		f.check(ok, fmt.Sprintf("status[%d]", i), "must be a code, a class such as 2xx or a range such as 200-399")
	}
	for name, expr := range h.HeaderMatch {
		f.check(validToken(name), "headerMatch."+name, "is not a header name")
		checkRegexp(f, "headerMatch."+name, expr)
	}
	for i := range h.JSON {
		h.JSON[i].validate(f.below(fmt.Sprintf("json[%d]", i)))
	}
	f.check(h.Body == "" || len(h.Form) == 0, "form", "cannot be used with body")
	f.check(h.Basic == nil || h.Bearer == "", "bearer", "cannot be used with basic")
	f.check(h.Basic == nil || h.Basic.User != "", "basic.user", "is needed")
	f.check(h.MaxRedirects >= 0 && h.MaxRedirects <= 50, "maxRedirects", "must be between 0 and 50")
	f.check(h.IPVersion == 0 || h.IPVersion == 4 || h.IPVersion == 6, "ipVersion", "must be 4 or 6")
	f.check(h.MaxBody >= 0 && h.MaxBody <= maxBody, "maxBody", fmt.Sprintf("must be between 0 and %d", maxBody))
	if h.Proxy != "" {
		p, err := url.Parse(h.Proxy)
		f.check(err == nil && (p.Scheme == "http" || p.Scheme == "https" || p.Scheme == "socks5") && p.Host != "", "proxy", "must be an http, https or socks5 URL")
	}
	f.check((h.ClientCert == "") == (h.ClientKey == ""), "clientKey", "goes with clientCertificate")
	(&Peer{CA: h.CA}).validate(f)
	checkRegexp(f, "match", h.Match)
	checkRegexp(f, "noMatch", h.NoMatch)
	h.Latency.validate(f.below("latency"))
	h.Certificate.validate(f)
}

// validToken follows RFC 9110, 5.6.2.
func validToken(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", c)) {
			return false
		}
	}
	return true
}

func statusRange(s string) (low, high int, ok bool) {
	if len(s) == 3 && strings.HasSuffix(s, "xx") && s[0] >= '1' && s[0] <= '5' {
		class := int(s[0]-'0') * 100
		return class, class + 99, true
	}
	from, to, ranged := strings.Cut(s, "-")
	low, err := strconv.Atoi(from)
	if err != nil || low < 100 || low > 599 {
		return 0, 0, false
	}
	if !ranged {
		return low, low, true
	}
	high, err = strconv.Atoi(to)
	return low, high, err == nil && high >= low && high <= 599
}

func (h *HTTP) accepts(code int) bool {
	if len(h.Status) == 0 {
		return code >= 200 && code < 400
	}
	for _, s := range h.Status {
		if low, high, ok := statusRange(s); ok && code >= low && code <= high {
			return true
		}
	}
	return false
}

func (h *HTTP) probe(ctx context.Context, r Runner, res *Result) {
	got, err := h.send(ctx, r, nil)
	if err != nil {
		res.Failed(h.URL, err)
		return
	}
	res.Measure("time", "seconds", got.took.Seconds())
	res.Measure("size", "bytes", float64(len(got.body)))
	res.Measure("status", "", float64(got.StatusCode))
	got.phases.measure(res)
	res.Set(OK, "%s: %s in %v", h.URL, got.Status, got.took.Round(time.Microsecond))
	h.judge(got, res)
}

// answer is a response whose body was read as far as it counts.
type answer struct {
	*http.Response
	body   []byte
	broken error // why the body ended early
	more   bool  // the body is longer than what was read
	took   time.Duration
	phases phases
}

// send sends the request over a connection of its own and reads the answer.
func (h *HTTP) send(ctx context.Context, r Runner, jar http.CookieJar) (*answer, error) {
	got := &answer{}
	req, err := h.request(got.phases.trace(ctx))
	if err != nil {
		return nil, err
	}
	transport, err := h.transport(r)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: transport, Jar: jar, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		most := 10
		if h.MaxRedirects > 0 {
			most = h.MaxRedirects
		}
		switch {
		case h.NoRedirect:
			return http.ErrUseLastResponse
		case len(via) > most:
			return fmt.Errorf("more than %d redirections", most)
		}
		return nil
	}}
	start := time.Now()
	if got.Response, err = client.Do(req); err != nil {
		err = unwrapURL(err)
		if _, network := errors.AsType[*net.OpError](err); !network {
			if said := certificateFault(err); said != Why(err) {
				err = errors.New(said)
			}
		}
		return nil, err
	}
	defer got.Body.Close()
	limit := int64(maxRead)
	if h.MaxBody > 0 {
		limit = h.MaxBody
	}
	got.body, got.broken = io.ReadAll(io.LimitReader(got.Body, limit+1))
	if int64(len(got.body)) > limit {
		got.body, got.more = got.body[:limit], true
	}
	got.took = time.Since(start)
	return got, nil
}

func (h *HTTP) request(ctx context.Context) (*http.Request, error) {
	method, body := h.Method, h.Body
	if len(h.Form) > 0 {
		form := url.Values{}
		for name, value := range h.Form {
			form.Set(name, value)
		}
		body = form.Encode()
	}
	if method == "" {
		method = http.MethodGet
		if len(h.Form) > 0 {
			method = http.MethodPost
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, h.URL, strings.NewReader(body))
	if err != nil {
		return nil, unwrapURL(err)
	}
	req.Header.Set("User-Agent", "mainstay-check")
	if len(h.Form) > 0 {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	switch {
	case h.Basic != nil:
		req.SetBasicAuth(h.Basic.User, h.Basic.Password)
	case h.Bearer != "":
		req.Header.Set("Authorization", "Bearer "+h.Bearer)
	}
	for name, value := range h.Headers {
		req.Header.Set(name, value)
		if strings.EqualFold(name, "host") {
			req.Host = value
		}
	}
	return req, nil
}

// transport makes connections that are used once: each execution measures a whole one.
func (h *HTTP) transport(r Runner) (*http.Transport, error) {
	secure := &tls.Config{InsecureSkipVerify: h.Insecure, ServerName: h.ServerName, RootCAs: (&Peer{CA: h.CA}).roots()}
	if h.ClientCert != "" {
		pair, err := tls.X509KeyPair([]byte(h.ClientCert), []byte(h.ClientKey))
		if err != nil {
			return nil, fmt.Errorf("the certificate to show cannot be used: %w", err)
		}
		secure.Certificates = []tls.Certificate{pair}
	}
	t := &http.Transport{TLSClientConfig: secure, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if h.IPVersion != 0 {
			network = fmt.Sprintf("tcp%d", h.IPVersion)
		}
		return r.Dial(ctx, network, address)
	}
	if h.Proxy != "" {
		proxy, err := url.Parse(h.Proxy)
		if err != nil {
			return nil, err
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	return t, nil
}

func (h *HTTP) judge(got *answer, res *Result) {
	if got.broken != nil {
		res.Worsen(Critical, "the body broke off: %s", Why(got.broken))
	}
	if got.more && h.MaxBody > 0 {
		res.Worsen(Critical, "the body has more than %d bytes", h.MaxBody)
	}
	if !h.accepts(got.StatusCode) {
		res.Worsen(Critical, "status %d is not accepted", got.StatusCode)
		res.Detail = string(got.body)
	}
	for name, expr := range h.HeaderMatch {
		if value := strings.Join(got.Header.Values(name), ", "); !regexp.MustCompile(expr).MatchString(value) {
			res.Worsen(Critical, "the header %s does not match %s", name, expr)
		}
	}
	if h.Match != "" && !regexp.MustCompile(h.Match).Match(got.body) {
		res.Worsen(Critical, "the body does not match %s", h.Match)
		res.Detail = string(got.body)
	}
	if h.NoMatch != "" && regexp.MustCompile(h.NoMatch).Match(got.body) {
		res.Worsen(Critical, "the body matches %s", h.NoMatch)
		res.Detail = string(got.body)
	}
	for i := range h.JSON {
		h.JSON[i].judge(got.body, res)
	}
	h.Latency.judge(res, "the answer", got.took)
	if got.TLS != nil && len(got.TLS.PeerCertificates) > 0 {
		h.Certificate.judge(res, time.Until(got.TLS.PeerCertificates[0].NotAfter))
	}
}

func (e *Expiry) judge(res *Result, left time.Duration) {
	res.Measure("certificate_left", "seconds", left.Seconds())
	if e == nil {
		return
	}
	days := int(left / (24 * time.Hour))
	switch {
	case left <= 0 || days < e.CriticalDays:
		res.Worsen(Critical, "the certificate ends in %d days", days)
	case days < e.WarningDays:
		res.Worsen(Warning, "the certificate ends in %d days", days)
	}
}

// unwrapURL takes off the layer that repeats the URL.
func unwrapURL(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}
