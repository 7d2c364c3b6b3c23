package hooks

import (
	"net"
	"net/netip"

	"mainstay/internal/core"
)

// Configuration of the room. What is posted over HTTP needs none.
type Configuration struct {
	Mail Mail `yaml:"mail" json:"mail"`
}

// Mail says how mails become events.
type Mail struct {
	Listen      string   `yaml:"listen" json:"listen"`           // address of the SMTP listener, such as :2525; empty: none
	From        []string `yaml:"from" json:"from"`               // networks that may send without a token
	Certificate string   `yaml:"certificate" json:"certificate"` // file, PEM: STARTTLS is offered, and with it tokens as passwords
	Key         string   `yaml:"key" json:"key"`
	MaxMessage  int64    `yaml:"maxMessage" json:"maxMessage"` // bytes
	Connections int      `yaml:"connections" json:"connections"`
}

// Defaults take no mail; once it is listened for, this host may send.
func Defaults() Configuration {
	return Configuration{Mail{From: []string{"127.0.0.0/8", "::1/128"}, MaxMessage: 4 << 20, Connections: 50}}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "mail." + field, Rule: rule})
		}
	}
	if c.Mail.Listen != "" {
		_, _, err := net.SplitHostPort(c.Mail.Listen)
		fail(err == nil, "listen", "must be address:port, such as :2525 or 127.0.0.1:2525")
	}
	for _, network := range c.Mail.From {
		_, err := netip.ParsePrefix(network)
		fail(err == nil, "from", "must be networks such as 10.0.0.0/8")
	}
	fail((c.Mail.Certificate == "") == (c.Mail.Key == ""), "key", "must be given with the certificate, and only with it")
	fail(c.Mail.MaxMessage >= 64<<10 && c.Mail.MaxMessage <= 64<<20, "maxMessage", "must be 65536 to 67108864")
	fail(c.Mail.Connections > 0, "connections", "must be positive")
	return core.InvalidAll(bad)
}
