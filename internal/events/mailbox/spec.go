package mailbox

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/netip"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

// Spec is what a document of kind Mailbox says.
type Spec struct {
	Address    string `json:"address" minLength:"1" maxLength:"300" doc:"host:port of the IMAP server, such as mail.example.org:993"`
	Security   string `json:"security,omitempty" enum:"tls,starttls,none" doc:"tls when not said; none only for a server on this host"`
	Authority  string `json:"certificateAuthority,omitempty" maxLength:"65536" doc:"PEM of who vouches for the server, when the system does not know it"`
	User       string `json:"user" minLength:"1" maxLength:"320"`
	Password   string `json:"password" pattern:"^secret:" patternDescription:"secret:NAME" doc:"secret:NAME"`
	Folder     string `json:"folder,omitempty" maxLength:"500" doc:"INBOX when not said"`
	Source     string `json:"source" minLength:"1" maxLength:"100" doc:"The event source, of the format mail, that makes events of the mails"`
	Start      string `json:"start,omitempty" enum:"new,unseen" doc:"What of the mails that are there at first is taken: none (new), or those that nobody read; new when not said"`
	MoveTo     string `json:"moveTo,omitempty" maxLength:"500" doc:"The folder a mail is moved to once its events are kept; marked as seen when not said"`
	Poll       string `json:"poll,omitempty" doc:"How often a server that does not tell of new mail is asked, such as 1m, which it is when not said"`
	MaxMessage int64  `json:"maxMessage,omitempty" minimum:"0" maximum:"67108864" doc:"Bytes; a larger mail is refused. 4 MiB when not said"`
	Disabled   bool   `json:"disabled,omitempty" doc:"Fetches nothing"`
}

// The kinds of security.
const (
	securityTLS      = "tls"
	securitySTARTTLS = "starttls"
	securityNone     = "none"
)

const (
	startUnseen    = "unseen"
	defaultMessage = 4 << 20
	defaultPoll    = time.Minute
)

// mailbox is a spec that is ready to use.
type mailbox struct {
	Spec
	name string
	poll time.Duration
	tls  *tls.Config // nil: none
}

// place tells mailboxes apart, whatever else a document says.
func (m *mailbox) place() string { return m.User + "@" + m.Address + "/" + m.Folder }

// ParseSpec reads and checks a spec.
func ParseSpec(raw json.RawMessage) (*Spec, error) {
	m, err := parse("", raw)
	if err != nil {
		return nil, err
	}
	return &m.Spec, nil
}

func parse(name string, raw json.RawMessage) (*mailbox, error) {
	m := &mailbox{name: name}
	if err := declare.Decode(raw, &m.Spec); err != nil {
		return nil, err
	}
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&m.Security, securityTLS)
	fill(&m.Folder, "INBOX")
	fill(&m.Poll, defaultPoll.String())
	if m.MaxMessage == 0 {
		m.MaxMessage = defaultMessage
	}
	host, port, err := net.SplitHostPort(m.Address)
	fail(err == nil && host != "" && port != "", "address", "must be host:port, such as mail.example.org:993")
	fail(m.User != "" && !strings.ContainsAny(m.User, "\r\n\x00"), "user", "must be a name on one line")
	fail(strings.HasPrefix(m.Password, "secret:"), "password", "must be secret:NAME: the value itself belongs into the secrets")
	fail(m.Source != "", "source", "must name an event source of the format mail")
	fail(m.MoveTo == "" || m.MoveTo != m.Folder, "moveTo", "must be another folder")
	fail(!strings.ContainsAny(m.Folder+m.MoveTo, "\r\n\x00"), "folder", "must be on one line")
	fail(m.Start == "" || m.Start == "new" || m.Start == startUnseen, "start", "must be new or unseen")
	fail(m.MaxMessage >= 1<<10 && m.MaxMessage <= 64<<20, "maxMessage", "must be 1024 to 67108864")
	m.poll, err = time.ParseDuration(m.Poll)
	fail(err == nil && m.poll >= time.Second && m.poll <= 24*time.Hour, "poll", "must be a duration from 1s to 24h")
	switch m.Security {
	case securityTLS, securitySTARTTLS:
		m.tls = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
		if m.Authority != "" {
			m.tls.RootCAs = x509.NewCertPool()
			fail(m.tls.RootCAs.AppendCertsFromPEM([]byte(m.Authority)), "certificateAuthority", "must be a certificate in PEM")
		}
	case securityNone:
		address, err := netip.ParseAddr(host)
		fail(host == "localhost" || err == nil && address.IsLoopback(), "security", "none is only for a server on this host: the password would be read on the way")
		fail(m.Authority == "", "certificateAuthority", "is of no use without TLS")
	default:
		fail(false, "security", "must be tls, starttls or none")
	}
	return m, core.InvalidAll(bad)
}
