package monitor

import (
	"context"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// plans are the changes of a desk.
type plans struct {
	mu   sync.Mutex
	list map[string]PlannedChange
}

func (p *plans) Planned(_ context.Context, id string) (PlannedChange, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.list[id]
	if !ok {
		return c, core.NotFound("change", id)
	}
	return c, nil
}

func TestAWindowFollowsItsChange(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, desk := newBench(t, db), &plans{list: map[string]PlannedChange{}}
		// Consumers are registered before a ledger starts, and one ledger leads.
		if err := b.ledger.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: b.deps.Clock, IDs: b.deps.IDs})
		b.deps.Changes, b.deps.Ledger = desk, b.ledger
		b.start()
		if err := b.ledger.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.ledger.Stop(context.Background()) })
		ctx, now := t.Context(), core.FromMicros(core.Micros(time.Now()))
		change := PlannedChange{WindowChange: WindowChange{ID: "c1", Number: "CHG-000001"}, Title: "Replace the disk", Team: "dba", Items: []string{itemID},
			Start: now.Add(-time.Minute), End: now.Add(time.Hour), Working: true}
		// happens says that the change is as it is, and waits until that was heard.
		happens := func(verb string, times int) {
			t.Helper()
			desk.mu.Lock()
			desk.list["c1"] = change
			desk.mu.Unlock()
			for range times {
				if err := db.Write(ctx, func(tx *sqldb.Tx) error {
					_, err := b.ledger.Append(ctx, tx, ledger.Entry{Actor: ledger.System("test"), Module: "changes", Type: "desk.change." + verb, Subject: core.Ref{Kind: "change", ID: "c1"}, Summary: verb})
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			head, err := b.ledger.Head(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
				for _, c := range b.ledger.Consumers() {
					if c.Name == "monitor-changes" && c.Seq >= head {
						return
					}
					if time.Now().After(deadline) {
						t.Fatalf("the change is not heard of: %+v", c)
					}
				}
			}
		}
		windows := func(want int) *Window {
			t.Helper()
			list, err := b.c.store.windowsWhere(ctx, db, "1 = 1")
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != want {
				t.Fatalf("%d windows, want %d", len(list), want)
			}
			if want == 0 {
				return nil
			}
			return list[0]
		}
		in := func(want bool, why string) {
			t.Helper()
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
				on, text := b.c.InMaintenance(ctx, itemID, time.Now())
				if on == want && text == why {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("in maintenance: %v %q", on, text)
				}
			}
		}
		happens("approved", 3)
		w := windows(1)
		in(true, "CHG-000001: Replace the disk")
		if w.Change == nil || *w.Change != change.WindowChange || w.Spec.Team != "dba" || w.Version != 1 {
			t.Errorf("%+v", w)
		}
		if entries, err := b.ledger.List(ctx, ledger.Query{Types: []string{"monitor.maintenance.created"}, Limit: 10}); err != nil || len(entries) != 1 || entries[0].Cause == "" {
			t.Errorf("%+v %v", entries, err)
		}

		// Nobody changes it but the change.
		spec := w.Spec
		spec.Reason = "mine"
		if _, _, err := b.c.PutWindow(ctx, w.Name, spec, ""); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("put: %v", err)
		}
		if err := b.c.DeleteWindow(ctx, w.ID, ""); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("delete: %v", err)
		}
		if _, err := b.c.until(auth.With(ctx, auth.System("test")), w.ID, func(_, now time.Time) time.Time { return now }); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("end: %v", err)
		}
		kind := b.c.windowKind()
		if list, err := kind.List(ctx, db); err != nil || len(list) != 0 {
			t.Errorf("documents %v %v", list, err)
		}
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			deleted, err := kind.Delete(ctx, tx, w.Name)
			if deleted {
				t.Error("a document's deletion took it")
			}
			return err
		}); err != nil {
			t.Error(err)
		}

		change.Start, change.End = now.Add(time.Hour), now.Add(2*time.Hour)
		happens("moved", 1)
		in(false, "")
		if moved := windows(1); moved.ID != w.ID || !moved.Spec.Start.Equal(change.Start) || moved.Version != 2 {
			t.Errorf("%+v", moved)
		}
		change.Start = now.Add(-time.Minute)
		happens("started", 1)
		in(true, "CHG-000001: Replace the disk")
		change.End = now.Add(-time.Second)
		happens("finished", 1)
		in(false, "")
		windows(1)
		change.Working = false
		happens("revised", 2)
		windows(0)

		// A name that somebody has taken is not taken over.
		if _, _, err := b.c.PutWindow(ctx, "CHG-000001", WindowSpec{Start: now.Add(-time.Hour), Duration: probe.Duration(time.Minute), All: true}, ""); err != nil {
			t.Fatal(err)
		}
		change.Working, change.End = true, now.Add(time.Hour)
		happens("approved", 1)
		windows(2)
		in(true, "CHG-000001-"+func() string {
			list, _ := b.c.store.windowsWhere(ctx, db, "change_id = $1", "c1")
			return list[0].ID
		}()+": Replace the disk")
	})
}
