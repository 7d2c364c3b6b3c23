package tail

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestStamp(t *testing.T) {
	t.Parallel()
	now, zone := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC), time.FixedZone("", 3600)
	for text, want := range map[string]string{
		"2026-03-01T08:00:00Z x":               "2026-03-01T08:00:00Z",
		"2026-03-01T08:00:00.123456789+01:00":  "2026-03-01T07:00:00.123456789Z",
		"[2026-03-01 08:00:00,123] INFO":       "2026-03-01T07:00:00.123Z",
		"2026-03-01 08:00:00 +0200 x":          "2026-03-01T06:00:00Z",
		"2026-03-01 08:00:00":                  "2026-03-01T07:00:00Z",
		"Dec 31 23:59:59 web7 app: x":          "2025-12-31T22:59:59Z",
		"Jan  1 01:00:00 web7 app: x":          "2026-01-01T00:00:00Z",
		"2026-13-01 08:00:00":                  "0001-01-01T00:00:00Z",
		"2026-03-01 of no time at all, really": "0001-01-01T00:00:00Z",
		"Mar of no time: really, or is it":     "0001-01-01T00:00:00Z",
		"":                                     "0001-01-01T00:00:00Z",
	} {
		if got := stampOf(text, now, zone).Format(time.RFC3339Nano); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func FuzzStamp(f *testing.F) {
	f.Add("[2026-03-01 08:00:00,123] INFO")
	f.Add("Dec 31 23:59:59 web7 app: x")
	f.Fuzz(func(t *testing.T, text string) {
		_ = stampOf(text, time.Unix(1772352000, 0), time.UTC)
	})
}

func FuzzEntry(f *testing.F) {
	f.Add([]byte(`{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1772352000000001","MESSAGE":[104,255],"PRIORITY":"3","_PID":["1","2"],"X":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, passed := 0, 0
		_ = readEntries(bytes.NewReader(raw), func(e entry) bool {
			if n++; e.cursor == "" {
				t.Fatalf("%+v", e)
			}
			return true
		}, func() { passed++ })
		if n+passed != bytes.Count(raw, []byte("\n")) {
			t.Fatalf("%d and %d of %d lines", n, passed, bytes.Count(raw, []byte("\n")))
		}
	})
}

// FuzzFile cuts a file into reads at odd places: what comes out is what went in.
func FuzzFile(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nthree, which is long\nfour"), uint8(7), uint8(0))
	f.Add([]byte("o\x00n\x00\n\x00"), uint8(3), uint8(1))
	f.Fuzz(func(t *testing.T, raw []byte, step, kind uint8) {
		name := []string{"utf-8", "utf-16le", "utf-16be", "latin1"}[kind%4]
		c, _ := codingOf(name)
		path := filepath.Join(t.TempDir(), "x")
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		w := &file{f: in, coding: c, most: 10, joiner: joiner{most: 10}, fresh: true}
		var got []found
		now, buf := time.Unix(1, 0), make([]byte, 64)
		for at := 0; ; {
			n := min(len(raw)-at, 1+int(step)%50)
			if _, err := out.Write(raw[at : at+n]); err != nil {
				t.Fatal(err)
			}
			at += n
			list, err := w.read(now, buf, 1<<20, at == len(raw))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, list...)
			if at == len(raw) {
				break
			}
		}
		before := int64(0)
		for _, r := range got {
			if r.end <= before || r.end > int64(len(raw)) || !r.cut && len(r.text) > 30 {
				t.Fatalf("%+v after %d", r, before)
			}
			before = r.end
		}
		if name != "utf-8" || bytes.ContainsRune(raw, '\uFEFF') || bytes.Contains(raw, []byte("\xef\xbb\xbf")) {
			return
		}
		var want []string
		for _, line := range strings.Split(string(raw), "\n") {
			line = c.text([]byte(line[:min(len(line), 10)]))
			if line != "" {
				want = append(want, line)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d records of %d lines", len(got), len(want))
		}
		for i := range got {
			if got[i].text != want[i] {
				t.Fatalf("%q, want %q", got[i].text, want[i])
			}
		}
	})
}
