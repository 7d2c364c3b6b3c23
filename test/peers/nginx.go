package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Nginx is a web server on one port.
type Nginx struct {
	Port int

	t       testing.TB
	program string
	dir     string
	process *process
}

// StartNginx starts nginx with the given directives inside its server block,
// such as "location / { proxy_pass http://127.0.0.1:9000; }".
func StartNginx(t testing.TB, directives string) *Nginx {
	t.Helper()
	n := &Nginx{Port: FreePort(t), t: t, program: require(t, "nginx", "nginx")}
	var err error
	if n.dir, err = os.MkdirTemp("", "mainstay-peer-nginx-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(n.dir) })
	// Workers of a server that root started run as another user.
	if err := os.Chmod(n.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(n.config(), []byte(n.text(directives)), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	n.StartAgain()
	return n
}

// URL is its address without a path.
func (n *Nginx) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", n.Port) }

// PID is that of its master process, 0 when it is stopped.
func (n *Nginx) PID() int {
	if n.process == nil {
		return 0
	}
	return n.process.cmd.Process.Pid
}

// Stop ends it; the port is free afterwards.
func (n *Nginx) Stop() {
	if n.process != nil {
		n.process.stop()
		n.process = nil
	}
}

// StartAgain starts it after Stop, on the same port.
func (n *Nginx) StartAgain() {
	n.t.Helper()
	p, err := start(exec.Command(n.program, "-c", n.config(), "-e", "stderr"))
	if err != nil {
		n.t.Fatal(err)
	}
	n.process = p
	if err := p.until("nginx", func() bool { return listens(n.Port) }); err != nil {
		n.t.Fatal(err)
	}
}

func (n *Nginx) config() string { return filepath.Join(n.dir, "nginx.conf") }

func (n *Nginx) text(directives string) string {
	return fmt.Sprintf(`daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen 127.0.0.1:%[2]d;
		%[3]s
	}
}
`, n.dir, n.Port, directives)
}
