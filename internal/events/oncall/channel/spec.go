package channel

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/template"

	"mainstay/internal/core"
)

// The types of channel.
const (
	Mail       = "mail"
	Webhook    = "webhook"
	Slack      = "slack"
	Teams      = "teams"
	Mattermost = "mattermost"
	Telegram   = "telegram"
	Ntfy       = "ntfy"
	Matrix     = "matrix"
	SMS        = "sms"
	Voice      = "voice"
	Push       = "push"
	PagerDuty  = "pagerduty"
	Opsgenie   = "opsgenie"
)

// Types lists the types a document may have.
func Types() []string {
	return []string{Mail, Webhook, Slack, Teams, Mattermost, Telegram, Ntfy, Matrix, SMS, Voice, PagerDuty, Opsgenie}
}

// Spec is the spec of a document of kind Channel: a named way out.
type Spec struct {
	Type      string            `json:"type" enum:"mail,webhook,slack,teams,mattermost,telegram,ntfy,matrix,sms,voice,pagerduty,opsgenie"`
	Title     string            `json:"title,omitempty" maxLength:"200"`
	Team      string            `json:"team,omitempty" maxLength:"100" doc:"The team it belongs to"`
	URL       string            `json:"url,omitempty" maxLength:"2000" doc:"Where it is sent; secret:name when the address is itself the secret"`
	Secret    string            `json:"secret,omitempty" maxLength:"200" doc:"secret:name of the token, routing key or signing key"`
	To        string            `json:"to,omitempty" maxLength:"500" doc:"Address, chat, room, topic or number when no person is meant"`
	From      string            `json:"from,omitempty" maxLength:"200" doc:"The sender, for gateways that want one"`
	Method    string            `json:"method,omitempty" enum:"POST,PUT,GET" doc:"Of a gateway's request; POST when absent"`
	Headers   map[string]string `json:"headers,omitempty" doc:"Of a gateway's request or a webhook; values may be secret:name"`
	Body      string            `json:"body,omitempty" maxLength:"20000" doc:"Template of a gateway's or webhook's body"`
	Subject   string            `json:"subject,omitempty" maxLength:"2000" doc:"Template of the first line"`
	Text      string            `json:"text,omitempty" maxLength:"20000" doc:"Template of the text"`
	PerMinute int               `json:"perMinute,omitempty" minimum:"0" maximum:"10000" doc:"Messages a minute; what is more waits. 60 when absent"`
}

// DefaultPerMinute bounds a channel that says nothing.
const DefaultPerMinute = 60

// Validate names every field that breaks a rule.
func (s Spec) Validate() error {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule}) }
	if !slices.Contains(Types(), s.Type) {
		add("type", "must be one of "+strings.Join(Types(), ", "))
	}
	needs := map[string][]string{Webhook: {"url"}, Slack: {"url"}, Teams: {"url"}, Mattermost: {"url"}, Telegram: {"secret"}, Ntfy: {"url"},
		Matrix: {"url", "secret"}, SMS: {"url"}, Voice: {"url"}, PagerDuty: {"secret"}, Opsgenie: {"secret"}}
	for _, field := range needs[s.Type] {
		if field == "url" && s.URL == "" || field == "secret" && s.Secret == "" {
			add(field, "is needed by a channel of type "+s.Type)
		}
	}
	if s.Secret != "" && !strings.HasPrefix(s.Secret, "secret:") {
		add("secret", "must be secret:name: the value itself belongs into the secrets")
	}
	if s.URL != "" && !strings.HasPrefix(s.URL, "secret:") {
		// Templates may stand in the query of a gateway's address.
		if u, err := url.Parse(beforeTemplate(s.URL)); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			add("url", "must begin with https:// or http:// and a host, or be secret:name")
		}
	}
	for name, text := range map[string]string{"url": s.URL, "body": s.Body, "subject": s.Subject, "text": s.Text, "to": s.To} {
		if _, err := parse(name, text); err != nil {
			add(name, fmt.Sprintf("is no template: %v", err))
		} else if _, err := render(text, Example()); err != nil {
			add(name, err.Error())
		}
	}
	for name, value := range s.Headers {
		if name == "" || strings.ContainsAny(name+value, "\r\n:") && !strings.HasPrefix(value, "secret:") && strings.ContainsAny(name, "\r\n: ") {
			add("headers."+name, "must be a header and a value in one line")
		}
	}
	if s.PerMinute < 0 || s.PerMinute > 10_000 {
		add("perMinute", "must be 0 to 10000")
	}
	return core.InvalidAll(bad)
}

func beforeTemplate(address string) string {
	head, _, _ := strings.Cut(address, "{{")
	return head
}

func parse(name, text string) (*template.Template, error) {
	return template.New(name).Option("missingkey=error").Funcs(template.FuncMap{"json": asJSON, "urlquery": template.URLQueryEscaper, "short": short}).Parse(text)
}
