package e2e

import (
	"testing"

	"mainstay/test/harness"
)

// TestServiceHealthInTheBrowser lets a person find out why a service is down,
// set a priority, snooze an alert in a group and acknowledge all that match.
func TestServiceHealthInTheBrowser(t *testing.T) {
	t.Parallel()
	server := harness.New(t, "MAINSTAY_AGENT_ENABLED=false")
	server.Start()
	inBrowser(t, server.URL, "health")
}
