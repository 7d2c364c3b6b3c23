package masking_test

import (
	"os"
	"strings"
	"testing"

	"mainstay/internal/logs/masking"
)

func masker(t testing.TB, cfg masking.Configuration) *masking.Masker {
	t.Helper()
	m, err := masking.New(cfg, []byte("a key of the test"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func cases(t *testing.T, file string, m *masking.Masker) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var source, in string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch name, value, _ := strings.Cut(line, ": "); name {
		case "source":
			source = value
		case "in":
			in = value
		case "out":
			n++
			got, count := m.Mask(in)
			if got != value || count == 0 {
				t.Errorf("%s:\n in   %s\n out  %s\n want %s", source, in, got, value)
			}
			if again, _ := m.Mask(got); again != got {
				t.Errorf("%s: masked twice: %s", source, again)
			}
		}
	}
	if n < 7 {
		t.Fatalf("%s has %d cases", file, n)
	}
}

func TestCases(t *testing.T) {
	t.Parallel()
	cases(t, "testdata/cases.txt", masker(t, masking.Configuration{Detectors: masking.Usual(), Fixed: true}))
	cases(t, "testdata/optional.txt", masker(t, masking.Configuration{Detectors: masking.Detectors(), Fixed: true}))
}

func TestInnocentLinesStay(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/innocent.txt")
	if err != nil {
		t.Fatal(err)
	}
	m := masker(t, masking.Configuration{Detectors: masking.Usual()})
	for line := range strings.Lines(string(text)) {
		if _, line, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
			if got, n := m.Mask(line); n != 0 {
				t.Errorf("%s\nbecomes %s", line, got)
			}
		}
	}
}

func TestEqualValuesStayEqual(t *testing.T) {
	t.Parallel()
	m := masker(t, masking.Configuration{Detectors: masking.Detectors()})
	a, _ := m.Mask("mail from ann@example.com")
	b, _ := m.Mask("user=ann@example.com")
	c, _ := m.Mask("user=bob@example.com")
	tag := strings.TrimPrefix(a, "mail from ")
	if b != "user="+tag || c == b || !strings.HasPrefix(tag, "<email:") {
		t.Errorf("%s, %s, %s", a, b, c)
	}
	other, err := masking.New(masking.Configuration{Detectors: masking.Detectors()}, []byte("another key"))
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := other.Mask("user=ann@example.com"); d == b {
		t.Error("the hash does not depend on the key")
	}
}

func TestFieldsByName(t *testing.T) {
	t.Parallel()
	m := masker(t, masking.Configuration{Detectors: masking.Usual(), Fixed: true})
	for name, want := range map[string]string{"password": "<secret>", "http.request.header.authorization": "<secret>", "user.clientSecret": "<secret>", "x-auth-token": "<secret>", "card_pin": "<secret>",
		"user": "hunter2 and more", "shipping": "hunter2 and more", "tokens": "hunter2 and more", "spin": "hunter2 and more"} {
		if got, _ := m.Value(name, "hunter2 and more"); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestOwnPatterns(t *testing.T) {
	t.Parallel()
	m := masker(t, masking.Configuration{Detectors: masking.Usual(), Fixed: true, Own: []masking.Own{{Name: "patient", Regex: `patient (\d+)`}, {Name: "room", Regex: `R-\d+`}}})
	if got, n := m.Mask("patient 4711 in R-12, password=x9"); got != "patient <patient> in <room>, password=<secret>" || n != 3 {
		t.Errorf("%s, %d", got, n)
	}
	if _, err := masking.New(masking.Configuration{Detectors: []string{"nothing"}, Own: []masking.Own{{Name: "a", Regex: "("}}}, nil); err == nil {
		t.Error("what is wrong is accepted")
	}
}

func FuzzMask(f *testing.F) {
	for _, file := range []string{"testdata/cases.txt", "testdata/optional.txt", "testdata/innocent.txt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f.Add(line)
		}
	}
	m := masker(f, masking.Configuration{Detectors: masking.Detectors(), Own: []masking.Own{{Name: "own", Regex: `own(\d*)`}}})
	f.Fuzz(func(t *testing.T, text string) {
		got, n := m.Mask(text)
		if n == 0 && got != text {
			t.Fatalf("%q became %q, and nothing was masked", text, got)
		}
		if _, again := m.Mask(text); again != n {
			t.Fatal("not the same twice")
		}
		m.Value(text, text)
	})
}

func BenchmarkMask(b *testing.B) {
	m := masker(b, masking.Configuration{Detectors: masking.Usual()})
	lines := []string{
		`sshd[812]: Accepted publickey for ann from 10.0.0.9 port 50022 ssh2: ED25519 SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDvmR7aI7pJxBqAKPA`,
		`10.0.0.9 - - [02/Nov/2026:03:14:07 +0000] "GET /shop/item/4711?ref=mail HTTP/1.1" 200 5123 "-" "Mozilla/5.0"`,
		`level=info ts=2026-11-02T03:14:07Z caller=main.go:55 msg="request served" status=200 duration=12ms`,
		`kernel: [ 4111.111111] usb 1-1: new high-speed USB device number 4 using xhci_hcd`,
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Mask(lines[i%len(lines)])
	}
}
