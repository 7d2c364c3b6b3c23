package wire

import (
	"testing"

	"mainstay/internal/core"
)

func TestHostsOfLabels(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]core.Identity{
		"web1": {Kind: "hostname", Value: "web1"}, "web1:9100": {Kind: "hostname", Value: "web1"}, "web1.example.org:9100": {Kind: "fqdn", Value: "web1.example.org"},
		"192.0.2.7": {Kind: "ip", Value: "192.0.2.7"}, "[2001:db8::1]:9100": {Kind: "ip", Value: "2001:db8::1"},
	} {
		if got := hostIdentity(hostOf(label)); got != want {
			t.Errorf("%s: %+v", label, got)
		}
	}
}
