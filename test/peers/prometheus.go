package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Prometheus is a Prometheus server of Debian's.
type Prometheus struct {
	Port int

	t       testing.TB
	dir     string
	process *process
}

// StartPrometheus starts one with a configuration file of the given text, in
// which $SELF stands for its own address.
func StartPrometheus(t testing.TB, configuration string) *Prometheus {
	t.Helper()
	p := &Prometheus{Port: FreePort(t), t: t}
	program := require(t, "prometheus", "prometheus")
	var err error
	if p.dir, err = os.MkdirTemp("", "mainstay-peer-prometheus-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(p.dir) })
	file := filepath.Join(p.dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(configuration, "$SELF", fmt.Sprintf("127.0.0.1:%d", p.Port))), 0o600); err != nil {
		t.Fatal(err)
	}
	p.process, err = start(exec.Command(program, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(p.dir, "data"),
		fmt.Sprintf("--web.listen-address=127.0.0.1:%d", p.Port), "--enable-feature=native-histograms", "--rules.alert.resend-delay=1s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	if err := p.process.until("prometheus", func() bool { return listens(p.Port) }); err != nil {
		t.Fatal(err)
	}
	return p
}

// URL is its address without a path.
func (p *Prometheus) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", p.Port) }

// Stop ends it.
func (p *Prometheus) Stop() {
	if p.process != nil {
		p.process.stop()
		p.process = nil
	}
}
