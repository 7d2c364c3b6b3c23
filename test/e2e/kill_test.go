package e2e

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestThreadSurvivesKills stops the database again and again and kills the
// server (with the agent in its process) and its log engines at random moments
// of the thread. Nothing may be lost, doubled or run twice.
func TestThreadSurvivesKills(t *testing.T) {
	kills := 4
	if os.Getenv("MAINSTAY_SOAK") != "" {
		kills = 100
	}
	const seed = 20
	random := rand.New(rand.NewPCG(seed, seed))
	// Each fault is a new one, however soon it follows the one before.
	s := newShop(t, "MAINSTAY_EVENTS_SITUATIONS_REOPEN=0s", "MAINSTAY_EVENTS_ALERTS_REOPEN=0s", "MAINSTAY_EVENTS_ALERTS_FLAPCOUNT=0")
	for n := range kills {
		s.run("stop-database")
		after := time.Duration(random.Int64N(int64(14 * time.Second)))
		t.Logf("kill %d of %d: %s after the fault", n+1, kills, after.Round(time.Millisecond))
		time.Sleep(after)
		if n%3 == 2 {
			for _, pid := range s.server.Children("logstore") {
				syscall.Kill(pid, syscall.SIGKILL)
			}
		} else {
			s.server.Kill()
			s.server.Start()
		}
		found := s.resolved(n+1, 180*time.Second)
		s.checkIncident(found, "database")
		s.healthy()
		if got := s.repairs(); got != n+1 {
			t.Fatalf("%d repairs after %d faults", got, n+1)
		}
	}
	s.verifyLedger()
}
