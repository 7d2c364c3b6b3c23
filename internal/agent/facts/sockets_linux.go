package facts

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Listener is a socket that waits for others.
type Listener struct {
	Protocol string // tcp, udp
	Address  string
	Port     int
}

// ephemeral is where Linux begins to take ports that nobody named
// (ip_local_port_range); an unconnected UDP socket there is a client's.
const ephemeral = 32768

// Any says that it listens on every address.
func (l Listener) Any() bool { return l.Address == "0.0.0.0" || l.Address == "::" }

// Endpoint writes host and port.
func (l Listener) Endpoint(host string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(l.Port)
}

func compareListeners(a, b Listener) int {
	return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Address, b.Address))
}

func listenTexts(listens []Listener) []string {
	out := make([]string, len(listens))
	for i, l := range listens {
		out[i] = l.Protocol + " " + l.Endpoint(l.Address)
	}
	return slices.Compact(out)
}

func portsOf(listens []Listener) []int {
	var out []int
	for _, l := range listens {
		out = append(out, l.Port)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// listeners maps inode to listening socket, for this network namespace.
func (c *Collector) listeners() map[string]Listener {
	out := map[string]Listener{}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		file, err := os.Open(filepath.Join(c.root, "proc/net", table))
		if err != nil {
			continue
		}
		_ = ParseSockets(io.LimitReader(file, 64<<20), strings.TrimSuffix(table, "6"), out)
		file.Close()
	}
	return out
}

// lasting leaves out what listens on an ephemeral port since the round before:
// programs open such sockets for moments (debuggers, proxies, passive transfers),
// and what a host offers would seem to change all the time.
func (c *Collector) lasting(listeners map[string]Listener) map[string]Listener {
	now := map[string]bool{}
	for inode, l := range listeners {
		if l.Port < ephemeral {
			continue
		}
		now[inode] = true
		if !c.first && !c.sockets[inode] {
			delete(listeners, inode)
		}
	}
	c.sockets = now
	return listeners
}

// ParseSockets reads /proc/net/{tcp,udp}[6] (proc_pid_net(5)) and adds what
// listens to out, by inode.
func ParseSockets(in io.Reader, protocol string, out map[string]Listener) error {
	lines := bufio.NewReader(in)
	for {
		line, err := readLine(lines)
		if f := strings.Fields(line); len(f) >= 10 && f[0] != "sl" {
			address, port, ok := parseSocketAddress(f[1])
			// 0A is TCP_LISTEN; an unconnected UDP socket is in state 07, TCP_CLOSE.
			listens := protocol == "tcp" && f[3] == "0A" || protocol == "udp" && f[3] == "07" && port < ephemeral
			if ok && listens && port > 0 && f[9] != "0" {
				out[f[9]] = Listener{Protocol: protocol, Address: address, Port: port}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// parseSocketAddress reads "0100007F:1F90": words of 32 bits in the byte order of
// the host, which is little endian wherever Go runs Linux in practice, and the port.
func parseSocketAddress(text string) (string, int, bool) {
	host, port, ok := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	if !ok || err != nil || len(raw) != 4 && len(raw) != 16 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return "", 0, false
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	address, _ := netip.AddrFromSlice(raw)
	return address.Unmap().String(), int(n), true
}
