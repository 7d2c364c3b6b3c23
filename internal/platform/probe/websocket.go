package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/coder/websocket"
)

// WebSocket connects, and can send a message and wait for one.
type WebSocket struct {
	URL         string            `json:"url" doc:"ws or wss"`
	Headers     map[string]string `json:"headers,omitempty"`
	Subprotocol string            `json:"subprotocol,omitempty" doc:"asked for, and the server must choose it"`
	Send        string            `json:"send,omitempty" doc:"text message to send once connected"`
	Expect      string            `json:"expect,omitempty" doc:"regular expression that one of the messages received must match"`
	Latency     *Limits           `json:"latency,omitempty" doc:"thresholds of the time until the expected message, or until the connection"`
	Peer
}

func (w *WebSocket) validate(f *fields) {
	u, err := url.Parse(w.URL)
	f.check(err == nil && (u.Scheme == "ws" || u.Scheme == "wss") && u.Host != "", "url", "must be a ws or wss URL")
	for name := range w.Headers {
		f.check(validToken(name), "headers."+name, "is not a header name")
	}
	f.check(w.Subprotocol == "" || validToken(w.Subprotocol), "subprotocol", "is not a name of a subprotocol")
	checkRegexp(f, "expect", w.Expect)
	w.Latency.validate(f.below("latency"))
	w.Peer.validate(f)
}

func (w *WebSocket) probe(ctx context.Context, r Runner, res *Result) {
	u, err := url.Parse(w.URL)
	if err != nil {
		res.Set(Unknown, "%s", Why(err))
		return
	}
	transport := &http.Transport{DialContext: r.Dial, TLSClientConfig: w.Config(u.Hostname()), DisableKeepAlives: true}
	options := &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}, HTTPHeader: http.Header{"User-Agent": {"mainstay-check"}}}
	for name, value := range w.Headers {
		options.HTTPHeader.Set(name, value)
	}
	if w.Subprotocol != "" {
		options.Subprotocols = []string{w.Subprotocol}
	}
	start := time.Now()
	conn, resp, err := websocket.Dial(ctx, w.URL, options)
	if err != nil {
		if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
			err = fmt.Errorf("the server answers %s instead of changing to WebSocket", resp.Status)
		}
		res.Failed(w.URL, err)
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxRead)
	took := time.Since(start)
	res.Measure("connect", "seconds", took.Seconds())
	res.Set(OK, "%s: connected in %v", w.URL, took.Round(time.Microsecond))
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		w.Certificate.judge(res, time.Until(resp.TLS.PeerCertificates[0].NotAfter))
	}
	if w.Subprotocol != "" && conn.Subprotocol() != w.Subprotocol {
		res.Worsen(Critical, "the server did not choose the subprotocol %s", w.Subprotocol)
	}
	if w.Send != "" {
		if err := conn.Write(ctx, websocket.MessageText, []byte(w.Send)); err != nil {
			res.Worsen(Critical, "sending failed: %s", Why(err))
			return
		}
	}
	if w.Expect != "" {
		if w.await(ctx, conn, res); res.State == Critical {
			return
		}
		took = time.Since(start)
		res.Measure("answer", "seconds", took.Seconds())
	}
	w.Latency.judge(res, "the answer", took)
	_ = conn.Close(websocket.StatusNormalClosure, "")
}

// await reads messages until one matches.
func (w *WebSocket) await(ctx context.Context, conn *websocket.Conn, res *Result) {
	re := regexp.MustCompile(w.Expect)
	for range maxLines {
		_, message, err := conn.Read(ctx)
		if err != nil {
			res.Worsen(Critical, "no message matches %s: %s", w.Expect, Why(err))
			return
		}
		if re.Match(message) {
			return
		}
		res.Detail = string(message)
	}
	res.Worsen(Critical, "none of %d messages matches %s", maxLines, w.Expect)
}
