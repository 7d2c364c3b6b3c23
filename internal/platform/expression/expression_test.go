package expression_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"mainstay/internal/platform/expression"
)

func TestEval(t *testing.T) {
	t.Parallel()
	l, err := expression.Values("body")
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{"n": 2.0, "name": "db1", "list": []any{map[string]any{"a": "x"}, map[string]any{"a": "y"}}, "none": nil}
	for text, want := range map[string]any{
		`body.name.upperAscii() + "!"`:                "DB1!",
		`int(body.n) + 1`:                             int64(3),
		`body.n > 1.5`:                                true,
		`body.list.map(e, e.a)`:                       []any{"x", "y"},
		`{"k": body.list[0]}`:                         map[string]any{"k": map[string]any{"a": "x"}},
		`body.?missing.orValue("none")`:               "none",
		`body.?missing`:                               nil,
		`body.none`:                                   nil,
		`timestamp("2026-03-01T08:00:00Z")`:           "2026-03-01T08:00:00Z",
		`duration("90s")`:                             "1m30s",
		`regex.extract("host=db1 up", "host=(\\w+)")`: "db1",
		`"a,b".split(",")`:                            []any{"a", "b"},
	} {
		got, err := l.Eval(context.Background(), text, map[string]any{"body": body})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s gives %#v, %v", text, got, err)
		}
	}
	if _, err := l.Eval(context.Background(), `body.missing`, map[string]any{"body": body}); !expression.Absent(err) {
		t.Errorf("%v", err)
	}
	if _, err := l.Eval(context.Background(), `body.list[7]`, map[string]any{"body": body}); !expression.Absent(err) {
		t.Errorf("%v", err)
	}
	many := make([]any, 2000)
	if _, err := l.Eval(context.Background(), `body.all(a, body.all(b, body.all(c, true)))`, map[string]any{"body": many}); err == nil || !strings.Contains(err.Error(), "cost") {
		t.Errorf("an expression without end: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	l, err := expression.Objects("alert")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`alert.severity == "critical"`: "",
		`alert.severity`:               "",
		`"a" + "b"`:                    "must be true or false, not string",
		`alert.`:                       "Syntax error",
		`nobody.x == 1`:                "undeclared reference",
		strings.Repeat("1", 5000):      "at most 4096 bytes",
	} {
		if got := l.CheckCondition(text); (want == "") != (got == "") || !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%.40s: %q", text, got)
		}
	}
}

func TestRequires(t *testing.T) {
	t.Parallel()
	l, err := expression.Objects("event", "item")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]expression.Requirement{
		`event.source == "trap"`:                                            {{Path: "event.source", Values: []string{"trap"}}},
		`"trap" == event.source && event.n > 3.0`:                           {{Path: "event.source", Values: []string{"trap"}}},
		`event.labels["job"] in ["a", "b"]`:                                 {{Path: "event.labels.job", Values: []string{"a", "b"}}},
		`event.source == "a" || event.source == "b"`:                        {{Path: "event.source", Values: []string{"a", "b"}}},
		`event.source == "a" || event.key == "b"`:                           nil,
		`!(event.source == "a")`:                                            nil,
		`event.labels.?job.orValue("") == "x"`:                              {{Path: "event.labels.job", Values: []string{"x"}}},
		`event.labels.?job.orValue("x") == "x"`:                             nil,
		`has(event.labels.job)`:                                             nil,
		`event.source == item.name`:                                         nil,
		`event.source in ["a", item.name]`:                                  nil,
		`(event.a == "1" && event.b == "2") || (event.b == "3" && event.c)`: {{Path: "event.b", Values: []string{"2", "3"}}},
		`true ? event.source == "a" : true`:                                 nil,
	} {
		p, err := l.CompileCondition(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := p.Requires(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s requires %v", text, got)
		}
	}
	p, err := l.Compile(`event.title + item.name`)
	if err != nil || !p.Uses("item") || !p.Uses("event.title") || p.Uses("event.key") {
		t.Errorf("it uses what it names: %v %v", p, err)
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	l, err := expression.Objects("event")
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]any{"event": map[string]any{"source": "trap", "labels": map[string]string{"job": "x"}, "many": make([]any, 2000)}}
	match := func(text string) (bool, error) {
		p, err := l.CompileCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		return p.Match(context.Background(), vars)
	}
	if yes, err := match(`event.labels.job == "x" && event.source.startsWith("tr")`); err != nil || !yes {
		t.Error(yes, err)
	}
	if _, err := match(`event.labels.none == "x"`); !expression.Absent(err) {
		t.Error(err)
	}
	if _, err := match(`event.many.all(a, event.many.all(b, event.many.all(c, true)))`); err == nil || !strings.Contains(err.Error(), "cost") {
		t.Error("without end:", err)
	}
	if _, err := match(`event.source`); err == nil {
		t.Error("a text is no condition")
	}
	if _, err := l.CompileCondition(`"a"`); err == nil {
		t.Error("a text is no condition")
	}
}

func BenchmarkMatch(b *testing.B) {
	l, err := expression.Objects("event")
	if err != nil {
		b.Fatal(err)
	}
	p, err := l.CompileCondition(`event.labels.job == "x" && event.source == "trap" && event.title.contains("down")`)
	if err != nil {
		b.Fatal(err)
	}
	vars := map[string]any{"event": map[string]any{"source": "trap", "title": "link is down", "labels": map[string]string{"job": "x"}}}
	for b.Loop() {
		if yes, err := p.Match(context.Background(), vars); !yes || err != nil {
			b.Fatal(err)
		}
	}
}
