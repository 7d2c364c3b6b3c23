package measure

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	ticksPerSecond = 100 // USER_HZ, fixed on every architecture Go supports
	topOfEach      = 12  // by processor and by memory
	mostGroups     = 60  // kept once they were at the top, so that their lines do not break off
)

// processes measures groups of processes of one name.
type processes struct {
	root   string
	before map[int]uint64 // pid -> ticks
	at     time.Time
	shown  map[string]int // name -> rounds since it was at the top
}

func newProcesses() processes { return processes{root: "/proc", shown: map[string]int{}} }

// group is all processes of one name.
type group struct {
	name     string
	count    int
	resident uint64
	ticks    uint64 // since the last round
}

func (p *processes) sample(_ context.Context, now time.Time, add func(string, float64, ...string)) {
	entries, err := os.ReadDir(p.root)
	if err != nil {
		return
	}
	groups, states, current := map[string]*group{}, map[string]int{}, make(map[int]uint64, len(entries))
	threads := 0
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		data, err := os.ReadFile(p.root + "/" + e.Name() + "/stat")
		if err != nil {
			continue // it has just ended
		}
		st, ok := ParseStat(string(data))
		if !ok {
			continue
		}
		states[stateName(st.State)]++
		threads += st.Threads
		if st.Kernel {
			continue
		}
		g := groups[st.Name]
		if g == nil {
			g = &group{name: st.Name}
			groups[st.Name] = g
		}
		g.count++
		g.resident += st.ResidentPages * uint64(os.Getpagesize())
		current[pid] = st.Ticks
		if before, ok := p.before[pid]; ok && st.Ticks >= before {
			g.ticks += st.Ticks - before
		} else if !ok && p.before != nil {
			g.ticks += st.Ticks
		}
	}
	for state, n := range states {
		add("system_process_count", float64(n), "status", state)
	}
	add("system_thread_count", float64(threads))
	seconds := now.Sub(p.at).Seconds()
	first := p.before == nil
	p.before, p.at = current, now
	for _, g := range p.choose(groups) {
		add("process_memory_usage_bytes", float64(g.resident), "process", g.name)
		add("process_count", float64(g.count), "process", g.name)
		if !first && seconds > 0 {
			// As a share of one processor, as the conventions have it.
			add("process_cpu_utilization", float64(g.ticks)/ticksPerSecond/seconds, "process", g.name)
		}
	}
}

// choose picks the groups worth a line: the top now, and those lately at the top.
func (p *processes) choose(groups map[string]*group) []*group {
	all := make([]*group, 0, len(groups))
	for _, g := range groups {
		all = append(all, g)
	}
	for name := range p.shown {
		if p.shown[name]++; groups[name] == nil {
			delete(p.shown, name)
		}
	}
	mark := func(by func(a, b *group) int) {
		slices.SortFunc(all, func(a, b *group) int { return cmp.Or(by(a, b), cmp.Compare(a.name, b.name)) })
		for _, g := range all[:min(topOfEach, len(all))] {
			p.shown[g.name] = 0
		}
	}
	mark(func(a, b *group) int { return cmp.Compare(b.resident, a.resident) })
	mark(func(a, b *group) int { return cmp.Compare(b.ticks, a.ticks) })
	var chosen []*group
	for name := range p.shown {
		chosen = append(chosen, groups[name])
	}
	slices.SortFunc(chosen, func(a, b *group) int {
		return cmp.Or(cmp.Compare(p.shown[a.name], p.shown[b.name]), cmp.Compare(a.name, b.name))
	})
	for len(chosen) > mostGroups {
		delete(p.shown, chosen[len(chosen)-1].name)
		chosen = chosen[:len(chosen)-1]
	}
	return chosen
}

// Stat is the part of /proc/<pid>/stat that matters here.
type Stat struct {
	Name          string
	State         byte
	Parent        int
	Kernel        bool // a thread of the kernel
	Ticks         uint64
	Threads       int
	StartTicks    uint64
	ResidentPages uint64
}

// ParseStat reads /proc/<pid>/stat (proc_pid_stat(5)). The name is in
// parentheses and may itself hold anything, parentheses included.
func ParseStat(text string) (Stat, bool) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return Stat{}, false
	}
	f := strings.Fields(text[end+1:]) // f[0] is field 3
	if len(f) < 22 || len(f[0]) != 1 {
		return Stat{}, false
	}
	number := func(field int) uint64 { n, _ := strconv.ParseUint(f[field-3], 10, 64); return n }
	const kernelThread = 0x00200000 // PF_KTHREAD, linux/sched.h
	return Stat{
		Name: strings.ToValidUTF8(text[open+1:end], "?"), State: f[0][0], Parent: int(number(4)), Kernel: number(9)&kernelThread != 0,
		Ticks: number(14) + number(15), Threads: int(number(20)), StartTicks: number(22), ResidentPages: number(24),
	}, true
}

func stateName(state byte) string {
	switch state {
	case 'R':
		return "running"
	case 'S', 'I':
		return "sleeping"
	case 'D':
		return "blocked"
	case 'Z':
		return "zombie"
	case 'T', 't':
		return "stopped"
	}
	return "other"
}
