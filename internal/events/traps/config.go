package traps

import (
	"fmt"
	"net"

	"mainstay/internal/core"
)

// Configuration of the listener.
type Configuration struct {
	Listen      string   `yaml:"listen" json:"listen"`           // UDP address, such as :10162; empty: traps are not received
	Communities []string `yaml:"communities" json:"communities"` // that version 1 and 2c are taken with, or references to secrets; none: any
	Users       []User   `yaml:"users" json:"users"`             // of version 3
	MIBs        string   `yaml:"mibs" json:"mibs"`               // directory with MIB files of vendors; empty: only what people added
	SourceRate  int      `yaml:"sourceRate" json:"sourceRate"`   // notifications a second of one address; 0 is no limit
	Queue       int      `yaml:"queue" json:"queue"`             // notifications that may wait to be stored
	Buffer      int      `yaml:"buffer" json:"buffer"`           // bytes that the kernel keeps of the socket
}

// User is one of the User-based Security Model (RFC 3414). A message must have
// the level that the user's keys make possible.
type User struct {
	Name    string `yaml:"name" json:"name"`
	Auth    string `yaml:"auth" json:"auth"`       // SHA, SHA224, SHA256, SHA384, SHA512 or MD5; empty: none
	AuthKey string `yaml:"authKey" json:"authKey"` // reference to a secret: secret:NAME
	Priv    string `yaml:"priv" json:"priv"`       // AES, AES192, AES256, AES192C, AES256C or DES; empty: none
	PrivKey string `yaml:"privKey" json:"privKey"`
}

// Defaults listen nowhere: who may send is for the operator to say.
func Defaults() Configuration { return Configuration{Queue: 10_000, Buffer: 4 << 20} }

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
		fail(err == nil, "listen", "must be address:port, such as :10162")
	}
	seen := map[string]bool{}
	for i, u := range c.Users {
		at := fmt.Sprintf("users[%d].", i)
		fail(u.Name != "" && len(u.Name) <= 32, at+"name", "must have 1 to 32 bytes") // RFC 3414, usmUserName
		fail(!seen[u.Name], at+"name", "must be there once")
		seen[u.Name] = true
		_, known := authProtocols[u.Auth]
		fail(u.Auth == "" || known, at+"auth", "must be SHA, SHA224, SHA256, SHA384, SHA512 or MD5")
		_, known = privProtocols[u.Priv]
		fail(u.Priv == "" || known, at+"priv", "must be AES, AES192, AES256, AES192C, AES256C or DES")
		fail(u.Priv == "" || u.Auth != "", at+"priv", "needs auth")
		fail((u.Auth == "") == (u.AuthKey == ""), at+"authKey", "must be given with auth, and only with it")
		fail((u.Priv == "") == (u.PrivKey == ""), at+"privKey", "must be given with priv, and only with it")
	}
	fail(c.SourceRate >= 0, "sourceRate", "must not be negative")
	fail(c.Queue > 0, "queue", "must be positive")
	fail(c.Buffer >= 64<<10, "buffer", "must be at least 65536")
	return core.InvalidAll(bad)
}
