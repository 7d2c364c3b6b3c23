package peers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Daemon is a server on one port of 127.0.0.1, with a directory of its own.
type Daemon struct {
	Port int
	Dir  string
	// CA is the certificate, in PEM, that a server with TLS shows; it is for "localhost".
	CA string

	t       testing.TB
	process *process
}

// Address is 127.0.0.1:port.
func (d *Daemon) Address() string { return fmt.Sprintf("127.0.0.1:%d", d.Port) }

// Stop ends it.
func (d *Daemon) Stop() {
	if d.process != nil {
		d.process.stop()
		d.process = nil
	}
}

func newDaemon(t testing.TB, name string) *Daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "mainstay-peer-"+name+"-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // some servers change to another user
		t.Fatal(err)
	}
	return &Daemon{Port: FreePort(t), Dir: dir, t: t}
}

// write puts a file into the directory, with $DIR and $PORT in place.
func (d *Daemon) write(name, text string) string {
	d.t.Helper()
	path := filepath.Join(d.Dir, name)
	expanded := os.Expand(text, func(key string) string {
		switch key {
		case "DIR":
			return d.Dir
		case "PORT":
			return fmt.Sprint(d.Port)
		}
		return "$" + key
	})
	if err := os.WriteFile(path, []byte(expanded), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

func (d *Daemon) mkdir(name string) string {
	d.t.Helper()
	path := filepath.Join(d.Dir, name)
	if err := os.MkdirAll(path, 0o755); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// run runs a program that prepares the server.
func (d *Daemon) run(program string, args ...string) string {
	d.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = d.Dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s: %v: %s", program, err, out)
	}
	return string(out)
}

// start runs the server until the test ends, and waits until its port is taken.
func (d *Daemon) start(network, program string, args ...string) {
	d.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = d.Dir
	p, err := start(cmd)
	if err != nil {
		d.t.Fatal(err)
	}
	d.process = p
	d.t.Cleanup(d.Stop)
	ready := func() bool { return listens(d.Port) }
	if network == "udp" {
		ready = func() bool {
			c, err := net.ListenPacket("udp", d.Address())
			if err == nil {
				c.Close()
			}
			return err != nil
		}
	}
	if err := p.until(program, ready); err != nil {
		d.t.Fatal(err)
	}
}

// certify writes cert.pem and key.pem for "localhost".
func (d *Daemon) certify() {
	d.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		d.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(100 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		d.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		d.t.Fatal(err)
	}
	d.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	d.write("cert.pem", d.CA)
	d.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}
