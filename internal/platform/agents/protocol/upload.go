package protocol

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// The kinds of record an agent delivers.
const (
	KindReport  = "report"  // facts: a graph report
	KindMetrics = "metrics" // []Sample
	KindEvents  = "events"  // []core.Event
)

// OwnSeries is what the names of an agent's series about itself begin with; all
// others are about its host.
const OwnSeries = "mainstay_agent_"

// Sample is one measured value, named as Prometheus would.
type Sample struct {
	Name   string            `json:"n"`
	Labels map[string]string `json:"l,omitempty"`
	T      int64             `json:"t"` // milliseconds since 1970
	V      float64           `json:"v"`
}

// Record is one entry of the agent's queue. Seq counts without end within Epoch.
type Record struct {
	Seq  uint64          `json:"seq"`
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// Batch is a run of records in order. Epoch changes when the agent lost its
// queue and counts from 1 again.
type Batch struct {
	Epoch   string   `json:"epoch"`
	Records []Record `json:"records"`
}

// Receipt tells the agent what the server has durably accepted.
type Receipt struct {
	Accepted uint64 `json:"accepted"`           // highest sequence number taken over; the agent forgets up to here
	Rejected uint64 `json:"rejected,omitempty"` // of these, how many were unusable and are lost
	Error    string `json:"error,omitempty"`    // why it stopped before the end: try again later
}

// maxBatch bounds a batch once unpacked: a small packet must not fill memory.
const maxBatch = 64 << 20

// Pack compresses the batch for the bus.
func (b Batch) Pack() ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(w).Encode(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unpack is the inverse of Pack.
func Unpack(data []byte) (Batch, error) {
	var b Batch
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return b, fmt.Errorf("unpack batch: %w", err)
	}
	limited := &io.LimitedReader{R: r, N: maxBatch + 1}
	if err := json.NewDecoder(limited).Decode(&b); err != nil {
		if limited.N <= 0 {
			return b, fmt.Errorf("the batch exceeds %d bytes", maxBatch)
		}
		return b, fmt.Errorf("read batch: %w", err)
	}
	return b, nil
}

// Beat says that the agent lives, and how it is.
type Beat struct {
	Instance     string        `json:"instance"` // changes when the process does
	Version      string        `json:"version"`
	Hostname     string        `json:"hostname"`
	OS           string        `json:"os"`
	Arch         string        `json:"arch"`
	Capabilities []string      `json:"capabilities"`
	Policy       PolicySummary `json:"policy"`
	Queued       int           `json:"queued"`  // records not yet taken over
	Dropped      uint64        `json:"dropped"` // records lost because the queue was full
	Lag          time.Duration `json:"lag"`     // age of the oldest queued record
	Logs         LogStatus     `json:"logs"`
}

// BeatReply answers a beat.
type BeatReply struct {
	Refresh    bool   `json:"refresh,omitempty"`    // the server has no facts of this agent: send them all
	MeasuredBy string `json:"measuredBy,omitempty"` // another agent, by name, measures this host: leave it to that one
}

// PolicySummary is what the policy file on the host lets the server do.
type PolicySummary struct {
	Checks   []string `json:"checks"`   // kinds of check, or "*"
	Runbooks []string `json:"runbooks"` // name patterns; empty: no commands
	Logs     []string `json:"logs"`     // files that may be followed: patterns
	Journal  bool     `json:"journal"`  // the journal may be followed
	Problem  string   `json:"problem,omitempty"`
}

// EnrolRequest asks for an identity: the body of POST /api/v1/agents/enrol.
type EnrolRequest struct {
	Token    string `json:"token" doc:"The one-time enrolment token" maxLength:"200"`
	Key      string `json:"key" doc:"The agent's public user nkey (U...)" maxLength:"100"`
	Name     string `json:"name" doc:"The name to show; that of the token, or the host name, when empty" maxLength:"253"`
	Hostname string `json:"hostname,omitempty" maxLength:"253"`
	OS       string `json:"os" maxLength:"100"`
	Arch     string `json:"arch" maxLength:"100"`
	Version  string `json:"version" maxLength:"100"`
}

// EnrolReply is the identity.
type EnrolReply struct {
	Agent string `json:"agent" doc:"The agent's id"`
	Name  string `json:"name"`
}
