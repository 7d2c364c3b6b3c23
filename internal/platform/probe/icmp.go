package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// ICMP sends echo requests.
type ICMP struct {
	Address  string  `json:"address" doc:"host name or address"`
	Count    int     `json:"count,omitempty" doc:"how many requests; 3 when left out"`
	Size     int     `json:"size,omitempty" doc:"bytes of payload; 24 when left out"`
	LossWarn float64 `json:"lossWarning,omitempty" doc:"percent lost from which it is a warning; 20 when left out"`
	LossCrit float64 `json:"lossCritical,omitempty" doc:"percent lost from which it is critical; 100 when left out"`
	RTT      *Limits `json:"rtt,omitempty" doc:"thresholds of the mean round trip"`
}

func (i *ICMP) validate(f *fields) {
	f.check(i.Address != "", "address", "must name a host or an address")
	f.check(i.Count >= 0 && i.Count <= 100, "count", "must be between 1 and 100")
	f.check(i.Size == 0 || i.Size >= 24 && i.Size <= 65500, "size", "must be between 24 and 65500")
	f.check(i.LossWarn >= 0 && i.LossWarn <= 100, "lossWarning", "must be between 0 and 100")
	f.check(i.LossCrit >= 0 && i.LossCrit <= 100, "lossCritical", "must be between 0 and 100")
	i.RTT.validate(f.below("rtt"))
}

func (spec *ICMP) probe(ctx context.Context, r Runner, res *Result) {
	ip, err := net.DefaultResolver.LookupNetIP(ctx, "ip", spec.Address)
	if err != nil {
		res.Set(Critical, "%s: %s", spec.Address, Why(err))
		return
	}
	address := ip[0].Unmap()
	if r.Allow != nil {
		if err := r.Allow(address); err != nil {
			res.Failed(spec.Address, refusal(err))
			return
		}
	}
	stats, err := ping(ctx, spec, address, remaining(ctx))
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			res.Set(Unknown, "%s: this process may not send ICMP (it needs CAP_NET_RAW or net.ipv4.ping_group_range)", spec.Address)
			return
		}
		res.Set(Critical, "%s: %s", spec.Address, Why(err))
		return
	}
	res.Measure("loss", "percent", stats.PacketLoss)
	res.Set(OK, "%s: %d of %d answered", spec.Address, stats.PacketsRecv, stats.PacketsSent)
	if stats.PacketsRecv > 0 {
		res.Measure("rtt", "seconds", stats.AvgRtt.Seconds())
		res.Measure("rtt_max", "seconds", stats.MaxRtt.Seconds())
		res.Set(OK, "%s: %d of %d answered in %v", spec.Address, stats.PacketsRecv, stats.PacketsSent, stats.AvgRtt.Round(time.Microsecond))
	}
	switch {
	case stats.PacketsSent == 0 || stats.PacketLoss >= orDefault(spec.LossCrit, 100):
		res.Worsen(Critical, "%.0f %% lost", stats.PacketLoss)
	case stats.PacketLoss >= orDefault(spec.LossWarn, 20):
		res.Worsen(Warning, "%.0f %% lost", stats.PacketLoss)
	}
	spec.RTT.judge(res, "the round trip", stats.AvgRtt)
}

// ping tries a raw socket first and then the unprivileged datagram socket.
func ping(ctx context.Context, spec *ICMP, address netip.Addr, timeout time.Duration) (*probing.Statistics, error) {
	var first error
	for _, privileged := range []bool{true, false} {
		p := probing.New(address.String())
		p.SetIPAddr(&net.IPAddr{IP: address.AsSlice(), Zone: address.Zone()})
		p.SetPrivileged(privileged)
		p.SetLogger(probing.NoopLogger{})
		p.Count = int(orDefault(float64(spec.Count), 3))
		p.Size = int(orDefault(float64(spec.Size), 24))
		// All requests and the wait for the last answer fit into the timeout.
		p.Interval = min(200*time.Millisecond, timeout/time.Duration(2*p.Count))
		p.Timeout = timeout - timeout/10
		err := p.RunWithContext(ctx)
		if err == nil || p.PacketsSent > 0 {
			return p.Statistics(), nil
		}
		if first == nil {
			first = err
		}
		if !errors.Is(err, os.ErrPermission) {
			return nil, err
		}
	}
	return nil, first
}

func orDefault(v, otherwise float64) float64 {
	if v == 0 {
		return otherwise
	}
	return v
}
