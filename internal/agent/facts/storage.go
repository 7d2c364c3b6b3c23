package facts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/disk"

	"mainstay/internal/agent/measure"
)

// storage adds disks and file systems.
func (c *Collector) storage(ctx context.Context, r *Report) {
	disks := c.disks(r)
	mounts, err := disk.PartitionsWithContext(ctx, false)
	if err != nil {
		c.log.Debug("file system facts", "error", err)
		return
	}
	seen := map[string]bool{}
	for _, m := range mounts {
		if m.Fstype == "squashfs" || seen[m.Mountpoint] || seen[m.Device] && !strings.HasPrefix(m.Device, "tmpfs") {
			continue // the same file system in a second place
		}
		seen[m.Mountpoint], seen[m.Device] = true, true
		attributes := map[string]any{"mountPoint": m.Mountpoint, "device": m.Device, "type": m.Fstype, "readOnly": slices.Contains(m.Opts, "ro")}
		if measure.Local(m.Fstype) {
			if use, err := disk.UsageWithContext(ctx, m.Mountpoint); err == nil {
				attributes["sizeBytes"] = use.Total
			}
		}
		ref := r.part("filesystem", m.Mountpoint, "part_of", attributes)
		if d := c.diskOf(m.Device); disks[d] != "" {
			r.relate("stored_on", ref, disks[d])
		}
	}
	r.complete("filesystem")
}

// disks adds the block devices that are whole disks, and returns their refs by name.
func (c *Collector) disks(r *Report) map[string]string {
	refs := map[string]string{}
	entries, err := os.ReadDir(filepath.Join(c.root, "sys/block"))
	if err != nil {
		return refs
	}
	for _, e := range entries {
		name := e.Name()
		size, _ := strconv.ParseInt(c.line("sys/block/"+name+"/size"), 10, 64)
		if size == 0 || virtualDisk(name) {
			continue
		}
		var identities []Identity
		if wwn := c.line("sys/block/" + name + "/wwid"); wwn != "" {
			identities = append(identities, Identity{"wwn", wwn})
		}
		attributes := map[string]any{
			"sizeBytes": size * 512, // Linux counts sectors of 512 bytes whatever the disk has
			"device":    "/dev/" + name, "rotational": c.line("sys/block/"+name+"/queue/rotational") == "1",
			"model": c.line("sys/block/" + name + "/device/model"), "vendor": c.line("sys/block/" + name + "/device/vendor"),
		}
		refs[name] = r.part("disk", name, "part_of", attributes, identities...)
	}
	r.complete("disk")
	return refs
}

func virtualDisk(name string) bool {
	for _, prefix := range []string{"loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// diskOf is the disk a device is on: the device itself, or the directory a
// partition lies in below /sys.
func (c *Collector) diskOf(device string) string {
	name := filepath.Base(device)
	if _, err := os.Stat(filepath.Join(c.root, "sys/block", name)); err == nil {
		return name
	}
	path, err := filepath.EvalSymlinks(filepath.Join(c.root, "sys/class/block", name))
	if err != nil {
		return ""
	}
	return filepath.Base(filepath.Dir(path))
}
