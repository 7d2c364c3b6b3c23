package protocol

import "time"

// KindLogs is a record whose data is a LogBatch.
const KindLogs = "logs"

// MethodLogs gives an agent the sources it is to follow from now on, in the
// place of all earlier ones: LogSources -> LogStatus.
const MethodLogs = "logs.follow"

// CapabilityLogs is what an agent can do that follows files and journals.
const CapabilityLogs = "logs"

// LogSources is everything one agent is to follow. Revision changes when they do.
type LogSources struct {
	Revision string      `json:"revision"`
	Sources  []LogSource `json:"sources"`
}

// LogSource is one declared source as its agent needs it: files or the journal.
type LogSource struct {
	Name     string            `json:"name"`
	App      string            `json:"app,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Files    *LogFiles         `json:"files,omitempty"`
	Journal  *LogJournal       `json:"journal,omitempty"`
	FromPast bool              `json:"fromPast,omitempty"` // what was there before the source also counts
}

// LogFiles are files to follow.
type LogFiles struct {
	Paths    []string `json:"paths"` // patterns
	Exclude  []string `json:"exclude,omitempty"`
	Encoding string   `json:"encoding,omitempty"`
	Start    string   `json:"start,omitempty"`    // a regular expression: a line that it matches begins a record
	Continue string   `json:"continue,omitempty"` // one that it matches goes on with the record before
	MaxLine  int      `json:"maxLine,omitempty"`  // bytes of a record
}

// JavaContinues matches what goes on with a record in the way of a stack trace
// of Java, and of most others that indent.
const JavaContinues = `^(\s|Caused by: |Suppressed: |\.\.\. \d+ (more|common frames omitted))`

// LogJournal is systemd's journal.
type LogJournal struct {
	Units     []string `json:"units,omitempty"`
	Priority  string   `json:"priority,omitempty"`
	Directory string   `json:"directory,omitempty"` // of journal files; empty: the system's
}

// LogBatch is records of one source in order.
type LogBatch struct {
	Source  string            `json:"source"`
	App     string            `json:"app,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
	Records []LogRecord       `json:"records"`

	// The batch is the Seq-th of its Epoch, however often it is delivered.
	Epoch string `json:"-"`
	Seq   uint64 `json:"-"`
}

// LogRecord is one entry of a log. T is in microseconds.
type LogRecord struct {
	T      int64             `json:"t"`
	M      string            `json:"m"`
	Level  string            `json:"l,omitempty"`
	App    string            `json:"a,omitempty"`
	Fields map[string]string `json:"f,omitempty"`
}

// LogStatus is how following goes.
type LogStatus struct {
	Revision string            `json:"revision,omitempty"`
	Sources  []LogSourceStatus `json:"sources,omitempty" nullable:"false"`
}

// LogSourceStatus is how following one source goes.
type LogSourceStatus struct {
	Name    string    `json:"name" doc:"Name of the log source"`
	Files   int       `json:"files" doc:"Files that are followed; 0 for a journal"`
	Records int64     `json:"records" doc:"Records delivered since the agent started"`
	Bytes   int64     `json:"bytes" doc:"Bytes of them"`
	Cut     int64     `json:"cut" doc:"Records that were cut because they were too long"`
	Refused int64     `json:"refused" doc:"Records that the server could not use"`
	Rate    float64   `json:"rate" doc:"Records a second, over the last 10 to 20 seconds"`
	Behind  int64     `json:"behind" doc:"Bytes that are in the files and not delivered yet"`
	Seen    time.Time `json:"seen,omitzero" doc:"When the last record was delivered"`
	Error   string    `json:"error,omitempty" doc:"What is wrong at the moment"`
}
