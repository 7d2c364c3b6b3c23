package facts

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// network adds the interfaces, without the ends of containers' virtual cables.
func (c *Collector) network(_ context.Context, r *Report) {
	interfaces, err := net.Interfaces()
	if err != nil {
		c.log.Debug("network facts", "error", err)
		return
	}
	for _, i := range interfaces {
		if strings.HasPrefix(i.Name, "veth") {
			continue
		}
		var addresses []string
		if found, err := i.Addrs(); err == nil {
			for _, a := range found {
				addresses = append(addresses, a.String())
			}
		}
		slices.Sort(addresses)
		attributes := map[string]any{"mtu": i.MTU, "mac": i.HardwareAddr.String(), "adminState": upDown(i.Flags&net.FlagUp != 0),
			"operState": upDown(i.Flags&net.FlagRunning != 0), "type": c.interfaceType(i)}
		if len(addresses) > 0 {
			attributes["addresses"] = addresses
		}
		if speed, err := strconv.Atoi(c.line("sys/class/net/" + i.Name + "/speed")); err == nil && speed > 0 {
			attributes["speedBits"] = int64(speed) * 1_000_000
		}
		r.part("interface", i.Name, "part_of", attributes)
	}
	r.complete("interface")
}

func upDown(up bool) string {
	if up {
		return "up"
	}
	return "down"
}

func (c *Collector) interfaceType(i net.Interface) string {
	exists := func(path string) bool {
		_, err := os.Stat(filepath.Join(c.root, "sys/class/net", i.Name, path))
		return err == nil
	}
	switch {
	case i.Flags&net.FlagLoopback != 0:
		return "loopback"
	case exists("wireless"):
		return "wireless"
	case exists("bridge"):
		return "bridge"
	case exists("bonding"):
		return "bond"
	case exists("device"):
		return "physical"
	case exists("tun_flags"):
		return "tunnel"
	case runtime.GOOS == "linux":
		return "virtual"
	}
	return ""
}

// addresses returns what identifies the host in the network: addresses others
// could reach it by, and the hardware addresses of real interfaces. Bridges
// and tunnels have the same ones on many hosts.
func (c *Collector) addresses() (addresses, macs []string) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, nil
	}
	for _, i := range interfaces {
		kind := c.interfaceType(i)
		if kind == "loopback" || kind == "bridge" || kind == "tunnel" || strings.HasPrefix(i.Name, "veth") || i.Flags&net.FlagUp == 0 {
			continue
		}
		found, _ := i.Addrs()
		for _, a := range found {
			if ip, _, err := net.ParseCIDR(a.String()); err == nil && ip.IsGlobalUnicast() {
				addresses = append(addresses, ip.String())
			}
		}
		// In a container the only interface is virtual, and it is the host's.
		if len(i.HardwareAddr) == 6 && (kind != "virtual" || len(found) > 0) {
			macs = append(macs, i.HardwareAddr.String())
		}
	}
	slices.Sort(addresses)
	slices.Sort(macs)
	return slices.Compact(addresses), slices.Compact(macs)
}
