package agents

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/probe"
)

// swallow takes everything and looks at what it takes.
type swallow struct{ t *testing.T }

func (s swallow) Report(_ context.Context, _ string, report json.RawMessage) error {
	if len(report) > 0 && !json.Valid(report) {
		s.t.Errorf("%q is a report", report)
	}
	return nil
}
func (s swallow) Metrics(context.Context, string, []Sample) error    { return nil }
func (s swallow) Events(context.Context, string, []core.Event) error { return nil }
func (s swallow) Logs(context.Context, string, protocol.LogBatch) (int, error) {
	return 0, nil
}

func deaf() *Component {
	c := &Component{log: slog.New(slog.NewTextHandler(io.Discard, nil)), deps: Dependencies{Clock: core.SystemClock{}}}
	c.presence.init()
	c.progress.init()
	return c
}

// FuzzBatch takes in records as an agent packs them: the receipt never counts
// back, and never asks the agent to forget what was not there.
func FuzzBatch(f *testing.F) {
	f.Add("e", "metrics", []byte(`[{"n": "up", "t": 1, "v": 1}]`), uint64(1), []byte(nil))
	f.Add("e", "events", []byte(`[{"key": "k", "severity": "major"}]`), uint64(1<<63), []byte(nil))
	f.Add("", "report", []byte(`{}`), uint64(0), []byte("\x1f\x8bnonsense"))
	good, _ := protocol.Batch{Epoch: "e", Records: []protocol.Record{{Seq: 1, Kind: "metrics", Data: json.RawMessage(`[]`)}}}.Pack()
	f.Add("e", "other", []byte(`null`), uint64(2), good)
	f.Fuzz(func(t *testing.T, epoch, kind string, data []byte, seq uint64, raw []byte) {
		c := deaf()
		c.deps.Sink = swallow{t}
		if _, err := protocol.Unpack(raw); err != nil {
			if receipt := c.receive(t.Context(), "a", raw); receipt.Error == "" || receipt.Accepted != 0 {
				t.Errorf("unreadable: %+v", receipt)
			}
		}
		if !json.Valid(data) {
			return
		}
		packed, err := protocol.Batch{Epoch: epoch, Records: []protocol.Record{{Seq: seq, Kind: kind, Data: data}}}.Pack()
		if err != nil {
			t.Fatal(err)
		}
		first := c.receive(t.Context(), "a", packed)
		if first.Accepted != seq || first.Error != "" || first.Rejected > 1 {
			t.Errorf("%+v", first)
		}
		if again := c.receive(t.Context(), "a", packed); again.Accepted != seq || again.Rejected != 0 {
			t.Errorf("sent again: %+v", again)
		}
	})
}

// FuzzBeat reads signs of life: what is kept of one can be stored.
func FuzzBeat(f *testing.F) {
	f.Add([]byte(`{"instance": "i", "version": "1.2.3", "hostname": "web1", "os": "linux", "capabilities": ["checks"], "policy": {"checks": ["*"], "runbooks": []}, "queued": 3, "lag": 1000}`))
	f.Add([]byte(`{"hostname": "a\u0000\ud800", "dropped": 18446744073709551615, "queued": -1}`))
	f.Add([]byte(`{"dropped": -1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var beat protocol.Beat
		if json.Unmarshal(data, &beat) != nil {
			return
		}
		for _, text := range []string{beat.Instance, beat.Version, beat.Hostname, beat.OS, beat.Arch} {
			if kept := clip(text); len(kept) > 253 || !utf8.ValidString(kept) || strings.Contains(kept, "\x00") {
				t.Errorf("%q is kept as %q", text, kept)
			}
		}
		c := deaf()
		if c.presence.hear("a", beat, time.Unix(1, 0)).Refresh {
			t.Error("the first beat asks for facts")
		}
		if c.presence.hear("a", beat, time.Unix(2, 0)).Refresh {
			t.Error("nothing was lost, and facts are asked for")
		}
	})
}

// FuzzReply reads the answers of agents: to commands, and to checks.
func FuzzReply(f *testing.F) {
	state, _ := json.Marshal(protocol.Succeed(protocol.State{Execution: "r/s/1", Last: 1, Chunks: []protocol.Chunk{{Seq: 1, Stream: "stdout", Data: []byte("x")}}, Exit: &protocol.Exit{Outcome: protocol.Exited}}))
	f.Add(state)
	f.Add([]byte(`{"error": {"code": "forbidden", "message": "no", "details": [{"field": "a", "rule": "b"}]}}`))
	f.Add([]byte(`{"error": {}, "result": {"state": "ok"}}`))
	f.Add([]byte(`{"result": {"state": "critical", "output": "\u0000", "metrics": [{"value": 1e400}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var state protocol.State
		_ = readReply(data, &state)
		var result probe.Result
		if readReply(data, &result) == nil {
			result.Bound()
			if strings.Contains(result.Output+result.Detail, "\x00") || result.State < probe.OK || result.State > probe.Unknown {
				t.Errorf("%+v", result)
			}
		}
	})
}
