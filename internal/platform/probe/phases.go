package probe

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// phases are the parts of the time that a request took; those of the last one when
// redirections were followed.
type phases struct {
	mu                                  sync.Mutex
	begun                               map[string]time.Time
	resolve, connect, handshake, answer time.Duration
}

// trace returns a context whose request is timed.
func (p *phases) trace(ctx context.Context) context.Context {
	p.begun = map[string]time.Time{}
	begin := func(what string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.begun[what] = time.Now()
	}
	end := func(what string, into *time.Duration) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if at, ok := p.begun[what]; ok {
			*into = time.Since(at)
		}
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { begin("resolve") }, DNSDone: func(httptrace.DNSDoneInfo) { end("resolve", &p.resolve) },
		ConnectStart: func(string, string) { begin("connect") }, ConnectDone: func(string, string, error) { end("connect", &p.connect) },
		TLSHandshakeStart: func() { begin("tls") }, TLSHandshakeDone: func(tls.ConnectionState, error) { end("tls", &p.handshake) },
		WroteRequest: func(httptrace.WroteRequestInfo) { begin("answer") }, GotFirstResponseByte: func() { end("answer", &p.answer) },
	})
}

// measure adds the phases there were.
func (p *phases) measure(res *Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, phase := range []struct {
		name string
		took time.Duration
	}{{"time_resolve", p.resolve}, {"time_connect", p.connect}, {"time_tls", p.handshake}, {"time_first_byte", p.answer}} {
		if phase.took > 0 {
			res.Measure(phase.name, "seconds", phase.took.Seconds())
		}
	}
}
