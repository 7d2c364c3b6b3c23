package hooks

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"mainstay/internal/core"
	"mainstay/internal/events"
)

// The formats; the first words of each file name the specification it follows.
const (
	formatAlertmanager = "alertmanager"
	formatGrafana      = "grafana"
	formatZabbix       = "zabbix"
	formatNagios       = "nagios"
	formatCloudEvents  = "cloudevents"
	formatPagerDuty    = "pagerduty"
	formatSNS          = "sns"
	formatMail         = "mail"
	formatJSON         = "json"
)

// format is one thing that senders speak.
type format struct {
	title  string
	decode func(ctx context.Context, c *Component, s *Source, d *delivery) (decoded, error)
}

func formats() map[string]format {
	return map[string]format{
		formatAlertmanager: {"Alertmanager webhook", decodeAlertmanager},
		formatGrafana:      {"Grafana webhook", decodeAlertmanager},
		formatZabbix:       {"Zabbix media type", decodeZabbix},
		formatNagios:       {"Nagios and Icinga notification", decodeNagios},
		formatCloudEvents:  {"CloudEvents", decodeCloudEvents},
		formatPagerDuty:    {"PagerDuty Events v2", decodePagerDuty},
		formatSNS:          {"Amazon SNS", decodeSNS},
		formatMail:         {"Mail", decodeMail},
		formatJSON:         {"JSON by mapping", decodeMapped},
	}
}

// delivery is what was posted.
type delivery struct {
	header http.Header
	query  url.Values
	body   []byte
	at     time.Time
}

// decoded is what a delivery says.
type decoded struct {
	signals []events.Signal
	// acknowledged are the keys of alerts that someone has taken on at the
	// sender's, with what they said.
	acknowledged []acknowledgement
	// note tells of a delivery that asks for something else than events.
	note string
}

type acknowledgement struct{ key, note string }

// object reads the body as a JSON object into v, or a form as one of texts.
func (d *delivery) object(v any) error {
	body := d.body
	if kind, _, err := mime.ParseMediaType(d.header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" && !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return core.Errorf(core.CodeMalformed, "the form cannot be read: %v", err)
		}
		flat := make(map[string]string, len(form))
		for name := range form {
			flat[name] = form.Get(name)
		}
		if body, err = json.Marshal(flat); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return core.Errorf(core.CodeMalformed, "the body cannot be read: %v", err)
	}
	return nil
}

// bounded cuts a text at a rune so that it has at most that many bytes.
func bounded(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

func first(values ...string) string {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// put sets a label that has a value.
func put(labels map[string]string, name, value string) {
	if value != "" {
		labels[name] = bounded(value, 4096)
	}
}
