package tasks

import (
	"testing"
	"time"
)

func TestBackoffDoublesAndSpreads(t *testing.T) {
	t.Parallel()
	cfg := Defaults()
	for failures, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 50: 10 * time.Minute} {
		if low, high := cfg.backoff(failures, 0), cfg.backoff(failures, 1); low != want/2 || high != want {
			t.Errorf("after %d failures: %s to %s, want %s to %s", failures, low, high, want/2, want)
		}
	}
}
