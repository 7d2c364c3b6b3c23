package logstore_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/platform/logstore"
)

// rare begins the name of a program that says one thing.
const rare = "rare "

// deaths is how often the engine is killed.
const deaths = 2

// odd are records of which the engine could make something else than was sent.
func odd(n int, at time.Time) logstore.Record {
	r := logstore.Record{Time: at, Message: fmt.Sprint("record ", n), App: "load", Item: fmt.Sprint("item", n%5), Host: "10.1.2.3"}
	switch n % 8 {
	case 0:
		r.App, r.Item = "", ""
	case 1:
		r.Fields = []logstore.Field{{Name: "ip", Value: "192.0.2.1"}, {Name: "ip", Value: "192.0.2.2"}, {Name: "ip", Value: ""}}
	case 2:
		r.Fields = []logstore.Field{{Name: "n", Value: strconv.Itoa(n)}, {Name: "f", Value: "1.50"}, {Name: "when", Value: "2026-03-01T08:00:00Z"}, {Name: "z", Value: "007"}}
	case 3:
		r.Message, r.Level, r.Dataset = fmt.Sprintf("record %d \"quoted\" <ü>\t\xff", n), "error", "audit"
	case 4:
		r.Fields = []logstore.Field{{Name: "_stream", Value: "x"}, {Name: "a \"b\".c", Value: "d"}, {Name: "*", Value: "star"}, {Name: "sd.x*", Value: "y"}}
	case 5:
		r.Time = at.Add(-time.Duration(n%90) * time.Hour)
	case 6:
		r.App = rare + strconv.Itoa(n)
	}
	return r
}

// TestNoRecordComesAThirdTime kills the engine at any moment, also soon after
// the last time, while records of all kinds are written.
func TestNoRecordComesAThirdTime(t *testing.T) {
	t.Parallel()
	store, watch := setup(t, func(c *logstore.Configuration) { c.Settle = time.Minute })
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 8))
	written := 0
	for round := range deaths {
		// It writes to disk after one to three seconds and a bit: the older part of
		// what it has is on disk.
		life := 3500*time.Millisecond + time.Duration(random.IntN(1000))*time.Millisecond
		for until := time.Now().Add(life); time.Now().Before(until); {
			batch := make([]logstore.Record, 40)
			for i := range batch {
				batch[i] = odd(written+i, time.Now())
			}
			if refused, err := store.Write(t.Context(), batch); err != nil || refused > 0 {
				t.Fatal(refused, err)
			}
			written += len(batch)
			time.Sleep(20 * time.Millisecond) // load spread over the life of the process
		}
		pid := store.ChildPID()
		if pid == 0 {
			t.Fatal("the engine does not run")
		}
		syscall.Kill(pid, syscall.SIGKILL)
		watch.await(t, func(s logstore.State) bool { return s.Ready && s.Restarts > int64(round) })
	}
	if got := count(t, store, "*", written); got != written {
		t.Errorf("%d of %d records", got, written)
	}
	// The names of streams are searchable a little later.
	times, doubled, most, mostAlone := shown(t, store)
	for until := time.Now().Add(60 * time.Second); len(times) < written && time.Now().Before(until); times, doubled, most, mostAlone = shown(t, store) {
		time.Sleep(100 * time.Millisecond) // the engine offers nothing to wait on
	}
	t.Logf("%d records, %d doubled, one at most %d times, of those alone in a stream %d", written, doubled, most, mostAlone)
	// A record that is alone in its stream comes again with each death before its
	// stream's name is on disk, which takes the engine seconds on a busy machine.
	if len(times) != written || most > 2 || doubled > written/20 || mostAlone > 1+deaths {
		t.Errorf("%d of %d records are shown, %d doubled, one at most %d times, of those alone in a stream %d", len(times), written, doubled, most, mostAlone)
	}
}

// shown is how often each record is shown; of those that share a stream with
// others, how many are twice and how often one at most; and that of those alone.
func shown(t *testing.T, store *logstore.Store) (times map[string]int, doubled, most, mostAlone int) {
	times = map[string]int{}
	for row, err := range store.Query(t.Context(), logstore.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Fields(row["_msg"])
		times[text[1]]++
		n := times[text[1]]
		switch {
		case strings.HasPrefix(row["app"], rare):
			mostAlone = max(mostAlone, n)
			continue
		case n == 2:
			doubled++
		}
		most = max(most, n)
	}
	return times, doubled, most, mostAlone
}
