package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// SSH reads the version of a server and the key it proves to have; it does not log in.
type SSH struct {
	Address  string   `json:"address" doc:"host or host:port"`
	Expect   string   `json:"expect,omitempty" doc:"regular expression that the server's version must match"`
	HostKeys []string `json:"hostKeys,omitempty" doc:"fingerprints as ssh-keygen -l prints them (SHA256:...); the server's key must be one of them"`
	KeyType  string   `json:"keyType,omitempty" doc:"ask for this type of key, such as ssh-ed25519"`
	Latency  *Limits  `json:"latency,omitempty" doc:"thresholds of the time until the key is known"`
}

func (s *SSH) validate(f *fields) {
	f.check(validAddress(withPort(s.Address, "22")), "address", "must be host or host:port")
	checkRegexp(f, "expect", s.Expect)
	for i, k := range s.HostKeys {
		f.check(strings.HasPrefix(k, "SHA256:") && len(k) == 50, fmt.Sprintf("hostKeys[%d]", i), "must be a fingerprint such as SHA256:, followed by 43 letters")
	}
	s.Latency.validate(f.below("latency"))
}

// errSeen ends a handshake when the server has proven its key.
var errSeen = errors.New("the key was seen")

func (s *SSH) probe(ctx context.Context, r Runner, res *Result) {
	address := withPort(s.Address, "22")
	start := time.Now()
	conn, err := r.connect(ctx, "tcp", address)
	if err != nil {
		res.Failed(address, err)
		return
	}
	defer conn.Close()
	var key ssh.PublicKey
	listening := &heard{Conn: conn}
	config := &ssh.ClientConfig{User: "mainstay", HostKeyCallback: func(_ string, _ net.Addr, k ssh.PublicKey) error {
		key = k
		return errSeen
	}}
	if s.KeyType != "" {
		config.HostKeyAlgorithms = []string{s.KeyType}
	}
	_, _, _, err = ssh.NewClientConn(listening, address, config)
	took := time.Since(start)
	version := sshVersion(listening.first.String())
	if key == nil {
		res.Set(Critical, "%s: %s", address, Why(err))
		if version != "" {
			res.Worsen(Critical, "the server is %s", version)
		}
		return
	}
	print := ssh.FingerprintSHA256(key)
	res.Measure("time", "seconds", took.Seconds())
	res.Set(OK, "%s: %s with %s %s in %v", address, version, key.Type(), print, took.Round(time.Microsecond))
	if s.Expect != "" && !regexp.MustCompile(s.Expect).MatchString(version) {
		res.Worsen(Critical, "the version does not match %s", s.Expect)
	}
	if len(s.HostKeys) > 0 && !slices.Contains(s.HostKeys, print) {
		res.Worsen(Critical, "the key is none of those expected")
	}
	s.Latency.judge(res, "the key exchange", took)
}

// sshVersion finds the identification among the lines a server may send before it (RFC 4253, 4.2).
func sshVersion(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "SSH-") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
