package e2e

import (
	"testing"

	"mainstay/test/harness"
)

// TestABrowserIsPushedTo has a person subscribe a browser, be paged by it, and
// say that they have it from the notification.
func TestABrowserIsPushedTo(t *testing.T) {
	t.Parallel()
	server := harness.New(t, "MAINSTAY_AGENT_ENABLED=false", "MAINSTAY_OUTGOING_LOOPBACK=true")
	server.Start()
	inBrowser(t, server.URL, "push")
}
