package syslog_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
)

// raised is where a store tells of itself.
type raised chan core.Event

func (r raised) Accept(_ context.Context, events []core.Event) error {
	for _, e := range events {
		select {
		case r <- e:
		default:
		}
	}
	return nil
}

// A spool that is full makes a TCP sender wait, and is an alert. What was
// accepted by then is in the spool of the next process.
func TestAFullSpoolMakesSendersWaitAndIsAnAlert(t *testing.T) {
	t.Parallel()
	told := make(raised, 16)
	var dir string
	store := spoolOnly(t, func(c *logstore.Configuration) {
		dir = c.Dir
		c.Spool.MaxBytes, c.Spool.MaxRecord = 4<<20, 1<<20
	}, told)
	w := listen(t, store)
	_, tcp, _ := w.Addresses()
	conn := dial(t, "tcp", tcp)
	sent := make(chan error, 1)
	go func() {
		line := "<13>web7 app: " + strings.Repeat("x", 200) + "\n"
		_, err := io.WriteString(conn, strings.Repeat(line, 200_000))
		sent <- err
	}()
	limit := time.After(60 * time.Second)
	for {
		select {
		case e := <-told:
			if e.Key != "logstore:logs:spool" {
				continue
			}
			if e.Kind != core.Problem || e.Severity != core.Critical {
				t.Errorf("%+v", e)
			}
		case err := <-sent:
			t.Fatalf("40 MB were taken by a spool of 4: %v", err)
		case <-limit:
			t.Fatal("no alert")
		}
		break
	}
	s := w.state(t, "syslog-tcp")
	if s.Taken == 0 || s.Lost > 0 || !strings.Contains(s.Trouble, "senders wait") {
		t.Errorf("%+v", s)
	}
	_ = conn.Close()
	<-sent
	if err := w.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := store.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	again, err := logstore.New(reopened(dir), logstore.Dependencies{Clock: core.SystemClock{}, Log: discard(), Command: []string{"/bin/sleep", "1000000"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer again.Stop(context.Background())
	if held := again.Stats().Spool.Pending; held < s.Taken*200 {
		t.Errorf("%s are held of %d messages", fmt.Sprint(held), s.Taken)
	}
}

func reopened(dir string) logstore.Configuration {
	c := logstore.Defaults("logs", dir)
	c.Spool.MaxBytes, c.Spool.MaxRecord = 4<<20, 1<<20
	return c
}
