package logstore

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fastjson"
)

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCompare is what it costs to find out which records of a batch an
// engine that died still has, without the engine's own work: all of them.
func BenchmarkCompare(b *testing.B) {
	var body []byte
	at, n := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), 0
	for ; len(body) < sendBytes; n++ {
		body = Record{Time: at.Add(time.Duration(n) * time.Millisecond), Message: fmt.Sprintf("request %d finished with status 200 in %d ms", n, n%1000), App: "api", Item: "item", Host: "web1", Level: "info",
			Fields: []Field{{"severity_text", "notice"}, {"severity_number", "10"}, {"syslog.facility", "local4"}, {"process.pid", "4711"}}}.appendLine(body)
	}
	began := cpuTime()
	var parser fastjson.Parser
	for b.Loop() {
		l := readLines(body)
		for i := range l.all {
			v, err := parser.ParseBytes(l.all[i].text)
			if err != nil {
				b.Fatal(err)
			}
			l.held[l.read(v.GetObject()).print].n++
		}
		if rest := l.rest(map[uint64]bool{l.all[0].stream: true}); len(rest) > 0 {
			b.Fatalf("%d bytes are missing", len(rest))
		}
	}
	b.ReportMetric(float64(b.N)*float64(n)/(cpuTime()-began).Seconds(), "records/cpu-s")
}
