//go:build linux

package facts

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestThisHost(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c := New("01hagent", slog.New(slog.DiscardHandler))
	begin := time.Now()
	r := c.Collect(t.Context())
	t.Logf("collected in %s", time.Since(begin))
	classes, refs := map[string]int{}, map[string]bool{}
	for _, item := range r.Items {
		classes[item.Class]++
		if refs[item.Ref] {
			t.Errorf("twice: %s", item.Ref)
		}
		refs[item.Ref] = true
		if item.Ref != HostRef && item.Identities[0] != (Identity{"parent", HostRef}) {
			t.Errorf("%s has no parent", item.Ref)
		}
	}
	for _, relation := range r.Relations {
		if !refs[relation.From] || !refs[relation.To] {
			t.Errorf("dangling: %+v", relation)
		}
	}
	for _, class := range []string{"host", "operating_system", "processor", "filesystem", "interface", "process", "package", "user_account", "service"} {
		if classes[class] == 0 {
			t.Errorf("no %s in %v", class, classes)
		}
	}
	t.Log(classes)
	port := listener.Addr().(*net.TCPAddr).Port
	found := slices.ContainsFunc(r.Items, func(i Item) bool {
		ports, _ := i.Attributes["ports"].([]int)
		return slices.Contains(ports, port)
	})
	if !found {
		t.Errorf("nothing listens on %d", port)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(data))
	a, _ := r.Fingerprint()
	again := c.Collect(t.Context())
	b, _ := again.Fingerprint()
	if a != b && len(again.Items) == len(r.Items) {
		for i := range r.Items {
			x, _ := json.Marshal(r.Items[i])
			y, _ := json.Marshal(again.Items[i])
			if string(x) != string(y) {
				t.Logf("changed: %s\n%s", x, y)
			}
		}
	}
}

func TestParseDpkg(t *testing.T) {
	t.Parallel()
	list, err := ParseDpkg(strings.NewReader(`Package: a
Status: install ok installed
Installed-Size: 12
Architecture: amd64
Source: src (1.2)
Version: 1:2.3-4
Description: first line
 Package: not this one
 .

Package: removed
Status: deinstall ok config-files
Version: 1

Package: last
status: hold ok installed
Version: 9`))
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v %v", list, err)
	}
	if want := (Package{Name: "a", Version: "1:2.3-4", Architecture: "amd64", Source: "src", Manager: "dpkg", Size: 12 << 10}); list[0] != want {
		t.Errorf("%+v", list[0])
	}
	if list[1].Name != "last" {
		t.Errorf("%+v", list[1])
	}
}

func TestParseRPM(t *testing.T) {
	t.Parallel()
	list, err := ParseRPM(strings.NewReader("bash\t0:5.2-1.fc40\tx86_64\t8000\tbash-5.2-1.fc40.src.rpm\ngpg-pubkey\t1-2\t(none)\t0\t(none)\nbroken line\nx\t1-1\tnoarch\t(none)\t(none)\n"))
	if err != nil || len(list) != 2 || list[0].Source != "bash" || list[0].Size != 8000 || list[1].Source != "" {
		t.Fatalf("%+v %v", list, err)
	}
}

func TestParseSockets(t *testing.T) {
	t.Parallel()
	out := map[string]Listener{}
	_ = ParseSockets(strings.NewReader(`  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 112 1 0 100 0 0 10 0
   2: nonsense 00000000:0000 0A 0 0 0 0 0 113 1
`), "tcp", out)
	_ = ParseSockets(strings.NewReader(`   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 114 1
   1: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 115 1
`), "tcp", out)
	want := map[string]Listener{"111": {"tcp", "127.0.0.1", 8080}, "114": {"tcp", "::1", 22}, "115": {"tcp", "2001:db8::1", 443}}
	if len(out) != len(want) {
		t.Fatalf("%+v", out)
	}
	for inode, l := range want {
		if out[inode] != l {
			t.Errorf("%s: %+v", inode, out[inode])
		}
	}
}

func TestMomentaryListenersAreLeftOut(t *testing.T) {
	t.Parallel()
	c := New("01hagent", slog.New(slog.DiscardHandler))
	round := func(inodes map[string]int) []int {
		all := map[string]Listener{}
		for inode, port := range inodes {
			all[inode] = Listener{Protocol: "tcp", Address: "127.0.0.1", Port: port}
		}
		ports := portsOf(slices.Collect(maps.Values(c.lasting(all))))
		c.first = false
		return ports
	}
	for i, r := range []struct {
		inodes map[string]int
		want   []int
	}{
		{map[string]int{"1": 80, "2": 40000}, []int{80, 40000}},
		{map[string]int{"1": 80, "2": 40000, "3": 8080, "4": 50051, "5": 45000}, []int{80, 8080, 40000}},
		{map[string]int{"1": 80, "3": 8080, "4": 50051, "6": 45000}, []int{80, 8080, 50051}},
	} {
		if got := round(r.inodes); !slices.Equal(got, r.want) {
			t.Errorf("round %d: %v, not %v", i+1, got, r.want)
		}
	}
}

func TestParseUnits(t *testing.T) {
	t.Parallel()
	units, err := ParseUnits(strings.NewReader(`Type=notify
Id=nginx.service
Description=A web server = fast
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled

Id=missing.service
LoadState=not-found
ActiveState=inactive

Type=oneshot
Id=done.service
LoadState=loaded
ActiveState=active
SubState=exited
UnitFileState=enabled`))
	if err != nil || len(units) != 1 || units[0] != (Unit{"nginx.service", "A web server = fast", "active", "running", true}) {
		t.Fatalf("%+v %v", units, err)
	}
	for text, unit := range map[string]string{
		"0::/system.slice/nginx.service":                                                           "nginx.service",
		"0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service":                     "x.service",
		"0::/user.slice/user-1000.slice/session-1.scope":                                           "",
		"9:name=systemd:/system.slice/system-postgresql.slice/postgresql@16-main.service\n1:cpu:/": "postgresql@16-main.service",
		"": "",
	} {
		if got := ParseUnit(text); got != unit {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestSecretsInCommandLines(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"a\x00--password=x\x00b\x00":        "a --password=*** b",
		"a\x00--token\x00x\x00b":            "a --token *** b",
		"PGPASSWORD=x\x00psql":              "PGPASSWORD=*** psql",
		"/usr/sbin/nginx\x00-g\x00daemon x": "/usr/sbin/nginx -g daemon x",
	} {
		if got := commandLine([]byte(raw)); got != want {
			t.Errorf("%q: %q", raw, got)
		}
	}
}

func FuzzParsers(f *testing.F) {
	f.Add("Package: a\nStatus: install ok installed\nVersion: 1\n\n")
	f.Add("bash\t1\tx\t1\ta-1-1.src.rpm\n")
	f.Add("root:x:0:0:root:/root:/bin/bash\n")
	f.Add("0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1\n")
	f.Add("Id=a.service\nLoadState=loaded\nActiveState=active\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range must(ParseDpkg(strings.NewReader(text))) {
			if p.Name == "" {
				t.Fatal("a package without a name")
			}
		}
		_ = must(ParseRPM(strings.NewReader(text)))
		_ = must(ParsePasswd(strings.NewReader(text)))
		_ = must(ParseUnits(strings.NewReader(text)))
		_ = ParseSockets(strings.NewReader(text), "tcp", map[string]Listener{})
		_ = ParseUnit(text)
		_ = commandLine([]byte(text))
	})
}

func must[T any](list []T, err error) []T {
	if err != nil {
		panic(err)
	}
	return list
}

func BenchmarkCollect(b *testing.B) {
	c := New("01hagent", slog.New(slog.DiscardHandler))
	b.ReportAllocs()
	for b.Loop() {
		c.Collect(b.Context())
	}
}

// FuzzContainers reads what an engine answers: every container of the report
// can be told from the others.
func FuzzContainers(f *testing.F) {
	f.Add([]byte(`[{"Id": "abc", "Names": ["/web", "/other/web"], "Image": "nginx:1", "State": "running"}]`))
	f.Add([]byte(`[{"Names": [""]}, {"Id": 1}]`))
	f.Add([]byte(`{"message": "page not found"}`))
	f.Add([]byte(`[{"Id": "\u0000", "Names": null}] trailing`))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := readContainers(bytes.NewReader(text))
		if err != nil {
			return
		}
		r := &Report{}
		for _, found := range list {
			found.add(r, "docker")
		}
		for _, item := range r.Items {
			if item.Ref == "container:" || item.Identities[1].Value == "" {
				t.Fatalf("%+v", item)
			}
		}
		if _, err := r.Fingerprint(); err != nil {
			t.Fatal(err)
		}
	})
}
