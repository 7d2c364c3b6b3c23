package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// installation is one `mainstay serve`.
type installation struct {
	o       options
	program string
	url     string
	token   string
	env     []string
	applied []byte    // the configuration file as it was applied last
	cmd     *exec.Cmd // nil: another member's
	ended   chan error
}

const password = "an acceptance test signs in with this"

func start(ctx context.Context, o options, c *cluster) (*installation, error) {
	in := &installation{o: o, program: os.Getenv("MAINSTAY"), ended: make(chan error, 1)}
	if in.program == "" {
		in.program = filepath.Join("bin", "mainstay")
	}
	if c.shared.URL != "" && c.shared.DSN == "" { // one installation for all members
		in.url, in.token = c.shared.URL, c.shared.Token
		return in, nil
	}
	data := filepath.Join(o.storage, "mainstay")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	settings := fmt.Sprintf("agent: {enabled: false}\noutgoing: {loopback: true}\nevents:\n  routing: {startDelay: %s}\n", o.startDelay)
	if strings.Contains(o.features, "classic-mode") {
		settings += "  alerts: {labelNames: classic}\n"
	}
	config := filepath.Join(o.storage, "mainstay.yml")
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		return nil, err
	}
	in.env = append(os.Environ(), "MAINSTAY_ADMIN_PASSWORD="+password, "MAINSTAY_CONFIG="+config, "MAINSTAY_DATA="+data)
	if c.shared.DSN != "" {
		in.env = append(in.env, "MAINSTAY_DATABASE_DSN="+c.shared.DSN, "MAINSTAY_SECRET_KEY="+c.shared.Key)
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := port.Addr().String()
	port.Close()
	in.url = "http://" + address
	in.cmd = in.command(context.WithoutCancel(ctx), "serve", "--listen", address)
	in.cmd.Stdout, in.cmd.Stderr = os.Stderr, os.Stderr
	if err := in.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { in.ended <- in.cmd.Wait() }()
	if err := in.prepare(ctx, c); err != nil {
		in.stop()
		return nil, err
	}
	return in, nil
}

func (in *installation) prepare(ctx context.Context, c *cluster) error {
	if err := in.ready(ctx); err != nil {
		return err
	}
	out, err := in.command(ctx, "token", "create", "--user", "admin", "--name", "acceptance").Output()
	if err != nil {
		return fmt.Errorf("token create: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	in.token = lines[len(lines)-1]
	if c.first() {
		c.shared.URL, c.shared.Token = in.url, in.token
		return in.apply(ctx)
	}
	return nil
}

func (in *installation) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, in.program, args...)
	cmd.Env = in.env
	return cmd
}

func (in *installation) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		if answer, err := http.Get(in.url + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-in.ended:
			in.ended <- err
			return fmt.Errorf("it ended while it started: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("it did not become ready: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// apply makes the configuration file what the installation routes by.
func (in *installation) apply(ctx context.Context) error {
	text, err := os.ReadFile(in.o.config)
	if err != nil {
		return err
	}
	if in.applied != nil && bytes.Equal(text, in.applied) {
		return in.post(ctx, "/alertmanager/-/reload")
	}
	cmd := in.command(ctx, "apply", "--file", in.o.config)
	cmd.Env = append(cmd.Env, "MAINSTAY_SERVER="+in.url, "MAINSTAY_TOKEN="+in.token)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, out.Bytes())
	}
	in.applied = text
	return in.post(ctx, "/alertmanager/-/reload")
}

func (in *installation) reload(ctx context.Context) error {
	if in.cmd == nil {
		return nil // its owner does
	}
	return in.apply(ctx)
}

func (in *installation) post(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, in.url+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+in.token)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, answer.Status)
	}
	return nil
}

func (in *installation) stop() {
	if in.cmd == nil || in.cmd.Process == nil {
		return
	}
	in.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-in.ended:
	case <-time.After(20 * time.Second):
		in.cmd.Process.Kill()
	}
}
