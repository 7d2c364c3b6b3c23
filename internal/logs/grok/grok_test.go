package grok_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"mainstay/internal/logs/grok"
)

func match(t *testing.T, pattern, text string, own map[string]string) string {
	t.Helper()
	p, err := grok.Compile(pattern, own)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	fields, ok := p.Match(nil, text)
	if !ok {
		return "no match"
	}
	got := map[string]string{}
	for _, f := range fields {
		got[f.Name] = f.Value
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(got)) {
		out = append(out, name+"="+got[name])
	}
	return strings.Join(out, "; ")
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, text, want string }{
		{`%{COMBINEDAPACHELOG}`, `203.0.113.7 - frank [10/Oct/2026:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en]"`,
			`agent="Mozilla/4.08 [en]"; auth=frank; bytes=2326; clientip=203.0.113.7; httpversion=1.0; ident=-; referrer="http://www.example.com/start.html"; request=/apache_pb.gif; response=200; timestamp=10/Oct/2026:13:55:36 -0700; verb=GET`},
		{`%{SYSLOGLINE}`, `Oct 11 22:14:15 mymachine su[230]: 'su root' failed for lonvick on /dev/pts/8`,
			`logsource=mymachine; message='su root' failed for lonvick on /dev/pts/8; pid=230; program=su; timestamp=Oct 11 22:14:15`},
		{`^%{TIMESTAMP_ISO8601:ts} %{LOGLEVEL:level} \[%{DATA:thread}\] %{JAVACLASS:class} - %{GREEDYDATA:text}`, `2026-11-02T03:14:07,123Z WARN [main] org.example.App - disk is full`,
			`class=org.example.App; level=WARN; text=disk is full; thread=main; ts=2026-11-02T03:14:07,123Z`},
		{`from %{IP:[source][ip]} port %{POSINT:port:int}`, `Failed password from 2001:db8::17 port 4711 ssh2`, `port=4711; source.ip=2001:db8::17`},
		{`(?<queue>[0-9A-F]{10,11}): to=<%{EMAILADDRESS:to}>`, `postfix/smtp: 4A1B2C3D4E: to=<a.b+c@example.org>, relay=none`, `queue=4A1B2C3D4E; to=a.b+c@example.org`},
		{`%{ORDER:order}`, `order 4711 shipped`, `order=order 4711`},
		{`%{UUID:id} %{MAC:mac}`, `4f9619ff-8b86-d011-b42d-00c04fc964ff aa:bb:cc:dd:ee:ff`, `id=4f9619ff-8b86-d011-b42d-00c04fc964ff; mac=aa:bb:cc:dd:ee:ff`},
		{`%{NUMBER:n}ms`, `took ms`, `no match`},
		{`%{WORD:first} (?:%{WORD:second})?`, `one two`, `first=one; second=two`},
	} {
		if got := match(t, c.pattern, c.text, map[string]string{"ORDER": `order %{POSINT}`}); got != c.want {
			t.Errorf("%s\n on   %s\n gives %s\n not   %s", c.pattern, c.text, got, c.want)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		`%{NOSUCH:x}`: "no pattern called NOSUCH", `%{WORD}`: "names no field", `(%{WORD:x}`: "regular expression", `%{LOOP:x}`: "deep",
		`(?=x)%{WORD:x}`: "regular expression", strings.Repeat(`%{COMBINEDAPACHELOG}`, 40): "longer",
	} {
		_, err := grok.Compile(pattern, map[string]string{"LOOP": "%{LOOP}"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", pattern, err)
		}
	}
}

func FuzzGrok(f *testing.F) {
	f.Add(`%{IP:a} %{WORD:b}`, `10.0.0.1 x`)
	f.Add(`%{COMBINEDAPACHELOG}`, `- - - [] "" 1 2 "" ""`)
	f.Add(`(?<a>x)%{DATA:[b][c]:int}$`, `xx`)
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p, err := grok.Compile(pattern, map[string]string{"OWN": pattern})
		if err != nil {
			return
		}
		fields, ok := p.Match(nil, text)
		if !ok && len(fields) > 0 {
			t.Fatal("fields without a match")
		}
		for _, field := range fields {
			if !strings.Contains(text, field.Value) {
				t.Fatalf("%q is not in the text", field.Value)
			}
		}
	})
}
