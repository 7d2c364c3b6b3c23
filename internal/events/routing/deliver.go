package routing

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/common/model"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// delivery is one notification of one integration.
type delivery struct {
	r     *Router
	g     *group
	i     *integration
	place place
	now   time.Time // when the group was flushed
	list  []*Alert

	firing, resolved []string
}

const (
	claimFor  = 15 * time.Second // beyond an attempt's time
	busyEvery = time.Second
	firstWait = 500 * time.Millisecond
	mostWait  = 30 * time.Second
)

// run tells the integration if there is news, trying until it succeeds or ctx ends.
func (d *delivery) run(ctx context.Context) error {
	for _, a := range d.list {
		if a.ResolvedAt(d.now) {
			d.resolved = append(d.resolved, a.Fingerprint)
		} else {
			d.firing = append(d.firing, a.Fingerprint)
		}
	}
	slices.Sort(d.firing)
	slices.Sort(d.resolved)
	news := func(e *entry) reason {
		return e.news(d.firing, d.resolved, d.i.sendResolved, d.g.node.repeatInterval, d.now)
	}
	e, err := readEntry(ctx, d.r.deps.DB, d.place, "")
	if err != nil || news(e) == nothingNew {
		return err
	}
	wait := firstWait
	for {
		why, busy, err := d.r.claim(ctx, d.place, d.r.deps.Clock.Now().Add(d.i.timeout+claimFor), news)
		if err != nil || why == nothingNew {
			return err
		}
		pause := busyEvery
		if !busy {
			began := d.r.deps.Clock.Now()
			again, err := d.attempt(ctx, why)
			if err == nil {
				return nil
			}
			d.r.failures.Add(1)
			if !again || ctx.Err() != nil {
				d.r.release(context.WithoutCancel(ctx), d.place, err.Error())
				return err
			}
			d.r.deps.Log.Debug("events: a receiver is tried again", "receiver", d.place.receiver, "error", err)
			// Half to one and a half of the wait, which begins with the attempt.
			pause = wait/2 + rand.N(wait) - d.r.deps.Clock.Now().Sub(began)
			wait = min(wait*3/2, mostWait)
		}
		if err := d.r.sleep(ctx, pause); err != nil {
			d.r.release(context.WithoutCancel(ctx), d.place, "its time was up")
			return fmt.Errorf("its time was up: %w", err)
		}
	}
}

func (r *Router) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := r.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C():
		return nil
	}
}

// attempt sends once and logs it.
func (d *delivery) attempt(ctx context.Context, why reason) (again bool, err error) {
	list := d.list
	if !d.i.sendResolved {
		list = slices.DeleteFunc(slices.Clone(list), func(a *Alert) bool { return a.ResolvedAt(d.now) })
	}
	if len(list) == 0 { // its receiver does not want to know, but the log has to
		return true, d.log(ctx, nil)
	}
	m := d.message(list, why)
	switch d.i.kind {
	case "email":
		mails, err := d.i.mails(m)
		if err != nil {
			return false, err
		}
		return core.CodeOf(err) != core.CodeUnavailable, d.log(ctx, func(tx *sqldb.Tx) error { return d.r.enqueue(ctx, tx, mails) })
	default:
		if again, err := d.r.post(ctx, d.i, m); err != nil {
			return again, err
		}
		// It has been told: that is logged even if the time is up now.
		return true, d.log(context.WithoutCancel(ctx), func(*sqldb.Tx) error { return nil })
	}
}

// message makes what templates and webhooks see.
func (d *delivery) message(list []*Alert, why reason) message {
	m := message{groupKey: d.g.key}
	if d.i.webhook != nil && d.i.webhook.MaxAlerts > 0 && uint64(len(list)) > d.i.webhook.MaxAlerts {
		m.truncated = uint64(len(list)) - d.i.webhook.MaxAlerts
		list = list[:d.i.webhook.MaxAlerts]
	}
	alerts := make([]*alert.Alert, 0, len(list))
	for _, a := range list {
		one := &alert.Alert{UpdatedAt: a.UpdatedAt, Alert: model.Alert{Labels: labelSet(a.Labels), Annotations: labelSet(a.Annotations), StartsAt: a.StartsAt, GeneratorURL: a.URL}}
		if a.ResolvedAt(d.now) {
			one.EndsAt = a.EndsAt
		}
		alerts = append(alerts, one)
	}
	m.data = d.i.template.Data(d.g.node.receiver, labelSet(d.g.labels), nil, string(why), alerts...)
	for name, value := range d.g.node.labels {
		text, err := d.i.template.ExecuteTextString(value, m.data)
		if err != nil {
			d.r.deps.Log.Warn("events: a route's label cannot be rendered", "label", name, "error", err)
			text = value
		}
		m.data.RouteLabels[name] = text
	}
	return m
}

// notified is the data of the ledger entry events.notification.sent.
type notified struct {
	Receiver    string            `json:"receiver"`
	Integration string            `json:"integration"`
	Group       map[string]string `json:"group,omitempty"`
	Firing      int               `json:"firing"`
	Resolved    int               `json:"resolved"`
}

// log writes what the receiver knows now, and with it what and says. A nil and
// means that nothing was sent.
func (d *delivery) log(ctx context.Context, and func(*sqldb.Tx) error) error {
	err := d.r.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := logged(ctx, tx, d.place, d.firing, d.resolved, d.now, d.now.Add(2*d.g.node.repeatInterval)); err != nil {
			return err
		}
		if and == nil {
			return nil
		}
		if err := and(tx); err != nil {
			return err
		}
		data, err := json.Marshal(notified{d.place.receiver, d.place.integration, d.g.labels, len(d.firing), len(d.resolved)})
		if err != nil {
			return err
		}
		_, err = d.r.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: ledger.System("events"), Module: "events", Type: "events.notification.sent",
			Subject: core.Ref{Kind: "receiver", ID: d.place.receiver}, Team: d.team(), Data: data,
			Summary: fmt.Sprintf("%s was told by %s: %d firing, %d resolved", d.place.receiver, d.place.integration, len(d.firing), len(d.resolved))})
		return err
	})
	if err == nil && and != nil {
		d.r.sent.Add(1)
	}
	return err
}

// team is the one team of all alerts; "" when there is none or more than one.
func (d *delivery) team() string {
	team := d.list[0].Team
	for _, a := range d.list {
		if a.Team != team {
			return ""
		}
	}
	return team
}
