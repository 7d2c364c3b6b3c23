package traps

import (
	"context"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gosnmp/gosnmp"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
)

const source = "snmp-trap"

// The bounds that events have; what is longer is cut here.
const (
	maxKey    = 500
	maxTitle  = 900
	maxLabel  = 2000
	maxLabels = 90
)

// taken is a notification that was decoded.
type taken struct {
	arrived
	trap   *Trap
	packet *gosnmp.SnmpPacket
}

// handle decodes a batch, makes its events durable and acknowledges.
func (c *Component) handle(ctx context.Context, decode *decoder, batch []arrived) {
	var list []taken
	for _, a := range batch {
		from := a.from.Addr().Unmap().WithZone("")
		trap, packet, answer, err := decode.decode(a.message, from)
		switch {
		case err != nil:
			c.meter.Refused(1, from.String()+": "+err.Error())
		case answer != nil:
			_, _ = c.conn.WriteToUDPAddrPort(answer, a.from)
		default:
			list = append(list, taken{a, trap, packet})
		}
	}
	if len(list) == 0 {
		return
	}
	var events []core.Event
	var records []logstore.Record
	items := map[netip.Addr]string{}
	bytes := 0
	for i := range list {
		t := &list[i]
		bytes += len(t.message)
		item, known := items[t.trap.Agent]
		if !known {
			item = c.deps.Items.ItemOf(ctx, map[string]string{"host.ip": t.trap.Agent.String()})
			items[t.trap.Agent] = item
		}
		r := c.ruleFor(t.trap)
		records = append(records, t.trap.record(r, item, t.at))
		if r.Action != "ignore" {
			events = append(events, t.trap.event(r, item, c.deps.IDs.New(), t.at))
		}
	}
	if err := c.accept(ctx, events); err != nil {
		c.meter.Refused(len(list), "the events were not taken: "+err.Error())
		return // informs come again
	}
	if _, err := c.deps.Logs.Write(ctx, records); err != nil {
		c.deps.Log.Warn("SNMP notifications became events, but are not in the log store", "notifications", len(records), "error", err)
	}
	for i := range list {
		if t := &list[i]; t.trap.Inform {
			if answer, err := acknowledge(t.packet); err == nil {
				_, _ = c.conn.WriteToUDPAddrPort(answer, t.from)
			} else {
				c.deps.Log.Warn("an inform cannot be acknowledged", "from", t.from, "error", err)
			}
		}
	}
	c.meter.Took(len(list), bytes)
	c.meter.Stored(c.deps.Clock.Now().Sub(list[0].at))
}

// accept makes events durable. While they cannot be, it tries for a while:
// traps are not sent again, and new ones wait in the queue.
func (c *Component) accept(ctx context.Context, events []core.Event) (err error) {
	if len(events) == 0 {
		return nil
	}
	for range acceptTries {
		limited, cancel := context.WithTimeout(ctx, acceptLimit)
		err = c.deps.Events.Accept(limited, events)
		cancel()
		if err == nil {
			return nil
		}
		if code := core.CodeOf(err); code == core.CodeInvalid {
			// One that breaks a rule is refused alone; the others were taken.
			c.meter.Refused(0, err.Error())
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		c.pause(ctx, acceptPause)
	}
	return err
}

func (c *Component) ruleFor(t *Trap) *rule {
	rules := *c.rules.Load()
	for _, r := range rules {
		if r.fits(t) {
			return r
		}
	}
	return rules[len(rules)-1] // fits everything
}

// event is what the rule makes of the notification.
func (t *Trap) event(r *rule, item, id string, at time.Time) core.Event {
	key := t.Title()
	if r.Key != "" {
		key = t.fill(r.Key)
	}
	title := r.Title
	if title == "" {
		title = "{trap} from {from}"
	}
	e := core.Event{ID: id, At: at, Source: source, Kind: core.EventKind(r.Action), Severity: r.severity, Key: clip("trap:"+t.Agent.String()+":"+key, maxKey),
		Title: clip(t.fill(title), maxTitle), Description: clip(t.text(), 16<<10), Item: item, Labels: t.labels(r)}
	if e.Kind == core.Cleared {
		e.Severity = core.Clear
	}
	if item == "" {
		e.Identities = []core.Identity{{Kind: "ip", Value: t.Agent.String()}}
	}
	return e
}

func (t *Trap) labels(r *rule) map[string]string {
	labels := map[string]string{"trap": clip(t.Title(), maxLabel), "oid": clip(t.OID, maxLabel), "from": t.Agent.String(), "version": t.Version, "rule": r.name}
	for _, v := range t.Variables {
		if v.Value != "" && len(labels) < maxLabels {
			labels[clip(v.label(), 190)] = clip(v.Value, maxLabel)
		}
	}
	return labels
}

// label is the name of a variable, or its identifier.
func (v *Variable) label() string {
	if v.Name != "" {
		return v.Name
	}
	return v.OID
}

// text is the notification in one line.
func (t *Trap) text() string {
	var b strings.Builder
	b.WriteString(t.Title())
	for _, v := range t.Variables {
		b.WriteByte(' ')
		b.WriteString(v.label())
		if v.Name != "" && v.Instance != "" && v.Instance != "0" {
			b.WriteString("." + v.Instance)
		}
		b.WriteString("=" + v.Value)
	}
	return b.String()
}

func (t *Trap) record(r *rule, item string, at time.Time) logstore.Record {
	level := map[core.Severity]string{core.Critical: "error", core.Major: "error", core.Minor: "warn", core.Warning: "warn"}[r.severity]
	if level == "" || r.Action == string(core.Cleared) {
		level = "info"
	}
	out := logstore.Record{Time: at, Message: t.text(), Item: item, App: source, Host: t.Agent.String(), Level: level}
	add := func(name, value string) {
		if value != "" {
			out.Fields = append(out.Fields, logstore.Field{Name: name, Value: value})
		}
	}
	add("snmp.trap", t.Name)
	add("snmp.trap_oid", t.OID)
	add("snmp.version", t.Version)
	add("snmp.user", t.User)
	add("snmp.rule", r.name)
	if t.Uptime > 0 {
		add("snmp.uptime", t.Uptime.String())
	}
	if t.From != t.Agent {
		add("network.peer.address", t.From.String())
	}
	for _, v := range t.Variables {
		add("snmp."+v.label(), v.Value)
	}
	return out
}

// clip shortens s to n bytes without breaking a character, and makes it text.
func clip(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
