package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
)

const (
	outputPage      = 500
	outputLook      = time.Second // for what other processes store
	outputHeartbeat = 15 * time.Second
)

// serveOutput streams what a run prints as server-sent events (WHATWG HTML,
// 9.2): "output" with a Chunk each, its number as the event's id, and "end"
// with the run's state when it is over. after, or Last-Event-ID, continues
// behind a number. With follow=false the answer is JSON and ends at once.
func (c *Component) serveOutput(w http.ResponseWriter, r *http.Request) {
	run, err := c.visible(r.Context(), r.PathValue("id"), "jobs:read")
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	after, err := position(r)
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	if r.URL.Query().Get("follow") == "false" {
		c.pageOutput(w, r, run.ID, after)
		return
	}
	if err := c.followOutput(w, r, run.ID, after); err != nil && r.Context().Err() == nil {
		c.deps.Log.Warn("jobs: an output stream ended early", "run", run.ID, "error", err)
	}
}

func position(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return 0, nil
	}
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil || after < 0 {
		return 0, core.Invalid("after", "must be the number of a piece of output")
	}
	return after, nil
}

func (c *Component) pageOutput(w http.ResponseWriter, r *http.Request, run string, after int64) {
	chunks, err := c.Output(r.Context(), run, after, outputPage)
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	page := struct {
		Items []Chunk `json:"items"`
		Next  string  `json:"next,omitempty"`
	}{Items: append([]Chunk{}, chunks...)}
	if len(chunks) == outputPage {
		page.Next = strconv.FormatInt(chunks[len(chunks)-1].Seq, 10)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(page)
}

func (c *Component) followOutput(w http.ResponseWriter, r *http.Request, id string, after int64) error {
	ctx := r.Context()
	flush := http.NewResponseController(w)
	// A server's write deadline is for answers that end.
	if err := flush.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	news, done := c.signals.watch(id)
	defer done()
	beat := c.deps.Clock.Now()
	for {
		run, err := loadRun(ctx, c.deps.DB, id) // before the output: what an ended run printed is stored
		if err != nil {
			return err
		}
		chunks, err := c.Output(ctx, id, after, outputPage)
		if err != nil {
			return err
		}
		for _, k := range chunks {
			if _, err := fmt.Fprintf(w, "event: output\nid: %d\ndata: %s\n\n", k.Seq, marshal(k)); err != nil {
				return err
			}
			after = k.Seq
		}
		switch now := c.deps.Clock.Now(); {
		case len(chunks) == outputPage:
			continue
		case final(run.State):
			if _, err := fmt.Fprintf(w, "event: end\ndata: %s\n\n", marshal(map[string]string{"state": run.State, "error": run.Error})); err != nil {
				return err
			}
			return flush.Flush()
		case len(chunks) > 0:
			beat = now
		case now.Sub(beat) >= outputHeartbeat:
			beat = now
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil {
				return err
			}
		}
		if err := flush.Flush(); err != nil {
			return err
		}
		timer := c.deps.Clock.NewTimer(outputLook)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-news:
		case <-timer.C():
		}
		timer.Stop()
	}
}
