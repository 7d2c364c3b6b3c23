package logs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
)

const (
	// tailPatience is how long a tail waits for the store to refuse the query
	// before it says that it has begun.
	tailPatience = 300 * time.Millisecond
	// tailBeat is how often a silent tail says that it is there.
	tailBeat = 15 * time.Second
	// tailMost is how many records a tail sends in a second. Nobody reads more;
	// those beyond are counted and told.
	tailMost = 500
)

// pace lets so many records of each second through, and counts the others.
type pace struct {
	second  time.Time
	sent    int
	skipped int64
}

// take says whether a record that comes now is sent.
func (p *pace) take(now time.Time) bool {
	if s := now.Truncate(time.Second); s != p.second {
		p.second, p.sent = s, 0
	}
	if p.sent >= tailMost {
		p.skipped++
		return false
	}
	p.sent++
	return true
}

// due says how many were left out before this second, once.
func (p *pace) due(now time.Time) (skipped int64) {
	if now.Truncate(time.Second) == p.second {
		return 0
	}
	skipped, p.skipped = p.skipped, 0
	return skipped
}

// found is a record, or why there are no more.
type found struct {
	row logstore.Row
	err error
}

// follow asks the store in a goroutine of its own; it ends with ctx.
func follow(ctx context.Context, store Store, q logstore.Query) <-chan found {
	out := make(chan found)
	go func() {
		defer close(out)
		for row, err := range store.Tail(ctx, q) {
			select {
			case out <- found{row, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// tail streams records as they come: server-sent events, one record each. The
// answer begins at once, whether there is a record or not; a query that the
// store refuses is a problem, or, when it is slow to refuse it, an event "error".
// Of more than tailMost records in a second the rest is an event "skipped".
func (c *Component) tail(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	store, q, err := c.question(r.Context(), Question{Dataset: r.FormValue("dataset"), Query: r.FormValue("query"), In: query["in"]})
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	records := follow(ctx, store, q)
	out := http.NewResponseController(w)
	begun := false
	send := func(text string) bool {
		if !begun {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("Cache-Control", "no-store")
			begun = true
		}
		_, err := fmt.Fprint(w, text)
		return err == nil && out.Flush() == nil
	}
	var rate pace
	tell := func(n int64) bool {
		return n == 0 || send(fmt.Sprintf("event: skipped\ndata: {\"count\":%d}\n\n", n))
	}
	for wait := tailPatience; ; {
		soon := wait
		if rate.skipped > 0 {
			soon = min(wait, time.Second)
		}
		timer := c.deps.Clock.NewTimer(soon)
		var next found
		open := true
		select {
		case next, open = <-records:
			timer.Stop()
		case <-timer.C():
			if wait = tailBeat; !send(": here\n\n") || !tell(rate.due(c.deps.Clock.Now())) {
				return
			}
			continue
		case <-ctx.Done():
			timer.Stop()
			return
		}
		switch {
		case !open:
			tell(rate.skipped)
			return
		case next.err != nil && !begun:
			httpapi.WriteProblem(w, c.deps.Log, next.err)
			return
		case next.err != nil:
			send("event: error\ndata: " + reasonOf(next.err) + "\n\n")
			return
		}
		if !tell(rate.due(c.deps.Clock.Now())) {
			return
		}
		if !rate.take(c.deps.Clock.Now()) {
			continue
		}
		data, err := json.Marshal(next.row)
		if err != nil || !send("event: record\ndata: "+string(data)+"\n\n") {
			return
		}
	}
}

// reasonOf is an error as JSON, as far as people outside may know it.
func reasonOf(err error) string {
	reason := "the log store broke off"
	var e *core.Error
	if errors.As(err, &e) {
		reason = e.Message
		for _, d := range e.Details {
			reason += ": " + d.Field + " " + d.Rule
		}
	}
	data, _ := json.Marshal(map[string]string{"detail": reason})
	return string(data)
}
