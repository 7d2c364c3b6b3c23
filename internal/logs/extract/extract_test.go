package extract_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"mainstay/internal/logs/extract"
	"mainstay/internal/platform/logstore"
)

func show(fields []logstore.Field, ok bool) string {
	out := fmt.Sprint(ok)
	for _, f := range fields {
		out += fmt.Sprintf(" [%s]=%q", f.Name, f.Value)
	}
	return out
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":"x","b":1.50,"c":true,"d":null,"e":{"f":"g","h":{"i":-2e3}},"l":[1,{"m":"n"}]}`: `true [a]="x" [b]="1.50" [c]="true" [e.f]="g" [e.h.i]="-2e3" [l]="[1,{\"m\":\"n\"}]"`,
		` { "q" : "\"\u00e4\\" } `: `true [q]="\"ä\\"`,
		`{}`:                       `true`,
		`{"a":1} {"b":2}`:          `false`,
		`{"a":1`:                   `false`,
		`{"a":01}`:                 `false`,
		`{"a":"x` + "\n" + `"}`:    `false`,
		`[1]`:                      `false`,
		`text {"a":1}`:             `false`,
		`{"a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}}`: `true [a.b.c.d.e.f]="{\"g\":1}"`,
	} {
		got, ok := extract.JSON(nil, text)
		if !ok {
			got = nil
		}
		if show(got, ok) != want {
			t.Errorf("%s\n gives %s\n not   %s", text, show(got, ok), want)
		}
	}
}

func TestLogfmt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`level=info msg="request \"x\" served" status=200 err=`: `true [level]="info" [msg]="request \"x\" served" [status]="200"`,
		`ts=1 debug lvl=2`:                     `true [ts]="1" [lvl]="2"`,
		`a=1`:                                  `false`,
		`Started session a=1 b=2 of user ann.`: `false`,
		`x="open b=2`:                          `false`,
		`plain words only`:                     `false`,
	} {
		if got := show(extract.Logfmt(nil, text)); got != want {
			t.Errorf("%s\n gives %s\n not   %s", text, got, want)
		}
	}
}

func TestPairs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, separators, equals, want string }{
		{`IN=eth0 OUT= SRC=10.0.0.1 LEN=40 DF`, " ", "=", `true [IN]="eth0" [SRC]="10.0.0.1" [LEN]="40"`},
		{`user: ann, action: sign in, ok: yes`, ",", ":", `true [user]="ann" [action]="sign in" [ok]="yes"`},
		{`a="b c"; d=e`, ";", "=", `true [a]="b c" [d]="e"`},
		{`nothing here`, " ", "=", `false`},
	} {
		if got := show(extract.Pairs(nil, c.text, c.separators, c.equals)); got != c.want {
			t.Errorf("%s\n gives %s\n not   %s", c.text, got, c.want)
		}
	}
}

// FuzzJSON reads as encoding/json does: the same texts, and the same values.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a":"x","b":1.50,"c":true,"d":null,"e":{"f":"g"},"l":[1,{"m":"n"}]}`)
	f.Add(`{"a":"\ud800"}`)
	f.Add(`{"":1,"a":{},"b":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		fields, ok := extract.JSON(nil, text)
		var object map[string]any
		valid := json.Valid([]byte(text)) && strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{")
		if ok && !valid {
			t.Fatalf("%q was read", text)
		}
		if !ok {
			if valid && strings.Count(text, "{")+strings.Count(text, "[") < 10 {
				t.Fatalf("%q was not read", text)
			}
			return
		}
		if json.Unmarshal([]byte(text), &object) != nil {
			return
		}
		last := map[string]string{}
		for _, field := range fields {
			last[field.Name] = field.Value
		}
		for name, value := range object {
			if s, is := value.(string); is && name != "" && len(fields) < extract.Most && !strings.Contains(name, ".") && last[name] != s && strings.Count(text, `"`) < 8 {
				t.Fatalf("%q is %q, not %q", name, last[name], s)
			}
		}
	})
}

func FuzzPairs(f *testing.F) {
	f.Add(`level=info msg="a \" b" n=1`, " ", "=")
	f.Fuzz(func(t *testing.T, text, separators, equals string) {
		extract.Logfmt(nil, text)
		if equals != "" {
			extract.Pairs(nil, text, separators, equals)
		}
	})
}
