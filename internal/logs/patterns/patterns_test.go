package patterns_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"mainstay/internal/logs/patterns"
)

func newMiner(tb testing.TB, cfg patterns.Configuration) *patterns.Miner {
	tb.Helper()
	m, err := patterns.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// TestPatterns reads testdata/cases.txt: messages, and the templates they are
// found to be printed from.
func TestPatterns(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, paragraph := range strings.Split(string(text), "\n\n") {
		var title string
		var messages, want []string
		for _, line := range strings.Split(paragraph, "\n") {
			switch {
			case strings.HasPrefix(line, "# "):
				title = line[2:]
			case strings.HasPrefix(line, "= "):
				want = append(want, line[2:])
			case line != "":
				messages = append(messages, line)
			}
		}
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			m := newMiner(t, patterns.Defaults())
			for i, message := range messages {
				m.Mine(message, int64(i)+1)
			}
			got := map[string]bool{}
			for _, p := range m.Patterns() {
				got[p.Template] = true
			}
			for _, w := range want {
				if !got[w] {
					t.Errorf("no pattern %q", w)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d patterns, not %d: %v", len(got), len(want), got)
			}
		})
	}
}

func TestTheSameStreamGivesTheSamePatterns(t *testing.T) {
	t.Parallel()
	lines := stream(catalogues(t, "dev"), 500, 1)
	a, groups := mineAll(t, lines)
	b, again := mineAll(t, lines)
	for i := range groups {
		if groups[i] != again[i] {
			t.Fatalf("line %d is of pattern %s, and then of %s", i, groups[i], again[i])
		}
	}
	if x, y := fmt.Sprint(a.Patterns()), fmt.Sprint(b.Patterns()); x != y {
		t.Error("the patterns differ")
	}
}

func TestIDsOutliveARestart(t *testing.T) {
	t.Parallel()
	lines := stream(catalogues(t, "dev"), 500, 1)
	m, groups := mineAll(t, lines)
	snapshot, err := m.Freeze().Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := patterns.Restore(patterns.Defaults(), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	before := m.Stats().Patterns
	if got := again.Stats().Patterns; got != before {
		t.Fatalf("%d patterns after the restart, %d before", got, before)
	}
	moved := 0
	for i, l := range lines {
		if id, _ := again.Mine(l.text, int64(len(lines)+i)); again.Current(id) != again.Current(groups[i]) {
			moved++
		}
	}
	// A message whose own shape was taken by a wider template may find another one
	// that takes it as well.
	if moved > len(lines)/200 {
		t.Errorf("%d of %d messages have another pattern after the restart", moved, len(lines))
	}
	if grown := again.Stats().Patterns - before; grown > before/50 {
		t.Errorf("%d patterns are new after the restart", grown)
	}
	for _, p := range m.Patterns() {
		for _, old := range p.Aliases {
			if again.Current(old) == "" {
				t.Errorf("the old id %s is forgotten", old)
			}
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := newMiner(t, patterns.Configuration{MaxPatterns: 200, MaxShapes: 500})
	vowel := "aeiou"
	pseudo := func(n int) string {
		var b strings.Builder
		for ; n > 0; n /= 20 {
			b.WriteByte("bcdfghjklmnpqrstvwxz"[n%20])
			b.WriteByte(vowel[n%5])
		}
		return b.String()
	}
	for i := range 20_000 {
		if i%10 == 0 {
			m.Mine("the frequent message stays", int64(i))
		}
		m.Mine(pseudo(i*7+1)+" "+pseudo(i*13+5)+" of "+pseudo(i*29+3)+strings.Repeat(" x", i%40), int64(i))
	}
	s := m.Stats()
	if s.Patterns > 200 || s.Evicted == 0 {
		t.Errorf("%+v: more than 200 patterns, or none was forgotten", s)
	}
	id, fresh := m.Mine("the frequent message stays", 30_000)
	if p, _ := m.Get(id); fresh || p.Count != 2001 {
		t.Errorf("the frequent message was forgotten: %+v", p)
	}
}

func FuzzMine(f *testing.F) {
	for _, c := range append(catalogues(f, "dev"), catalogues(f, "held")...) {
		for _, message := range c.messages[:5] {
			f.Add(message)
		}
	}
	f.Add(`a(b= `)
	f.Add("\"\x00'`:::= -> =>")
	f.Fuzz(func(t *testing.T, text string) {
		m := newMiner(t, patterns.Configuration{MaxPatterns: 100, MaxShapes: 100})
		for i, line := range append(strings.Split(text, "\n"), strings.Fields(text)...) {
			id, _ := m.Mine(line, int64(i))
			if id != "" && m.Current(id) == "" {
				t.Fatalf("the pattern of %q is not known", line)
			}
			if again, fresh := m.Mine(line, int64(i)); id != "" && (fresh || m.Current(again) != m.Current(id)) {
				t.Fatalf("%q has two patterns", line)
			}
		}
		snapshot, err := m.Freeze().Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := patterns.Restore(patterns.Configuration{MaxPatterns: 100, MaxShapes: 100}, snapshot)
		if err != nil || again.Stats().Patterns != m.Stats().Patterns {
			t.Fatalf("the snapshot is not whole: %v", err)
		}
	})
}

func FuzzRestore(f *testing.F) {
	m := newMiner(f, patterns.Defaults())
	m.Mine("session opened for user alice", 1)
	s, _ := m.Freeze().Encode()
	f.Add(s)
	f.Fuzz(func(t *testing.T, snapshot []byte) {
		if m, err := patterns.Restore(patterns.Defaults(), snapshot); err == nil {
			m.Mine("session opened for user bob", 2)
		}
	})
}
