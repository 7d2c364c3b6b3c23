package guard

import "net/netip"

// class is what an address is, in words for the error.
type class string

const (
	public      class = ""
	loopback    class = "it is this host"
	private     class = "it is in a private network"
	linkLocal   class = "it is link-local"
	metadata    class = "it is the metadata service of a cloud"
	unspecified class = "it is unspecified"
	multicast   class = "it is a multicast or broadcast address"
	reserved    class = "it is reserved"
)

// special lists the ranges of the IANA special-purpose registries (RFC 6890)
// that the methods of netip.Addr do not name.
func special() []struct {
	prefix netip.Prefix
	class  class
} {
	return []struct {
		prefix netip.Prefix
		class  class
	}{
		{netip.MustParsePrefix("169.254.169.254/32"), metadata},
		{netip.MustParsePrefix("fd00:ec2::254/128"), metadata},
		{netip.MustParsePrefix("fd20:ce::254/128"), metadata},
		{netip.MustParsePrefix("100.100.100.200/32"), metadata},
		{netip.MustParsePrefix("0.0.0.0/8"), unspecified},
		{netip.MustParsePrefix("100.64.0.0/10"), private}, // RFC 6598
		{netip.MustParsePrefix("192.0.0.0/24"), reserved},
		{netip.MustParsePrefix("198.18.0.0/15"), private}, // RFC 2544
		{netip.MustParsePrefix("240.0.0.0/4"), reserved},
		{netip.MustParsePrefix("fec0::/10"), private}, // RFC 3879
		{netip.MustParsePrefix("100::/64"), reserved},
	}
}

func classify(a netip.Addr) class {
	for _, s := range special() {
		if s.prefix.Contains(a) {
			return s.class
		}
	}
	switch {
	case a.IsLoopback():
		return loopback
	case a.IsUnspecified():
		return unspecified
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast(), a.IsInterfaceLocalMulticast():
		return linkLocal
	case a.IsMulticast():
		return multicast
	case a.IsPrivate():
		return private
	}
	return public
}

// carried returns the address and the IPv4 address it carries inside, if any:
// an IPv6 address that is translated or tunnelled on the way must not reach
// what its IPv4 part may not.
func carried(a netip.Addr) []netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return []netip.Addr{a}
	}
	b := a.As16()
	v4 := func(i int) netip.Addr { return netip.AddrFrom4([4]byte(b[i : i+4])) }
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a), // RFC 6052
		netip.MustParsePrefix("64:ff9b:1::/48").Contains(a): // RFC 8215
		return []netip.Addr{v4(12)}
	case netip.MustParsePrefix("2002::/16").Contains(a): // RFC 3056
		return []netip.Addr{a, v4(2)}
	case netip.MustParsePrefix("::/96").Contains(a) && !a.IsUnspecified() && !a.IsLoopback(): // RFC 4291, 2.5.5.1
		return []netip.Addr{a, v4(12)}
	}
	return []netip.Addr{a}
}
