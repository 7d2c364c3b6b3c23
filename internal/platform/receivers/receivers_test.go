package receivers_test

import (
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/receivers"
)

func TestMeters(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	r := receivers.NewRegistry(clock)
	b := r.Add(receivers.About{Name: "b", Protocol: "syslog over UDP", Address: "127.0.0.1:5514", Feeds: "logs"})
	a := r.Add(receivers.About{Name: "a", Protocol: "syslog over TCP", Address: "127.0.0.1:5514", Feeds: "logs"})
	b.Took(50, 5000)
	b.Refused(2, "too long")
	b.Lost(3)
	b.Stored(250 * time.Millisecond)
	a.Connected(1)
	clock.Advance(10 * time.Second)
	got := r.States()
	if len(got) != 2 || got[0].Name != "a" || got[0].Connections != 1 || got[0].Rate != 0 || !got[0].LastSeen.IsZero() {
		t.Fatalf("%+v", got)
	}
	if s := got[1]; s.Taken != 50 || s.Bytes != 5000 || s.Refused != 2 || s.Lost != 3 || s.LagSeconds != 0.25 || s.Rate != 5 || s.Trouble != "too long" || !s.Troubled ||
		!s.LastSeen.Equal(clock.Now().Add(-10*time.Second)) {
		t.Errorf("%+v", s)
	}
	b.Took(100, 1)
	if s := r.States()[1]; s.Troubled || s.Trouble != "too long" {
		t.Errorf("after a message that was taken: %+v", s)
	}
	clock.Advance(5 * time.Second)
	if s := r.States()[1]; s.Rate < 9.9 || s.Rate > 20.1 {
		t.Errorf("%v a second", s.Rate)
	}
	clock.Advance(time.Minute)
	r.States()
	clock.Advance(time.Minute)
	if s := r.States()[1]; s.Rate != 0 {
		t.Errorf("%v a second after two silent minutes", s.Rate)
	}
	b.Close()
	if got := r.States(); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}
