//go:build !linux

package facts

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

type processKey struct{}

// workload adds what listens, as processes of the operating system tell.
func (c *Collector) workload(ctx context.Context, r *Report) {
	connections, err := net.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		c.log.Debug("listening services", "error", err)
		return
	}
	seen := map[string]bool{}
	for _, s := range connections {
		if s.Status != "LISTEN" || s.Pid == 0 || s.Laddr.Port >= 49152 {
			continue
		}
		p, err := process.NewProcessWithContext(ctx, s.Pid)
		if err != nil {
			continue
		}
		program, _ := p.NameWithContext(ctx)
		name := fmt.Sprintf("%s:%d", program, s.Laddr.Port)
		if program == "" || seen[name] {
			continue
		}
		seen[name] = true
		executable, _ := p.ExeWithContext(ctx)
		r.part("service", name, "runs_on", map[string]any{"manager": "process", "executable": executable,
			"listen": []string{fmt.Sprintf("tcp %s:%d", s.Laddr.IP, s.Laddr.Port)}, "ports": []uint32{s.Laddr.Port}})
	}
	r.complete("service")
}
