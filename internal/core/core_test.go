package core_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
)

func TestIDsIncreaseStrictly(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Unix(1_700_000_000, 0))
	ids := core.NewIDs(clock, nil)
	last := ""
	for i := range 5000 {
		if i%1000 == 0 {
			clock.Advance(time.Millisecond)
		}
		id := ids.New()
		if !core.ValidID(id) {
			t.Fatalf("%q is not a valid id", id)
		}
		if id <= last {
			t.Fatalf("%q does not follow %q", id, last)
		}
		last = id
	}
}

func TestIDsSurviveAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Unix(1_700_000_000, 0))
	ids := core.NewIDs(clock, nil)
	first := ids.New()
	clock.Advance(-time.Hour)
	if second := ids.New(); second <= first {
		t.Fatalf("%q does not follow %q", second, first)
	}
}

func TestValidID(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "81arz3ndektsv4rrffq69g5fav", "01arz3ndektsv4rrffq69g5fai"} {
		if core.ValidID(bad) {
			t.Errorf("%q is taken for an id", bad)
		}
	}
	if !core.ValidID("01arz3ndektsv4rrffq69g5fav") {
		t.Error("a ULID in lower case is refused")
	}
}

func TestSeverityText(t *testing.T) {
	t.Parallel()
	for _, name := range core.SeverityNames() {
		var s core.Severity
		if err := json.Unmarshal([]byte(`"`+name+`"`), &s); err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(s)
		if err != nil || string(out) != `"`+name+`"` {
			t.Fatalf("%s became %s (%v)", name, out, err)
		}
	}
	var s core.Severity
	if err := json.Unmarshal([]byte(`"fatal"`), &s); core.CodeOf(err) != core.CodeInvalid {
		t.Fatalf("an unknown severity gave %v", err)
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	if core.CodeOf(nil) != "" || core.CodeOf(errors.New("x")) != core.CodeInternal {
		t.Fatal("codes of nil and foreign errors")
	}
	if core.CodeOf(fmt.Errorf("outer: %w", core.NotFound("item", "a"))) != core.CodeNotFound {
		t.Fatal("the code is lost in a chain")
	}
}

func TestMicros(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 29, 1, 30, 0, 123456000, time.UTC)
	if got := core.FromMicros(core.Micros(now)); !got.Equal(now) {
		t.Fatalf("%v became %v", now, got)
	}
	if core.Micros(time.Time{}) != 0 || !core.FromMicros(0).IsZero() {
		t.Fatal("the zero time is not 0")
	}
}

func TestManualClockFiresTimers(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Unix(0, 0))
	timer := clock.NewTimer(time.Second)
	clock.Advance(999 * time.Millisecond)
	select {
	case <-timer.C():
		t.Fatal("fired early")
	default:
	}
	clock.Advance(time.Millisecond)
	select {
	case <-timer.C():
	default:
		t.Fatal("did not fire")
	}
}
