package mib_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/events/traps/mib"
)

func files(t testing.TB, names ...string) (all []mib.File) {
	t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mib.File{Name: name, Text: text})
	}
	return all
}

func TestAVendorsModules(t *testing.T) {
	t.Parallel()
	set, problems := mib.Compile(files(t, "ACME-MIB.txt", "ACME-FANS-MIB.txt"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := fmt.Sprint(set.Modules()); got != "[{ACME-FANS-MIB ACME-FANS-MIB.txt 1 1} {ACME-MIB ACME-MIB.txt 10 1}]" {
		t.Error(got)
	}
	const base = "1.3.6.1.4.1.99999."
	for oid, want := range map[string]string{"0.7": "acmeSensorFailed", "5.1.0.3": "acmeFanStopped", "5.1": "acmeFans", "1.1.1.2": "acmeSensorState"} {
		if n := set.Exact(base + oid); n == nil || n.Name != want {
			t.Errorf("%s is %+v, want %s", oid, n, want)
		}
	}
	for _, one := range []struct{ oid, name, instance string }{
		{"1.1.1.2.17", "acmeSensorState", "17"}, {"5.1.2.0", "acmeFanName", "0"}, {"1.1.1.99.1", "", ""}, {"1.1.2", "", ""}, {"5.1.1", "acmeFanSpeed", ""},
	} {
		n, instance := set.Object(base + one.oid)
		name := ""
		if n != nil {
			name = n.Name
		}
		if name != one.name || instance != one.instance {
			t.Errorf("%s is %s with %s, want %s with %s", one.oid, name, instance, one.name, one.instance)
		}
	}
	of := func(name int) *mib.Node { n, _ := set.Object(fmt.Sprint(base, "1.1.1.", name, ".1")); return n }
	for _, one := range []struct {
		column int
		value  int64
		want   string
	}{{2, 3, "failed"}, {2, -1, "unknown"}, {2, 9, "9"}, {3, 215, "21.5"}, {3, -5, "-0.5"}, {7, 1, "true"}} {
		if got := of(one.column).Integer(one.value); got != one.want {
			t.Errorf("column %d: %d is %s, want %s", one.column, one.value, got, one.want)
		}
	}
	for _, one := range []struct {
		column int
		value  string
		want   string
	}{{4, "\x00\x1a\x2b\x3c\x4d\x5e", "00:1a:2b:3c:4d:5e"}, {5, "\xc0\x40", "hot,dusty,10Gbit"}, {6, "\x07\xea\x03\x02\x08\x05\x09\x00+\x01\x00", "2026-3-2,8:5:9.0,+1:0"}} {
		if got, ok := of(one.column).Octets([]byte(one.value)); !ok || got != one.want {
			t.Errorf("column %d: %q is %s, want %s", one.column, one.value, got, one.want)
		}
	}
}

// What is wrong is named with its line, and costs nothing else.
func TestProblemsAreNamed(t *testing.T) {
	t.Parallel()
	set, problems := mib.Compile(files(t, "BROKEN-MIB.txt"))
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{
		`BROKEN-MIB.txt:6: ( is expected, and not "}"`,
		`BROKEN-MIB.txt:9: lost: elsewhere is imported from ELSEWHERE-MIB, which is not there`,
		`BROKEN-MIB.txt:10: strange is followed by "SOMETHING", which defines nothing that is known`,
		`BROKEN-MIB.txt:11: loop is defined by itself`,
		`BROKEN-MIB.txt:11: loop: pool, which it is under, is not known itself`,
		`BROKEN-MIB.txt:12: pool: loop, which it is under, is not known itself`,
		`BROKEN-MIB.txt:14: the module BROKEN-MIB has no END`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if n, _ := set.Object("1.3.6.1.4.1.77.3.0"); n == nil || n.Integer(1) != "a" {
		t.Errorf("what is behind the problems is %+v", n)
	}
	for text, want := range map[string]string{"": "holds no module", "\x7fELF": "is expected to begin with its name", strings.Repeat("a", mib.MostBytes+1): "at most"} {
		if _, problems := mib.Compile([]mib.File{{Name: "x", Text: []byte(text)}}); len(problems) != 1 || !strings.Contains(problems[0].Text, want) {
			t.Errorf("%.10q: %v", text, problems)
		}
	}
}

// smi is what Debian's files import and Debian does not ship, as far as snmptranslate needs it.
const smi = `SNMPv2-SMI DEFINITIONS ::= BEGIN
org OBJECT IDENTIFIER ::= { iso 3 }
dod OBJECT IDENTIFIER ::= { org 6 }
internet OBJECT IDENTIFIER ::= { dod 1 }
mgmt OBJECT IDENTIFIER ::= { internet 2 }
mib-2 OBJECT IDENTIFIER ::= { mgmt 1 }
private OBJECT IDENTIFIER ::= { internet 4 }
enterprises OBJECT IDENTIFIER ::= { private 1 }
snmpV2 OBJECT IDENTIFIER ::= { internet 6 }
snmpModules OBJECT IDENTIFIER ::= { snmpV2 3 }
END
`

// TestDebiansModules reads what net-snmp ships, and snmptranslate says the same
// of every object in it.
func TestDebiansModules(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("/usr/share/snmp/mibs/*.txt")
	if err != nil || len(paths) < 10 {
		t.Fatalf("this test needs the MIB files of Debian's package libsnmp-base: %d files, %v", len(paths), err)
	}
	var all []mib.File
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mib.File{Name: filepath.Base(path), Text: text})
	}
	set, problems := mib.Compile(all)
	for _, p := range problems {
		t.Log(p)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "SNMPv2-SMI.txt"), []byte(smi), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("snmptranslate", "-M", dir+":/usr/share/snmp/mibs", "-m", "NET-SNMP-AGENT-MIB:UCD-SNMP-MIB:UCD-DISKIO-MIB:LM-SENSORS-MIB:NET-SNMP-EXTEND-MIB", "-To", "-Pw")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("snmptranslate of Debian's package snmp: %v", err)
	}
	known := 0
	for line := range strings.Lines(string(out)) {
		oid := strings.TrimPrefix(strings.TrimSpace(line), ".")
		if !strings.HasPrefix(oid, "1.3.6.1.4.1.") || oid == "1.3.6.1.4.1" {
			continue
		}
		if set.Exact(oid) == nil {
			t.Errorf("%s is not known", oid)
			continue
		}
		known++
	}
	if known < 150 {
		t.Errorf("%d identifiers were compared", known)
	}
	for name, oid := range map[string]string{"nsNotifyShutdown": "1.3.6.1.4.1.8072.4.0.2", "laErrorFlag": "1.3.6.1.4.1.2021.10.1.100", "lmTempSensorsValue": "1.3.6.1.4.1.2021.13.16.2.1.3"} {
		if n := set.Exact(oid); n == nil || n.Name != name {
			t.Errorf("%s is %+v, want %s", oid, n, name)
		}
	}
	if n, _ := set.Object("1.3.6.1.4.1.2021.10.1.100.2"); n.Integer(1) != "error" {
		t.Errorf("laErrorFlag 1 is %s", n.Integer(1))
	}
}

func FuzzCompile(f *testing.F) {
	for _, file := range files(f, "ACME-MIB.txt", "ACME-FANS-MIB.txt", "BROKEN-MIB.txt") {
		f.Add(file.Text, []byte("\x01\x02abc"))
	}
	f.Fuzz(func(t *testing.T, text, value []byte) {
		set, problems := mib.Compile([]mib.File{{Name: "a", Text: text}, {Name: "b", Text: text}})
		if len(set.Modules()) == 0 && len(problems) == 0 {
			t.Error("neither modules nor problems")
		}
		for _, p := range problems {
			if p.Line < 1 || p.File == "" || p.Text == "" {
				t.Errorf("%+v", p)
			}
		}
		for _, oid := range []string{"1.3.6.1.4.1.99999.1.1.1.5.1", "1.3.6.1.4.1.99999.1.1.1.6.1"} {
			if n, _ := set.Object(oid); n != nil {
				_, _ = n.Octets(value)
				_ = n.Integer(int64(len(value)))
			}
		}
	})
}

// FuzzHint reads display hints of strangers, and values by them.
func FuzzHint(f *testing.F) {
	for _, hint := range []string{"255a", "1x:", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "*1x:/1x:", "0a", "*0d", "1d.1d", ""} {
		f.Add(hint, []byte("\x02\x01\x02\xff\x00abc"))
	}
	f.Fuzz(func(t *testing.T, hint string, value []byte) {
		text := "M DEFINITIONS ::= BEGIN T ::= TEXTUAL-CONVENTION DISPLAY-HINT \"" + hint + "\" SYNTAX OCTET STRING x OBJECT-TYPE SYNTAX T ::= { 1 2 } END"
		set, _ := mib.Compile([]mib.File{{Name: "m", Text: []byte(text)}})
		if n := set.Exact("1.2"); n != nil {
			_, _ = n.Octets(value)
			_ = n.Integer(int64(len(value)) - 3)
		}
	})
}
