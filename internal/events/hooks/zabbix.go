package hooks

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/events"
)

// zabbixPayload are the parameters of the webhook media type that the guide
// gives, filled with Zabbix's macros (zabbix.com, "Supported macros"). All are
// texts; one that Zabbix could not expand is still the macro.
type zabbixPayload struct {
	EventID    string `json:"eventid"`    // {EVENT.ID}: of the problem, also in its recovery
	Value      string `json:"value"`      // {EVENT.VALUE}: 1 problem, 0 recovery
	Update     string `json:"update"`     // {EVENT.UPDATE.STATUS}: 1 for an update
	Action     string `json:"action"`     // {EVENT.UPDATE.ACTION}
	Message    string `json:"message"`    // {EVENT.UPDATE.MESSAGE}
	User       string `json:"user"`       // {USER.FULLNAME}
	Name       string `json:"name"`       // {EVENT.NAME}
	Severity   string `json:"nseverity"`  // {EVENT.NSEVERITY}: 0 not classified to 5 disaster
	Host       string `json:"host"`       // {HOST.HOST}
	Visible    string `json:"hostname"`   // {HOST.NAME}
	Address    string `json:"ip"`         // {HOST.IP}
	DNS        string `json:"dns"`        // {HOST.DNS}
	Data       string `json:"opdata"`     // {EVENT.OPDATA}
	TriggerID  string `json:"triggerid"`  // {TRIGGER.ID}
	TriggerURL string `json:"triggerurl"` // {TRIGGER.URL}
	Tags       string `json:"tags"`       // {EVENT.TAGSJSON}
}

func decodeZabbix(_ context.Context, _ *Component, _ *Source, d *delivery) (decoded, error) {
	var p zabbixPayload
	if err := d.object(&p); err != nil {
		return decoded{}, err
	}
	for _, text := range []*string{&p.EventID, &p.Value, &p.Update, &p.Action, &p.Message, &p.User, &p.Name, &p.Severity, &p.Host, &p.Visible, &p.Address, &p.DNS, &p.Data, &p.TriggerID, &p.TriggerURL, &p.Tags} {
		if len(*text) > 2 && (*text)[0] == '{' && (*text)[len(*text)-1] == '}' || *text == "*UNKNOWN*" {
			*text = ""
		}
	}
	if p.EventID == "" {
		return decoded{}, core.Invalid("eventid", "must be {EVENT.ID}")
	}
	if p.Update == "1" {
		if p.Action == "" || p.Message == "" && p.Action != "acknowledged" {
			return decoded{note: "an update that says nothing"}, nil
		}
		return decoded{acknowledged: []acknowledgement{{p.EventID, first(p.Message, p.Action) + by(p.User)}}}, nil
	}
	s := events.Signal{URL: p.TriggerURL}
	s.At, s.Key, s.Title, s.Description = d.at, p.EventID, first(p.Name, "Zabbix problem "+p.EventID), p.Data
	s.Labels = map[string]string{}
	put(s.Labels, "host", first(p.Host, p.Visible))
	put(s.Labels, "trigger", p.TriggerID)
	var tags []struct{ Tag, Value string }
	if p.Tags != "" && json.Unmarshal([]byte(p.Tags), &tags) == nil {
		for _, t := range tags[:min(len(tags), 50)] {
			put(s.Labels, bounded(t.Tag, 200), first(t.Value, "true"))
		}
		delete(s.Labels, "")
	}
	for _, host := range []string{p.DNS, p.Host, p.Visible, p.Address} {
		s.Identities = append(s.Identities, events.HostIdentities(host)...)
	}
	switch p.Value {
	case "1":
		s.Severity = map[string]core.Severity{"0": core.Info, "1": core.Info, "2": core.Warning, "3": core.Minor, "4": core.Major, "5": core.Critical}[p.Severity]
	case "0":
		s.Kind = core.Cleared
	default:
		return decoded{}, core.Invalid("value", "must be {EVENT.VALUE}: 1 or 0")
	}
	return decoded{signals: []events.Signal{s}}, nil
}

func by(user string) string {
	if user == "" {
		return ""
	}
	return " (" + user + ")"
}
