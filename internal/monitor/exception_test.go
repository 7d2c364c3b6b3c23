package monitor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func nightly() WindowSpec {
	return WindowSpec{Start: time.Date(2026, 3, 20, 1, 0, 0, 0, time.UTC), Duration: probe.Duration(time.Hour), Recurrence: "FREQ=DAILY", TimeZone: "Europe/Berlin", All: true}
}

func day3(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
func at3(day, hour int) *time.Time { t := day3(day, hour); return &t }

// The rule keeps 02:00 in Berlin, which is 01:00 UTC and, from March 29th on, 00:00.
func TestExceptionsReplaceTheirOccurrences(t *testing.T) {
	t.Parallel()
	spec := nightly()
	spec.Exceptions = []Exception{
		{Occurrence: day3(27, 1), Cancelled: true},
		{Occurrence: day3(28, 1), End: at3(28, 5)},
		{Occurrence: day3(30, 0), Start: at3(29, 20)}, // before the one that the rule gives for the 31st
		{Occurrence: day3(31, 0), Start: at3(26, 12)}, // far before
	}
	if err := spec.validate("w"); err != nil {
		t.Fatal(err)
	}
	list, err := spec.spans(day3(26, 0), day3(31, 23))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprint(s.from.Format("02T15"), "-", s.to.Format("02T15"), " of ", s.at.Format("02T15")))
	}
	want := []string{"26T01-26T02 of 26T01", "26T12-26T13 of 31T00", "28T01-28T05 of 28T01", "29T01-29T02 of 29T01", "29T20-29T21 of 30T00"}
	if !slices.Equal(got, want) {
		t.Errorf("\n%q, want\n%q", got, want)
	}
	// What was moved is found where it is, also when only that time is looked at.
	if list, err := spec.spans(day3(26, 12), day3(26, 13)); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}

func TestBadExceptionsNameTheirFields(t *testing.T) {
	t.Parallel()
	for field, bad := range map[string][]Exception{
		"spec.exceptions[0].occurrence": {{Occurrence: day3(27, 2), Cancelled: true}},
		"spec.exceptions[1].occurrence": {{Occurrence: day3(27, 1), Cancelled: true}, {Occurrence: day3(27, 1), End: at3(27, 3)}},
		"spec.exceptions[0]":            {{Occurrence: day3(27, 1)}},
		"spec.exceptions[0].cancelled":  {{Occurrence: day3(27, 1), Cancelled: true, End: at3(27, 3)}},
		"spec.exceptions[0].end":        {{Occurrence: day3(27, 1), End: at3(27, 1)}},
		"spec.exceptions":               make([]Exception, maxExceptions+1),
	} {
		spec := nightly()
		spec.Exceptions = bad
		err, _ := spec.validate("w").(*core.Error)
		if err == nil || len(err.Details) != 1 || err.Details[0].Field != field {
			t.Errorf("want %s, got %v", field, err)
		}
	}
	once := WindowSpec{Start: day3(1, 1), Duration: probe.Duration(time.Hour), All: true, Exceptions: []Exception{{Occurrence: day3(1, 1), Cancelled: true}}}
	if err, _ := once.validate("w").(*core.Error); err == nil || err.Details[0].Field != "spec.exceptions" {
		t.Errorf("%v", err)
	}
}

func TestExceptionsThatAreOverGiveWay(t *testing.T) {
	t.Parallel()
	spec := nightly()
	for i := range maxExceptions {
		spec.except(Exception{Occurrence: spec.Start.AddDate(0, 0, i), Cancelled: true}, spec.Start)
	}
	next := spec.Start.AddDate(0, 0, maxExceptions)
	spec.except(Exception{Occurrence: next, Cancelled: true}, next)
	if n := len(spec.Exceptions); n != maxExceptions || !spec.Exceptions[0].Occurrence.Equal(spec.Start.AddDate(0, 0, 1)) || !spec.Exceptions[n-1].Occurrence.Equal(next) {
		t.Errorf("%d, from %v", n, spec.Exceptions[0].Occurrence)
	}
}

func TestOneOccurrenceIsEndedExtendedAndCancelled(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, clock := newBench(t, db), &jumping{}
		b.deps.Clock = clock
		b.start()
		api := b.as(auth.System("test"))
		now := clock.Now()
		w, _, err := b.c.PutWindow(t.Context(), "daily", WindowSpec{Start: now.Add(-24*time.Hour - 30*time.Minute), Duration: probe.Duration(time.Hour), Recurrence: "FREQ=DAILY", All: true}, "")
		if err != nil {
			t.Fatal(err)
		}
		on := func(at time.Time) bool {
			in, _ := b.c.InMaintenance(context.Background(), "", at)
			return in
		}
		path := "/maintenance/" + w.ID
		api.call("POST", path+"/extend", object{"minutes": 60}, http.StatusOK)
		if !on(now.Add(80*time.Minute)) || on(now.Add(24*time.Hour+80*time.Minute)) {
			t.Error("the occurrence that is on is not longer, or others are")
		}
		if w := api.call("POST", path+"/end", nil, http.StatusOK); w["active"] != false || on(clock.Now().Add(time.Millisecond)) {
			t.Errorf("%v", w)
		}
		api.call("POST", path+"/end", nil, http.StatusConflict)
		if !on(now.Add(24 * time.Hour)) {
			t.Error("tomorrow's has ended, too")
		}
		listed := func(query string) []any {
			return api.call("GET", "/maintenance/occurrences?cancelled="+query, nil, 200)["items"].([]any)
		}
		before := len(listed("false"))
		next := listed("false")[0].(object)
		api.call("POST", path+"/occurrences", object{"occurrence": next["occurrence"], "change": "cancel"}, http.StatusOK)
		if on(now.Add(24*time.Hour)) || !on(now.Add(48*time.Hour)) {
			t.Error("tomorrow's takes place, or the next does not")
		}
		if got := listed("true"); len(listed("false")) != before-1 || len(got) != before || got[0].(object)["cancelled"] != true {
			t.Errorf("%v", got[0])
		}
		moved := now.Add(30 * time.Hour)
		api.call("POST", path+"/occurrences", object{"occurrence": next["occurrence"], "change": "move", "start": moved}, http.StatusOK)
		if !on(moved.Add(59*time.Minute)) || on(now.Add(24*time.Hour)) {
			t.Error("it is not where it was moved to")
		}
		if got := listed("true")[0].(object); got["changed"] != true || got["occurrence"] != next["occurrence"] {
			t.Errorf("%v", got)
		}
		api.call("POST", path+"/occurrences", object{"occurrence": next["occurrence"], "change": "restore"}, http.StatusOK)
		if !on(now.Add(24 * time.Hour)) {
			t.Error("it is not restored")
		}
		api.call("POST", path+"/occurrences", object{"occurrence": moved, "change": "cancel"}, http.StatusUnprocessableEntity)
	})
}
