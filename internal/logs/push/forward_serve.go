package push

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

const (
	greetingLimit = 10 * time.Second
	greetingBytes = 16 << 10
	// ackLimit is how long a sender that wants an acknowledgement is left waiting
	// for the store. Then it is disconnected, and sends again.
	ackLimit = 45 * time.Second
)

func (c *Component) listenForward(ctx context.Context) error {
	return c.listenTCP(ctx, &c.forward, c.cfg.Forward.TCP, receivers.About{Name: "fluent-forward", Protocol: "Fluent forward"},
		c.cfg.Forward.Certificate, c.cfg.Forward.Key, c.cfg.Forward.ClientCA, c.serveForward)
}

// serveForward reads one connection. A chunk is acknowledged when it is
// durable; a message that cannot be read ends the connection, because nobody
// knows where the next begins.
func (c *Component) serveForward(ctx context.Context, conn net.Conn, from netip.Addr, m *receivers.Meter) {
	writing, cancel := receivers.Grace(ctx, c.deps.Clock, closeLimit)
	defer cancel()
	defer context.AfterFunc(writing, func() { _ = conn.Close() })()
	in := bufio.NewReaderSize(conn, 64<<10)
	if c.cfg.Forward.SharedKey != "" {
		_ = conn.SetDeadline(c.deps.Clock.Now().Add(greetingLimit))
		if err := greet(in, conn, c.cfg.Forward.SharedKey, c.hostname); err != nil {
			m.Refused(0, "a connection from "+from.String()+" was refused: "+err.Error())
			return
		}
		_ = conn.SetDeadline(time.Time{})
	}
	for {
		if ctx.Err() != nil {
			receivers.Quiet(conn, c.deps.Clock)
		}
		message, size, err := readMessage(in, int(c.deps.MaxBody))
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
				m.Refused(1, from.String()+": "+err.Error())
			}
			return
		}
		if message == nil { // a sender that looks whether we are there
			continue
		}
		if err := c.forwarded(writing, conn, m, message, size, from); err != nil {
			return
		}
	}
}

func (c *Component) forwarded(ctx context.Context, conn net.Conn, m *receivers.Meter, message any, size int, from netip.Addr) error {
	came := c.deps.Clock.Now()
	f, err := readForward(message, c.deps.MaxBody)
	if err != nil {
		m.Refused(1, from.String()+": "+err.Error())
		return err
	}
	if f.bad > 0 {
		m.Refused(f.bad, from.String()+": an event must be a time and a record")
	}
	for i := range f.entries {
		f.entries[i].add("network.peer.address", from.String())
	}
	if f.chunk == "" {
		return c.insist(ctx, m, f.entries, size, came)
	}
	limited, cancel := context.WithTimeout(ctx, ackLimit)
	defer cancel()
	if err := c.insist(limited, m, f.entries, size, came); err != nil {
		return err
	}
	_ = conn.SetWriteDeadline(c.deps.Clock.Now().Add(greetingLimit))
	_, err = conn.Write(acknowledgement(f.chunk))
	return err
}

// greet is the handshake (Forward Protocol v1, "Authentication"): a nonce for
// the sender, its digest of the shared key, and ours. The sender is let in when
// nil is returned.
func greet(in *bufio.Reader, out io.Writer, key, hostname string) error {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce)
	helo := packText([]byte{0x92}, "HELO")
	helo = packBytes(packText(append(helo, 0x83), "nonce"), nonce)
	helo = packBytes(packText(helo, "auth"), nil) // no names and passwords
	helo = packBool(packText(helo, "keepalive"), true)
	if _, err := out.Write(helo); err != nil {
		return err
	}
	message, _, err := readMessage(in, greetingBytes)
	if err != nil {
		return err
	}
	host, salt, digest, err := readPing(message)
	if err != nil {
		return err
	}
	reason := ""
	if subtle.ConstantTimeCompare([]byte(digest), []byte(keyDigest(salt, host, string(nonce), key))) != 1 {
		reason, digest = "the shared key is another", ""
	} else {
		digest = keyDigest(salt, hostname, string(nonce), key)
	}
	pong := packBool(packText([]byte{0x95}, "PONG"), reason == "")
	pong = packText(packText(packText(pong, reason), hostname), digest)
	if _, err := out.Write(pong); err != nil {
		return err
	}
	if reason != "" {
		return core.Errorf(core.CodeForbidden, "%s", reason)
	}
	return nil
}

// readPing reads ["PING", host, salt, digest, user, password].
func readPing(message any) (host, salt, digest string, err error) {
	parts, _ := message.([]any)
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i], _ = p.(string)
	}
	if len(texts) < 4 || texts[0] != "PING" {
		return "", "", "", core.Errorf(core.CodeMalformed, "a PING must come first")
	}
	return texts[1], texts[2], texts[3], nil
}

func keyDigest(salt, host, nonce, key string) string {
	sum := sha512.Sum512([]byte(salt + host + nonce + key))
	return hex.EncodeToString(sum[:])
}
