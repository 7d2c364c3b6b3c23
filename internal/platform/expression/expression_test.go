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
