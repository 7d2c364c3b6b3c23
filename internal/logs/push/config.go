package push

import (
	"net"

	"mainstay/internal/core"
)

// Configuration of the listeners that have sockets of their own; what comes
// over HTTP needs none. An address that is empty is not listened at.
type Configuration struct {
	GELF    GELF    `yaml:"gelf" json:"gelf"`
	Forward Forward `yaml:"forward" json:"forward"`

	MaxConnections int   `yaml:"maxConnections" json:"maxConnections"` // of GELF over TCP and of Fluent forward, each
	Buffer         int   `yaml:"buffer" json:"buffer"`                 // bytes that the kernel keeps of a UDP socket, as far as it allows
	Queue          int64 `yaml:"queue" json:"queue"`                   // bytes read from UDP that may wait for the store
}

// GELF is how Graylog's senders reach us.
type GELF struct {
	UDP         string `yaml:"udp" json:"udp"` // address, usually :12201
	TCP         string `yaml:"tcp" json:"tcp"`
	Certificate string `yaml:"certificate" json:"certificate"` // file, PEM: the TCP listener speaks TLS
	Key         string `yaml:"key" json:"key"`
	ClientCA    string `yaml:"clientCA" json:"clientCA"`     // file, PEM: senders must show a certificate of it
	MaxMessage  int    `yaml:"maxMessage" json:"maxMessage"` // bytes after decompression; what is longer is refused
}

// Forward is how Fluentd and Fluent Bit reach us.
type Forward struct {
	TCP         string `yaml:"tcp" json:"tcp"`                 // address, usually :24224
	SharedKey   string `yaml:"sharedKey" json:"-"`             // senders must prove that they know it
	Certificate string `yaml:"certificate" json:"certificate"` // file, PEM: the listener speaks TLS
	Key         string `yaml:"key" json:"key"`
	ClientCA    string `yaml:"clientCA" json:"clientCA"`
}

// Defaults listen nowhere: GELF knows no passwords, and who may send is for
// the operator to say.
func Defaults() Configuration {
	return Configuration{GELF: GELF{MaxMessage: 1 << 20}, MaxConnections: 1024, Buffer: 8 << 20, Queue: 32 << 20}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	for _, a := range []struct{ field, address string }{{"gelf.udp", c.GELF.UDP}, {"gelf.tcp", c.GELF.TCP}, {"forward.tcp", c.Forward.TCP}} {
		if a.address != "" {
			_, _, err := net.SplitHostPort(a.address)
			fail(err == nil, a.field, "must be address:port, such as :12201 or 127.0.0.1:12201")
		}
	}
	for _, t := range []struct{ name, certificate, key, ca string }{
		{"gelf", c.GELF.Certificate, c.GELF.Key, c.GELF.ClientCA}, {"forward", c.Forward.Certificate, c.Forward.Key, c.Forward.ClientCA}} {
		fail((t.certificate == "") == (t.key == ""), t.name+".key", "must be given with the certificate, and only with it")
		fail(t.ca == "" || t.certificate != "", t.name+".clientCA", "means nothing without a certificate")
	}
	fail(c.GELF.MaxMessage >= 8<<10 && c.GELF.MaxMessage <= 16<<20, "gelf.maxMessage", "must be 8192 to 16777216")
	fail(c.MaxConnections > 0, "maxConnections", "must be positive")
	fail(c.Buffer >= 64<<10, "buffer", "must be at least 65536")
	fail(c.Queue >= 1<<20, "queue", "must be at least 1048576")
	return core.InvalidAll(bad)
}
