package probe

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/beevik/ntp"
)

// NTP asks a time server how far its clock is from the one of this host.
type NTP struct {
	Server       string  `json:"server" doc:"host or host:port"`
	Offset       *Limits `json:"offset,omitempty" doc:"thresholds of the distance between the clocks, in either direction; 100ms and 1s when left out"`
	MaxStratum   int     `json:"maxStratum,omitempty" doc:"the highest stratum that is accepted; 15 when left out"`
	RootDistance *Limits `json:"rootDistance,omitempty" doc:"thresholds of how far the server may be from the truth by its own account"`
	Latency      *Limits `json:"latency,omitempty" doc:"thresholds of the round trip"`
}

func (n *NTP) validate(f *fields) {
	f.check(validAddress(withPort(n.Server, "123")), "server", "must be host or host:port")
	f.check(n.MaxStratum >= 0 && n.MaxStratum <= 15, "maxStratum", "must be between 1 and 15")
	n.Offset.validate(f.below("offset"))
	n.RootDistance.validate(f.below("rootDistance"))
	n.Latency.validate(f.below("latency"))
}

func (n *NTP) probe(ctx context.Context, r Runner, res *Result) {
	address := withPort(n.Server, "123")
	var refused error
	answer, err := ntp.QueryWithOptions(address, ntp.QueryOptions{
		Timeout: remaining(ctx),
		Dialer: func(_, remote string) (net.Conn, error) {
			conn, err := r.Dial(ctx, "udp", remote)
			refused = err
			return conn, err
		},
	})
	if err != nil {
		if refused != nil {
			err = refused
		}
		res.Failed(n.Server, err)
		return
	}
	stratum := int(answer.Stratum)
	res.Measure("offset", "seconds", answer.ClockOffset.Seconds())
	res.Measure("rtt", "seconds", answer.RTT.Seconds())
	res.Measure("stratum", "", float64(stratum))
	res.Measure("root_distance", "seconds", answer.RootDistance.Seconds())
	res.Set(OK, "%s: this host's clock differs by %v, stratum %d", n.Server, answer.ClockOffset.Round(time.Microsecond), stratum)
	most := n.MaxStratum
	if most == 0 {
		most = 15
	}
	switch {
	case answer.IsKissOfDeath():
		res.Worsen(Critical, "the server wants to be left alone (%s)", answer.KissCode)
		return
	case answer.Leap == ntp.LeapNotInSync || stratum == 0 || stratum >= 16:
		res.Worsen(Critical, "the server's own clock is not synchronised")
		return
	case stratum > most:
		res.Worsen(Critical, "the stratum is above %d", most)
	}
	if err := answer.Validate(); err != nil {
		res.Worsen(Critical, "the answer is not fit to set a clock: %v", err)
	}
	offset := n.Offset
	if offset == nil {
		offset = &Limits{Warning: Duration(100 * time.Millisecond), Critical: Duration(time.Second)}
	}
	offset.exceeds(res, "the distance between the clocks is", answer.ClockOffset.Abs())
	n.RootDistance.exceeds(res, "the root distance is", answer.RootDistance)
	n.Latency.judge(res, "the answer", answer.RTT)
	res.Detail = fmt.Sprintf("reference %s, precision %v", answer.ReferenceString(), answer.Precision)
}
