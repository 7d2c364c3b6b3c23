package routing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/common/model"

	"mainstay/internal/core"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
)

// receiver is a Receiver ready to be told.
type receiver struct {
	name         string
	labels       map[string]string
	integrations []*integration
}

// integration is one way of telling a receiver.
type integration struct {
	kind         string // webhook or email
	index        int    // among those of its kind
	sendResolved bool
	timeout      time.Duration
	webhook      *Webhook
	email        *Email
	template     *template.Template
}

// message is one notification.
type message struct {
	data      *template.Data
	groupKey  string
	truncated uint64
}

// attemptFor is how long one attempt may take that says nothing of it.
const attemptFor = 30 * time.Second

func (c *compiler) receiver(field string, r Receiver, t *template.Template) *receiver {
	out := &receiver{name: r.Name, labels: r.Labels}
	for i := range r.Webhooks {
		w := &r.Webhooks[i]
		at := fmt.Sprintf("%s.webhook_configs[%d].", field, i)
		one := &integration{kind: "webhook", index: i, sendResolved: w.SendResolved == nil || *w.SendResolved, webhook: w, template: t, timeout: attemptFor}
		if d := c.duration(at+"timeout", w.Timeout, 0); d > 0 {
			one.timeout = d
		}
		if !strings.HasPrefix(w.URL, "secret:") && !strings.Contains(w.URL, "{{") && checkAddress(w.URL) != nil {
			c.add(at+"url", "%v", errNoAddress)
		}
		if w.HTTP != nil && w.HTTP.Authorization != nil && w.HTTP.BasicAuth != nil {
			c.add(at+"http_config", "must have authorization or basic_auth, not both")
		}
		out.integrations = append(out.integrations, one)
	}
	for i := range r.Emails {
		e := &r.Emails[i]
		at := fmt.Sprintf("%s.email_configs[%d].", field, i)
		for name := range e.Headers {
			if !strings.EqualFold(name, "subject") {
				c.add(at+"headers", "%q cannot be set: only Subject", name)
			}
		}
		if !strings.Contains(e.To, "{{") {
			if _, err := addresses(e.To); err != nil {
				c.add(at+"to", "must be mail addresses with commas between them")
			}
		}
		out.integrations = append(out.integrations, &integration{kind: "email", index: i, sendResolved: e.SendResolved != nil && *e.SendResolved, email: e, template: t, timeout: attemptFor})
	}
	return out
}

func checkAddress(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errNoAddress
	}
	return nil
}

func addresses(list string) ([]string, error) {
	var all []string
	for one := range strings.SplitSeq(list, ",") {
		address, err := mail.Address(one)
		if err != nil {
			return nil, err
		}
		all = append(all, address)
	}
	return all, nil
}

// webhookBody is what Alertmanager posts (notify/webhook, Message).
type webhookBody struct {
	*template.Data
	Version         string `json:"version"`
	GroupKey        string `json:"groupKey"`
	TruncatedAlerts uint64 `json:"truncatedAlerts"`
}

func (i *integration) body(m message) ([]byte, error) {
	var what any = webhookBody{m.data, "4", m.groupKey, m.truncated}
	if i.webhook.Payload != nil {
		rendered, err := template.DeepCopyWithTemplate(i.webhook.Payload, func(text string) (string, error) { return i.template.ExecuteTextString(text, m.data) })
		if err != nil {
			return nil, fmt.Errorf("the payload cannot be rendered: %w", err)
		}
		what = rendered
	}
	var b bytes.Buffer
	err := json.NewEncoder(&b).Encode(what)
	return b.Bytes(), err
}

// post tells a webhook once; again says that another attempt may succeed.
func (r *Router) post(ctx context.Context, i *integration, m message) (again bool, err error) {
	body, err := i.body(m)
	if err != nil {
		return false, err
	}
	address, err := r.reveal(ctx, i.webhook.URL)
	if err == nil && strings.Contains(address, "{{") {
		address, err = i.template.ExecuteTextString(address, m.data)
	}
	if err != nil {
		return false, err
	}
	if err := checkAddress(address); err != nil {
		return false, errNoAddress
	}
	ctx, cancel := context.WithTimeout(ctx, i.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false, errNoAddress
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Mainstay")
	client := *r.deps.HTTP
	client.Timeout = 0 // the attempt has its own
	if err := r.authorize(ctx, i.webhook.HTTP, req, &client); err != nil {
		return false, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return core.CodeOf(err) != core.CodeForbidden, withoutAddress(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1024))
	switch {
	case answer.StatusCode/100 == 2:
		return false, nil
	case len(text) > 0:
		return answer.StatusCode/100 == 5, fmt.Errorf("it answered %d: %s", answer.StatusCode, strings.ToValidUTF8(string(text), "?"))
	}
	return answer.StatusCode/100 == 5, fmt.Errorf("it answered %d", answer.StatusCode)
}

func (r *Router) authorize(ctx context.Context, h *HTTPConfig, req *http.Request, client *http.Client) error {
	if h == nil {
		return nil
	}
	if h.FollowRedirects != nil && !*h.FollowRedirects {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	if a := h.Authorization; a != nil {
		value, err := r.reveal(ctx, a.Credentials)
		if err != nil {
			return err
		}
		kind := a.Type
		if kind == "" {
			kind = "Bearer"
		}
		req.Header.Set("Authorization", kind+" "+value)
	}
	if b := h.BasicAuth; b != nil {
		value, err := r.reveal(ctx, b.Password)
		if err != nil {
			return err
		}
		req.SetBasicAuth(b.Username, value)
	}
	return nil
}

func (r *Router) reveal(ctx context.Context, text string) (string, error) {
	if !strings.HasPrefix(text, "secret:") {
		return text, nil
	}
	if r.deps.Secrets == nil {
		return "", core.Errorf(core.CodeUnavailable, "there are no secrets here")
	}
	return r.deps.Secrets.Reveal(ctx, text)
}

// withoutAddress keeps an address, which may hold a token, out of messages.
func withoutAddress(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

// mails writes a notification as mail, one message a person.
func (i *integration) mails(m message) ([]mail.Message, error) {
	text := func(part, standard string) (string, error) {
		if part == "" {
			part = standard
		}
		return i.template.ExecuteTextString(part, m.data)
	}
	to, err := text(i.email.To, "")
	if err != nil {
		return nil, err
	}
	people, err := addresses(to)
	if err != nil {
		return nil, err
	}
	subject := ""
	for _, v := range i.email.Headers {
		subject = v
	}
	if subject, err = text(subject, `{{ template "email.default.subject" . }}`); err != nil {
		return nil, err
	}
	body, err := text(i.email.Text, standardMail)
	if err != nil {
		return nil, err
	}
	var list []mail.Message
	for _, person := range people {
		list = append(list, mail.Message{To: person, Subject: subject, Text: body})
	}
	return list, nil
}

const standardMail = `{{ range .Alerts }}{{ .Status }}: {{ range .Labels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}
{{ range .Annotations.SortedPairs }}  {{ .Name }}: {{ .Value }}
{{ end }}  since {{ .StartsAt }}{{ if .GeneratorURL }}
  {{ .GeneratorURL }}{{ end }}

{{ end }}{{ .ExternalURL }}
`

// enqueue hands mail over in the transaction that logs the notification.
func (r *Router) enqueue(ctx context.Context, tx *sqldb.Tx, list []mail.Message) error {
	if r.deps.Mail == nil {
		return core.Errorf(core.CodeUnavailable, "no mail server is configured")
	}
	return r.deps.Mail.Send(ctx, tx, list...)
}

func labelSet(set map[string]string) model.LabelSet {
	out := make(model.LabelSet, len(set))
	for k, v := range set {
		out[model.LabelName(k)] = model.LabelValue(v)
	}
	return out
}
