package channel

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// webhookSender posts JSON, signed as Standard Webhooks says
// (github.com/standard-webhooks/standard-webhooks, spec).
type webhookSender struct{ way }

// webhookBody is what is posted unless the channel has a template.
type webhookBody struct {
	Type      string      `json:"type"`
	Timestamp time.Time   `json:"timestamp"`
	Data      webhookData `json:"data"`
}

type webhookData struct {
	ID         string   `json:"id"`
	Situation  string   `json:"situation,omitempty"`
	Title      string   `json:"title"`
	Text       string   `json:"text"`
	Severity   string   `json:"severity"`
	Urgency    string   `json:"urgency"`
	Services   []string `json:"services"`
	Person     string   `json:"person,omitempty"`
	URL        string   `json:"url,omitempty"`
	AckURL     string   `json:"acknowledgeUrl,omitempty"`
	ResolveURL string   `json:"resolveUrl,omitempty"`
}

func (s webhookSender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "")
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	if m.Services == nil {
		m.Services = []string{}
	}
	body, err := json.Marshal(webhookBody{Type: "oncall." + string(m.Purpose), Timestamp: m.At.UTC(), Data: webhookData{m.ID, m.Situation, subject, text,
		m.Severity.String(), m.Urgency, m.Services, m.Person, m.URL, m.AckURL, m.ResolveURL}})
	if err == nil && s.spec.Body != "" {
		var rendered string
		rendered, err = render(s.spec.Body, m)
		body = []byte(rendered)
	}
	if err != nil {
		return Receipt{}, permanent("body: %w", err)
	}
	headers, secrets, err := s.headers(ctx)
	if err != nil {
		return Receipt{}, err
	}
	if s.spec.Secret != "" {
		secret, err := s.reveal(ctx, s.spec.Secret)
		if err != nil {
			return Receipt{}, err
		}
		stamp := strconv.FormatInt(s.tools.Clock.Now().Unix(), 10)
		headers["webhook-id"], headers["webhook-timestamp"] = m.ID, stamp
		headers["webhook-signature"] = signature(secret, m.ID, stamp, body)
		secrets = append(secrets, secret)
	}
	return s.send(ctx, http.MethodPost, address, headers, body, secrets...)
}

// headers are those of the channel, with their secrets.
func (w way) headers(ctx context.Context) (headers map[string]string, secrets []string, err error) {
	headers = map[string]string{"Content-Type": "application/json"}
	for name, value := range w.spec.Headers {
		revealed, err := w.reveal(ctx, value)
		if err != nil {
			return nil, nil, err
		}
		if revealed != value {
			secrets = append(secrets, revealed)
		}
		headers[http.CanonicalHeaderKey(name)] = revealed
	}
	return headers, secrets, nil
}

// signature is that of Standard Webhooks, version 1: over id, time and body,
// with the key behind whsec_ in base64.
func signature(secret, id, stamp string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		key = []byte(secret)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
