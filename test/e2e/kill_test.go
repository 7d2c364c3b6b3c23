package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// campaign is how many kills a test makes: a short seeded share by default.
func campaign(short, long int) int {
	if os.Getenv("MAINSTAY_SOAK") != "" {
		return long
	}
	return short
}

// seed makes the moments of a campaign the same every time.
const seed = 20

// victims are who is killed, in turn.
var victims = []string{"server", "agent", "log engines", "server and agent", "server"}

// TestThreadSurvivesKills stops the database again and again and kills server,
// agent and log engines at random moments of the thread, every other time
// while the repair runs. Nothing may be lost, doubled or run twice.
func TestThreadSurvivesKills(t *testing.T) {
	t.Parallel()
	kills := campaign(4, 60)
	random := rand.New(rand.NewPCG(seed, seed))
	// Each fault is a new one, however soon it follows the one before.
	s := newShopApart(t, "MAINSTAY_EVENTS_SITUATIONS_REOPEN=0s", "MAINSTAY_EVENTS_ALERTS_REOPEN=0s", "MAINSTAY_EVENTS_ALERTS_FLAPCOUNT=0")
	numbered := startFlood(t, s.server)
	for n := range kills {
		before := s.traces()
		s.run("stop-database")
		victim := victims[n%len(victims)]
		moment := time.Duration(random.Int64N(int64(18 * time.Second)))
		if repairing := n%2 == 1; repairing {
			moment %= 1500 * time.Millisecond
			s.repairing(before)
			t.Logf("kill %d of %d: %s, %s into the repair", n+1, kills, victim, moment.Round(time.Millisecond))
		} else {
			t.Logf("kill %d of %d: %s, %s after the fault", n+1, kills, victim, moment.Round(time.Millisecond))
		}
		time.Sleep(moment)
		s.kill(victim)
		found := s.resolved(n+1, 180*time.Second)
		s.checkRepair(found, len(before))
		s.healthy()
	}
	s.checkOnce()
	numbered.check(t)
	if resident := s.server.Resident(); resident > 400<<20 {
		t.Errorf("the server has %d MiB", resident>>20)
	}
	s.verifyLedger()
}

// kill ends the victim for good and starts what does not come back by itself.
func (s *shop) kill(victim string) {
	s.t.Helper()
	switch victim {
	case "server":
		s.server.Kill()
		s.server.Start()
	case "agent":
		s.agent.Kill()
		s.agent.Start()
	case "server and agent":
		s.server.Kill()
		s.agent.Kill()
		s.agent.Start()
		s.server.Start()
	case "log engines":
		for _, pid := range s.server.Children("logstore") {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// checkRepair holds a resolved incident against the runs that were made for it
// and the traces of their scripts behind the first ones. A run whose end nobody saw has failed and
// says so; the next one repaired what it may have left.
func (s *shop) checkRepair(found incident, first int) {
	s.t.Helper()
	if got := s.name(found.Item); got != "shop-database" {
		s.t.Errorf("the incident blames %s: %s", got, found.Title)
	}
	if found.Resolution == "" {
		s.t.Error("the incident does not say how it was resolved")
	}
	if cause := s.situation(found.Situation); cause.State != "closed" {
		s.t.Errorf("the incident is resolved, its situation is %s", cause.State)
	}
	runs := s.finished(found.Situation)
	executed := map[string]int{}
	for _, line := range s.traces()[first:] {
		executed[strings.Fields(line)[0]]++
	}
	for _, r := range runs {
		if err := s.server.Call("GET", "/api/v1/runs/"+r.ID, nil, &r); err != nil {
			s.t.Fatal(err)
		}
		lost := slices.ContainsFunc(r.Steps, func(s step) bool { return s.State == "interrupted" && s.Message != "" })
		switch {
		case r.State == "succeeded" && executed[r.ID] == 1:
		case r.State == "cancelled" && executed[r.ID] == 0: // it was over before the run had done anything
			s.t.Logf("a run ended %s: %s", r.State, r.Error)
		case r.State == "failed" && lost && r.Error != "" && executed[r.ID] <= 1:
			s.t.Logf("a run ended %s: %s", r.State, r.Error)
		default:
			s.t.Errorf("run %s is %s (%s) and its script ran %d times: %+v", r.ID, r.State, r.Error, executed[r.ID], r.Steps)
		}
		delete(executed, r.ID)
	}
	if len(runs) == 0 || len(executed) > 0 {
		s.t.Errorf("%d runs for the situation, scripts ran for others: %v", len(runs), executed)
	}
}

// finished waits until no run for the situation is under way.
func (s *shop) finished(situation string) (of []run) {
	s.t.Helper()
	s.server.Eventually(30*time.Second, "every run has ended", func() error {
		of = slices.DeleteFunc(s.runs(), func(r run) bool { return r.Situation != situation })
		for _, r := range of {
			if r.State == "queued" || r.State == "running" || r.State == "cancelling" {
				return fmt.Errorf("run %s is %s", r.ID, r.State)
			}
		}
		return nil
	})
	return of
}

// checkOnce says that no step was executed twice.
func (s *shop) checkOnce() {
	s.t.Helper()
	lines := s.traces()
	slices.Sort(lines)
	for i := 1; i < len(lines); i++ {
		if lines[i] == lines[i-1] {
			s.t.Errorf("executed twice: %s", lines[i])
		}
	}
}
