package ics

import (
	"strings"
	"testing"
	"time"
)

// read unfolds a calendar and returns the values of a property, unescaped.
func read(t *testing.T, text []byte, property string) []string {
	t.Helper()
	if !strings.HasSuffix(string(text), "END:VCALENDAR\r\n") {
		t.Fatal("it does not end")
	}
	for line := range strings.SplitSeq(string(text), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("a line has %d octets: %q", len(line), line)
		}
	}
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n ", ""), "\r\n") {
		if value, ok := strings.CutPrefix(line, property+":"); ok {
			var b strings.Builder
			for i := 0; i < len(value); i++ {
				if value[i] == '\\' && i+1 < len(value) {
					i++
					if value[i] == 'n' {
						b.WriteByte('\n')
						continue
					}
				}
				b.WriteByte(value[i])
			}
			out = append(out, b.String())
		}
	}
	return out
}

func TestEncode(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	c := Calendar{Name: "On call: Käthe; payments, EU", Every: 90 * time.Minute, Events: []Event{
		{UID: "a@b", Stamp: at, From: at, To: at.Add(time.Hour), Summary: "Bereitschaft – " + strings.Repeat("ü", 100), Description: "one\ntwo, three; four\\five", URL: "https://x/y\r\nEVIL:1"},
		{UID: "b@b", Stamp: at, From: at.Add(time.Hour), To: at.Add(2 * time.Hour), Summary: "x"},
	}}
	text := c.Encode()
	for property, want := range map[string]string{
		"SUMMARY": c.Events[0].Summary + "|x", "DESCRIPTION": c.Events[0].Description, "DTSTART": "20260329T013000Z|20260329T023000Z", "DTEND": "20260329T023000Z|20260329T033000Z",
		"NAME": c.Name, "UID": "a@b|b@b", "EVIL": "", "BEGIN": "VCALENDAR|VEVENT|VEVENT", "REFRESH-INTERVAL;VALUE=DURATION": "PT1H30M",
	} {
		if got := strings.Join(read(t, text, property), "|"); got != want {
			t.Errorf("%s: %q, want %q", property, got, want)
		}
	}
}

// FuzzEncode: no text breaks out of its property.
func FuzzEncode(f *testing.F) {
	f.Add("a\r\nEND:VCALENDAR", "ü\x00\xff")
	f.Fuzz(func(t *testing.T, summary, description string) {
		text := Calendar{Events: []Event{{UID: "u", Summary: summary, Description: description, URL: summary}}}.Encode()
		if got := read(t, text, "END"); len(got) != 2 {
			t.Errorf("%q", text)
		}
	})
}
