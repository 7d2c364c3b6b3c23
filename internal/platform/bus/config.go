package bus

import (
	"net/url"
	"slices"

	"github.com/nats-io/nkeys"

	"mainstay/internal/core"
)

// Configuration chooses between the embedded server and an external cluster.
type Configuration struct {
	// URL of an external NATS cluster: nats://, tls:// or ws(s)://, with credentials
	// of a user that may use every subject. Empty: embedded.
	URL string `yaml:"url" json:"url"`
	// IssuerSeed is the account nkey (SA...) with which answers to the cluster's
	// auth callout are signed; its public key is the issuer in the cluster's
	// configuration. Only with URL.
	IssuerSeed string `yaml:"issuerSeed" json:"-"`
	// Account is the account agents are placed in. Only with URL.
	Account string `yaml:"account" json:"account"`
	// MaxPayload bounds one message, in bytes. Only embedded.
	MaxPayload int32 `yaml:"maxPayload" json:"maxPayload"`
	// MaxConnections bounds the connections of agents through this process.
	MaxConnections int `yaml:"maxConnections" json:"maxConnections"`
}

// Defaults is the embedded server.
func Defaults() Configuration {
	return Configuration{Account: "MAINSTAY", MaxPayload: 8 << 20, MaxConnections: 20000}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
			bad = append(bad, core.Detail{Field: "bus.url", Rule: "must be a nats://, tls://, ws:// or wss:// address"})
		}
		if prefix, _, err := nkeys.DecodeSeed([]byte(c.IssuerSeed)); err != nil || prefix != nkeys.PrefixByteAccount {
			bad = append(bad, core.Detail{Field: "bus.issuerSeed", Rule: "must be the seed of an account nkey (SA...) when bus.url is set"})
		}
		if c.Account == "" {
			bad = append(bad, core.Detail{Field: "bus.account", Rule: "must name the account of the agents"})
		}
	}
	if c.MaxPayload < 1<<16 || c.MaxPayload > 64<<20 {
		bad = append(bad, core.Detail{Field: "bus.maxPayload", Rule: "must be from 64 KiB to 64 MiB"})
	}
	if c.MaxConnections < 1 {
		bad = append(bad, core.Detail{Field: "bus.maxConnections", Rule: "must be at least 1"})
	}
	return core.InvalidAll(bad)
}
