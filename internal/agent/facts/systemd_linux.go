package facts

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Unit is a service of systemd.
type Unit struct {
	Name, Description, State, SubState string
	Enabled                            bool
}

// units asks systemd for its services. ok is false where systemd does not run,
// or did not answer.
func (c *Collector) units(ctx context.Context) ([]Unit, bool) {
	// sd_booted(3): this directory exists when systemd is the init system.
	if info, err := os.Stat(filepath.Join(c.root, "run/systemd/system")); err != nil || !info.IsDir() {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "systemctl", "show", "--type=service", "--all", "*.service",
		"--property=Id,Description,LoadState,ActiveState,SubState,UnitFileState,Type")
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	out, err := command.Output()
	if err != nil {
		c.log.Debug("units of systemd", "error", err)
		return nil, false
	}
	units, err := ParseUnits(bytes.NewReader(out))
	return units, err == nil
}

// ParseUnits reads the output of systemctl show: "Name=value" lines, units
// separated by an empty line. Units that are not installed, or that ran once
// at boot and are done, are left out.
func ParseUnits(in io.Reader) ([]Unit, error) {
	var out []Unit
	properties := map[string]string{}
	flush := func() {
		name, load, state := properties["Id"], properties["LoadState"], properties["ActiveState"]
		enabled := strings.HasPrefix(properties["UnitFileState"], "enabled")
		passing := properties["Type"] == "oneshot" && state != "failed"
		if name != "" && load == "loaded" && !passing && (enabled || state != "inactive") {
			out = append(out, Unit{name, properties["Description"], state, properties["SubState"], enabled})
		}
		clear(properties)
	}
	lines := bufio.NewReader(in)
	for {
		line, err := readLine(lines)
		if line == "" {
			flush()
		} else if name, value, ok := strings.Cut(line, "="); ok {
			properties[name] = value
		}
		if err == io.EOF {
			flush()
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// ParseUnit finds the unit of a process in /proc/<pid>/cgroup: the innermost
// part of the path that is a service (cgroups(7), systemd.resource-control(5)).
func ParseUnit(text string) string {
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 || fields[1] != "" && fields[1] != "name=systemd" {
			continue
		}
		parts := strings.Split(fields[2], "/")
		for i := len(parts) - 1; i >= 0; i-- {
			if strings.HasSuffix(parts[i], ".service") && !strings.HasPrefix(parts[i], "user@") {
				return parts[i]
			}
		}
	}
	return ""
}
