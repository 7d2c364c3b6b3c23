package processing

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/platform/logstore"
)

// trial is a record on its way through the rules.
type trial struct {
	ctx      context.Context
	record   logstore.Record
	receiver string
	owned    bool // the fields are ours to change
	dropped  bool
	masked   int
	now      time.Time
	object   map[string]any // the record as expressions see it; nil when it is not made yet
}

// changed forgets what was made of the record as it was.
func (t *trial) changed() { t.object = nil }

// own makes the fields ours; the caller's stay as they are.
func (t *trial) own(more int) {
	if !t.owned {
		fields := make([]logstore.Field, len(t.record.Fields), len(t.record.Fields)+more)
		copy(fields, t.record.Fields)
		t.record.Fields, t.owned = fields, true
	}
	t.changed()
}

// get returns a field by name, or one of the parts that every record has.
func (t *trial) get(name string) string {
	if part := t.part(name); part != nil {
		return *part
	}
	for i := range t.record.Fields {
		if t.record.Fields[i].Name == name {
			return t.record.Fields[i].Value
		}
	}
	return ""
}

// part is what every record has under that name.
func (t *trial) part(name string) *string {
	switch name {
	case "", "message", logstore.MessageField:
		return &t.record.Message
	case logstore.AppField:
		return &t.record.App
	case logstore.HostField:
		return &t.record.Host
	case logstore.LevelField:
		return &t.record.Level
	}
	return nil
}

// put gives a field a value, and an empty one takes it away.
func (t *trial) put(name, value string) {
	if part := t.part(name); part != nil {
		*part = value
		t.changed()
		return
	}
	t.own(1)
	i := slices.IndexFunc(t.record.Fields, func(f logstore.Field) bool { return f.Name == name })
	switch {
	case i >= 0 && value == "":
		t.record.Fields = slices.Delete(t.record.Fields, i, i+1)
	case i >= 0:
		t.record.Fields[i].Value = value
	case value != "":
		t.record.Fields = append(t.record.Fields, logstore.Field{Name: name, Value: value})
	}
}

// variables are what expressions see.
func (t *trial) variables() map[string]any {
	if t.object == nil {
		r := &t.record
		fields := make(map[string]any, len(r.Fields))
		for _, f := range r.Fields {
			fields[f.Name] = f.Value
		}
		dataset := r.Dataset
		if dataset == "" {
			dataset = logstore.Default
		}
		t.object = map[string]any{"record": map[string]any{"message": r.Message, "app": r.App, "host": r.Host, "item": r.Item, "level": r.Level,
			"dataset": dataset, "receiver": t.receiver, "time": r.Time, "fields": fields}}
	}
	return t.object
}

// wants says whether a rule is for the record; what is cheap is looked at first.
func (s *stage) wants(r *rule, t *trial) (bool, error) {
	dataset := t.record.Dataset
	if dataset == "" {
		dataset = logstore.Default
	}
	w := r.spec.When
	if w == nil {
		return true, nil
	}
	if !matches(r.app, t.record.App) || !matches(r.host, t.record.Host) || !matches(r.level, t.record.Level) || !matches(r.dataset, dataset) ||
		!matches(r.receiver, t.receiver) || w.Contains != "" && !strings.Contains(t.record.Message, w.Contains) {
		return false, nil
	}
	if r.expression == "" {
		return true, nil
	}
	return condition(t, s.language, r.expression)
}
