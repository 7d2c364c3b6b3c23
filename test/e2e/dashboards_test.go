package e2e

import (
	"testing"

	"mainstay/test/harness"
)

// TestAHostHasItsDashboard opens the dashboard that is made of what the agent
// of this host measures, keeps a copy, changes a panel and finds it changed.
func TestAHostHasItsDashboard(t *testing.T) {
	t.Parallel()
	server := harness.New(t)
	server.Start()
	inBrowser(t, server.URL, "dashboards")
}
