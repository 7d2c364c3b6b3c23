package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/mail"
)

// Sender sends a message once.
type Sender interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Mailer hands one mail to a server; platform/mail does.
type Mailer interface {
	Configured() bool
	Deliver(ctx context.Context, m mail.Message) error
}

// Tools are what senders work with.
type Tools struct {
	HTTP   *http.Client // guarded: a channel's address is chosen by people
	Mail   Mailer
	Reveal func(ctx context.Context, reference string) (string, error) // of secret:name
	Clock  core.Clock
}

// New returns the sender of a spec.
func New(spec Spec, tools Tools) (Sender, error) {
	w := way{spec, tools}
	switch spec.Type {
	case Mail:
		return mailSender{w}, nil
	case Webhook:
		return webhookSender{w}, nil
	case Slack:
		return slackSender{w}, nil
	case Teams:
		return teamsSender{w}, nil
	case Mattermost:
		return mattermostSender{w}, nil
	case Telegram:
		return telegramSender{w}, nil
	case Ntfy:
		return ntfySender{w}, nil
	case Matrix:
		return matrixSender{w}, nil
	case SMS, Voice:
		return gatewaySender{w}, nil
	case PagerDuty:
		return pagerdutySender{w}, nil
	case Opsgenie:
		return opsgenieSender{w}, nil
	}
	return nil, core.Invalid("spec.type", fmt.Sprintf("%q is no type of channel", spec.Type))
}

// way is what all senders have.
type way struct {
	spec  Spec
	tools Tools
}

// reveal returns the value behind a reference, or text itself.
func (w way) reveal(ctx context.Context, text string) (string, error) {
	if !strings.HasPrefix(text, "secret:") {
		return text, nil
	}
	value, err := w.tools.Reveal(ctx, text)
	if err != nil {
		code := core.CodeOf(err)
		return "", &Failure{Permanent: code == core.CodeNotFound || code == core.CodeForbidden, Cause: fmt.Errorf("the secret of the channel: %w", err)}
	}
	return strings.TrimSpace(value), nil
}

// address is where the channel sends, with a default where the type has one.
func (w way) address(ctx context.Context, standard string) (string, error) {
	if w.spec.URL == "" {
		return standard, nil
	}
	return w.reveal(ctx, w.spec.URL)
}

// to is whom a message is for.
func (w way) to(m Message) (string, error) {
	to := m.To
	if to == "" {
		var err error
		if to, err = render(w.spec.To, m); err != nil {
			return "", permanent("to: %w", err)
		}
	}
	if to == "" {
		return "", permanent("there is no address for this channel: give to in the channel, or the person's own in their notifications")
	}
	return to, nil
}

// maxAnswer is how much of an answer is kept as proof.
const maxAnswer = 2 << 10

// send makes one request. secrets are removed from what errors and receipts say.
func (w way) send(ctx context.Context, method, address string, headers map[string]string, body []byte, secrets ...string) (Receipt, error) {
	clean := func(text string) string {
		for _, s := range append(secrets, pathOf(address)) {
			if len(s) > 5 {
				text = strings.ReplaceAll(text, s, "…")
			}
		}
		return text
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return Receipt{}, permanent("the address of the channel cannot be called: %s", clean(err.Error()))
	}
	request.Header.Set("User-Agent", "Mainstay")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := w.tools.HTTP.Do(request)
	if err != nil {
		return Receipt{}, &Failure{Permanent: core.CodeOf(err) == core.CodeForbidden, Cause: fmt.Errorf("%s", clean(err.Error()))}
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	receipt := Receipt{Status: response.StatusCode, Answer: clean(strings.ToValidUTF8(strings.TrimSpace(string(answer)), "�"))}
	if response.StatusCode/100 == 2 {
		return receipt, nil
	}
	f := &Failure{Cause: fmt.Errorf("%s: %s", response.Status, short(300, receipt.Answer)), After: w.retryAfter(response.Header.Get("Retry-After"))}
	switch code := response.StatusCode; {
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code == http.StatusTooEarly:
	default:
		f.Permanent = code/100 == 3 || code/100 == 4
	}
	return receipt, f
}

// pathOf is the part of an address after the host: it holds the secret of many webhooks.
func pathOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	_, path, _ := strings.Cut(rest, "/")
	return path
}

// retryAfter reads the header (RFC 9110, 10.2.3): seconds or a date.
func (w way) retryAfter(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return min(time.Duration(seconds)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(w.tools.Clock.Now()), 0), time.Hour)
	}
	return 0
}

// post sends JSON.
func (w way) post(ctx context.Context, address string, headers map[string]string, v any, secrets ...string) (Receipt, error) {
	return w.sendJSON(ctx, http.MethodPost, address, headers, v, secrets...)
}

func (w way) sendJSON(ctx context.Context, method, address string, headers map[string]string, v any, secrets ...string) (Receipt, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return Receipt{}, permanent("body: %w", err)
	}
	all := map[string]string{"Content-Type": "application/json"}
	for name, value := range headers {
		all[name] = value
	}
	return w.send(ctx, method, address, all, body, secrets...)
}
