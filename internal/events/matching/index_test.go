package matching

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/prometheus/alertmanager/pkg/labels"
)

// TestFindIsWhatLookingAtAllWouldFind compares the index with trying every set.
func TestFindIsWhatLookingAtAllWouldFind(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	word := func() string { return []string{"", "a", "b", "c", "d"}[random.IntN(5)] }
	name := func() string { return fmt.Sprintf("l%d", random.IntN(4)) }
	var x Index[int]
	var all []labels.Matchers
	for i := range 500 {
		var ms labels.Matchers
		for range random.IntN(4) {
			kind := []labels.MatchType{labels.MatchEqual, labels.MatchEqual, labels.MatchNotEqual, labels.MatchRegexp, labels.MatchNotRegexp}[random.IntN(5)]
			value := word()
			if kind == labels.MatchRegexp || kind == labels.MatchNotRegexp {
				value = []string{value, value + "|" + word(), "[ab]", value + "|.+"}[random.IntN(4)]
			}
			m, err := labels.NewMatcher(kind, name(), value)
			if err != nil {
				t.Fatal(err)
			}
			ms = append(ms, m)
		}
		all = append(all, ms)
		x.Add(ms, i)
	}
	found := 0
	for range 2000 {
		set := map[string]string{}
		for range random.IntN(5) {
			set[name()] = word()
		}
		var want []int
		for i, ms := range all {
			if Fits(ms, set) {
				want = append(want, i)
			}
		}
		if got := x.Find(set); !slices.Equal(got, want) {
			t.Fatalf("%v: found %v, want %v", set, got, want)
		}
		found += len(want)
	}
	if found == 0 {
		t.Fatal("nothing matched: the test shows nothing")
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"a": true, "_a9": true, "9a": false, "": false, "Σ": false, "a b": false} {
		if ClassicName(name) != want {
			t.Errorf("%q", name)
		}
	}
}

// FuzzParse: whatever the text, what is read can be written and read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`a="b"`, `{a=b,c=~"d|e"}`, `"🙂"!=x`, `a!~".*"`, `{`, `=`, `a="\xff"`, `foo=bar=baz`, `a="(`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ms, err := Parse(text)
		if err != nil {
			return
		}
		for _, m := range ms {
			m.Matches(text)
			again, err := Parse(m.String())
			if err != nil || len(again) != 1 || again[0].Value != m.Value || again[0].Name != m.Name || again[0].Type != m.Type {
				t.Fatalf("%q became %q: %v %v", text, m.String(), again, err)
			}
		}
	})
}
