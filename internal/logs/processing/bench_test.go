package processing_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/logs/processing"
	"mainstay/internal/platform/logstore"
)

// nothing takes records, and forgets them.
type nothing struct{}

func (nothing) Write(context.Context, []logstore.Record) (int, error) { return 0, nil }

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkProcessing takes records through the default rules: lines as syslog
// brings them, and JSON.
func BenchmarkProcessing(b *testing.B) {
	for kind, lines := range map[string][]string{
		"text": {
			`Accepted publickey for ann from 10.0.0.9 port 50022 ssh2: ED25519 SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDvmR7aI7pJxBqAKPA`,
			`10.0.0.9 - - [02/Nov/2026:03:14:07 +0000] "GET /shop/item/4711?ref=mail HTTP/1.1" 200 5123 "-" "Mozilla/5.0"`,
			`[ 4111.111111] usb 1-1: new high-speed USB device number 4 using xhci_hcd`,
			`connecting: host=db1 user=app password=hunter2 dbname=shop`,
		},
		"json": {`{"level":"info","ts":"2026-11-02T03:14:07Z","msg":"request served","status":200,"duration_ms":12.5,"user":{"id":"u1","plan":"free"},"path":"/shop/item/4711"}`},
	} {
		b.Run(kind, func(b *testing.B) {
			c, err := processing.New(processing.Dependencies{Clock: coretest.NewClock(start)})
			if err != nil {
				b.Fatal(err)
			}
			batch := make([]logstore.Record, 500)
			for i := range batch {
				batch[i] = logstore.Record{Time: start, Message: lines[i%len(lines)], App: fmt.Sprint("app", i%7), Host: "web1", Level: "info",
					Fields: []logstore.Field{{Name: "process.pid", Value: "812"}, {Name: "syslog.facility", Value: "auth"}, {Name: "network.peer.address", Value: "10.0.0.3"}}}
			}
			tap := c.Tap("syslog", nothing{})
			n, began := 0, cpuTime()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tap.Write(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				n += len(batch)
			}
			b.ReportMetric(float64(n)/(cpuTime()-began).Seconds(), "records/cpu-s")
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
