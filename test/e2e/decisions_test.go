package e2e

import (
	"testing"

	"mainstay/test/harness"
)

// TestPeopleDecideInTheBrowser lets a person judge situations, silence alerts
// and mend the graph, mostly by keyboard, and take it back.
func TestPeopleDecideInTheBrowser(t *testing.T) {
	t.Parallel()
	server := harness.New(t)
	server.Start()
	inBrowser(t, server.URL, "decisions")
}
