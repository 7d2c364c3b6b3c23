package monitor

import (
	"strings"
	"testing"
	"time"

	"mainstay/internal/monitor/beat"
	"mainstay/internal/platform/probe"
)

func TestWhyNamesWhatDecides(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	two := 2
	plain := &CheckSpec{Spec: probe.Spec{TCP: &probe.TCP{Address: "x:1"}}, Retries: &two}
	beating := &CheckSpec{Heartbeat: &beat.Heartbeat{Every: probe.Duration(time.Hour)}}
	special := *plain
	special.Overrides = []Override{{Item: itemID, Reason: "slow line"}}
	last := func(text string) *Result { return &Result{At: now, Output: text} }
	for name, c := range map[string]struct {
		in   circumstances
		want []string
	}{
		"new":  {circumstances{spec: plain}, []string{"result: It has not run yet."}},
		"well": {circumstances{spec: plain, last: last("fine"), state: State{Status: StatusOK, Hard: true, Confirmed: StatusOK, Since: now}}, []string{"result: The newest result: fine", "state: It is well, confirmed."}},
		"soft": {circumstances{spec: plain, last: last("refused"), state: State{Status: Critical, Confirmed: StatusOK, Attempt: 2, FailingFrom: now}},
			[]string{"result: The newest result: refused !", "retries: The fault does not count yet: 2 of 3 failing results in a row."}},
		"hard": {circumstances{spec: plain, last: last("refused"), state: State{Status: Critical, Hard: true, Confirmed: Critical, Told: Critical, Attempt: 3}},
			[]string{"retries: The fault counts: 3 failing results in a row, where 3 are needed. !", "state: It is critical, confirmed. !", "alert: An alert is open (critical). !"}},
		"behind a parent": {circumstances{spec: plain, last: last("refused"), state: State{Status: Critical, Unreachable: true},
			parents: []relative{{name: "router", known: true, status: Critical, since: now}, {name: "ghost"}}},
			[]string{"retries: Something it depends on is down", "parent: It depends on router, which is critical. !", "parent: It depends on ghost, which is no check on this item."}},
		"waits for a parent": {circumstances{spec: plain, last: last("refused"), state: State{Status: Critical, Attempt: 3, Holds: 1}}, []string{"retries: The fault would count, but waits (1 of 5 times)"}},
		"flapping": {circumstances{spec: plain, last: last("fine"), state: State{Status: StatusOK, Hard: true, Confirmed: StatusOK, Told: Critical, Flapping: true}},
			[]string{"alert: The alert stays open until it has calmed down. !", "flapping: It changes often"}},
		"maintenance": {circumstances{spec: plain, last: last("fine"), maintenance: "patch night: kernel"}, []string{"maintenance: The item is in maintenance (patch night: kernel)"}},
		"thresholds": {circumstances{spec: plain, last: &Result{At: now, Output: "LOAD", Metrics: []probe.Metric{{Name: "load1", Value: 5, Warn: "4", Crit: "8"}, {Name: "n", Value: 1}}}},
			[]string{"threshold: load1 is 5; warning outside 4, critical outside 8"}},
		"override":   {circumstances{spec: &special, overrides: []int{0}}, []string{"override: 1 override of the check fits this item: slow line."}},
		"off":        {circumstances{spec: &CheckSpec{Disabled: true}, last: last("old")}, []string{"state: It is switched off: it is not run"}},
		"runs again": {circumstances{spec: plain, next: &now}, []string{"next: It runs again."}},
		"waits":      {circumstances{spec: beating}, []string{"result: Nothing has come yet"}},
		"on time": {circumstances{spec: beating, now: now, state: State{Pushed: now, Begun: now}, deadline: now.Add(time.Hour)},
			[]string{"outside: Something came last.", "outside: The job runs", "outside: It fails when nothing comes until then."}},
		"late": {circumstances{spec: beating, now: now, state: State{Pushed: now.Add(-2 * time.Hour)}, deadline: now.Add(-time.Hour)}, []string{"outside: Nothing came until then. !"}},
		"excused": {circumstances{spec: beating, now: now, state: State{Pushed: now.Add(-2 * time.Hour)}, deadline: now.Add(time.Hour), gaps: []beat.Gap{{From: now.Add(-time.Hour), To: now}}},
			[]string{"outside: Nobody listened from 2026-11-27 11:00:00 UTC to then"}},
	} {
		text := ""
		for _, f := range explain(c.in) {
			text += f.Kind + ": " + f.Text
			if f.Bad {
				text += " !"
			}
			text += "\n"
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, text)
			}
		}
	}
}
