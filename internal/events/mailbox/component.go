package mailbox

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/lead"
	"mainstay/internal/platform/ledger"
)

// Component fetches from all mailboxes. Make it with New, run it between Start
// and Stop.
type Component struct {
	deps Dependencies
	lead *lead.Lead
}

// New checks its arguments and does nothing else.
func New(deps Dependencies) (*Component, error) {
	if deps.DB == nil || deps.Ledger == nil || deps.Clock == nil || deps.Sources == nil || deps.Receivers == nil || deps.Reveal == nil || deps.Dial == nil {
		return nil, core.Errorf(core.CodeInternal, "mailbox: all dependencies but Log are needed")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Component{deps: deps, lead: lead.New("mailboxes", deps.DB, deps.Clock, deps.Log)}, nil
}

// Start fetches where no other process does.
func (c *Component) Start(ctx context.Context) error {
	c.lead.Start(ctx, c.begin)
	return nil
}

// Stop ends the connections; a mail that is being taken is finished with first.
func (c *Component) Stop(context.Context) error {
	c.lead.Stop()
	return nil
}

// running is a mailbox that is fetched from.
type running struct {
	*mailbox
	stop context.CancelFunc
	done sync.WaitGroup
}

func (r *running) end() {
	r.stop()
	r.done.Wait()
}

func (c *Component) begin(ctx context.Context) (func(context.Context), error) {
	head, err := c.deps.Ledger.Head(ctx)
	if err != nil {
		return nil, err
	}
	first, err := c.load(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		boxes := map[string]*running{}
		c.run(ctx, boxes, first)
		c.follow(ctx, head, boxes)
		for _, r := range boxes {
			r.stop()
		}
		for _, r := range boxes {
			r.end()
		}
	}, nil
}

// run fetches from the mailboxes of the list and no others. Those that did not
// change go on.
func (c *Component) run(ctx context.Context, boxes map[string]*running, list []*mailbox) {
	wanted := make(map[string]*mailbox, len(list))
	for _, m := range list {
		wanted[m.name] = m
	}
	for name, r := range boxes {
		if m := wanted[name]; m != nil && m.Spec == r.Spec {
			delete(wanted, name)
			continue
		}
		r.end()
		delete(boxes, name)
	}
	for name, m := range wanted {
		run, cancel := context.WithCancel(ctx)
		r := &running{mailbox: m, stop: cancel}
		boxes[name] = r
		r.done.Go(func() { c.fetchFrom(run, m) })
	}
}

// follow keeps up with what is declared until ctx ends.
func (c *Component) follow(ctx context.Context, head int64, boxes map[string]*running) {
	for ctx.Err() == nil {
		err := c.deps.Ledger.Follow(ctx, head, func(entry *ledger.Entry) bool { return strings.HasPrefix(entry.Type, changed) },
			func(entry ledger.Entry) error {
				list, err := c.load(ctx)
				if err != nil {
					return err
				}
				head = entry.Seq
				c.run(ctx, boxes, list)
				return nil
			})
		if err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("mailboxes: the ledger cannot be followed", "error", err)
			c.pause(ctx, time.Second)
		}
	}
}

// pause waits for a while; false when ctx ended.
func (c *Component) pause(ctx context.Context, d time.Duration) bool {
	timer := c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	}
	return ctx.Err() == nil
}
