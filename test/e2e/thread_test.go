package e2e

import (
	"slices"
	"testing"
	"time"
)

// TestFaultBecomesOneIncidentIsRepairedAndClosed is the whole thread, in both
// orders of fault.
func TestFaultBecomesOneIncidentIsRepairedAndClosed(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]string{
		"database then nginx": {"database", "nginx"},
		"nginx then database": {"nginx", "database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			for i, fault := range faults {
				s.run("stop-" + fault)
				found := s.resolved(i+1, 120*time.Second)
				s.checkIncident(found, fault)
				s.healthy()
				if got := s.repairs(); got != i+1 {
					t.Errorf("%d repairs after %d faults", got, i+1)
				}
			}
			s.verifyLedger()
		})
	}
}

// checkIncident holds an incident and its situation against the fault that was made.
func (s *shop) checkIncident(found incident, fault string) {
	s.t.Helper()
	if got := s.name(found.Item); got != "shop-"+fault {
		s.t.Errorf("the incident blames %s, not shop-%s: %s", got, fault, found.Title)
	}
	if !slices.ContainsFunc(found.Services, func(service service) bool { return service.Name == "web-shop" }) {
		s.t.Errorf("the incident reaches %+v, not the web shop", found.Services)
	}
	if found.Resolution == "" {
		s.t.Error("the incident does not say how it was resolved")
	}
	cause := s.situation(found.Situation)
	if cause.State != "closed" || s.name(cause.RootItem) != "shop-"+fault || len(cause.Candidates) == 0 || len(cause.Candidates[0].Reasons) == 0 {
		s.t.Errorf("the situation is %+v", cause)
	}
	failing := map[string]int{"database": 3, "nginx": 1}[fault]
	if len(cause.Members) != failing {
		s.t.Errorf("the situation has %d alerts, not %d: %+v", len(cause.Members), failing, cause.Members)
	}
	var repaired int
	for _, r := range s.runs() {
		if r.Runbook == "start-"+fault && r.Situation == found.Situation {
			repaired++
			if r.State != "succeeded" {
				s.t.Errorf("the run is %s", r.State)
			}
		}
	}
	if repaired != 1 {
		s.t.Errorf("%d runs of start-%s for the situation", repaired, fault)
	}
}
