package core_test

import (
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
)

func TestRepeater(t *testing.T) {
	t.Parallel()
	clock, did := coretest.NewClock(time.Unix(1e9, 0)), make(chan struct{})
	var r core.Repeater
	r.Stop()
	for range 2 { // it can be started again
		r.Start(clock, time.Minute, func() { did <- struct{}{} })
		for range 3 {
			for clock.Timers() == 0 {
				time.Sleep(time.Millisecond)
			}
			clock.Advance(time.Minute)
			<-did
		}
		r.Stop()
		r.Stop()
		clock.Advance(time.Hour)
		select {
		case <-did:
			t.Fatal("it goes on after Stop")
		default:
		}
	}
}
