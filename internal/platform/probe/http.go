package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
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
}

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

func (spec *HTTP) probe(ctx context.Context, r Runner, res *Result) {
	method := spec.Method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, spec.URL, strings.NewReader(spec.Body))
	if err != nil {
		res.set(Unknown, "%s: %s", spec.URL, why(err))
		return
	}
	req.Header.Set("User-Agent", "mainstay-check")
	for name, value := range spec.Headers {
		req.Header.Set(name, value)
		if strings.EqualFold(name, "host") {
			req.Host = value
		}
	}
	// No reuse: each execution measures a whole connection.
	transport := &http.Transport{
		DialContext:       r.dialer().DialContext,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: spec.Insecure, ServerName: spec.ServerName},
		DisableKeepAlives: true,
		ForceAttemptHTTP2: true,
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if spec.NoRedirect {
			return http.ErrUseLastResponse
		}
		if len(via) >= 10 {
			return fmt.Errorf("more than 10 redirections")
		}
		return nil
	}}
	start := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		res.failed(spec.URL, unwrapURL(err))
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRead))
	took := time.Since(start)
	res.measure("time", "seconds", took.Seconds())
	res.measure("size", "bytes", float64(len(body)))
	res.measure("status", "", float64(resp.StatusCode))
	res.set(OK, "%s: %s in %v", spec.URL, resp.Status, took.Round(time.Microsecond))
	if err != nil {
		res.worsen(Critical, "the body broke off: %s", why(err))
	}
	spec.judge(resp, body, took, res)
}

func (h *HTTP) judge(resp *http.Response, body []byte, took time.Duration, res *Result) {
	if !h.accepts(resp.StatusCode) {
		res.worsen(Critical, "status %d is not accepted", resp.StatusCode)
		res.Detail = string(body)
	}
	if h.Match != "" && !regexp.MustCompile(h.Match).Match(body) {
		res.worsen(Critical, "the body does not match %s", h.Match)
		res.Detail = string(body)
	}
	if h.NoMatch != "" && regexp.MustCompile(h.NoMatch).Match(body) {
		res.worsen(Critical, "the body matches %s", h.NoMatch)
		res.Detail = string(body)
	}
	h.Latency.judge(res, "the answer", took)
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		h.Certificate.judge(res, time.Until(resp.TLS.PeerCertificates[0].NotAfter))
	}
}

func (e *Expiry) judge(res *Result, left time.Duration) {
	res.measure("certificate_left", "seconds", left.Seconds())
	if e == nil {
		return
	}
	days := int(left / (24 * time.Hour))
	switch {
	case left <= 0 || days < e.CriticalDays:
		res.worsen(Critical, "the certificate ends in %d days", days)
	case days < e.WarningDays:
		res.worsen(Warning, "the certificate ends in %d days", days)
	}
}

// unwrapURL takes off the layer that repeats the URL.
func unwrapURL(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}
