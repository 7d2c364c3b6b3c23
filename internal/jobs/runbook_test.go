package jobs

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
)

func toJSON(t testing.TB, text string) json.RawMessage {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRunbookDocuments reads testdata/runbooks.txt: a spec, then "accepted" or
// the fields at fault, each paragraph one case.
func TestRunbookDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "testdata/runbooks.txt") {
		_, err := ParseRunbook(toJSON(t, c.given))
		var got []string
		var coded *core.Error
		if err != nil {
			coded = err.(*core.Error)
			for _, d := range coded.Details {
				got = append(got, d.Field+": "+d.Rule)
			}
		} else {
			got = []string{"accepted"}
		}
		if text := strings.Join(got, "\n"); text != c.want {
			t.Errorf("line %d:\n%s\ngave\n%s\nwant\n%s", c.line, c.given, text, c.want)
		}
	}
}

type textCase struct {
	line  int
	given string
	want  string
}

// cases reads paragraphs "given", "=>" and "want", separated by lines of dashes.
func cases(t testing.TB, path string) (out []textCase) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	current, wanting := textCase{line: 1}, false
	end := func(next int) {
		current.given, current.want = strings.TrimSpace(current.given), strings.TrimSpace(current.want)
		if current.given != "" {
			out = append(out, current)
		}
		current, wanting = textCase{line: next}, false
	}
	n := 0
	for scan := bufio.NewScanner(f); scan.Scan(); {
		n++
		line := scan.Text()
		switch {
		case strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "----"):
			end(n + 1)
		case line == "=>":
			wanting = true
		case wanting:
			current.want += line + "\n"
		default:
			current.given += line + "\n"
		}
	}
	end(n)
	return out
}

func FuzzParseRunbook(f *testing.F) {
	for _, c := range cases(f, "testdata/runbooks.txt") {
		f.Add([]byte(toJSON(f, c.given)))
	}
	f.Fuzz(func(t *testing.T, spec []byte) {
		book, err := ParseRunbook(spec)
		if err != nil {
			if core.CodeOf(err) != core.CodeInvalid {
				t.Fatalf("%q gave %v", spec, err)
			}
			return
		}
		// What is accepted can be stored, read again and planned.
		again, err := ParseRunbook([]byte(marshal(book)))
		if err != nil {
			t.Fatalf("%q is accepted once only: %v", spec, err)
		}
		run := &Run{State: Running, Definition: again, Steps: newSteps(again), StartedAt: at(noon)}
		drive(t, run)
	})
}

func FuzzParseRemediation(f *testing.F) {
	f.Add([]byte(`{"condition":"situation.severity == 'critical'","runbook":"r","parameters":{"a":"item.name"},"guards":{"coolDown":"5m"}}`))
	f.Add([]byte(`{"condition":"[1,2,3].all(x, x > 0)","runbook":"r"}`))
	compiled, err := newCompilations()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, spec []byte) {
		r, err := ParseRemediation(spec)
		if err != nil || compiled.check(r) != nil {
			return
		}
		v := variables{situation: map[string]any{"severity": "critical", "n": 1.0}}
		compiled.applies(t.Context(), r.Condition, v)
		compiled.parameters(t.Context(), r, v)
	})
}

func TestBind(t *testing.T) {
	t.Parallel()
	book, err := ParseRunbook(toJSON(t, `
parameters:
  - {name: host, required: true, pattern: "[a-z.]+"}
  - {name: port, type: int, default: 5432}
  - {name: force, type: bool}
  - {name: level, type: enum, values: [low, high], default: low}
steps: [{id: a, wait: {duration: 1s}}]`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := book.Bind(map[string]any{"host": "db.local", "force": true, "port": "0123"})
	if err != nil || got["host"] != "db.local" || got["port"] != "123" || got["force"] != "true" || got["level"] != "low" {
		t.Errorf("%v (%v)", got, err)
	}
	for _, bad := range []map[string]any{{}, {"host": "a;b"}, {"host": "a\nb"}, {"host": "a", "port": 1.5}, {"host": "a", "port": "x"},
		{"host": "a", "force": "yes"}, {"host": "a", "level": "max"}, {"host": "a", "other": 1}, {"host": 1}, {"host": strings.Repeat("a", 9000)}} {
		if _, err := book.Bind(bad); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%v gave %v", bad, err)
		}
	}
	if variable("serviceName") != "PARAM_SERVICE_NAME" {
		t.Error(variable("serviceName"))
	}
}
