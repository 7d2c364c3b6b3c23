package syslog

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hexByte is an escape of testdata/messages.txt: \x0A.
var hexByte = regexp.MustCompile(`\\x[0-9A-F]{2}`)

func unescaped(s string) string {
	return hexByte.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:], 16, 8)
		return string([]byte{byte(n)})
	})
}

// described writes a message as testdata/messages.txt does.
func described(m *Message) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s %s\n", name, value)
		}
	}
	switch {
	case m.Facility >= 0:
		line("pri", fmt.Sprintf("%d.%d", m.Facility, m.Severity))
	case m.Severity >= 0:
		line("severity", strconv.Itoa(m.Severity))
	}
	if m.Time.IsZero() {
		line("stamp", m.Stamp)
	} else {
		at := m.Time.UTC().Format(time.RFC3339Nano)
		if m.Guessed {
			at += " guessed"
		}
		line("time", at)
	}
	line("host", m.Host)
	line("app", m.App)
	line("pid", m.PID)
	line("id", m.ID)
	line("seq", m.Sequence)
	var data []string
	for _, p := range m.Data {
		data = append(data, p.Element+"."+p.Name+"="+p.Value)
	}
	line("data", strings.Join(data, " "))
	return b.String() + strings.TrimRight("text "+m.Text, " ") + "\n"
}

func TestMessages(t *testing.T) {
	t.Parallel()
	// A Friday in a leap year; half a minute after what most of the messages say.
	now := time.Date(2024, 3, 1, 12, 0, 7, 0, time.UTC)
	file, err := os.Open("testdata/messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var title, in string
	var want strings.Builder
	cases := 0
	check := func() {
		if in != "" {
			cases++
			m := &Message{}
			Parser{Zone: time.UTC}.Parse(unescaped(in), now, m)
			if got := described(m); got != want.String() {
				t.Errorf("%s\n%s\ngot:\n%s\nwant:\n%s", title, in, got, want.String())
			}
		}
		title, in = "", ""
		want.Reset()
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "":
			check()
		case strings.HasPrefix(line, "# "):
			title = line
		case strings.HasPrefix(line, "> "):
			in = line[2:]
		default:
			want.WriteString(line + "\n")
		}
	}
	check()
	if cases < 50 {
		t.Fatalf("only %d cases", cases)
	}
}

func TestParsingAllocatesNothing(t *testing.T) {
	now := time.Date(2024, 3, 1, 12, 0, 7, 0, time.UTC)
	m := &Message{Data: make([]Param, 0, 8)}
	for _, text := range []string{
		"<30>Mar  1 10:00:00 web1 systemd[1]: Started nginx.",
		`<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application"] An entry`,
		"<189>000045: *Mar  1 18:46:11.123: %LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to up",
	} {
		if n := testing.AllocsPerRun(100, func() { Parser{Zone: time.UTC}.Parse(text, now, m) }); n > 0 {
			t.Errorf("%v allocations for %s", n, text)
		}
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/messages.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if in, ok := strings.CutPrefix(line, "> "); ok {
			f.Add(unescaped(strings.TrimRight(in, "\n")))
		}
	}
	now := time.Date(2024, 3, 1, 12, 0, 7, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		m := &Message{}
		Parser{Zone: time.UTC}.Parse(text, now, m)
		if m.Facility < -1 || m.Facility > 23 || m.Severity < -1 || m.Severity > 7 {
			t.Errorf("priority %d.%d", m.Facility, m.Severity)
		}
		// Nothing is made up: each part stands in what was sent.
		for _, part := range []string{m.Host, m.App, m.PID, m.ID, m.Sequence, m.Stamp, m.Text} {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in %q", part, text)
			}
		}
		if !m.Time.IsZero() && (m.Time.Year() < 1969 || m.Time.Year() > 10000) {
			t.Errorf("time %v", m.Time)
		}
	})
}
