package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"mainstay/internal/core"
)

// Runner executes probes. The zero Runner is ready to use.
type Runner struct {
	// Allow, when set, is asked for every address a probe is about to reach, after
	// names are resolved; an error keeps it from being reached. What a program of
	// a command probe reaches is its own business.
	Allow func(ip netip.Addr) error
	// Drivers run the kinds whose libraries not every program holds, by the kind's name.
	Drivers map[string]Driver
}

// Driver runs a probe of one kind.
type Driver func(ctx context.Context, r Runner, spec Spec, res *Result)

// drive runs spec with the driver of its kind.
func (r Runner) drive(ctx context.Context, spec Spec, res *Result) {
	driver := r.Drivers[spec.Kind()]
	if driver == nil {
		res.Set(Unknown, "this program cannot run %s checks: the small agent leaves them to the server and to the whole program (mainstay agent)", spec.Kind())
		return
	}
	driver(ctx, r, spec, res)
}

// Run executes spec with a Runner that may reach any address.
func Run(ctx context.Context, spec Spec) Result { return Runner{}.Run(ctx, spec) }

// Run executes spec once and returns within its timeout.
func (r Runner) Run(ctx context.Context, spec Spec) (res Result) {
	start := time.Now()
	res.Started = start.UTC()
	defer func() {
		if p := recover(); p != nil {
			res.Set(Unknown, "the probe failed inside: %v", p)
		}
		res.Duration = Duration(time.Since(start))
		res.Bound()
	}()
	if bad := spec.Validate(""); len(bad) > 0 {
		res.Set(Unknown, "%s %s", bad[0].Field, bad[0].Rule)
		return res
	}
	timeout := spec.Timeout.Std()
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if _, k := spec.chosen(); k != nil {
		k.probe(ctx, r, &res)
	}
	return res
}

// Dial connects to an address that may be reached.
func (r Runner) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return r.dialer().DialContext(ctx, network, address)
}

// connect dials and gives the connection the deadline of ctx.
func (r Runner) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := r.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	return conn, nil
}

// remaining is the time until the deadline of ctx.
func remaining(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Until(deadline), time.Millisecond)
	}
	return DefaultTimeout
}

// dialer asks Allow after the name is resolved, so that no name can hide an address.
func (r Runner) dialer() *net.Dialer {
	return &net.Dialer{Control: r.control()}
}

// control is the check of a socket's peer, nil when every address may be reached.
func (r Runner) control() func(network, address string, _ syscall.RawConn) error {
	if r.Allow == nil {
		return nil
	}
	return func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return refusal(r.Allow(ap.Addr().Unmap()))
	}
}

// refusal is the error of Allow in the form that Failed knows.
func refusal(err error) error {
	if err == nil || core.CodeOf(err) != core.CodeInternal {
		return err
	}
	return core.Errorf(core.CodeForbidden, "%s", err)
}

// Failed is the result of a connection that did not come about. An address
// that may not be reached says nothing about what is there.
func (r *Result) Failed(what string, err error) {
	var refused *core.Error
	if errors.As(err, &refused) {
		r.Set(Unknown, "%s: %s", what, refused.Message)
		return
	}
	r.Set(Critical, "%s: %s", what, Why(err))
}

// Why says in a few words what went wrong on the network.
func Why(err error) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "it was stopped"
	case errors.As(err, &dns) && dns.IsTimeout:
		return "no answer in time from the name server"
	case errors.As(err, &dns):
		return fmt.Sprintf("the name %s cannot be resolved", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to the host"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Timeout() {
		return "no answer in time"
	}
	return strings.TrimSpace(err.Error())
}

// Limits are thresholds in time; zero is no threshold.
type Limits struct {
	Warning  Duration `json:"warning,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	Critical Duration `json:"critical,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
}

func (l *Limits) validate(f *fields) {
	if l == nil {
		return
	}
	f.check(l.Warning >= 0, "warning", "must not be negative")
	f.check(l.Critical >= 0, "critical", "must not be negative")
	f.check(l.Critical == 0 || l.Warning <= l.Critical, "warning", "must not be above critical")
}

// judge worsens the result when took is above a threshold.
func (l *Limits) judge(res *Result, what string, took time.Duration) {
	l.exceeds(res, what+" took", took)
}

// Judge worsens the result when took is above a threshold.
func (l *Limits) Judge(res *Result, what string, took time.Duration) { l.judge(res, what, took) }

// exceeds worsens the result when a span is above a threshold.
func (l *Limits) exceeds(res *Result, what string, span time.Duration) {
	if l == nil {
		return
	}
	switch {
	case l.Critical > 0 && span > l.Critical.Std():
		res.Worsen(Critical, "%s %v, above %v", what, span.Round(time.Microsecond), l.Critical.Std())
	case l.Warning > 0 && span > l.Warning.Std():
		res.Worsen(Warning, "%s %v, above %v", what, span.Round(time.Microsecond), l.Warning.Std())
	}
}
