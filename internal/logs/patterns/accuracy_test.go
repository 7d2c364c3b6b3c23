package patterns_test

import (
	"fmt"
	"os"
	"testing"

	"mainstay/internal/logs/patterns"
)

// accuracy is the share of the lines whose group is exactly the group of the
// message that printed them (grouping accuracy), in all and by source.
func accuracy(lines []printed, groups []string) (all float64, by map[string]float64, wrong map[int][]string) {
	found, truth := map[string]int{}, map[int]int{}
	pairs := map[string]map[int]int{}
	for i, l := range lines {
		found[groups[i]]++
		truth[l.message]++
		if pairs[groups[i]] == nil {
			pairs[groups[i]] = map[int]int{}
		}
		pairs[groups[i]][l.message]++
	}
	right, total, good := map[string]int{}, map[string]int{}, 0
	wrong = map[int][]string{}
	seen := map[string]bool{}
	for i, l := range lines {
		total[l.source]++
		if len(pairs[groups[i]]) == 1 && found[groups[i]] == truth[l.message] {
			good++
			right[l.source]++
		} else if key := fmt.Sprint(groups[i], l.message); !seen[key] {
			seen[key] = true
			wrong[l.message] = append(wrong[l.message], groups[i])
		}
	}
	by = map[string]float64{}
	for source, n := range total {
		by[source] = float64(right[source]) / float64(n)
	}
	return float64(good) / float64(len(lines)), by, wrong
}

func mineAll(tb testing.TB, lines []printed) (*patterns.Miner, []string) {
	tb.Helper()
	m, err := patterns.New(patterns.Defaults())
	if err != nil {
		tb.Fatal(err)
	}
	groups := make([]string, len(lines))
	for i, l := range lines {
		groups[i], _ = m.Mine(l.text, int64(i)+1)
	}
	for i := range groups {
		groups[i] = m.Current(groups[i])
	}
	return m, groups
}

// TestGroupingAccuracy holds the aim on messages that were looked at while the
// miner was built and on those that were not, all sources in one stream.
func TestGroupingAccuracy(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"dev", "held"} {
		list := catalogues(t, set)
		worst := 1.0
		for seed := range uint64(3) {
			lines := stream(list, 2000, seed+1)
			m, groups := mineAll(t, lines)
			all, by, wrong := accuracy(lines, groups)
			worst = min(worst, all)
			t.Logf("%s, seed %d: grouping accuracy %.4f of %d lines of %d programs; %+v", set, seed+1, all, len(lines), len(list), m.Stats())
			if seed == 0 {
				for _, c := range list {
					t.Logf("  %-22s %.4f", c.name, by[c.name])
				}
			}
			if set == os.Getenv("MAINSTAY_PATTERNS_EXPLAIN") && seed == 0 {
				explain(t, m, list, wrong)
			}
		}
		if worst < 0.90 {
			t.Errorf("%s: grouping accuracy %.4f, the aim is 0.90", set, worst)
		}
	}
}

func explain(t *testing.T, m *patterns.Miner, list []catalogue, wrong map[int][]string) {
	base := 0
	for _, c := range list {
		for i, text := range c.messages {
			if groups := wrong[base+i]; groups != nil {
				t.Logf("%s: %s", c.name, text)
				for _, g := range groups[:min(4, len(groups))] {
					p, _ := m.Get(g)
					t.Logf("      %5d %s", p.Count, p.Template)
				}
			}
		}
		base += len(c.messages)
	}
}
