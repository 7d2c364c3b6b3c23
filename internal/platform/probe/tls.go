package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// TLS judges a server's certificate chain and the protocol versions it speaks.
type TLS struct {
	Address     string   `json:"address" doc:"host:port"`
	StartTLS    string   `json:"startTLS,omitempty" enum:"smtp,imap,pop3,ftp,ldap,postgres" doc:"the protocol in which TLS is asked for; TLS from the first byte when left out"`
	MinVersion  string   `json:"minVersion,omitempty" doc:"the lowest version the server may choose: 1.2 or 1.3; 1.2 when left out"`
	Refuse      []string `json:"refuse,omitempty" doc:"versions that the server must not accept: 1.0, 1.1, 1.2; each is tried"`
	Fingerprint string   `json:"fingerprint,omitempty" doc:"SHA-256 of the server's certificate in hexadecimal digits"`
	Issuer      string   `json:"issuer,omitempty" doc:"text that the issuer's name must hold"`
	Latency     *Limits  `json:"latency,omitempty" doc:"thresholds of the time until TLS is established"`
	Peer
}

func (t *TLS) validate(f *fields) {
	f.check(validAddress(t.Address), "address", "must be host:port")
	f.oneOf("startTLS", t.StartTLS, "smtp", "imap", "pop3", "ftp", "ldap", "postgres")
	f.oneOf("minVersion", t.MinVersion, "1.0", "1.1", "1.2", "1.3")
	for i, v := range t.Refuse {
		f.check(versionNumber(v) != 0, fmt.Sprintf("refuse[%d]", i), "must be 1.0, 1.1, 1.2 or 1.3")
	}
	f.check(t.Fingerprint == "" || len(plainHex(t.Fingerprint)) == 64, "fingerprint", "must be 64 hexadecimal digits")
	t.Latency.validate(f.below("latency"))
	t.Peer.validate(f)
}

func plainHex(s string) string { return strings.ToLower(strings.ReplaceAll(s, ":", "")) }

func versionNumber(name string) uint16 {
	switch name {
	case "1.0":
		return tls.VersionTLS10
	case "1.1":
		return tls.VersionTLS11
	case "1.2":
		return tls.VersionTLS12
	case "1.3":
		return tls.VersionTLS13
	}
	return 0
}

func (t *TLS) probe(ctx context.Context, r Runner, res *Result) {
	start := time.Now()
	state, err := t.handshake(ctx, r, tls.VersionTLS10, tls.VersionTLS13)
	took := time.Since(start)
	if err != nil {
		res.Failed(t.Address, err)
		return
	}
	res.Measure("time", "seconds", took.Seconds())
	res.Set(OK, "%s: %s with %s in %v", t.Address, tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite), took.Round(time.Microsecond))
	least := versionNumber(t.MinVersion)
	if least == 0 {
		least = tls.VersionTLS12
	}
	if state.Version < least {
		res.Worsen(Critical, "it chose %s", tls.VersionName(state.Version))
	}
	t.judgeChain(state.PeerCertificates, res)
	t.Latency.judge(res, "the handshake", took)
	for _, name := range t.Refuse {
		v := versionNumber(name)
		if _, err := t.handshake(ctx, r, v, v); err == nil {
			res.Worsen(Critical, "TLS %s is accepted", name)
		} else if ctx.Err() != nil {
			res.Worsen(Unknown, "TLS %s could not be tried: %s", name, Why(ctx.Err()))
			return
		} else if !refusedVersion(err) {
			res.Worsen(Unknown, "TLS %s could not be tried: %s", name, Why(err))
		}
	}
}

// refusedVersion says that the server, and not the way to it, ended the handshake.
func refusedVersion(err error) bool {
	var alert tls.AlertError
	var op *net.OpError
	switch {
	case errors.As(err, &alert):
		return true
	case errors.As(err, &op):
		return op.Op == "remote error" || op.Op == "read" // some close or reset instead of an alert
	}
	return errors.Is(err, io.EOF) || strings.Contains(err.Error(), "protocol version")
}

// handshake accepts any certificate: it is judged afterwards, and never trusted with anything.
func (t *TLS) handshake(ctx context.Context, r Runner, least, most uint16) (state tls.ConnectionState, err error) {
	conn, err := r.connect(ctx, "tcp", t.Address)
	if err != nil {
		return state, err
	}
	defer conn.Close()
	host, _, _ := net.SplitHostPort(t.Address)
	config := t.Config(host)
	config.InsecureSkipVerify, config.MinVersion, config.MaxVersion = true, least, most
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		config.CipherSuites = append(config.CipherSuites, suite.ID)
	}
	if t.StartTLS == "ldap" {
		return ldapStartTLS(conn, config)
	}
	if err := askForTLS(conn, t.StartTLS); err != nil {
		return state, err
	}
	client := tls.Client(conn, config)
	if err := client.HandshakeContext(ctx); err != nil {
		return state, err
	}
	return client.ConnectionState(), nil
}

func ldapStartTLS(conn net.Conn, config *tls.Config) (tls.ConnectionState, error) {
	l := ldap.NewConn(conn, false)
	l.Start()
	defer l.Close()
	if err := l.StartTLS(config); err != nil {
		return tls.ConnectionState{}, err
	}
	state, _ := l.TLSConnectionState()
	return state, nil
}

// askForTLS brings a plain connection to where TLS begins.
func askForTLS(conn net.Conn, name string) error {
	var p protocol
	switch name {
	case "":
		return nil
	case "postgres":
		return postgresTLS(conn)
	case "smtp":
		p = smtpProtocol("")
	case "imap":
		p = imapProtocol()
	case "pop3":
		p = pop3Protocol()
	case "ftp":
		p = ftpProtocol()
	}
	d := newDialogue(conn)
	if _, err := p.greeting(d); err != nil {
		return err
	}
	if name == "smtp" {
		if _, err := p.capabilities(d); err != nil {
			return err
		}
	}
	return p.startTLS(d)
}

// postgresTLS sends an SSLRequest (PostgreSQL, "Message Formats").
func postgresTLS(conn net.Conn) error {
	request := binary.BigEndian.AppendUint32(nil, 8)
	if _, err := conn.Write(binary.BigEndian.AppendUint32(request, 80877103)); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if answer[0] != 'S' {
		return errors.New("the server does not offer TLS")
	}
	return nil
}

// judgeChain says what is wrong with the certificates, and describes them.
func (t *TLS) judgeChain(certs []*x509.Certificate, res *Result) {
	if len(certs) == 0 {
		res.Worsen(Critical, "there is no certificate")
		return
	}
	leaf := certs[0]
	var lines []string
	for _, c := range certs {
		lines = append(lines, fmt.Sprintf("%s, issued by %s, valid %s to %s, %s, sha256 %s", c.Subject, c.Issuer,
			c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly), c.SignatureAlgorithm, fingerprint(c)))
	}
	res.Detail = strings.Join(lines, "\n")
	host, _, _ := net.SplitHostPort(t.Address)
	ends := leaf.NotAfter
	if !t.Insecure {
		options := x509.VerifyOptions{Roots: t.roots(), Intermediates: x509.NewCertPool(), DNSName: t.Config(host).ServerName}
		for _, c := range certs[1:] {
			options.Intermediates.AddCert(c)
		}
		chains, err := leaf.Verify(options)
		if err != nil {
			res.Worsen(Critical, "%s", certificateFault(err))
		}
		for _, c := range best(chains) {
			if c.NotAfter.Before(ends) {
				ends = c.NotAfter // a link that ends first breaks the chain
			}
		}
	}
	t.Certificate.judge(res, time.Until(ends))
	if t.Fingerprint != "" && plainHex(t.Fingerprint) != fingerprint(leaf) {
		res.Worsen(Critical, "the certificate is another one: its SHA-256 is %s", fingerprint(leaf))
	}
	if t.Issuer != "" && !strings.Contains(leaf.Issuer.String(), t.Issuer) {
		res.Worsen(Critical, "the issuer is %s", leaf.Issuer)
	}
	if fault := weakness(leaf); fault != "" {
		res.Worsen(Warning, "%s", fault)
	}
}

// best is the chain that lasts longest.
func best(chains [][]*x509.Certificate) (chosen []*x509.Certificate) {
	var last time.Time
	for _, chain := range chains {
		first := chain[0].NotAfter
		for _, c := range chain {
			if c.NotAfter.Before(first) {
				first = c.NotAfter
			}
		}
		if first.After(last) {
			chosen, last = chain, first
		}
	}
	return chosen
}

// weakness names a key or signature that is not to be used any more.
func weakness(c *x509.Certificate) string {
	switch c.SignatureAlgorithm {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		return fmt.Sprintf("the certificate is signed with %s", c.SignatureAlgorithm)
	}
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < 2048 {
			return fmt.Sprintf("the key has only %d bits", key.N.BitLen())
		}
	case *ecdsa.PublicKey:
		if key.Curve.Params().BitSize < 256 {
			return fmt.Sprintf("the key has only %d bits", key.Curve.Params().BitSize)
		}
	}
	return ""
}
