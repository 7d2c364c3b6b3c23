package facts

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"mainstay/internal/agent/measure"
)

// processKey tells a process from a later one of the same number.
type processKey struct {
	pid   int
	start uint64
}

// running is one process, as far as the report needs it.
type running struct {
	pid, parent int
	start       uint64
	name        string
	executable  string
	command     string
	user        string
	unit        string // of systemd, by its control group
	listens     []Listener
}

// established is the age in ticks from which a process is no passing one.
const established = 60 * 100

// workload adds services, processes and containers.
func (c *Collector) workload(ctx context.Context, r *Report) {
	processes, err := c.processes()
	if err != nil {
		c.log.Debug("process facts", "error", err)
		return
	}
	c.attachListeners(processes)
	units, systemd := c.units(ctx)
	c.addProcesses(r, processes)
	c.addServices(r, processes, units, systemd)
	c.containers(ctx, r)
}

// processes reads what runs, without threads of the kernel. A process must have
// been there in the round before, be a minute old, or be seen in the first round.
func (c *Collector) processes() ([]*running, error) {
	proc := filepath.Join(c.root, "proc")
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil, err
	}
	uptime := uint64(0)
	if seconds, err := strconv.ParseFloat(first(strings.Fields(c.line("proc/uptime"))), 64); err == nil {
		uptime = uint64(seconds * 100)
	}
	names := map[uint32]string{}
	now := make(map[processKey]bool, len(entries))
	var out []*running
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(proc, e.Name(), "stat"))
		if err != nil {
			continue
		}
		st, ok := measure.ParseStat(string(text))
		if !ok || st.Kernel || st.State == 'Z' {
			continue
		}
		key := processKey{pid, st.StartTicks}
		now[key] = true
		if !c.first && !c.settled[key] && st.StartTicks+established > uptime {
			continue
		}
		out = append(out, c.describe(pid, st, names))
	}
	c.settled = now
	return out, nil
}

func (c *Collector) describe(pid int, st measure.Stat, names map[uint32]string) *running {
	dir := filepath.Join(c.root, "proc", strconv.Itoa(pid))
	p := &running{pid: pid, parent: st.Parent, start: st.StartTicks, name: st.Name}
	if target, err := os.Readlink(filepath.Join(dir, "exe")); err == nil {
		p.executable = strings.TrimSuffix(target, " (deleted)")
		if !strings.HasPrefix(p.executable, "/memfd:") { // whose name is another each time
			p.name = filepath.Base(p.executable)
		}
	}
	if line, err := os.ReadFile(filepath.Join(dir, "cmdline")); err == nil {
		p.command = commandLine(line)
	}
	if group, err := os.ReadFile(filepath.Join(dir, "cgroup")); err == nil {
		p.unit = ParseUnit(string(group))
	}
	if info, err := os.Stat(dir); err == nil {
		p.user = owner(info, names)
	}
	return p
}

func lookup(uid uint32, names map[uint32]string) string {
	if name, ok := names[uid]; ok {
		return name
	}
	name := strconv.FormatUint(uint64(uid), 10)
	if account, err := user.LookupId(name); err == nil {
		name = account.Username
	}
	names[uid] = name
	return name
}

// commandLine joins the arguments, hiding what looks like a secret, in at most 1000 characters.
func commandLine(raw []byte) string {
	args := strings.Split(strings.TrimRight(string(raw), "\x00"), "\x00")
	hide := false
	for i, a := range args {
		name, _, hasValue := strings.Cut(a, "=")
		secret := secretName(name)
		switch {
		case hide:
			args[i], hide = "***", false
		case secret && hasValue:
			args[i] = name + "=***"
		case secret && strings.HasPrefix(a, "-"):
			hide = true
		}
	}
	text := strings.ToValidUTF8(strings.Join(args, " "), "?")
	if len(text) > 1000 {
		text = strings.ToValidUTF8(text[:1000], "") + "..."
	}
	return text
}

func secretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"password", "passwd", "secret", "token", "api-key", "apikey", "api_key", "credential"},
		func(word string) bool { return strings.Contains(name, word) })
}

// attachListeners gives every process the sockets it listens on. Of several
// processes that share one, as a server and its workers do, the oldest has it.
func (c *Collector) attachListeners(processes []*running) {
	listeners := c.lasting(c.listeners())
	if len(listeners) == 0 {
		return
	}
	slices.SortFunc(processes, func(a, b *running) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.pid, b.pid)) })
	for _, p := range processes {
		dir := filepath.Join(c.root, "proc", strconv.Itoa(p.pid), "fd")
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // another user's process, and this agent is not root
		}
		for _, e := range entries {
			target, err := os.Readlink(filepath.Join(dir, e.Name()))
			if err != nil {
				continue
			}
			inode, ok := strings.CutPrefix(target, "socket:[")
			if !ok {
				continue
			}
			inode = strings.TrimSuffix(inode, "]")
			if l, ok := listeners[inode]; ok {
				p.listens = append(p.listens, l)
				delete(listeners, inode)
			}
		}
		slices.SortFunc(p.listens, compareListeners)
		p.listens = slices.Compact(p.listens)
	}
}

// addProcesses adds one item for each kind of process worth knowing: what
// listens, and what runs by itself rather than for someone's session. Numbers
// of processes are left out, for they change all the time.
func (c *Collector) addProcesses(r *Report, processes []*running) {
	type kind struct {
		p       *running
		listens []Listener
	}
	kinds := map[string]*kind{}
	for _, p := range processes {
		if len(p.listens) == 0 && !(p.parent <= 1 || strings.HasSuffix(p.unit, ".service")) {
			continue
		}
		name := processName(p)
		k := kinds[name]
		if k == nil { // the oldest comes first and stands for the others
			k = &kind{p: p}
			kinds[name] = k
		}
		k.listens = append(k.listens, p.listens...)
	}
	for name, k := range kinds {
		slices.SortFunc(k.listens, compareListeners)
		attributes := map[string]any{"command": k.p.command, "executable": k.p.executable, "user": k.p.user}
		if len(k.listens) > 0 {
			attributes["listen"], attributes["ports"] = listenTexts(k.listens), portsOf(k.listens)
		}
		r.part("process", name, "runs_on", attributes)
	}
	r.complete("process")
}

func processName(p *running) string { return p.name + " (" + p.user + ")" }

func processRef(p *running) string { return "process:" + processName(p) }

// addServices adds the units of systemd and, for what listens outside of any
// unit, a service named after program and port.
func (c *Collector) addServices(r *Report, processes []*running, units []Unit, systemd bool) {
	byUnit, names, leaders := map[string][]Listener{}, map[string]string{}, map[string]*running{}
	known := map[string]bool{}
	for _, u := range units {
		known[u.Name] = true
	}
	for _, p := range processes {
		if p.unit != "" && known[p.unit] {
			byUnit[p.unit] = append(byUnit[p.unit], p.listens...)
			if names[p.unit] == "" {
				names[p.unit], leaders[p.unit] = p.name, p
			}
			continue
		}
		if len(p.listens) > 0 {
			ref := c.addService(r, fmt.Sprintf("%s:%d", p.name, p.listens[0].Port), p.name, p.listens, map[string]any{
				"manager": "process", "command": p.command, "executable": p.executable, "user": p.user})
			r.relate("depends_on", ref, processRef(p))
		}
	}
	for _, u := range units {
		ref := c.addService(r, u.Name, names[u.Name], byUnit[u.Name], map[string]any{"unit": u.Name, "manager": "systemd",
			"description": u.Description, "state": u.State, "subState": u.SubState, "enabled": u.Enabled})
		if leader := leaders[u.Name]; leader != nil {
			r.relate("depends_on", ref, processRef(leader))
		}
	}
	if systemd || len(units) == 0 {
		r.complete("service")
		for _, class := range serviceClasses {
			if !slices.Contains(r.Complete, class) {
				r.complete(class)
			}
		}
	}
}

func (c *Collector) addService(r *Report, name, program string, listens []Listener, attributes map[string]any) string {
	slices.SortFunc(listens, compareListeners)
	listens = slices.Compact(listens)
	var identities []Identity
	if len(listens) > 0 {
		attributes["listen"], attributes["ports"] = listenTexts(listens), portsOf(listens)
		for _, e := range endpoints(listens, r) {
			identities = append(identities, Identity{"endpoint", e})
		}
	}
	class := "service"
	if s, ok := serviceClasses[program]; ok {
		class = s
	}
	if class == "database_server" {
		attributes["engine"] = engines[program]
		if len(listens) > 0 {
			attributes["port"] = listens[0].Port
		}
	}
	return r.part(class, name, "runs_on", attributes, identities...)
}

// endpoints writes every address the service can be reached at.
func endpoints(listens []Listener, r *Report) []string {
	var out []string
	hosts, _ := r.Items[0].Attributes["addresses"].([]string)
	for _, l := range listens {
		if l.Protocol != "tcp" {
			continue
		}
		if !l.Any() {
			out = append(out, l.Endpoint(l.Address))
			continue
		}
		for _, h := range append([]string{"127.0.0.1"}, hosts...) {
			out = append(out, l.Endpoint(h))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func first(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return fields[0]
}
