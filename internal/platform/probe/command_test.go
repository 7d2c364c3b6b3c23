package probe_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/probe"
)

const plugins = "/usr/lib/nagios/plugins/"

func sh(script string) *probe.Command {
	return &probe.Command{Path: "/bin/sh", Args: []string{"-c", script}}
}

func TestCommandContract(t *testing.T) {
	t.Parallel()
	res := expect(t, probe.Spec{Command: sh(`echo "LOAD OK | load=1;2;3"; echo more; echo "text | b=2s"; echo "c=3"; exit 0`)}, probe.OK, "LOAD OK")
	if res.Detail != "more\ntext" || len(res.Metrics) != 3 || res.Metrics[2].Name != "c" {
		t.Errorf("%+v", res)
	}
	expect(t, probe.Spec{Command: sh(`echo W; exit 1`)}, probe.Warning, "W")
	expect(t, probe.Spec{Command: sh(`echo C; exit 2`)}, probe.Critical, "C")
	expect(t, probe.Spec{Command: sh(`echo U; exit 3`)}, probe.Unknown, "U")
	expect(t, probe.Spec{Command: sh(`echo odd; exit 42`)}, probe.Unknown, "exit code 42")
	expect(t, probe.Spec{Command: sh(`echo broken >&2; exit 2`)}, probe.Critical, "broken")
	expect(t, probe.Spec{Command: sh(`exit 0`)}, probe.OK, "no output")
	expect(t, probe.Spec{Command: &probe.Command{Path: "/no/such"}}, probe.Unknown, "cannot run")
	expect(t, probe.Spec{Command: &probe.Command{Path: "/usr/bin/env", Env: map[string]string{"WHO": "me"}}}, probe.OK, "")
}

func TestCommandEndsWithItsChildren(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "alive")
	start := time.Now()
	expect(t, probe.Spec{Command: sh(`(sleep 1; touch ` + mark + `) & sleep 60`), Timeout: probe.Duration(100 * time.Millisecond)}, probe.Unknown, "no answer in time")
	if took := time.Since(start); took > 5*time.Second {
		t.Fatalf("took %v", took)
	}
	time.Sleep(1200 * time.Millisecond) // the grandchild would have written by now
	if _, err := os.Stat(mark); err == nil {
		t.Fatal("a grandchild outlived the timeout")
	}
}

func TestCommandOutputIsBounded(t *testing.T) {
	t.Parallel()
	res := expect(t, probe.Spec{Command: sh(`head -c 3000000 /dev/zero | tr '\0' x; exit 1`)}, probe.Warning, "xxx")
	if len(res.Output) > 600 || len(res.Detail) > 9000 {
		t.Fatalf("%d %d", len(res.Output), len(res.Detail))
	}
}

// TestDebianPlugins runs the real peers of the contract.
func TestDebianPlugins(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(plugins + "check_tcp"); err != nil {
		t.Fatal("this test needs the Debian package monitoring-plugins-basic: scripts/test-deps installs it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	run := func(name string, args ...string) probe.Spec {
		return probe.Spec{Command: &probe.Command{Path: plugins + name, Args: args}}
	}
	for state := probe.OK; state <= probe.Unknown; state++ {
		expect(t, run("check_dummy", string(rune('0'+state)), "told so"), state, "told so")
	}
	has := func(res probe.Result, name, unit string) {
		t.Helper()
		for _, m := range res.Metrics {
			if m.Name == name && m.Unit == unit {
				return
			}
		}
		t.Errorf("no %s in %s among %+v", name, unit, res.Metrics)
	}
	has(expect(t, run("check_tcp", "-H", "127.0.0.1", "-p", port), probe.OK, "TCP OK"), "time", "seconds")
	has(expect(t, run("check_load", "-w", "9999,9999,9999", "-c", "9999,9999,9999"), probe.OK, "load average"), "load1", "")
	has(expect(t, run("check_disk", "-w", "1", "-c", "1", "-p", "/"), probe.OK, "DISK OK"), "/", "bytes")
	if err := coretest.Shut(l); err != nil {
		t.Fatal(err)
	}
	expect(t, run("check_tcp", "-H", "127.0.0.1", "-p", port), probe.Critical, "refused")
}

func TestPerfdataTable(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/perfdata.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, paragraph := range strings.Split(strings.TrimSpace(string(raw)), "\n\n") {
		if strings.HasPrefix(paragraph, "#") {
			continue
		}
		lines := strings.Split(paragraph, "\n")
		metrics, err := probe.ParsePerfdata(lines[0])
		var got []string
		for _, m := range metrics {
			got = append(got, "= "+strings.Join([]string{
				strings.ReplaceAll(m.Name, " ", "_"), format(m.Value), dash(m.Unit), dash(m.Warn), dash(m.Crit), dash(m.Min), dash(m.Max),
			}, " "))
		}
		if err != nil {
			got = append(got, "error")
		}
		if want := strings.Join(lines[1:], "\n"); strings.Join(got, "\n") != want {
			t.Errorf("%s\ngot\n%s\nwant\n%s\n%v", lines[0], strings.Join(got, "\n"), want, err)
		}
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
