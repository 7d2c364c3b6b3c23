package e2e

import (
	"errors"
	"testing"
	"time"

	"mainstay/test/peers"
)

// mostSaid is how many lines of log an outage may make: that it begins, one for
// each part of the server, that it is over.
const mostSaid = 32

// TestThreadSurvivesAStoreThatStops runs the thread on PostgreSQL and stops it
// in the middle, three times: while a fault becomes an incident, while the
// repair runs, and with the server killed before it is back.
func TestThreadSurvivesAStoreThatStops(t *testing.T) {
	t.Parallel()
	outage := time.Duration(campaign(5, 30)) * time.Second
	store := peers.StartPostgreSQL(t)
	s := newShopApart(t, "MAINSTAY_DATABASE_DSN="+store.DSN(),
		"MAINSTAY_EVENTS_SITUATIONS_REOPEN=0s", "MAINSTAY_EVENTS_ALERTS_REOPEN=0s", "MAINSTAY_EVENTS_ALERTS_FLAPCOUNT=0")
	numbered := startFlood(t, s.server)
	pid, memory, routines := s.server.PID(), s.server.Resident(), s.server.Goroutines()

	for i, test := range []struct {
		name   string
		repair bool // the store stops once the repair runs
		kill   bool
	}{
		{"while the fault becomes an incident", false, false},
		{"while the repair runs", true, false},
		{"and the server is killed", true, true},
	} {
		t.Logf("the store stops for %s %s", outage, test.name)
		traces := s.traces()
		s.run("stop-database")
		if test.repair {
			s.repairing(traces)
		} else {
			time.Sleep(4 * time.Second)
		}
		said := s.server.Log().Lines()
		store.Stop()
		s.server.Eventually(30*time.Second, "the server says that it is not ready", func() error {
			if s.server.Ready() == nil {
				return errors.New("it says that it is ready")
			}
			return nil
		})
		if test.kill {
			s.server.Kill()
			s.server.Launch()
		}
		time.Sleep(outage)
		if !test.kill && (!s.server.Alive() || s.server.PID() != pid) {
			t.Fatal("the server ended with its store")
		}
		store.StartAgain()
		s.server.WaitReady()
		if said = s.server.Log().Lines() - said; !test.kill && said > mostSaid {
			t.Errorf("the server's log has %d lines of the outage:\n%s", said, s.server.Log().Tail(said))
		}
		found := s.resolved(i+1, 180*time.Second)
		s.checkRepair(found, len(traces))
		s.healthy()
		if !test.kill {
			if now := s.server.Resident(); now > 2*memory+100<<20 {
				t.Errorf("the server grew from %d to %d MiB", memory>>20, now>>20)
			}
			if now := s.server.Goroutines(); now > routines+routines/2 {
				t.Errorf("the server grew from %d to %d goroutines", routines, now)
			}
		}
	}
	s.checkOnce()
	numbered.check(t)
	s.verifyLedger()
}
