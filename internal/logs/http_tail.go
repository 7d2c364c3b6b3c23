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
)

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
	for wait := tailPatience; ; {
		timer := c.deps.Clock.NewTimer(wait)
		var next found
		open := true
		select {
		case next, open = <-records:
			timer.Stop()
		case <-timer.C():
			if wait = tailBeat; !send(": here\n\n") {
				return
			}
			continue
		case <-ctx.Done():
			timer.Stop()
			return
		}
		switch {
		case !open:
			return
		case next.err != nil && !begun:
			httpapi.WriteProblem(w, c.deps.Log, next.err)
			return
		case next.err != nil:
			send("event: error\ndata: " + reasonOf(next.err) + "\n\n")
			return
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
