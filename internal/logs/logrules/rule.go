package logrules

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Spec is what a LogRule says.
type Spec struct {
	Query    string   `json:"query,omitempty" maxLength:"10000" doc:"LogsQL, without pipes; this or pattern"`
	Pattern  string   `json:"pattern,omitempty" maxLength:"32" doc:"Id of a pattern of log messages"`
	Datasets []string `json:"datasets,omitempty" maxItems:"50" doc:"Only records of these datasets, each of which whoever declares the rule must be able to read; those without rules of access when absent"`
	By       []string `json:"by,omitempty" maxItems:"5" doc:"Fields that are counted apart; the item always is"`
	Every    string   `json:"every,omitempty" doc:"How often it is evaluated; 1m when absent" example:"1m"`
	Metric   *Metric  `json:"metric,omitempty" doc:"Count the records as a metric"`
	Event    *Event   `json:"event,omitempty" doc:"Open an alert while there are many"`
	Disabled bool     `json:"disabled,omitempty"`
}

// Metric counts records.
type Metric struct {
	Name string `json:"name" doc:"of the counter, such as payment_errors_total"`
}

// Event opens and clears alerts.
type Event struct {
	Above    int64         `json:"above" minimum:"0" doc:"More records than this within window open the alert"`
	Window   string        `json:"window,omitempty" doc:"5m when absent" example:"5m"`
	Severity core.Severity `json:"severity"`
	Title    string        `json:"title" minLength:"1" maxLength:"300"`
}

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	fieldName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)
)

func period(text string, otherwise time.Duration) (time.Duration, bool) {
	if text == "" {
		return otherwise, true
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 10*time.Second && d <= 24*time.Hour
}

func (s Spec) every() time.Duration   { d, _ := period(s.Every, time.Minute); return d }
func (e Event) window() time.Duration { d, _ := period(e.Window, 5*time.Minute); return d }

func (s Spec) validate() error {
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	add((s.Query == "") == (s.Pattern == ""), "query", "must be set, or pattern, and not both")
	add(piped(s.Query), "query", "must have no pipes")
	add(s.Metric == nil && s.Event == nil, "metric", "must be set, or event, or both")
	_, ok := period(s.Every, time.Minute)
	add(!ok, "every", "must be a duration of 10s to 24h")
	for _, f := range s.By {
		add(!fieldName.MatchString(f), "by", "must be names of fields of letters, digits, _ and .")
	}
	if s.Metric != nil {
		add(!metricName.MatchString(s.Metric.Name), "metric.name", "must be letters, digits and _, beginning with no digit")
	}
	if s.Event != nil {
		_, ok := period(s.Event.Window, 5*time.Minute)
		add(!ok, "event.window", "must be a duration of 10s to 24h")
		add(s.Event.Title == "", "event.title", "must be set")
		add(s.Event.Above < 0, "event.above", "must not be negative")
	}
	return core.InvalidAll(wrong)
}

// piped says whether a query has a pipe, or closes a parenthesis that it did
// not open. What stands in quotes is a value; a quote that the engine would not
// take for one (it reads Go's strings) counts as a pipe, too.
func piped(query string) bool {
	depth := 0
	for query != "" {
		size := 1
		switch ch := query[0]; ch {
		case '"', '`', '\'':
			if size = quoted(query); size == 0 {
				return true
			}
		case '#':
			if size = strings.IndexByte(query, '\n'); size < 0 {
				return false
			}
		case '|':
			return true
		case '(', '[': // ranges such as (1,5] mix them
			depth++
		case ')', ']':
			if depth--; depth < 0 {
				return true
			}
		}
		query = query[size:]
	}
	return false
}

// quoted is the length of the string that a text begins with; 0 when it is none.
func quoted(text string) int {
	if text[0] != '\'' {
		prefix, err := strconv.QuotedPrefix(text)
		if err != nil {
			return 0
		}
		return len(prefix)
	}
	rest := text[1:]
	for rest != "" && rest[0] != '\'' {
		_, _, tail, err := strconv.UnquoteChar(rest, '\'')
		if err != nil {
			return 0
		}
		rest = tail
	}
	if rest == "" {
		return 0
	}
	return len(text) - len(rest) + 1
}

// fields are what is counted apart.
func (s Spec) fields() []string {
	out := []string{"item"}
	for _, f := range s.By {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// state is what a rule knows from the rounds before.
type state struct {
	Last   int64                 `json:"last"`             // micros: records before it are counted
	Totals map[string]float64    `json:"totals,omitempty"` // of the metric, by group
	Open   map[string]core.Event `json:"open,omitempty"`   // alerts, by group
	Over   int                   `json:"over,omitempty"`   // groups that were left out
	Error  string                `json:"error,omitempty"`
}

// rule is a stored LogRule.
type rule struct {
	id, name string
	version  int64
	updated  time.Time
	spec     Spec
	state    state
}

// groupOf names the values of a group's fields.
func groupOf(fields []string, row map[string]string) (key string, labels map[string]string) {
	labels = map[string]string{}
	for _, f := range fields {
		if row[f] != "" {
			labels[f] = row[f]
		}
	}
	text, _ := json.Marshal(labels) // maps are written in order
	return string(text), labels
}
