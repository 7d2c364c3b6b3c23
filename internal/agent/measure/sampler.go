package measure

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"
	"github.com/shirou/gopsutil/v4/net"

	"mainstay/internal/platform/agents/protocol"
)

// Sampler remembers what rates need.
type Sampler struct {
	now       int64
	out       []protocol.Sample
	cpu       *cpu.TimesStat
	processes processes
}

// New returns a Sampler; its first sample has no utilisation of the processor yet.
func New() *Sampler { return &Sampler{processes: newProcesses()} }

// Sample measures everything once. What cannot be measured is left out.
func (s *Sampler) Sample(ctx context.Context, now time.Time) []protocol.Sample {
	s.now, s.out = now.UnixMilli(), make([]protocol.Sample, 0, 200)
	s.processor(ctx)
	s.memory(ctx)
	s.disks(ctx)
	s.filesystems(ctx)
	s.network(ctx)
	if up, err := host.UptimeWithContext(ctx); err == nil {
		s.add("system_uptime_seconds", float64(up))
	}
	s.processes.sample(ctx, now, s.add)
	return s.out
}

// add appends one sample; labels are pairs of name and value. What JSON cannot
// hold is left out.
func (s *Sampler) add(name string, value float64, labels ...string) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	var set map[string]string
	if len(labels) > 0 {
		set = make(map[string]string, len(labels)/2)
		for i := 0; i+1 < len(labels); i += 2 {
			set[labels[i]] = labels[i+1]
		}
	}
	s.out = append(s.out, protocol.Sample{Name: name, Labels: set, T: s.now, V: value})
}

func (s *Sampler) processor(ctx context.Context) {
	if n, err := cpu.CountsWithContext(ctx, true); err == nil {
		s.add("system_cpu_logical_count", float64(n))
	}
	if avg, err := load.AvgWithContext(ctx); err == nil && runtime.GOOS != "windows" {
		s.add("system_cpu_load_average_1m", avg.Load1)
		s.add("system_cpu_load_average_5m", avg.Load5)
		s.add("system_cpu_load_average_15m", avg.Load15)
	}
	all, err := cpu.TimesWithContext(ctx, false)
	if err != nil || len(all) == 0 {
		return
	}
	now, before := modes(all[0]), s.cpu
	s.cpu = &all[0]
	for _, m := range now {
		s.add("system_cpu_time_seconds_total", m.seconds, "mode", m.name)
	}
	if before == nil {
		return
	}
	then := modes(*before)
	var total float64
	for i := range now {
		now[i].seconds = max(now[i].seconds-then[i].seconds, 0)
		total += now[i].seconds
	}
	if total <= 0 {
		return
	}
	for _, m := range now {
		s.add("system_cpu_utilization", m.seconds/total, "mode", m.name)
	}
}

type mode struct {
	name    string
	seconds float64
}

// modes lists how the processor's time was spent; together they are all of it.
func modes(t cpu.TimesStat) []mode {
	return []mode{{"user", t.User}, {"nice", t.Nice}, {"system", t.System}, {"iowait", t.Iowait},
		{"interrupt", t.Irq + t.Softirq}, {"steal", t.Steal}, {"idle", t.Idle}}
}

func (s *Sampler) memory(ctx context.Context) {
	if m, err := mem.VirtualMemoryWithContext(ctx); err == nil && m.Total > 0 {
		// "used" is what programs hold and nothing could take back.
		used := m.Total - min(m.Available, m.Total)
		s.add("system_memory_limit_bytes", float64(m.Total))
		s.add("system_memory_usage_bytes", float64(used), "state", "used")
		s.add("system_memory_usage_bytes", float64(m.Free), "state", "free")
		s.add("system_memory_usage_bytes", float64(m.Cached), "state", "cached")
		s.add("system_memory_usage_bytes", float64(m.Buffers), "state", "buffers")
		s.add("system_memory_available_bytes", float64(m.Available))
		s.add("system_memory_utilization", float64(used)/float64(m.Total), "state", "used")
	}
	if swap, err := mem.SwapMemoryWithContext(ctx); err == nil && swap.Total > 0 {
		s.add("system_paging_usage_bytes", float64(swap.Used), "state", "used")
		s.add("system_paging_usage_bytes", float64(swap.Free), "state", "free")
		s.add("system_paging_utilization", float64(swap.Used)/float64(swap.Total), "state", "used")
		s.add("system_paging_operations_total", float64(swap.Sin), "direction", "in")
		s.add("system_paging_operations_total", float64(swap.Sout), "direction", "out")
	}
}

func (s *Sampler) disks(ctx context.Context) {
	counters, err := disk.IOCountersWithContext(ctx)
	if err != nil {
		return
	}
	for name, c := range counters {
		if strings.HasPrefix(name, "loop") || strings.HasPrefix(name, "ram") || c.ReadCount+c.WriteCount == 0 {
			continue
		}
		s.add("system_disk_io_bytes_total", float64(c.ReadBytes), "device", name, "direction", "read")
		s.add("system_disk_io_bytes_total", float64(c.WriteBytes), "device", name, "direction", "write")
		s.add("system_disk_operations_total", float64(c.ReadCount), "device", name, "direction", "read")
		s.add("system_disk_operations_total", float64(c.WriteCount), "device", name, "direction", "write")
		s.add("system_disk_io_time_seconds_total", float64(c.IoTime)/1000, "device", name)
	}
}

// remote are file systems whose server may be gone: asking for their size
// could then block for ever.
var remote = []string{"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "afs", "fuse", "autofs"}

// Local says that a file system of this type can be asked for its size.
func Local(fstype string) bool {
	base, _, _ := strings.Cut(strings.ToLower(fstype), ".")
	return !slices.Contains(remote, base)
}

func (s *Sampler) filesystems(ctx context.Context) {
	mounts, err := disk.PartitionsWithContext(ctx, false)
	if err != nil {
		return
	}
	seen := map[string]bool{}
	for _, m := range mounts {
		if !Local(m.Fstype) || seen[m.Device] || m.Fstype == "squashfs" || strings.HasPrefix(m.Fstype, "iso9660") {
			continue // a device mounted twice is one file system
		}
		use, err := disk.UsageWithContext(ctx, m.Mountpoint)
		if err != nil || use.Total == 0 {
			continue
		}
		seen[m.Device] = true
		labels := []string{"device", m.Device, "mountpoint", m.Mountpoint, "type", m.Fstype}
		with := func(state string) []string { return append(slices.Clone(labels), "state", state) }
		reserved := use.Total - min(use.Used+use.Free, use.Total)
		s.add("system_filesystem_limit_bytes", float64(use.Total), labels...)
		s.add("system_filesystem_usage_bytes", float64(use.Used), with("used")...)
		s.add("system_filesystem_usage_bytes", float64(use.Free), with("free")...)
		s.add("system_filesystem_usage_bytes", float64(reserved), with("reserved")...)
		if usable := use.Used + use.Free; usable > 0 {
			s.add("system_filesystem_utilization", float64(use.Used)/float64(usable), labels...)
		}
		if use.InodesTotal > 0 {
			s.add("system_filesystem_inodes_utilization", float64(use.InodesUsed)/float64(use.InodesTotal), labels...)
		}
	}
}

func (s *Sampler) network(ctx context.Context) {
	counters, err := net.IOCountersWithContext(ctx, true)
	if err != nil {
		return
	}
	for _, c := range counters {
		if c.PacketsRecv+c.PacketsSent == 0 || strings.HasPrefix(c.Name, "veth") {
			continue
		}
		for _, m := range []struct {
			name    string
			in, out uint64
		}{
			{"system_network_io_bytes_total", c.BytesRecv, c.BytesSent},
			{"system_network_packet_count_total", c.PacketsRecv, c.PacketsSent},
			{"system_network_errors_total", c.Errin, c.Errout},
			{"system_network_packet_dropped_total", c.Dropin, c.Dropout},
		} {
			s.add(m.name, float64(m.in), "interface", c.Name, "direction", "receive")
			s.add(m.name, float64(m.out), "interface", c.Name, "direction", "transmit")
		}
	}
}
