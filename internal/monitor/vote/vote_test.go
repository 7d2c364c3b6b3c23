package vote

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"mainstay/internal/platform/probe"
)

func TestVotesTable(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/votes.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for n, line := range strings.Split(string(raw), "\n") {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		left, want, _ := strings.Cut(line, "=")
		var agree int
		var found string
		if _, err := fmt.Sscanf(left, "%d: %s", &agree, &found); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		cases++
		got := Decide(votesOf(found), agree)
		tale := got.State.String()
		if got.Away {
			tale += " away"
		}
		if tale != strings.TrimSpace(want) {
			t.Errorf("line %d: %s: %s (%s)", n+1, line, tale, got.Output)
		}
	}
	if cases < 40 {
		t.Fatalf("only %d cases", cases)
	}
}

func votesOf(found string) []Vote {
	var out []Vote
	for i, letter := range found {
		v := Vote{Place: fmt.Sprintf("p%d", i+1), Output: string(letter)}
		switch letter {
		case 'w':
			v.State = probe.Warning
		case 'c':
			v.State = probe.Critical
		case 'u':
			v.State = probe.Unknown
		case '-':
			v.Away = true
		}
		out = append(out, v)
	}
	return out
}

func TestTheVerdictNamesWhoSawWhat(t *testing.T) {
	t.Parallel()
	for found, want := range map[string]string{
		"occ": "failing at 2 of 3 places (p2, p3), 2 must agree: p2: c",
		"oc-": "failing at 1 of 3 places (p2), 2 must agree; away: p3: p1: o",
		"c--": "failing at 1 of 3 places (p1), 2 must agree, only 1 can be asked; away: p2, p3: p1: c",
		"ooo": "well at 3 of 3 places: p1: o",
	} {
		if got := Decide(votesOf(found), 2); got.Output != want {
			t.Errorf("%s: %q, not %q", found, got.Output, want)
		}
	}
}

// More agreement asked never makes a verdict worse, and a vote that gets worse
// never makes it better.
func TestVotesAreMonotone(t *testing.T) {
	t.Parallel()
	letters := "owuc"
	var walk func(string)
	walk = func(prefix string) {
		if len(prefix) == 4 {
			for agree := 1; agree < 4; agree++ {
				if badness(Decide(votesOf(prefix), agree+1).State) > badness(Decide(votesOf(prefix), agree).State) {
					t.Errorf("%s: %d agree is better than %d", prefix, agree, agree+1)
				}
			}
			for i := range prefix {
				at := strings.IndexByte(letters, prefix[i])
				if at == len(letters)-1 {
					continue
				}
				worse := prefix[:i] + string(letters[at+1]) + prefix[i+1:]
				if badness(Decide(votesOf(worse), 2).State) < badness(Decide(votesOf(prefix), 2).State) {
					t.Errorf("%s is worse than %s", prefix, worse)
				}
			}
			return
		}
		for _, l := range letters {
			walk(prefix + string(l))
		}
	}
	walk("")
}
