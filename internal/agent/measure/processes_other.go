//go:build !linux

package measure

import (
	"context"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// processes counts only: reading each process is expensive on these systems.
type processes struct{}

func newProcesses() processes { return processes{} }

func (processes) sample(ctx context.Context, _ time.Time, add func(string, float64, ...string)) {
	if pids, err := process.PidsWithContext(ctx); err == nil {
		add("system_process_count", float64(len(pids)), "status", "all")
	}
}
