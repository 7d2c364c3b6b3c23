package classes

import (
	"net"
	"net/netip"
	"strings"
)

// ParentKind is the identifier kind whose value is another item: the one this
// item lives in. A filesystem is known by its host and its mount point.
const ParentKind = "parent"

// Identifier describes one kind of identifier.
type Identifier struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	// Normal is the form values are compared in.
	Normal string `json:"normal,omitempty" enum:"exact,fold,dns,mac,ip"`
	// Multiple kinds may have several values on one item; one in common is enough.
	Multiple bool `json:"multiple,omitempty"`
	// Exclusive values belong to one item at a time: the last to report one holds it.
	Exclusive bool `json:"exclusive,omitempty"`
	// Partial kinds are known in part only: having none in common says nothing.
	Partial bool `json:"partial,omitempty"`
	// Ignore lists values that identify nothing, in the normal form; * at the beginning
	// or the end stands for anything.
	Ignore []string `json:"ignore,omitempty"`
}

// Normalise returns the form of value that is stored and compared, or "" when
// the value identifies nothing: empty, malformed for its kind, or a
// placeholder that manufacturers leave behind.
func (k Identifier) Normalise(value string) string {
	value = strings.TrimSpace(value)
	switch k.Normal {
	case "fold":
		value = strings.ToLower(value)
	case "dns":
		value = strings.ToLower(strings.TrimSuffix(value, "."))
	case "mac":
		hw, err := net.ParseMAC(value)
		if err != nil {
			return ""
		}
		value = hw.String()
	case "ip":
		if prefix, err := netip.ParsePrefix(value); err == nil {
			value = prefix.Addr().String()
		}
		addr, err := netip.ParseAddr(value)
		if err != nil || addr.IsUnspecified() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() {
			return ""
		}
		value = addr.Unmap().WithZone("").String()
	}
	for _, pattern := range k.Ignore {
		if matches(pattern, value) {
			return ""
		}
	}
	return value
}

// matches compares with a pattern that may begin or end with *.
func matches(pattern, value string) bool {
	if head, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(value, head)
	}
	if tail, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(value, tail)
	}
	return value == pattern
}
