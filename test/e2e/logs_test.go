package e2e

import (
	"testing"

	"mainstay/test/harness"
)

// TestAPersonSearchesInLogs writes a search with what completes itself and as a
// form, saves, shares and exports it, follows a line, and makes a rule of it
// that fires.
func TestAPersonSearchesInLogs(t *testing.T) {
	t.Parallel()
	server := harness.New(t)
	server.Start()
	inBrowser(t, server.URL, "logs")
}
