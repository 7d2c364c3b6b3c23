package logstore

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/klauspost/compress/zstd"

	"mainstay/internal/core"
	"mainstay/internal/platform/spool"
)

const (
	sendBytes   = 1 << 20 // of one request
	statusEvery = 2 * time.Second
	retryFirst  = 100 * time.Millisecond
	retryMost   = 2 * time.Second
	askMost     = 10 // attempts to ask what the engine has, before a batch is sent as a whole
)

// sent is a batch the engine has taken but may still have only in memory.
type sent struct {
	end   spool.Position
	at    time.Time
	epoch string
}

// sender moves records from the spool to the engine. It runs in one goroutine.
type sender struct {
	*Store
	epoch     string         // the engine's process as last seen; "" when it was never seen
	pending   []sent         // in order
	tried     spool.Position // the engine may have some of what is in front of it
	unasked   int            // attempts in a row to ask which, that an engine that is there did not answer
	looked    time.Time
	ends      int64 // of processes before the one that is known as epoch
	unclean   int64 // of those, which did not close their data
	backoff   time.Duration
	encoder   *zstd.Encoder // for engines across a network
	insertion string
}

// send works until ctx ends. It returns what the engine has taken and not yet
// settled, and how many processes had ended before the one that took it.
func (s *Store) send(ctx context.Context) (end spool.Position, ends int64) {
	w := &sender{Store: s, backoff: retryFirst, tried: s.doubtful, insertion: "/insert/jsonline?" + url.Values{"_stream_fields": {ItemField + "," + AppField + "," + DatasetField}}.Encode()}
	if s.cfg.URL != "" {
		w.encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	}
	for ctx.Err() == nil {
		if w.epoch == "" || w.ended() || s.deps.Clock.Now().Sub(w.looked) >= statusEvery {
			if !w.look(ctx) {
				w.wait(ctx)
				continue
			}
		}
		batch, err := w.next(ctx)
		if err != nil || len(batch.Records) == 0 {
			continue
		}
		for ctx.Err() == nil && !w.post(ctx, batch) {
			w.wait(ctx)
			if w.look(ctx); len(w.pending) == 0 && w.epoch == "" {
				break // rewound: the batch comes again
			}
		}
	}
	if len(w.pending) > 0 {
		end = w.pending[len(w.pending)-1].end
	}
	return end, w.ends
}

// ended says whether the process that took the last batches has ended.
func (w *sender) ended() bool {
	if w.supervisor == nil {
		return false
	}
	n, _ := w.supervisor.Ends()
	return n != w.ends
}

// next waits for records until the engine has to be looked at again.
func (w *sender) next(ctx context.Context) (spool.Batch, error) {
	ctx, cancel := context.WithTimeout(ctx, statusEvery)
	defer cancel()
	return w.spool.Next(ctx, sendBytes)
}

// look asks the engine for its status. If its process is another one than
// before, what the old one has not kept is sent again; if it is the same, what
// has settled is forgotten.
func (w *sender) look(ctx context.Context) bool {
	w.looked = w.deps.Clock.Now()
	ask, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	status, err := w.client.status(ask)
	if ctx.Err() == nil {
		w.observe(status, err)
	}
	if err != nil {
		w.unasked = 0
		return false
	}
	if w.epoch != status.Epoch {
		w.unasked = 0
		if !w.succeed() {
			return false
		}
	}
	w.epoch = status.Epoch
	settled := spool.Position{}
	for len(w.pending) > 0 && w.looked.Sub(w.pending[0].at) >= w.cfg.Settle {
		settled, w.pending = w.pending[0].end, w.pending[1:]
	}
	if settled != (spool.Position{}) {
		if err := w.spool.Commit(settled); err != nil {
			w.deps.Log.Error("spool position cannot be stored", "dataset", w.cfg.Dataset, "reason", err)
		}
	}
	return true
}

// succeed deals with what the processes before this one had taken: if they closed
// their data in order it is settled; otherwise it is gone through again, and
// succeed says no.
func (w *sender) succeed() bool {
	first, clean := w.epoch == "", false
	if w.supervisor != nil {
		unclean := w.supervisor.Unclean()
		w.ends, _ = w.supervisor.Ends()
		clean, w.unclean = unclean == w.unclean, unclean
	}
	if first || len(w.pending) == 0 {
		return true
	}
	if clean {
		for i := range w.pending {
			w.pending[i].at = time.Time{}
		}
		return true
	}
	w.deps.Log.Warn("log store was started again; recent records it does not have are sent again", "dataset", w.cfg.Dataset, "batches", len(w.pending))
	w.pending, w.epoch = nil, ""
	w.spool.Rewind()
	return false
}

// post sends one batch, or what is missing of it, and says whether it is dealt with.
func (w *sender) post(ctx context.Context, batch spool.Batch) bool {
	body := bytes.Join(batch.Records, nil)
	if batch.Start.Before(w.tried) && w.unasked < askMost {
		rest, err := w.absent(ctx, body)
		if err != nil {
			if w.unasked++; w.unasked == askMost && ctx.Err() == nil {
				w.deps.Log.Error("log store does not tell which records it has; some may be doubled", "dataset", w.cfg.Dataset, "reason", err)
			}
			return false
		}
		w.unasked = 0
		body = rest
	}
	if w.tried.Before(batch.End) {
		w.tried = batch.End
	}
	if len(body) > 0 && !w.insert(ctx, body) {
		return false
	}
	w.backoff, w.unasked = retryFirst, 0
	w.pending = append(w.pending, sent{batch.End, w.deps.Clock.Now(), w.epoch})
	return true
}

// insert has the engine take lines, and says whether they are dealt with.
func (w *sender) insert(ctx context.Context, body []byte) bool {
	header := http.Header{"Content-Type": {"application/stream+json"}}
	if w.encoder != nil {
		body = w.encoder.EncodeAll(body, nil)
		header.Set("Content-Encoding", "zstd")
	}
	ask, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	resp, err := w.client.do(ask, http.MethodPost, w.insertion, nil, bytes.NewReader(body), header)
	switch {
	case err == nil:
		resp.Body.Close()
	case core.CodeOf(err) == core.CodeInvalid:
		// It would be refused for ever, and hold up everything behind it.
		w.unreadable.Add(1)
		w.deps.Log.Error("log store cannot read a batch; it is lost", "dataset", w.cfg.Dataset, "reason", err)
	default:
		return false
	}
	return true
}

// wait pauses before the next attempt, longer each time.
func (w *sender) wait(ctx context.Context) {
	timer := w.deps.Clock.NewTimer(w.backoff)
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-ctx.Done():
	}
	w.backoff = min(2*w.backoff, retryMost)
}
