package probe

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"strings"
	"time"
)

// Peer is what a probe that may speak TLS accepts of the other side.
type Peer struct {
	ServerName  string  `json:"serverName,omitempty" doc:"name to ask for and to check in TLS; the host of the address when left out"`
	Insecure    bool    `json:"insecure,omitempty" doc:"accept any certificate"`
	CA          string  `json:"ca,omitempty" doc:"PEM certificates to trust instead of the system's"`
	Certificate *Expiry `json:"certificate,omitempty" doc:"thresholds of the certificate's remaining life"`
}

func (p *Peer) validate(f *fields) {
	if p.CA != "" {
		f.check(x509.NewCertPool().AppendCertsFromPEM([]byte(p.CA)), "ca", "must hold certificates in PEM")
	}
	p.Certificate.validate(f)
}

func (e *Expiry) validate(f *fields) {
	if e == nil {
		return
	}
	f.check(e.WarningDays >= 0 && e.CriticalDays >= 0, "certificate", "days must not be negative")
	f.check(e.WarningDays == 0 || e.WarningDays >= e.CriticalDays, "certificate.warningDays", "must not be below criticalDays")
}

// roots are nil for the system's.
func (p *Peer) roots() *x509.CertPool {
	if p.CA == "" {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(p.CA))
	return pool
}

// Config is that of a client that verifies what p asks for.
func (p *Peer) Config(host string) *tls.Config {
	name := p.ServerName
	if name == "" {
		name = strings.Trim(host, "[]")
	}
	return &tls.Config{ServerName: name, InsecureSkipVerify: p.Insecure, RootCAs: p.roots()}
}

// secure speaks TLS over conn and judges the certificate's life.
func (p *Peer) secure(ctx context.Context, conn net.Conn, address string, res *Result) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	client := tls.Client(conn, p.Config(host))
	if err := client.HandshakeContext(ctx); err != nil {
		return nil, errors.New("TLS: " + certificateFault(err))
	}
	if certs := client.ConnectionState().PeerCertificates; len(certs) > 0 {
		p.Certificate.judge(res, time.Until(certs[0].NotAfter))
	}
	return client, nil
}

// certificateFault says what is wrong with a certificate in words of an operator.
func certificateFault(err error) string {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if now := time.Now(); now.Before(invalid.Cert.NotBefore) {
			return "the certificate of " + subject(invalid.Cert) + " is valid only from " + invalid.Cert.NotBefore.UTC().Format(time.DateOnly)
		}
		return "the certificate of " + subject(invalid.Cert) + " expired on " + invalid.Cert.NotAfter.UTC().Format(time.DateOnly)
	case errors.As(err, &host):
		return "the certificate is not for this name: " + host.Error()
	case errors.As(err, &authority):
		return "the certificate is signed by an unknown authority"
	}
	return Why(err)
}

func subject(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return c.Subject.String()
}

// fingerprint is the SHA-256 of a certificate in hexadecimal digits.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
