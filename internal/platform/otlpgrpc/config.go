package otlpgrpc

import (
	"net"

	"mainstay/internal/core"
)

// Configuration of the listener.
type Configuration struct {
	// Listen is the address, such as 127.0.0.1:4317. Empty: OTLP is received over HTTP alone.
	Listen string `yaml:"listen" json:"listen"`
	// Certificate and Key are files of the server's certificate; without them
	// connections are not encrypted, and tokens travel in the clear.
	Certificate string `yaml:"certificate" json:"certificate"`
	Key         string `yaml:"key" json:"key"`
	// MaxMessage bounds one request, before and after decompression.
	MaxMessage int `yaml:"maxMessage" json:"maxMessage"`
	// MaxCalls bounds the calls of one connection at once, MaxConnections the connections.
	MaxCalls       uint32 `yaml:"maxCalls" json:"maxCalls"`
	MaxConnections int    `yaml:"maxConnections" json:"maxConnections"`
}

// Defaults listen nowhere.
func Defaults() Configuration {
	return Configuration{MaxMessage: 32 << 20, MaxCalls: 64, MaxConnections: 1024}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	if c.Listen != "" {
		_, _, err := net.SplitHostPort(c.Listen)
		fail(err == nil, "listen", "must be address:port, such as 127.0.0.1:4317")
	}
	fail((c.Certificate == "") == (c.Key == ""), "key", "must be given with the certificate, and only with it")
	fail(c.MaxMessage > 0, "maxMessage", "must be positive")
	fail(c.MaxCalls > 0, "maxCalls", "must be positive")
	fail(c.MaxConnections > 0, "maxConnections", "must be positive")
	return core.InvalidAll(bad)
}
