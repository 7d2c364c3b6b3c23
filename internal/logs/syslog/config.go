package syslog

import (
	"net"
	"time"

	"mainstay/internal/core"
)

// Configuration of the listeners. An address that is empty is not listened at.
type Configuration struct {
	UDP string `yaml:"udp" json:"udp"` // address, such as :5514
	TCP string `yaml:"tcp" json:"tcp"`
	TLS string `yaml:"tls" json:"tls"` // RFC 5425, usually :6514

	RELP    string `yaml:"relp" json:"relp"`       // rsyslog's protocol with answers, usually :2514
	RELPTLS string `yaml:"relpTLS" json:"relpTLS"` // the same over TLS

	Certificate string `yaml:"certificate" json:"certificate"` // file, PEM, of the TLS listeners
	Key         string `yaml:"key" json:"key"`
	ClientCA    string `yaml:"clientCA" json:"clientCA"` // file, PEM: senders must show a certificate of it

	Zone           string `yaml:"zone" json:"zone"`                     // of stamps that name none: Local, UTC or an IANA name
	MaxMessage     int    `yaml:"maxMessage" json:"maxMessage"`         // bytes; what is longer is cut
	MaxConnections int    `yaml:"maxConnections" json:"maxConnections"` // of each listener but UDP
	SourceRate     int    `yaml:"sourceRate" json:"sourceRate"`         // messages a second of one address; 0 is no limit
	Buffer         int    `yaml:"buffer" json:"buffer"`                 // bytes that the kernel keeps of a UDP socket, as far as it allows
	Queue          int64  `yaml:"queue" json:"queue"`                   // bytes read from UDP that may wait for the store
}

// Defaults listen nowhere: who may send is for the operator to say, because
// syslog knows no passwords.
func Defaults() Configuration {
	return Configuration{Zone: "Local", MaxMessage: 64 << 10, MaxConnections: 1024, Buffer: 16 << 20, Queue: 32 << 20}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	for field, address := range map[string]string{"udp": c.UDP, "tcp": c.TCP, "tls": c.TLS, "relp": c.RELP, "relpTLS": c.RELPTLS} {
		if address != "" {
			_, _, err := net.SplitHostPort(address)
			fail(err == nil, field, "must be address:port, such as :5514 or 127.0.0.1:5514")
		}
	}
	fail((c.Certificate == "") == (c.Key == ""), "key", "must be given with the certificate, and only with it")
	secure := c.TLS != "" || c.RELPTLS != ""
	fail(!secure || c.Certificate != "", "certificate", "must be given for tls and relpTLS")
	fail(c.ClientCA == "" || secure, "clientCA", "means nothing without tls or relpTLS")
	_, err := time.LoadLocation(c.Zone)
	fail(err == nil, "zone", "must be Local, UTC or a name such as Europe/Berlin")
	fail(c.MaxMessage >= 480 && c.MaxMessage <= 128<<10, "maxMessage", "must be 480 to 131072") // RFC 5424, 6.1: any receiver takes 480
	fail(c.MaxConnections > 0, "maxConnections", "must be positive")
	fail(c.SourceRate >= 0, "sourceRate", "must not be negative")
	fail(c.Buffer >= 64<<10, "buffer", "must be at least 65536")
	fail(c.Queue >= 1<<20, "queue", "must be at least 1048576")
	return core.InvalidAll(bad)
}
