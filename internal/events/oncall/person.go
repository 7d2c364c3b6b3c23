package oncall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/channel"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// Preferences are how one person wants to be told.
type Preferences struct {
	TimeZone string            `json:"timeZone,omitempty" maxLength:"60" doc:"IANA zone of the person; UTC when absent"`
	High     []Rule            `json:"high" nullable:"false" maxItems:"20" doc:"When a page is urgent"`
	Low      []Rule            `json:"low" nullable:"false" maxItems:"20" doc:"When it can wait"`
	Quiet    *Quiet            `json:"quiet,omitempty" doc:"When low urgency waits until it is over"`
	BatchLow probe.Duration    `json:"batchLow,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"How long low urgency is gathered before it is told together; not at all when absent"`
	Contacts map[string]string `json:"contacts,omitempty" doc:"Addresses by type of channel: mail, phone (for sms and voice), telegram, ntfy, matrix, mattermost ..."`
	Over     bool              `json:"over,omitempty" doc:"Not to be told when a page is over"`
}

// Rule is one way of being told, some time after a page begins.
type Rule struct {
	After   probe.Duration `json:"after,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
	Channel string         `json:"channel" minLength:"1" maxLength:"200" doc:"Name of a channel; mail and push are always there"`
}

// Quiet are the hours in which low urgency waits.
type Quiet struct {
	From string   `json:"from" maxLength:"5" doc:"HH:MM"`
	To   string   `json:"to" maxLength:"5" doc:"HH:MM; not after from: on the following day"`
	Days []string `json:"days,omitempty" maxItems:"7" doc:"Days they begin on: mon to sun; every day when absent"`
}

// The channels that need no document.
const (
	ownMail = "mail"
	ownPush = "push"
)

// standard is what holds for somebody who said nothing.
func standard() Preferences {
	rules := []Rule{{Channel: ownPush}, {Channel: ownMail}}
	return Preferences{High: rules, Low: rules[1:]}
}

const longestRule = 24 * time.Hour

// prepare checks the preferences.
func (p *Preferences) prepare() error {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: field, Rule: rule}) }
	if _, err := p.zone(); err != nil {
		add("timeZone", "must name an IANA time zone, such as Europe/Berlin or UTC")
	}
	for field, rules := range map[string][]Rule{"high": p.High, "low": p.Low} {
		for i, r := range rules {
			if r.After < 0 || time.Duration(r.After) > longestRule {
				add(fmt.Sprintf("%s[%d].after", field, i), "must be between 0s and 24h")
			}
		}
	}
	if len(p.High) == 0 {
		add("high", "must have at least one rule: who is on call must be reachable")
	}
	if p.Quiet != nil {
		if _, err := p.quietHours(); err != nil {
			add("quiet", "from and to must be HH:MM, days mon to sun")
		}
	}
	if p.BatchLow < 0 || time.Duration(p.BatchLow) > 12*time.Hour {
		add("batchLow", "must be between 0s and 12h")
	}
	for name, value := range p.Contacts {
		if len(value) > 300 || strings.ContainsAny(value, "\r\n") || len(name) > 40 {
			add("contacts."+name, "must be one line of at most 300 bytes")
		}
	}
	return core.InvalidAll(bad)
}

func (p *Preferences) zone() (*time.Location, error) {
	if p.TimeZone == "Local" {
		return nil, errors.New("no zone")
	}
	return time.LoadLocation(p.TimeZone)
}

// quietHours are a rota whose only layer counts in the quiet hours.
func (p *Preferences) quietHours() (*roster.Rota, error) {
	zone := p.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	r := &roster.Rota{TimeZone: zone, Layers: []roster.Layer{{People: []string{"quiet"}, Start: "2000-01-01T00:00", Every: "52w",
		Hours: []roster.Hours{{From: p.Quiet.From, To: p.Quiet.To, Days: p.Quiet.Days}}}}}
	return r, r.Prepare()
}

// quietUntil is when the quiet hours end that at lies in; zero outside of them.
func (p *Preferences) quietUntil(at time.Time) time.Time {
	if p.Quiet == nil {
		return time.Time{}
	}
	r, err := p.quietHours()
	if err != nil {
		return time.Time{}
	}
	if spans := r.Layer(0, at, at.AddDate(0, 0, 8)); len(spans) > 0 && !spans[0].From.After(at) {
		return spans[0].To
	}
	return time.Time{}
}

// rules of an urgency.
func (p *Preferences) rules(urgency string) []Rule {
	if urgency == Low {
		return p.Low
	}
	return p.High
}

// contact is the person's address on a type of channel.
func (p *Preferences) contact(kind string, who Person) string {
	switch kind {
	case channel.SMS, channel.Voice:
		kind = "phone"
	case channel.Mail:
		if p.Contacts["mail"] == "" {
			return who.Email
		}
	}
	return p.Contacts[kind]
}

// preferences reads what a person said, or what holds without.
func (c *Component) preferences(ctx context.Context, q sqldb.Querier, person string) (Preferences, error) {
	var text string
	err := q.QueryRow(ctx, "SELECT spec FROM oncall_person WHERE person = $1", person).Scan(&text)
	if errors.Is(err, sqldb.ErrNoRows) {
		return standard(), nil
	}
	var p Preferences
	if err == nil {
		err = json.Unmarshal([]byte(text), &p)
	}
	return p, err
}

// SetPreferences keeps what a person says of themselves.
func (c *Component) SetPreferences(ctx context.Context, person string, p Preferences) error {
	if err := p.prepare(); err != nil {
		return err
	}
	for field, rules := range map[string][]Rule{"high": p.High, "low": p.Low} {
		for i, r := range rules {
			if _, err := c.channelNamed(ctx, c.deps.DB, r.Channel); err != nil {
				return core.Invalid(fmt.Sprintf("%s[%d].channel", field, i), fmt.Sprintf("there is no channel %q", r.Channel))
			}
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO oncall_person (person, spec, updated_at) VALUES ($1, $2, $3)
			ON CONFLICT (person) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at`, person, string(text), core.Micros(c.deps.Clock.Now())); err != nil {
			return err
		}
		return c.note(ctx, tx, telling{verb: "person.changed", subject: core.Ref{Kind: "user", ID: person}, summary: "notification rules changed"})
	})
}
