package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
)

// cloudEvent is CloudEvents 1.0 (cloudevents.io): in structured mode all of it
// is the body, in binary mode the attributes are headers (HTTP binding 3.1),
// and a batch is a list (3.3). The extension attributes severity, status, host
// and item are read when a sender sets them.
type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        time.Time       `json:"time"`
	Severity    string          `json:"severity"`
	Status      string          `json:"status"`
	Host        string          `json:"host"`
	Item        string          `json:"item"`
	Data        json.RawMessage `json:"data"`
}

func decodeCloudEvents(_ context.Context, _ *Component, _ *Source, d *delivery) (decoded, error) {
	kind, _, err := mime.ParseMediaType(d.header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	var list []cloudEvent
	switch {
	case kind == "application/cloudevents-batch+json":
		if err := json.Unmarshal(d.body, &list); err != nil {
			return decoded{}, core.Errorf(core.CodeMalformed, "the batch cannot be read: %v", err)
		}
	case d.header.Get("Ce-Id") != "" || d.header.Get("Ce-Type") != "":
		e := cloudEvent{Data: d.body}
		for name, to := range map[string]*string{"Specversion": &e.SpecVersion, "Id": &e.ID, "Source": &e.Source, "Type": &e.Type, "Subject": &e.Subject,
			"Severity": &e.Severity, "Status": &e.Status, "Host": &e.Host, "Item": &e.Item} {
			*to = d.header.Get("Ce-" + name)
		}
		if at := d.header.Get("Ce-Time"); at != "" {
			if e.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
				return decoded{}, core.Invalid("ce-time", "must be a time of RFC 3339")
			}
		}
		list = []cloudEvent{e}
	default:
		var e cloudEvent
		if err := d.object(&e); err != nil {
			return decoded{}, err
		}
		list = []cloudEvent{e}
	}
	if len(list) > maxSignals {
		return decoded{}, core.Errorf(core.CodeTooLarge, "at most %d events in one delivery", maxSignals)
	}
	var out decoded
	for i, e := range list {
		s, err := e.signal(d.at)
		if err != nil {
			return decoded{}, core.Invalid(fmt.Sprintf("events[%d]", i), err.Error())
		}
		out.signals = append(out.signals, s)
	}
	return out, nil
}

// signal makes a notice of an event, unless a severity says that it is a
// problem, or a status that one is over. Source, type and subject are the key.
func (e *cloudEvent) signal(now time.Time) (events.Signal, error) {
	var s events.Signal
	if e.SpecVersion != "1.0" || e.ID == "" || e.Source == "" || e.Type == "" {
		return s, fmt.Errorf("specversion 1.0, id, source and type are needed")
	}
	s.At, s.Kind, s.Severity = e.Time, core.Notice, core.Info
	if s.At.IsZero() {
		s.At = now
	}
	s.Title = e.Type
	if e.Subject != "" {
		s.Title += ": " + e.Subject
	}
	s.Labels = map[string]string{"type": bounded(e.Type, 4096), "origin": bounded(e.Source, 4096)}
	put(s.Labels, "subject", e.Subject)
	s.Identities = events.HostIdentities(e.Host)
	if core.ValidID(e.Item) {
		s.Item = e.Item
	}
	if len(e.Data) > 0 {
		var compact bytes.Buffer
		if json.Compact(&compact, e.Data) == nil {
			s.Description = bounded(compact.String(), 8<<10)
		} else {
			s.Description = bounded(strings.ToValidUTF8(string(e.Data), "?"), 8<<10)
		}
	}
	for _, word := range []string{e.Severity, e.Status} {
		severity, ok := core.SeverityOf(word)
		if !ok {
			continue
		}
		s.Key = e.Source + " " + e.Type + " " + e.Subject
		if s.Kind, s.Severity = core.Problem, severity; severity == core.Clear {
			s.Kind = core.Cleared
		}
	}
	return s, nil
}
