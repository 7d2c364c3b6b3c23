package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/test/harness"
)

const manyChecks = 10_000

// TestTenThousandChecksInTheBrowser lets a person look through ten thousand
// checks, give a heartbeat its address and except an item from a template. What
// is asserted is what happens; how long it takes is printed.
func TestTenThousandChecksInTheBrowser(t *testing.T) {
	t.Parallel()
	server := harness.New(t, "MAINSTAY_AGENT_ENABLED=false")
	server.Start()
	seedChecks(t, server)
	inBrowser(t, server.URL, "checks", fmt.Sprintf("CHECKS=%d", manyChecks))
}

// seedChecks declares checks whose results are pushed, and pushes half of them.
func seedChecks(t *testing.T, server *harness.Server) {
	t.Helper()
	for _, name := range []string{"Shop", "Ledger", "Mail"} {
		if err := server.Call("POST", "/api/v1/items", map[string]any{"class": "business_service", "name": name}, nil); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	for from := 0; from < manyChecks; from += 5000 {
		var text strings.Builder
		for i := from; i < from+5000; i++ {
			fmt.Fprintf(&text, "---\nkind: Check\nname: service-%05d\nspec: {item: 01arz3ndektsv4rrffq69g5fav, passive: {}}\n", i)
		}
		if from == 0 {
			text.WriteString("---\nkind: Check\nname: nightly-job\nspec: {item: 01arz3ndektsv4rrffq69g5fav, heartbeat: {cron: 0 2 * * *, grace: 1h}}\n")
			text.WriteString("---\nkind: Check\nname: every-service\nspec: {selector: class=business_service, passive: {staleAfter: 1h}}\n")
		}
		file := filepath.Join(dir, fmt.Sprintf("%05d.yaml", from))
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := server.CLI("apply", "-f", file); err != nil {
			t.Fatalf("apply: %v\n%s", err, out[max(0, len(out)-2000):])
		}
	}
	var results []map[string]any
	for i := range manyChecks / 2 {
		status := "ok"
		if i%10 == 0 {
			status = "critical"
		}
		results = append(results, map[string]any{"check": fmt.Sprintf("service-%05d", i), "status": status, "output": fmt.Sprintf("answer %d", i)})
	}
	server.Eventually(time.Minute, "the checks take results", func() error {
		var receipt struct{ Accepted int }
		err := server.Call("POST", "/api/v1/check-results", results, &receipt)
		if err == nil && receipt.Accepted < len(results) {
			err = fmt.Errorf("%d were taken", receipt.Accepted)
		}
		return err
	})
	server.Eventually(time.Minute, "the results are taken in", func() error {
		var list struct{ Items []map[string]any }
		if err := server.Call("GET", "/api/v1/checks?where=name=service-04999&where=status=ok", nil, &list); err != nil {
			return err
		}
		if len(list.Items) != 1 {
			return fmt.Errorf("the last is not there yet")
		}
		return nil
	})
}
