package mail

import (
	"net/mail"
	"time"

	"mainstay/internal/core"
)

// How the connection is protected.
const (
	StartTLS = "starttls" // must be offered, RFC 3207
	TLS      = "tls"      // from the beginning, RFC 8314
	Plain    = "none"
)

// Configuration of outgoing mail. Without a host none is sent.
type Configuration struct {
	Host     string        `yaml:"host" json:"host"`
	Port     int           `yaml:"port" json:"port"`
	Security string        `yaml:"security" json:"security"` // starttls, tls or none
	Username string        `yaml:"username" json:"username"`
	Password string        `yaml:"password" json:"password"`
	From     string        `yaml:"from" json:"from"`       // Mainstay <mainstay@example.org>
	Timeout  time.Duration `yaml:"timeout" json:"timeout"` // of one message
}

// Defaults speak to a submission server.
func Defaults() Configuration {
	return Configuration{Port: 587, Security: StartTLS, Timeout: 30 * time.Second}
}

// Validate names every field that cannot work.
func (c Configuration) Validate() error {
	if c.Host == "" {
		return nil
	}
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "mail." + field, Rule: rule})
		}
	}
	check(c.Port > 0 && c.Port < 65536, "port", "must be 1 to 65535")
	check(c.Security == StartTLS || c.Security == TLS || c.Security == Plain, "security", "must be starttls, tls or none")
	_, err := mail.ParseAddress(c.From)
	check(err == nil, "from", "must be an address, such as Mainstay <mainstay@example.org>")
	check((c.Username == "") == (c.Password == ""), "password", "must be given together with username")
	check(c.Security != Plain || c.Username == "", "username", "must not be sent over a connection that is not encrypted")
	check(c.Timeout >= time.Second, "timeout", "must be at least 1s")
	return core.InvalidAll(bad)
}
