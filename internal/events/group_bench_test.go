package events

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFiftyThousandAlerts asks, over HTTP's handlers, what the page of
// alerts asks, with 50,000 open alerts on 5,000 items of 40 sites.
func BenchmarkFiftyThousandAlerts(b *testing.B) {
	engines(b, func(b *testing.B, db *sqldb.DB) {
		s := newSite(b, db, chain())
		s.placer.deps = towns{}
		classes := []string{"db", "web", "switch", "host"}
		list := make([]core.Event, 0, 1000)
		for i := range 50_000 {
			e := s.problem(fmt.Sprintf("site%02d-%s-%d", i%40, classes[i%5000%4], i%5000), core.Severity(2+i%4))
			e.Key = fmt.Sprintf("check:%d", i)
			e.Labels = map[string]string{"rack": fmt.Sprint("r", i%200), "cluster": fmt.Sprint("c", i%7)}
			if list = append(list, e); len(list) == cap(list) {
				s.accept(list...)
				list = list[:0]
				s.clock.Advance(time.Second)
			}
		}
		s.settled()
		for _, one := range []struct{ name, path string }{
			{"first-page", "/api/v1/alerts?where=state=open,acknowledged&sort=-openedAt"},
			{"worst-first", "/api/v1/alerts?where=state=open,acknowledged&sort=-severity"},
			{"filter", "/api/v1/alerts?where=severity%3E%3Dmajor&where=active=true&q=site07"},
			{"by-severity", "/api/v1/alerts/groups?by=severity"},
			{"by-service", "/api/v1/alerts/groups?by=service"},
			{"by-site", "/api/v1/alerts/groups?by=site&where=state=open,acknowledged"},
			{"by-situation", "/api/v1/alerts/groups?by=situation"},
			{"by-label", "/api/v1/alerts/groups?by=labels.rack"},
			{"one-group", "/api/v1/alerts?by=site&value=site07"},
		} {
			b.Run(one.name, func(b *testing.B) {
				var took []time.Duration
				began := cpuTime()
				for b.Loop() {
					at := time.Now()
					s.must("GET", one.path, "", nil)
					took = append(took, time.Since(at))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				b.ReportMetric(float64((cpuTime()-began).Microseconds())/1000/float64(len(took)), "cpu-ms/op")
			})
		}
	})
}
