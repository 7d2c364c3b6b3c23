package facts

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"

	"mainstay/internal/platform/version"
)

// host adds the host, its operating system and its processors.
func (c *Collector) host(ctx context.Context, r *Report) {
	info, err := host.InfoWithContext(ctx)
	if err != nil {
		c.log.Debug("host facts", "error", err)
		info = &host.InfoStat{OS: runtime.GOOS}
	}
	hostname, _ := os.Hostname()
	container := c.inContainer()
	attributes := map[string]any{
		"name": hostname, "hostname": hostname, "os": runtime.GOOS, "osName": info.Platform, "osVersion": info.PlatformVersion,
		"osFamily": info.PlatformFamily, "kernelVersion": info.KernelVersion, "architecture": info.KernelArch, "agentVersion": version.String(),
	}
	if container {
		attributes["virtualization"] = "container"
	} else if info.VirtualizationRole == "guest" {
		attributes["virtualization"] = info.VirtualizationSystem
	}
	if info.BootTime > 0 {
		attributes["bootTime"] = bootTime(info.BootTime)
	}
	if zone := c.timezone(); zone != "" {
		attributes["timezone"] = zone
	}
	identities := []Identity{{"agent_id", c.agent}, {"hostname", hostname}}
	if fqdn := c.fqdn(ctx, hostname); fqdn != "" {
		identities = append(identities, Identity{"fqdn", fqdn})
		attributes["fqdn"] = fqdn
	}
	if id := c.line("etc/machine-id"); id != "" {
		identities = append(identities, Identity{"machine_id", id})
	} else if runtime.GOOS != "linux" && info.HostID != "" {
		identities = append(identities, Identity{"machine_id", info.HostID})
	}
	if !container { // what a container sees there is the board of the machine below
		identities = append(identities, c.board(attributes)...)
	}
	addresses, macs := c.addresses()
	for _, mac := range macs {
		identities = append(identities, Identity{"mac", mac})
	}
	for _, a := range addresses {
		identities = append(identities, Identity{"ip", a})
	}
	if len(addresses) > 0 {
		attributes["addresses"] = addresses
	}
	c.capacity(ctx, attributes)
	for key, value := range attributes {
		if value == "" {
			delete(attributes, key)
		}
	}
	r.Items = append(r.Items, Item{Ref: HostRef, Class: "host", Identities: identities, Attributes: attributes})
	name := strings.TrimSpace(info.Platform + " " + info.PlatformVersion)
	if name == "" {
		name = runtime.GOOS
	}
	r.part("operating_system", name, "installed_on", map[string]any{"version": info.PlatformVersion,
		"family": info.PlatformFamily, "kernel": info.KernelVersion, "architecture": info.KernelArch})
	r.complete("operating_system")
	c.processors(ctx, r)
}

func (c *Collector) capacity(ctx context.Context, attributes map[string]any) {
	if n, err := cpu.CountsWithContext(ctx, true); err == nil {
		attributes["cpuCount"] = n
	}
	if n, err := cpu.CountsWithContext(ctx, false); err == nil && n > 0 {
		attributes["cpuCores"] = n
	}
	if m, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		attributes["memoryBytes"] = m.Total
	}
	if s, err := mem.SwapMemoryWithContext(ctx); err == nil && s.Total > 0 {
		attributes["swapBytes"] = s.Total
	}
}

// processors adds one item for each socket.
func (c *Collector) processors(ctx context.Context, r *Report) {
	infos, err := cpu.InfoWithContext(ctx)
	if err != nil {
		return
	}
	type socket struct {
		model, vendor string
		cores         int
	}
	sockets := map[string]*socket{}
	for _, i := range infos {
		id := "CPU " + i.PhysicalID
		if i.PhysicalID == "" {
			id = "CPU 0"
		}
		if sockets[id] == nil {
			sockets[id] = &socket{model: i.ModelName, vendor: i.VendorID}
		}
		sockets[id].cores += max(int(i.Cores), 1)
	}
	for id, s := range sockets {
		r.part("processor", id, "part_of", map[string]any{"model": s.model, "vendor": s.vendor, "cores": s.cores})
		r.Items[0].Attributes["cpuModel"] = s.model
	}
	r.Items[0].Attributes["cpuSockets"] = len(sockets)
	r.complete("processor")
}

// board reads identifiers of the machine from the firmware's tables (SMBIOS).
func (c *Collector) board(attributes map[string]any) []Identity {
	var out []Identity
	for kind, file := range map[string]string{"system_uuid": "product_uuid", "serial": "product_serial", "asset_tag": "chassis_asset_tag"} {
		if value := c.line("sys/class/dmi/id/" + file); value != "" {
			out = append(out, Identity{kind, value})
		}
	}
	slices.SortFunc(out, func(a, b Identity) int { return strings.Compare(a.Kind, b.Kind) })
	attributes["vendor"] = c.line("sys/class/dmi/id/sys_vendor")
	attributes["model"] = c.line("sys/class/dmi/id/product_name")
	attributes["serialNumber"] = c.line("sys/class/dmi/id/product_serial")
	attributes["firmware"] = c.line("sys/class/dmi/id/bios_version")
	return out
}

// line is the first line of a file, or "".
func (c *Collector) line(path string) string {
	data, err := os.ReadFile(filepath.Join(c.root, path))
	if err != nil || len(data) > 64<<10 {
		return ""
	}
	text, _, _ := strings.Cut(string(data), "\n")
	return strings.ToValidUTF8(strings.TrimSpace(text), "")
}

func (c *Collector) inContainer() bool {
	for _, mark := range []string{".dockerenv", "run/.containerenv", "run/systemd/container"} {
		if _, err := os.Stat(filepath.Join(c.root, mark)); err == nil {
			return true
		}
	}
	return false
}

func (c *Collector) timezone() string {
	if zone := c.line("etc/timezone"); zone != "" {
		return zone
	}
	target, err := os.Readlink(filepath.Join(c.root, "etc/localtime"))
	if err != nil {
		return ""
	}
	_, zone, _ := strings.Cut(target, "zoneinfo/")
	return zone
}

// fqdn is the full name the host knows itself by, from its own tables or DNS.
func (c *Collector) fqdn(ctx context.Context, hostname string) string {
	if strings.Contains(hostname, ".") {
		return hostname
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	name, err := net.DefaultResolver.LookupCNAME(ctx, hostname)
	name = strings.TrimSuffix(name, ".")
	if err != nil || !strings.Contains(name, ".") || strings.HasPrefix(name, "localhost") {
		return ""
	}
	return name
}

// bootTime is rounded to a minute: it is computed from a clock that is adjusted.
func bootTime(seconds uint64) string {
	return time.Unix(int64(seconds), 0).UTC().Add(30 * time.Second).Truncate(time.Minute).Format(time.RFC3339)
}
