package hooks

import (
	"context"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/events"
)

// nagiosPayload are the macros of Nagios (nagios.org, "Standard Macros in
// Nagios") and of Icinga 2's notification commands, under the names of the
// guide's command; sent as JSON or as a form.
type nagiosPayload struct {
	Type       string `json:"type"`       // $NOTIFICATIONTYPE$: PROBLEM, RECOVERY, ACKNOWLEDGEMENT, FLAPPINGSTART ...
	Host       string `json:"host"`       // $HOSTNAME$
	Address    string `json:"address"`    // $HOSTADDRESS$
	Service    string `json:"service"`    // $SERVICEDESC$; absent for the host itself
	State      string `json:"state"`      // $SERVICESTATE$ or $HOSTSTATE$
	Output     string `json:"output"`     // $SERVICEOUTPUT$ or $HOSTOUTPUT$
	LongOutput string `json:"longoutput"` // $LONGSERVICEOUTPUT$
	Author     string `json:"author"`     // $NOTIFICATIONAUTHOR$
	Comment    string `json:"comment"`    // $NOTIFICATIONCOMMENT$
	Groups     string `json:"groups"`     // $HOSTGROUPNAMES$
	NotesURL   string `json:"notesurl"`   // $SERVICENOTESURL$
}

func decodeNagios(_ context.Context, _ *Component, _ *Source, d *delivery) (decoded, error) {
	var p nagiosPayload
	if err := d.object(&p); err != nil {
		return decoded{}, err
	}
	if p.Host == "" {
		return decoded{}, core.Invalid("host", "must be $HOSTNAME$")
	}
	key := p.Host
	if p.Service != "" {
		key += "!" + p.Service
	}
	kind := strings.ToUpper(p.Type)
	switch {
	case strings.HasPrefix(kind, "ACKNOWLEDGEMENT"):
		return decoded{acknowledged: []acknowledgement{{key, first(p.Comment, "Acknowledged") + by(p.Author)}}}, nil
	case strings.HasPrefix(kind, "DOWNTIME"), strings.HasPrefix(kind, "FLAPPING"), kind == "CUSTOM":
		s := events.Signal{}
		s.At, s.Kind, s.Severity, s.Title, s.Description = d.at, core.Notice, core.Info, kind+": "+key, first(p.Comment, p.Output)
		s.Identities = append(events.HostIdentities(p.Host), events.HostIdentities(p.Address)...)
		return decoded{signals: []events.Signal{s}}, nil
	}
	severity, ok := core.SeverityOf(p.State)
	if !ok {
		return decoded{}, core.Invalid("state", "must be $SERVICESTATE$ or $HOSTSTATE$: OK, WARNING, CRITICAL, UNKNOWN, UP, DOWN or UNREACHABLE")
	}
	s := events.Signal{URL: p.NotesURL}
	s.At, s.Key, s.Severity, s.Description = d.at, key, severity, first(p.LongOutput, p.Output)
	s.Title = p.Host + ": " + first(p.Output, p.State)
	s.Labels = map[string]string{"host": bounded(p.Host, 4096)}
	if p.Service != "" {
		s.Title = p.Service + " on " + s.Title
		put(s.Labels, "service", p.Service)
	}
	put(s.Labels, "hostgroups", p.Groups)
	s.Identities = append(events.HostIdentities(p.Host), events.HostIdentities(p.Address)...)
	if severity == core.Clear || kind == "RECOVERY" {
		s.Kind, s.Severity = core.Cleared, core.Clear
	}
	return decoded{signals: []events.Signal{s}}, nil
}
