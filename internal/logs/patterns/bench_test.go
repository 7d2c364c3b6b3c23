package patterns_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/logs/patterns"
)

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPatternsMine mines lines of all catalogues, as one core does.
func BenchmarkPatternsMine(b *testing.B) {
	lines := stream(append(catalogues(b, "dev"), catalogues(b, "held")...), 5000, 9)
	bytes := 0
	for _, l := range lines {
		bytes += len(l.text)
	}
	m, err := patterns.New(patterns.Defaults())
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, l := range lines { // what is learned first is learned once
		m.Mine(l.text, 1)
	}
	runtime.GC()
	began := cpuTime()
	for b.Loop() {
		m.Mine(lines[n%len(lines)].text, int64(n))
		n++
	}
	spent := (cpuTime() - began).Seconds()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(n)/spent, "lines/cpu-s")
	b.ReportMetric(float64(n)/float64(len(lines))*float64(bytes)/1e6/spent, "MB/cpu-s")
}

// BenchmarkPatternsLearn mines each line once, by a miner that knows nothing.
func BenchmarkPatternsLearn(b *testing.B) {
	lines := stream(append(catalogues(b, "dev"), catalogues(b, "held")...), 5000, 9)
	n, began := 0, cpuTime()
	for b.Loop() {
		m, err := patterns.New(patterns.Defaults())
		if err != nil {
			b.Fatal(err)
		}
		for i, l := range lines {
			m.Mine(l.text, int64(i))
		}
		n += len(lines)
	}
	b.ReportMetric(float64(n)/(cpuTime()-began).Seconds(), "lines/cpu-s")
}

// BenchmarkPatternsAccuracy prints the grouping accuracy on the catalogues that
// the miner was built with, and on those that were kept from it.
func BenchmarkPatternsAccuracy(b *testing.B) {
	for _, set := range []string{"dev", "held"} {
		b.Run(set, func(b *testing.B) {
			worst := 1.0
			for b.Loop() {
				for seed := range uint64(5) {
					lines := stream(catalogues(b, set), 2000, seed+1)
					_, groups := mineAll(b, lines)
					all, _, _ := accuracy(lines, groups)
					worst = min(worst, all)
				}
			}
			b.ReportMetric(worst, "accuracy")
		})
	}
}
