package oncall

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/channel"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

const (
	purposePage         = string(channel.Page)
	purposeAcknowledged = string(channel.Acknowledged)
	purposeResolved     = string(channel.Resolved)
	purposeHandOver     = string(channel.HandOver)
	purposeTest         = string(channel.Test)
)

// The states of a delivery.
const (
	deliveryWaiting = "waiting"
	deliverySent    = "sent"
	deliveryFailed  = "failed"
	deliveryDropped = "dropped" // it was not needed any more
)

// delivery is one message on its way.
type delivery struct {
	id, page, situation, person, name, channel, address, purpose, why, title, body, state string

	night bool
	tries int
	made  time.Time
}

// addressed makes the delivery of a page to a person.
func (c *Component) addressed(ctx context.Context, q sqldb.Querier, page Page, who Person, p Preferences, name, purpose, why string) (delivery, error) {
	spec, err := c.channelNamed(ctx, q, name)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return delivery{}, err // a channel that is gone fails where it shows
	}
	return delivery{page: page.ID, situation: page.Situation, person: who.ID, name: who.Name, channel: name, address: p.contact(spec.Type, who), purpose: purpose, why: why,
		title: page.Title, night: purpose == purposePage && night(p, c.deps.Clock.Now())}, nil
}

func (c *Component) queueFor(ctx context.Context, tx *sqldb.Tx, page Page, who Person, p Preferences, name, purpose, why string) error {
	d, err := c.addressed(ctx, tx, page, who, p, name, purpose, why)
	if err != nil {
		return err
	}
	return c.queue(ctx, tx, d)
}

// queue writes a delivery and the task that sends it.
func (c *Component) queue(ctx context.Context, tx *sqldb.Tx, d delivery) error {
	d.id = c.deps.IDs.New()
	_, err := c.queueAs(ctx, tx, d)
	return err
}

func (c *Component) queueAs(ctx context.Context, tx *sqldb.Tx, d delivery) (string, error) {
	night := 0
	if d.night {
		night = 1
	}
	if _, err := tx.Exec(ctx, `INSERT INTO oncall_delivery (id, page, situation, person, name, channel, address, purpose, why, title, body, state, tries, answer, night, created_at, done_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,0,'',$13,$14,0)`, d.id, d.page, d.situation, d.person, d.name, d.channel, d.address, d.purpose, d.why, d.title, d.body,
		deliveryWaiting, night, core.Micros(c.deps.Clock.Now())); err != nil {
		return "", err
	}
	priority := 0
	if d.purpose == purposePage {
		priority = 10
	}
	return d.id, c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Queue: sending, Kind: taskDeliver, Key: d.id, Args: d.id, MaxFailures: -1, Priority: priority})
}

func deliveryByID(ctx context.Context, q sqldb.Querier, id string) (d delivery, err error) {
	var made, night int64
	err = q.QueryRow(ctx, `SELECT id, page, situation, person, name, channel, address, purpose, why, title, body, state, tries, night, created_at FROM oncall_delivery WHERE id = $1`, id).
		Scan(&d.id, &d.page, &d.situation, &d.person, &d.name, &d.channel, &d.address, &d.purpose, &d.why, &d.title, &d.body, &d.state, &d.tries, &night, &made)
	d.night, d.made = night != 0, core.FromMicros(made)
	return d, err
}

// deliver tries to send one delivery, and keeps the proof.
func (c *Component) deliver(ctx context.Context, t tasks.Task) error {
	var id string
	if err := t.Decode(&id); err != nil {
		return err
	}
	d, err := deliveryByID(ctx, c.deps.DB, id)
	if absent(err) || err == nil && d.state != deliveryWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	m, needed, err := c.message(ctx, d)
	if err != nil {
		return err
	}
	if !needed {
		return c.finish(ctx, t, d, deliveryDropped, "it was not needed any more", nil)
	}
	if wait, err := c.tooFast(ctx, d); err != nil {
		return err
	} else if wait > 0 {
		return tasks.Snooze(wait)
	}
	receipt, err := c.send(ctx, d, m)
	if ctx.Err() != nil {
		return ctx.Err() // the process stops: the next one tries
	}
	now := c.deps.Clock.Now()
	d.tries++
	proof := &try{d.tries, now, err == nil, receipt.Status, receipt.Answer}
	switch {
	case err == nil:
		return c.finish(ctx, t, d, deliverySent, receipt.Answer, proof)
	case channel.Permanent(err) || d.tries >= c.cfg.Tries:
		proof.answer = err.Error()
		return c.finish(ctx, t, d, deliveryFailed, err.Error(), proof)
	}
	proof.answer = err.Error()
	if stored := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error { return c.keep(ctx, tx, d, deliveryWaiting, err.Error(), proof) }); stored != nil {
		return stored
	}
	if after := channel.After(err); after > 0 {
		return tasks.RetryAfter(err, after)
	}
	return tasks.RetryAfter(err, min(time.Second<<min(2*d.tries, 10), 5*time.Minute))
}

// try is the proof of one.
type try struct {
	number int
	at     time.Time
	ok     bool
	status int
	answer string
}

// finish ends a delivery and its task together.
func (c *Component) finish(ctx context.Context, t tasks.Task, d delivery, state, answer string, proof *try) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := c.keep(ctx, tx, d, state, answer, proof); err != nil {
			return err
		}
		if state == deliveryFailed {
			if err := c.note(ctx, tx, telling{verb: "delivery.failed", subject: core.Ref{Kind: "page", ID: d.page}, summary: fmt.Sprintf("%s could not be told by %s: %s", d.name, d.channel, answer),
				data: map[string]string{"delivery": d.id, "channel": d.channel, "situation": d.situation}}); err != nil {
				return err
			}
		}
		return t.Complete(ctx, tx)
	})
}

func (c *Component) keep(ctx context.Context, tx *sqldb.Tx, d delivery, state, answer string, proof *try) error {
	done := int64(0)
	if state != deliveryWaiting {
		done = core.Micros(c.deps.Clock.Now())
	}
	if _, err := tx.Exec(ctx, "UPDATE oncall_delivery SET state = $2, tries = $3, answer = $4, done_at = $5 WHERE id = $1", d.id, state, d.tries, cut(answer), done); err != nil || proof == nil {
		return err
	}
	ok := 0
	if proof.ok {
		ok = 1
	}
	_, err := tx.Exec(ctx, "INSERT INTO oncall_try (delivery, number, channel, at, ok, status, answer) VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT DO NOTHING",
		d.id, proof.number, d.channel, core.Micros(proof.at), ok, proof.status, cut(proof.answer))
	return err
}

// cut bounds what is kept of an answer; a NUL is none that SQL can hold.
func cut(answer string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(answer[:min(len(answer), 1000)], ""), "\x00", "")
}

// tooFast says how long a channel must rest.
func (c *Component) tooFast(ctx context.Context, d delivery) (time.Duration, error) {
	spec, err := c.channelNamed(ctx, c.deps.DB, d.channel)
	if err != nil || d.channel == ownMail || d.channel == ownPush {
		return 0, nil
	}
	limit := spec.PerMinute
	if limit == 0 {
		limit = channel.DefaultPerMinute
	}
	now := c.deps.Clock.Now()
	var tries int
	var oldest int64
	err = c.deps.DB.QueryRow(ctx, "SELECT COUNT(*), COALESCE(MIN(at), 0) FROM oncall_try WHERE channel = $1 AND at > $2", d.channel, core.Micros(now.Add(-time.Minute))).Scan(&tries, &oldest)
	if err != nil || tries < limit {
		return 0, err
	}
	return max(core.FromMicros(oldest).Add(time.Minute).Sub(now), time.Second), nil
}

// message is what a delivery says, and whether it must still be said.
func (c *Component) message(ctx context.Context, d delivery) (channel.Message, bool, error) {
	m := channel.Message{ID: d.id, Purpose: channel.Purpose(d.purpose), Situation: d.situation, Title: d.title, Text: d.body, To: d.address, At: d.made, Urgency: High}
	if d.person != "" {
		m.Person = d.name
	}
	if d.page == "" {
		return m, true, nil
	}
	page, err := pageByID(ctx, c.deps.DB, d.page)
	if core.CodeOf(err) == core.CodeNotFound {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	if d.purpose == purposePage && page.State != stateOpen {
		return m, false, nil
	}
	m.Title, m.Severity, m.Urgency, m.Services, m.At = page.Title, page.Severity, page.Urgency, page.Services, page.OpenedAt
	m.URL = c.address() + "/situations/" + page.Situation
	if s, err := c.deps.Situations.Situation(ctx, page.Situation, false); err == nil && d.purpose == purposePage {
		m.Text = fmt.Sprintf("Since %s. Alerts: %d.", page.OpenedAt.UTC().Format("2006-01-02 15:04 MST"), s.Alerts)
		if s.Root != "" {
			m.Text += " Probable cause: " + s.Root + "."
		}
	}
	if d.purpose == purposePage && d.person != "" {
		m.AckURL, err = c.link(ctx, d, actAcknowledge)
		if err == nil {
			m.ResolveURL, err = c.link(ctx, d, actResolve)
		}
	}
	if d.purpose == purposeResolved {
		m.Text = "It is over."
	}
	return m, true, err
}

// sendTimeout bounds one try.
const sendTimeout = 20 * time.Second

func (c *Component) send(ctx context.Context, d delivery, m channel.Message) (channel.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if d.channel == ownPush {
		return c.push(ctx, d, m)
	}
	spec, err := c.channelNamed(ctx, c.deps.DB, d.channel)
	if core.CodeOf(err) == core.CodeNotFound {
		return channel.Receipt{}, &channel.Failure{Permanent: true, Cause: err}
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	sender, err := channel.New(spec, channel.Tools{HTTP: c.deps.HTTP, Mail: c.deps.Mail, Clock: c.deps.Clock,
		Reveal: func(ctx context.Context, reference string) (string, error) {
			return c.deps.Secrets.Reveal(ctx, reference, core.Ref{Kind: "channel", ID: d.channel}, spec.Team)
		}})
	if err != nil {
		return channel.Receipt{}, &channel.Failure{Permanent: true, Cause: err}
	}
	return sender.Send(ctx, m)
}

// channelNamed is a channel's spec; mail and push need no document.
func (c *Component) channelNamed(ctx context.Context, q sqldb.Querier, name string) (spec channel.Spec, err error) {
	if name == ownMail || name == ownPush {
		return channel.Spec{Type: name}, nil
	}
	d, err := documentNamed(ctx, q, kindChannel, name)
	if err == nil {
		err = json.Unmarshal(d.Spec, &spec)
	}
	return spec, err
}

// tellOver tells everybody who was told of a page that it is over, the way they were told.
func (c *Component) tellOver(ctx context.Context, tx *sqldb.Tx, page Page) error {
	return c.follows(ctx, tx, page, purposeResolved, func(spec channel.Spec, person string) (bool, error) {
		if spec.Type == channel.Voice {
			return false, nil // nobody wants to be called for that
		}
		p, err := c.preferences(ctx, tx, person)
		return !p.Over || person == "", err
	})
}

// tellServices tells paging services that somebody has it.
func (c *Component) tellServices(ctx context.Context, tx *sqldb.Tx, page Page, purpose string) error {
	return c.follows(ctx, tx, page, purpose, func(spec channel.Spec, _ string) (bool, error) {
		return spec.Type == channel.PagerDuty || spec.Type == channel.Opsgenie || spec.Type == channel.Webhook, nil
	})
}

// follows queues what follows a page for each way it was told.
func (c *Component) follows(ctx context.Context, tx *sqldb.Tx, page Page, purpose string, wanted func(spec channel.Spec, person string) (bool, error)) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT person, name, channel, address FROM oncall_delivery WHERE page = $1 AND purpose = 'page' AND state = 'sent' ORDER BY channel, person`, page.ID)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (d delivery, err error) {
		return d, r.Scan(&d.person, &d.name, &d.channel, &d.address)
	})
	if err != nil {
		return err
	}
	for _, d := range list {
		spec, err := c.channelNamed(ctx, tx, d.channel)
		if core.CodeOf(err) == core.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		ok, err := wanted(spec, d.person)
		if err != nil {
			return err
		}
		if ok {
			d.page, d.situation, d.purpose, d.title, d.why = page.ID, page.Situation, purpose, page.Title, "was told before"
			if err := c.queue(ctx, tx, d); err != nil {
				return err
			}
		}
	}
	return nil
}
