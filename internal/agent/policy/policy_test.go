package policy

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/platform/agents/protocol"
)

const example = `
checks: [tcp, "http*", command]
plugins: [/usr/lib/nagios/plugins/*]
commands:
  - runbooks: ["restart-*"]
    users: [postgres]
    paths: [/usr/bin/pg_ctlcluster, /opt/ops/*]
  - runbooks: [tidy]
    scripts: true
`

func TestCommands(t *testing.T) {
	t.Parallel()
	p, err := Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	argv := func(runbook, user string) protocol.Command {
		return protocol.Command{Runbook: runbook, User: user, Argv: []string{"x"}}
	}
	for name, test := range map[string]struct {
		command    protocol.Command
		executable string
		reason     string // "" is allowed
	}{
		"allowed":         {argv("restart-db", "postgres"), "/usr/bin/pg_ctlcluster", ""},
		"own user":        {argv("restart-db", ""), "/opt/ops/x", ""},
		"below":           {argv("restart-db", ""), "/opt/ops/deep/x", `program "/opt/ops/deep/x"`},
		"other program":   {argv("restart-db", "postgres"), "/bin/sh", `program "/bin/sh"`},
		"other user":      {argv("restart-db", "root"), "/opt/ops/x", `user "root"`},
		"other runbook":   {argv("wipe", ""), "/opt/ops/x", `runbook "wipe"`},
		"no runbook":      {argv("", ""), "/opt/ops/x", `runbook ""`},
		"script":          {protocol.Command{Runbook: "tidy", Script: "rm x"}, "/bin/sh", ""},
		"script's user":   {protocol.Command{Runbook: "tidy", User: "root", Script: "rm x"}, "/bin/sh", `user "root"`},
		"script's shell":  {protocol.Command{Runbook: "tidy", Shell: "/tmp/sh", Script: "rm x"}, "/tmp/sh", `shell "/tmp/sh"`},
		"scripts not set": {protocol.Command{Runbook: "restart-db", Script: "rm x"}, "/bin/sh", "does not allow scripts"},
	} {
		err := p.Command(test.command, test.executable)
		if (err == nil) != (test.reason == "") || err != nil && !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (Policy{}).Command(argv("x", ""), "/bin/x"); err == nil {
		t.Error("the empty policy allows a command")
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	p, _ := Parse([]byte(example))
	for kind, allowed := range map[string]bool{"tcp": true, "https": true, "icmp": false, "": false} {
		if err := p.Check(kind, ""); (err == nil) != allowed {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if p.Check("command", "/usr/lib/nagios/plugins/check_disk") != nil || p.Check("command", "/bin/sh") == nil {
		t.Error("plugins")
	}
}

func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	for text, word := range map[string]string{
		"command: []":                                     "command",
		"checks: tcp: x":                                  "",
		"checks: ['[']":                                   "checks[0]",
		"commands: [{paths: [/bin/x]}]":                   "commands[0].runbooks",
		"commands: [{runbooks: [x]}]":                     "commands[0].paths",
		"commands: [{runbooks: [x], paths: [sh]}]":        "commands[0].paths[0]",
		"commands: [{runbooks: [x], path: [/bin/sh]}]":    "path",
		"commands: [{runbooks: [x], scripts: maybe}]":     "",
		"commands: [{runbooks: x, paths: [/b], a: true}]": "",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "agent", "policy.yaml")
	f, err := Open(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Current()
	if err != nil || p.Check("tcp", "") != nil || p.Command(protocol.Command{Runbook: "x", Argv: []string{"/bin/x"}}, "/bin/x") == nil {
		t.Fatalf("the initial policy: %+v, %v", p, err)
	}
	write := func(text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(example, 0o600)
	if s := f.Summary(); len(s.Runbooks) != 2 || s.Problem != "" {
		t.Fatalf("%+v", s)
	}
	write(example+"x: y", 0o600)
	if s := f.Summary(); len(s.Runbooks) != 0 || s.Problem == "" {
		t.Fatalf("a broken file allows %+v", s)
	}
	write(example, 0o602)
	if p, err := f.Current(); err == nil || p.Check("tcp", "") == nil {
		t.Fatal("a file anyone can write is obeyed")
	}
	write(example, 0o600)
	if _, err := f.Current(); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(path)
	if p, err := f.Current(); err == nil || p.Check("tcp", "") == nil {
		t.Fatal("a missing file allows something")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(Initial))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		_ = p.Summary()
		_ = p.Command(protocol.Command{Runbook: "x", Script: "x"}, "/bin/sh")
		_ = p.Check("tcp", "")
	})
}
