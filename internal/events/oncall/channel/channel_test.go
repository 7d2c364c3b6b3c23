package channel

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/guard"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/tasks"
)

// request is what a peer got.
type request struct {
	method, path, body string
	header             http.Header
	json               map[string]any
}

// peer answers with a status and a text, and keeps what it got.
func peer(t *testing.T, status int, answer string, headers ...string) (*httptest.Server, chan request) {
	t.Helper()
	got := make(chan request, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q := request{r.Method, r.URL.RequestURI(), string(body), r.Header, nil}
		json.Unmarshal(body, &q.json)
		got <- q
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s, got
}

func tools(t *testing.T) Tools {
	return Tools{HTTP: &http.Client{Transport: &http.Transport{}}, Clock: coretest.NewClock(time.Unix(1_800_000_000, 0)), Reveal: func(_ context.Context, reference string) (string, error) {
		switch reference {
		case "secret:token":
			return "s3cret-token\n", nil
		case "secret:hook":
			return "whsec_" + base64.StdEncoding.EncodeToString([]byte("signing key of the hook")), nil
		}
		return "", core.NotFound("secret", reference)
	}}
}

func message() Message {
	m := Example()
	m.Purpose, m.Severity, m.Title, m.Text, m.To = Page, core.Critical, `core-1 <is> "down" & out`, "Since 12:00. Ü.", ""
	return m
}

// at walks into JSON: "payload.severity", "blocks.0.type".
func at(v any, path string) any {
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			n := int(part[0] - '0')
			if n >= len(x) {
				return nil
			}
			v = x[n]
		default:
			return nil
		}
	}
	return v
}

// TestWhatEachChannelSends: the request of each, against a peer that answers as the real one does.
func TestWhatEachChannelSends(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spec    Spec
		purpose Purpose
		status  int
		answer  string
		method  string
		path    string
		header  map[string]string
		json    map[string]any
		body    string
	}{
		"slack": {spec: Spec{Type: Slack, URL: "$/services/T0/B0/xyz"}, status: 200, answer: "ok", method: "POST", path: "/services/T0/B0/xyz", json: map[string]any{
			"text": "[CRITICAL] core-1 &lt;is&gt; \"down\" &amp; out", "blocks.0.type": "section", "blocks.2.type": "actions", "blocks.2.elements.0.url": "https://mainstay.example.org/a", "blocks.2.elements.0.style": "primary"}},
		"teams": {spec: Spec{Type: Teams, URL: "$/workflows/1?sig=abc"}, status: 202, method: "POST", path: "/workflows/1?sig=abc", json: map[string]any{"type": "message",
			"attachments.0.contentType": "application/vnd.microsoft.card.adaptive", "attachments.0.content.type": "AdaptiveCard", "attachments.0.content.actions.0.type": "Action.OpenUrl", "attachments.0.content.body.0.color": "Attention"}},
		"mattermost": {spec: Spec{Type: Mattermost, URL: "$/hooks/xyz", To: "@ann"}, status: 200, answer: "ok", method: "POST", path: "/hooks/xyz", json: map[string]any{"channel": "@ann", "attachments.0.title_link": "https://mainstay.example.org/"}},
		"telegram": {spec: Spec{Type: Telegram, URL: "$", Secret: "secret:token", To: "-100"}, status: 200, answer: `{"ok":true,"result":{"message_id":7}}`, method: "POST", path: "/bots3cret-token/sendMessage",
			json: map[string]any{"chat_id": "-100", "parse_mode": "HTML", "reply_markup.inline_keyboard.0.0.text": "Acknowledge"}},
		"ntfy": {spec: Spec{Type: Ntfy, URL: "$", Secret: "secret:token", To: "ops"}, status: 200, answer: `{"id":"x"}`, method: "POST", path: "/", header: map[string]string{"Authorization": "Bearer s3cret-token"},
			json: map[string]any{"topic": "ops", "priority": 5.0, "actions.0.action": "view", "click": "https://mainstay.example.org/"}},
		"ntfy over": {spec: Spec{Type: Ntfy, URL: "$", To: "ops"}, purpose: Resolved, status: 200, method: "POST", path: "/", json: map[string]any{"priority": 2.0, "title": "[RESOLVED] core-1 <is> \"down\" & out"}},
		"matrix": {spec: Spec{Type: Matrix, URL: "$", Secret: "secret:token", To: "!room:example.org"}, status: 200, answer: `{"event_id":"$1"}`, method: "PUT",
			path: "/_matrix/client/v3/rooms/%21room:example.org/send/m.room.message/01examplexxxxxxxxxxxxxxxxx", header: map[string]string{"Authorization": "Bearer s3cret-token"},
			json: map[string]any{"msgtype": "m.text", "format": "org.matrix.custom.html"}},
		"sms": {spec: Spec{Type: SMS, URL: "$/send?to={{.To | urlquery}}", To: "+49 170 1", Secret: "secret:token", Headers: map[string]string{"content-type": "application/x-www-form-urlencoded"}, Body: "text={{.Text | urlquery}}"}, status: 201, method: "POST",
			path: "/send?to=%2B49+170+1", header: map[string]string{"Authorization": "Bearer s3cret-token", "Content-Type": "application/x-www-form-urlencoded"}, body: "text=%5BCRITICAL%5D+core-1+%3Cis%3E+%22down%22+%26+out%0Ahttps%3A%2F%2Fmainstay.example.org%2Fa"},
		"voice": {spec: Spec{Type: Voice, URL: "$/call", To: "+49"}, status: 200, method: "POST", path: "/call", json: map[string]any{"to": "+49", "text": "This is Mainstay. CRITICAL: core-1 <is> \"down\" & out."}},
		"pagerduty": {spec: Spec{Type: PagerDuty, URL: "$/v2/enqueue", Secret: "secret:token"}, status: 202, answer: `{"status":"success"}`, method: "POST", path: "/v2/enqueue",
			json: map[string]any{"routing_key": "s3cret-token", "event_action": "trigger", "dedup_key": "01situationxxxxxxxxxxxxxxx", "payload.severity": "critical", "payload.source": "Mainstay"}},
		"pagerduty acknowledged": {spec: Spec{Type: PagerDuty, URL: "$/v2/enqueue", Secret: "secret:token"}, purpose: Acknowledged, status: 202, method: "POST", path: "/v2/enqueue", json: map[string]any{"event_action": "acknowledge", "payload": nil}},
		"pagerduty over":         {spec: Spec{Type: PagerDuty, URL: "$/v2/enqueue", Secret: "secret:token"}, purpose: Resolved, status: 202, method: "POST", path: "/v2/enqueue", json: map[string]any{"event_action": "resolve"}},
		"opsgenie": {spec: Spec{Type: Opsgenie, URL: "$", Secret: "secret:token"}, status: 202, method: "POST", path: "/v2/alerts", header: map[string]string{"Authorization": "GenieKey s3cret-token"},
			json: map[string]any{"alias": "01situationxxxxxxxxxxxxxxx", "priority": "P1"}},
		"opsgenie over": {spec: Spec{Type: Opsgenie, URL: "$", Secret: "secret:token"}, purpose: Resolved, status: 202, method: "POST", path: "/v2/alerts/01situationxxxxxxxxxxxxxxx/close?identifierType=alias"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, got := peer(t, c.status, c.answer)
			c.spec.URL = strings.Replace(c.spec.URL, "$", server.URL, 1)
			if err := c.spec.Validate(); err != nil {
				t.Fatal(err)
			}
			sender, err := New(c.spec, tools(t))
			if err != nil {
				t.Fatal(err)
			}
			m := message()
			if c.purpose != "" {
				m.Purpose, m.AckURL = c.purpose, ""
			}
			receipt, err := sender.Send(t.Context(), m)
			if err != nil || receipt.Status != c.status || receipt.Answer != c.answer {
				t.Fatalf("%+v %v", receipt, err)
			}
			r := <-got
			if r.method != c.method || r.path != c.path {
				t.Errorf("%s %s", r.method, r.path)
			}
			for k, v := range c.header {
				if r.header.Get(k) != v {
					t.Errorf("%s: %q", k, r.header.Get(k))
				}
			}
			for path, want := range c.json {
				if got := at(r.json, path); got != want {
					t.Errorf("%s: %v, want %v; %s", path, got, want, r.body)
				}
			}
			if c.body != "" && r.body != c.body {
				t.Errorf("%s", r.body)
			}
		})
	}
}

// TestWebhookIsSigned as Standard Webhooks says; a verifier finds it good.
func TestWebhookIsSigned(t *testing.T) {
	t.Parallel()
	server, got := peer(t, 200, "")
	sender, err := New(Spec{Type: Webhook, URL: server.URL, Secret: "secret:hook", Headers: map[string]string{"X-Key": "secret:token"}}, tools(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	r := <-got
	mac := hmac.New(sha256.New, []byte("signing key of the hook"))
	io.WriteString(mac, r.header.Get("webhook-id")+"."+r.header.Get("webhook-timestamp")+"."+r.body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.header.Get("webhook-signature") != want || r.header.Get("webhook-timestamp") != "1800000000" || r.header.Get("X-Key") != "s3cret-token" {
		t.Errorf("%v", r.header)
	}
	if at(r.json, "type") != "oncall.page" || at(r.json, "data.severity") != "critical" || at(r.json, "data.acknowledgeUrl") == nil {
		t.Errorf("%s", r.body)
	}
}

// TestFailures: what can be tried again, and when; secrets are in no error.
func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status    int
		answer    string
		header    []string
		permanent bool
		after     time.Duration
	}{
		"busy":          {503, "later", nil, false, 0},
		"too many":      {429, "", []string{"Retry-After", "17"}, false, 17 * time.Second},
		"telegram's":    {429, `{"ok":false,"parameters":{"retry_after":5}}`, nil, false, 5 * time.Second},
		"a date":        {503, "", []string{"Retry-After", time.Unix(1_800_000_060, 0).UTC().Format(http.TimeFormat)}, false, time.Minute},
		"refused":       {403, "token s3cret-token is bad", nil, true, 0},
		"gone":          {410, "", nil, true, 0},
		"server broken": {500, "", nil, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := peer(t, c.status, c.answer, c.header...)
			sender, err := New(Spec{Type: Telegram, URL: server.URL, Secret: "secret:token", To: "1"}, tools(t))
			if err != nil {
				t.Fatal(err)
			}
			receipt, err := sender.Send(t.Context(), message())
			if err == nil || Permanent(err) != c.permanent || After(err) != c.after || receipt.Status != c.status {
				t.Errorf("%+v %v permanent %v after %v", receipt, err, Permanent(err), After(err))
			}
			if strings.Contains(err.Error()+receipt.Answer, "s3cret") {
				t.Errorf("a secret is told: %v %+v", err, receipt)
			}
		})
	}
	sender, err := New(Spec{Type: Telegram, URL: "http://127.0.0.1:1", Secret: "secret:token", To: "1"}, tools(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Send(t.Context(), message()); err == nil || Permanent(err) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%v", err)
	}
	// The guard keeps a channel from this host, for good.
	guarded := tools(t)
	guarded.HTTP = guard.New(guard.Defaults()).Client(time.Second)
	server, got := peer(t, 200, "")
	sender, err = New(Spec{Type: Webhook, URL: server.URL}, guarded)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Send(t.Context(), message()); err == nil || !strings.Contains(err.Error(), "not allowed") || !Permanent(err) || len(got) > 0 {
		t.Errorf("%v", err)
	}
}

// mailbox is an SMTP server that refuses bob.
type mailbox struct{ got chan string }

func (b mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return b, nil }
func (mailbox) Reset()                                        {}
func (mailbox) Logout() error                                 { return nil }
func (mailbox) Mail(string, *smtp.MailOptions) error          { return nil }
func (mailbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "bob") {
		return &smtp.SMTPError{Code: 550, Message: "no such user"}
	}
	return nil
}
func (b mailbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	b.got <- string(text)
	return err
}

// TestMail goes to an SMTP server.
func TestMail(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := mailbox{make(chan string, 1)}
	server := smtp.NewServer(box)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	queue, err := tasks.New(tasks.Defaults(), tasks.Dependencies{Clock: clock, IDs: ids, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	cfg := mail.Defaults()
	cfg.Host, cfg.Port, cfg.Security, cfg.From = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port, mail.Plain, "Mainstay <mainstay@example.org>"
	mailer, err := mail.New(cfg, mail.Dependencies{Tasks: queue, IDs: ids, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	with := tools(t)
	with.Mail = mailer
	sender, err := New(Spec{Type: Mail}, with)
	if err != nil {
		t.Fatal(err)
	}
	m := message()
	m.To = "ann@example.org"
	if _, err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	text := <-box.got
	for _, part := range []string{"Subject: [CRITICAL] core-1", "To: <ann@example.org>", "Acknowledge: https://mainstay.example.org/a", "Message-ID: <" + m.ID + "@example.org>"} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
	m.To = "bob@example.org"
	if _, err := sender.Send(t.Context(), m); !Permanent(err) {
		t.Errorf("%v", err)
	}
	m.To = "ann@example.org\r\nBcc: eve@example.org"
	if _, err := sender.Send(t.Context(), m); !Permanent(err) {
		t.Errorf("%v", err)
	}
}

func TestBadSpecsNameTheField(t *testing.T) {
	t.Parallel()
	for field, s := range map[string]Spec{
		"spec.type": {Type: "pigeon"}, "spec.url": {Type: Slack, URL: "ftp://x"}, "spec.secret": {Type: Webhook, URL: "https://x.example", Secret: "plain"},
		"spec.body": {Type: SMS, URL: "https://x.example", Body: "{{.Nothing}}"}, "spec.text": {Type: Mail, Text: "{{"},
	} {
		e, ok := s.Validate().(*core.Error)
		if !ok || len(e.Details) == 0 || e.Details[0].Field != field {
			t.Errorf("%s: %v", field, s.Validate())
		}
	}
}

// FuzzTemplate: no template panics or makes more than it may.
func FuzzTemplate(f *testing.F) {
	f.Add("{{.Title | urlquery}} {{json .Services}} {{short 3 .Text}}")
	f.Add(`{{range .Services}}{{printf "%0999999d" 1}}{{end}}`)
	f.Add(`{{short -5 "ü"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		out, err := render(text, message())
		if err == nil && strings.Contains(text, "{{") && len(out) > maxRendered {
			t.Errorf("%d bytes", len(out))
		}
	})
}
