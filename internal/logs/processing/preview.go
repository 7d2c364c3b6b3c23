package processing

import (
	"context"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/logstore"
)

// Draft is a document that is tried with records, and changes nothing.
type Draft struct {
	Document string   `json:"document" minLength:"1" maxLength:"65536" doc:"A LogProcessing document, as YAML"`
	Lines    []string `json:"lines,omitempty" maxItems:"100" doc:"Messages to try it with"`
	App      string   `json:"app,omitempty" maxLength:"256" doc:"of the lines"`
	Host     string   `json:"host,omitempty" maxLength:"256" doc:"of the lines"`
	Receiver string   `json:"receiver,omitempty" maxLength:"32" doc:"of the lines and records"`
	Query    string   `json:"query,omitempty" maxLength:"10000" doc:"LogsQL: the newest stored records that match are tried, when there are no lines. They were processed when they came"`
	Limit    int      `json:"limit,omitempty" minimum:"1" maximum:"100" doc:"20 when absent"`
}

// Seen is a record as it is shown.
type Seen struct {
	Time    time.Time         `json:"time"`
	Message string            `json:"message"`
	App     string            `json:"app,omitempty"`
	Host    string            `json:"host,omitempty"`
	Level   string            `json:"level,omitempty"`
	Dataset string            `json:"dataset"`
	Fields  map[string]string `json:"fields" nullable:"false"`
}

// Difference is what a step changed.
type Difference struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Done is what a step did.
type Done struct {
	Step    string       `json:"step"`
	Changes []Difference `json:"changes" nullable:"false"`
	Dropped bool         `json:"dropped,omitempty"`
	Error   string       `json:"error,omitempty"`
}

// Tried is one record and what becomes of it.
type Tried struct {
	Before  Seen   `json:"before"`
	After   Seen   `json:"after"`
	Matched bool   `json:"matched"`
	Dropped bool   `json:"dropped"`
	Error   string `json:"error,omitempty" doc:"why it could not be said whether the rule is for the record"`
	Steps   []Done `json:"steps" nullable:"false"`
}

// Preview is what a draft would do.
type Preview struct {
	Matched int     `json:"matched"`
	Dropped int     `json:"dropped"`
	Failed  int     `json:"failed" doc:"steps that failed"`
	Items   []Tried `json:"items" nullable:"false"`
}

// Preview tries a draft.
func (c *Component) Preview(ctx context.Context, d Draft) (*Preview, error) {
	r, err := c.draft(d.Document)
	if err != nil {
		return nil, err
	}
	records, err := c.samples(ctx, d)
	if err != nil {
		return nil, err
	}
	out := &Preview{Items: []Tried{}}
	s := &stage{language: c.language}
	for _, record := range records {
		tried := c.try(ctx, s, r, record, d.Receiver)
		if tried.Matched {
			out.Matched++
		}
		if tried.Dropped {
			out.Dropped++
		}
		for _, step := range tried.Steps {
			if step.Error != "" {
				out.Failed++
			}
		}
		out.Items = append(out.Items, tried)
	}
	return out, nil
}

func (c *Component) draft(text string) (*rule, error) {
	docs := declare.Parse([]byte(text))
	if len(docs) != 1 {
		return nil, core.Invalid("document", "must be one document")
	}
	doc := docs[0]
	switch {
	case doc.Err != nil:
		return nil, doc.Err
	case doc.Kind != kindName:
		return nil, core.Invalid("kind", "must be "+kindName)
	}
	var spec Spec
	if err := declare.Decode(doc.Spec, &spec); err != nil {
		return nil, err
	}
	c.loading.Lock()
	key := c.key
	c.loading.Unlock()
	return compile(doc.Name, spec, &compiler{language: c.language, key: key, known: c.deps.Datasets.Known, names: &names{}})
}

// samples are the lines, or stored records that the caller may read.
func (c *Component) samples(ctx context.Context, d Draft) ([]logstore.Record, error) {
	now := c.deps.Clock.Now()
	var records []logstore.Record
	if len(d.Lines) > 0 {
		for _, line := range d.Lines {
			records = append(records, logstore.Record{Time: now, Message: line, App: d.App, Host: d.Host})
		}
		return records, nil
	}
	only, err := c.deps.Datasets.Narrow(ctx, nil)
	if err != nil {
		return nil, err
	}
	limit := d.Limit
	if limit == 0 {
		limit = 20
	}
	for row, err := range c.deps.Logs.Query(ctx, logstore.Query{Expr: d.Query, Start: now.Add(-24 * time.Hour), End: now, Limit: limit, Only: only}) {
		if err != nil {
			return nil, err
		}
		records = append(records, recordOf(row))
	}
	return records, nil
}

// recordOf is a stored record as it would come in again.
func recordOf(row logstore.Row) logstore.Record {
	at, _ := time.Parse(time.RFC3339Nano, row[logstore.TimeField])
	r := logstore.Record{Time: at, Message: row[logstore.MessageField], Item: row[logstore.ItemField], App: row[logstore.AppField],
		Host: row[logstore.HostField], Level: row[logstore.LevelField], Dataset: row[logstore.DatasetField]}
	for _, name := range slices.Sorted(maps.Keys(row)) {
		switch name {
		case logstore.TimeField, logstore.MessageField, logstore.ItemField, logstore.AppField, logstore.HostField, logstore.LevelField,
			logstore.DatasetField, logstore.StreamField, "_stream_id", "pattern":
		default:
			r.Fields = append(r.Fields, logstore.Field{Name: name, Value: row[name]})
		}
	}
	return r
}

// try takes one record through one rule, and notes what each step does.
func (c *Component) try(ctx context.Context, s *stage, r *rule, record logstore.Record, receiver string) Tried {
	t := &trial{ctx: ctx, record: record, receiver: receiver, now: c.deps.Clock.Now()}
	out := Tried{Before: seen(record), Steps: []Done{}}
	matched, err := s.wants(r, t)
	if err != nil {
		out.Error = err.Error()
	}
	if out.Matched = matched; matched {
		for i, st := range r.steps {
			before := seen(t.record)
			done := Done{Step: r.spec.Steps[i].name()}
			if err := st.do(t); err != nil {
				done.Error = err.Error()
			}
			done.Dropped = t.dropped
			done.Changes = differences(before, seen(t.record))
			out.Steps = append(out.Steps, done)
			if out.Dropped = t.dropped; t.dropped {
				break
			}
		}
	}
	out.After = seen(t.record)
	return out
}

func seen(r logstore.Record) Seen {
	out := Seen{Time: r.Time, Message: r.Message, App: r.App, Host: r.Host, Level: r.Level, Dataset: r.Dataset, Fields: map[string]string{}}
	if out.Dataset == "" {
		out.Dataset = logstore.Default
	}
	for _, f := range r.Fields {
		out.Fields[f.Name] = f.Value
	}
	return out
}

func differences(a, b Seen) []Difference {
	out := []Difference{}
	add := func(field, before, after string) {
		if before != after {
			out = append(out, Difference{field, before, after})
		}
	}
	add("message", a.Message, b.Message)
	add("time", a.Time.UTC().Format(time.RFC3339Nano), b.Time.UTC().Format(time.RFC3339Nano))
	add("app", a.App, b.App)
	add("host", a.Host, b.Host)
	add("level", a.Level, b.Level)
	add("dataset", a.Dataset, b.Dataset)
	all := maps.Clone(a.Fields)
	maps.Copy(all, b.Fields)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		add(name, a.Fields[name], b.Fields[name])
	}
	return out
}
