package agent

import (
	"context"
	"encoding/json"
	"os"
	"runtime"
	"time"

	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/version"
)

// beats tells the server at regular times, and at every new connection, that
// the agent lives and how it is.
func (a *Component) beats(ctx context.Context) {
	for {
		a.beat(ctx)
		timer := a.deps.Clock.NewTimer(a.cfg.BeatEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-a.beatNow:
			timer.Stop()
		case <-timer.C():
		}
	}
}

func (a *Component) beat(ctx context.Context) {
	if !a.conn.IsConnected() {
		return
	}
	stats := a.queue.Stats()
	hostname, _ := os.Hostname()
	message := protocol.Beat{
		Instance: a.instance, Version: version.String(), Hostname: hostname, OS: runtime.GOOS, Arch: runtime.GOARCH,
		Capabilities: a.capabilities(), Policy: a.policy.Summary(), Queued: int(stats.Records), Dropped: stats.Dropped,
		Logs: a.tail.Status(),
	}
	if !stats.Oldest.IsZero() {
		message.Lag = max(a.deps.Clock.Now().Sub(stats.Oldest), 0)
	}
	data, err := json.Marshal(message)
	if err != nil {
		a.log.Error("encode a beat", "error", err)
		return
	}
	answer, err := a.request(ctx, protocol.BeatSubject(a.identity.Agent), data, 10*time.Second)
	if err != nil {
		a.log.Debug("a beat was not answered", "error", err)
		return
	}
	var reply protocol.BeatReply
	if json.Unmarshal(answer.Data, &reply) != nil {
		return
	}
	if reply.Refresh {
		poke(a.refresh)
	}
	a.yield(reply.MeasuredBy)
}

// yield leaves the measuring of the host to another agent on it, as long as
// the server names one: two would send the same series.
func (a *Component) yield(other string) {
	before := a.measuredBy.Swap(&other)
	switch {
	case before != nil && *before == other:
	case other != "":
		a.log.Info("another agent measures this host; this one does not", "measured by", other)
	case before != nil:
		a.log.Info("this agent measures the host again")
	}
}
