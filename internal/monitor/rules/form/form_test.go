package form

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"mainstay/internal/core"
)

// cases reads the table: paragraphs of "key: text".
func cases(t testing.TB) (out []map[string]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/form.txt")
	if err != nil {
		t.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(string(text), "\n\n") {
		one := map[string]string{}
		for line := range strings.Lines(paragraph) {
			if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
				one[key] = value
			}
		}
		if len(one) > 0 {
			out = append(out, one)
		}
	}
	return out
}

func formOf(t *testing.T, text string) (f Form) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

func TestForms(t *testing.T) {
	t.Parallel()
	all := cases(t)
	if len(all) < 35 {
		t.Fatalf("only %d cases were read", len(all))
	}
	for _, c := range all {
		if expr, ok := c["hand"]; ok {
			f, err := Read(expr, "")
			if reason, _ := AsHand(err); reason != c["why"] {
				t.Errorf("%s: opens as %+v, %v; want the reason %q", expr, f, err, c["why"])
			}
			continue
		}
		f := formOf(t, c["form"])
		expr, err := f.Write()
		if bad, ok := c["bad"]; ok {
			var said []string
			if e := (*core.Error)(nil); errors.As(err, &e) {
				for _, d := range e.Details {
					said = append(said, d.Field+" "+d.Rule)
				}
			}
			if got := strings.Join(said, "; "); got != bad {
				t.Errorf("%s: refused with %q, want %q", c["form"], got, bad)
			}
			continue
		}
		if err != nil || expr != c["expr"] {
			t.Errorf("%s: writes %q, %v; want %q", c["form"], expr, err, c["expr"])
			continue
		}
		want := f
		if opens, ok := c["opens"]; ok {
			want = formOf(t, opens)
		}
		got, err := Read(expr, f.Items)
		if len(got.Labels) == 0 {
			got.Labels = nil
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: opens as %+v, %v; want %+v", expr, got, err, want)
		}
		if says, ok := c["says"]; ok && f.Say() != says {
			t.Errorf("%s: says %q, want %q", c["form"], f.Say(), says)
		}
		if f.Title() == "" {
			t.Errorf("%s: no title", c["form"])
		}
	}
}

// FuzzRead reads any text: a form that is read writes the same expression.
func FuzzRead(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(c["expr"] + c["hand"])
	}
	f.Fuzz(func(t *testing.T, expr string) {
		form, err := Read(expr, "")
		if err != nil {
			if _, ok := AsHand(err); !ok {
				t.Fatalf("%q: %v is no reason", expr, err)
			}
			return
		}
		again, err := form.Write()
		if err != nil {
			t.Fatalf("%q opens as %+v, which is refused: %v", expr, form, err)
		}
		a, _ := parse(expr)
		b, err := parse(again)
		if err != nil || bare(a).String() != b.String() {
			t.Fatalf("%q opens as %+v, which writes %q", expr, form, again)
		}
	})
}
