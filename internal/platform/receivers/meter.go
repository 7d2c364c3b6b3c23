package receivers

import (
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
)

// About says what a receiver is.
type About struct {
	Name     string // of the listener, unique: syslog-udp
	Protocol string // for people: syslog over UDP
	Address  string // where it is bound, or the path of its HTTP route
	Feeds    string // logs, events or metrics
}

// Meter counts what one receiver does. Its methods are safe for concurrent use.
type Meter struct {
	About
	clock    core.Clock
	registry *Registry

	taken   atomic.Int64
	bytes   atomic.Int64
	refused atomic.Int64
	lost    atomic.Int64
	seen    atomic.Int64 // when the last was taken, in micros
	lag     atomic.Int64 // of the last that was stored
	open    atomic.Int64 // connections
	trouble atomic.Bool  // the last that happened

	mu      sync.Mutex
	why     string
	whyAt   time.Time
	before  reading // of an earlier look
	current reading
}

type reading struct {
	at    time.Time
	taken int64
}

// Took counts messages that were accepted.
func (m *Meter) Took(messages, bytes int) {
	m.taken.Add(int64(messages))
	m.bytes.Add(int64(bytes))
	m.seen.Store(core.Micros(m.clock.Now()))
	m.Recovered()
}

// Recovered says that trouble is over where that shows without a message, as
// when a server can be reached again.
func (m *Meter) Recovered() {
	if m.trouble.Load() { // written to only when it changes
		m.trouble.Store(false)
	}
}

// Refused counts messages that were not, and says why of the last.
func (m *Meter) Refused(messages int, why string) {
	m.refused.Add(int64(messages))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.why, m.whyAt = why, m.clock.Now()
	m.trouble.Store(true)
}

// Lost counts messages that never reached us, such as what a socket dropped.
func (m *Meter) Lost(messages int64) { m.lost.Add(messages) }

// Stored says how long after its arrival the last message was durable.
func (m *Meter) Stored(after time.Duration) { m.lag.Store(int64(after)) }

// Connected counts a connection that opens (1) or closes (-1) and returns how
// many are open.
func (m *Meter) Connected(change int64) int64 { return m.open.Add(change) }

// Close takes the receiver off the list.
func (m *Meter) Close() { m.registry.remove(m) }

// rateOver is the least time a rate is taken over.
const rateOver = 10 * time.Second

// State is a receiver as it is shown.
type State struct {
	Name        string    `json:"name" doc:"Name of the listener" example:"syslog-udp"`
	Protocol    string    `json:"protocol" doc:"What it speaks" example:"syslog over UDP"`
	Address     string    `json:"address" doc:"Where it is bound, or the path of its route" example:"0.0.0.0:5514"`
	Feeds       string    `json:"feeds" enum:"logs,events,metrics" doc:"Where what it takes goes"`
	Taken       int64     `json:"taken" doc:"Messages accepted since the start"`
	Bytes       int64     `json:"bytes" doc:"Bytes accepted since the start"`
	Refused     int64     `json:"refused" doc:"Messages refused since the start"`
	Lost        int64     `json:"lost" doc:"Messages that the system dropped before they were read"`
	Connections int64     `json:"connections" doc:"Connections that are open"`
	Rate        float64   `json:"rate" doc:"Messages a second, over the last 10 to 20 seconds"`
	LagSeconds  float64   `json:"lagSeconds" doc:"Time from arrival to durable, of the last message"`
	LastSeen    time.Time `json:"lastSeen,omitzero" doc:"When the last message came"`
	Troubled    bool      `json:"troubled" doc:"Whether trouble was the last that happened: no message was taken since, and a mailbox that could not be reached still cannot"`
	Trouble     string    `json:"trouble,omitempty" doc:"Why the last refused message was refused"`
	TroubleAt   time.Time `json:"troubleAt,omitzero" doc:"When it was refused"`
}

func (m *Meter) state(now time.Time) State {
	s := State{
		Name: m.Name, Protocol: m.Protocol, Address: m.Address, Feeds: m.Feeds,
		Taken: m.taken.Load(), Bytes: m.bytes.Load(), Refused: m.refused.Load(), Lost: m.lost.Load(), Connections: m.open.Load(),
		LagSeconds: time.Duration(m.lag.Load()).Seconds(),
	}
	if seen := m.seen.Load(); seen > 0 {
		s.LastSeen = core.FromMicros(seen)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s.Troubled, s.Trouble, s.TroubleAt = m.trouble.Load(), m.why, m.whyAt
	if now.Sub(m.current.at) >= rateOver {
		m.before, m.current = m.current, reading{now, s.Taken}
	}
	if over := now.Sub(m.before.at).Seconds(); over > 0 {
		s.Rate = float64(s.Taken-m.before.taken) / over
	}
	return s
}
