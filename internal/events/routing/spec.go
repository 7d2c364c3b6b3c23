package routing

// Spec is what an Alertmanager configuration file says of routing, in its own
// words (prometheus.io/docs/alerting/latest/configuration).
type Spec struct {
	Global            *Global         `json:"global,omitempty"`
	Route             Route           `json:"route" doc:"The root of the tree: it has a receiver and no matchers"`
	Receivers         []Receiver      `json:"receivers" nullable:"false" minItems:"1" maxItems:"5000"`
	InhibitRules      []InhibitRule   `json:"inhibit_rules,omitempty" nullable:"false" maxItems:"5000"`
	TimeIntervals     []NamedInterval `json:"time_intervals,omitempty" nullable:"false" maxItems:"1000"`
	MuteTimeIntervals []NamedInterval `json:"mute_time_intervals,omitempty" nullable:"false" maxItems:"1000" doc:"The older name of time_intervals"`
	Templates         []string        `json:"templates,omitempty" nullable:"false" maxItems:"100" doc:"Texts of template files, not their names"`
}

// Global holds for all.
type Global struct {
	ResolveTimeout string `json:"resolve_timeout,omitempty" doc:"How long an alert lasts that is posted without an end"`
}

// Route is one node of the tree. What it leaves out is as its parent has it.
type Route struct {
	Receiver            string            `json:"receiver,omitempty"`
	GroupBy             []string          `json:"group_by,omitempty" maxItems:"100" doc:"Labels, or ... alone for all"`
	Continue            bool              `json:"continue,omitempty" doc:"Whether the routes beside it are tried too"`
	Match               map[string]string `json:"match,omitempty"`
	MatchRE             map[string]string `json:"match_re,omitempty"`
	Matchers            []string          `json:"matchers,omitempty" maxItems:"100"`
	GroupWait           string            `json:"group_wait,omitempty" doc:"such as 30s"`
	GroupInterval       string            `json:"group_interval,omitempty" doc:"such as 5m"`
	RepeatInterval      string            `json:"repeat_interval,omitempty" doc:"such as 4h"`
	MuteTimeIntervals   []string          `json:"mute_time_intervals,omitempty"`
	ActiveTimeIntervals []string          `json:"active_time_intervals,omitempty"`
	Labels              map[string]string `json:"labels,omitempty" doc:"Told with each notification; values may be templates"`
	Routes              []Route           `json:"routes,omitempty" nullable:"false" maxItems:"5000"`
}

// Receiver is who hears of a group.
type Receiver struct {
	Name     string            `json:"name" minLength:"1" maxLength:"200"`
	Labels   map[string]string `json:"labels,omitempty" doc:"For finding receivers, in the API"`
	Webhooks []Webhook         `json:"webhook_configs,omitempty" nullable:"false" maxItems:"100"`
	Emails   []Email           `json:"email_configs,omitempty" nullable:"false" maxItems:"100"`
}

// Webhook posts a group as JSON, Alertmanager's version 4.
type Webhook struct {
	SendResolved *bool       `json:"send_resolved,omitempty" doc:"Also when alerts are resolved; on unless said otherwise"`
	URL          string      `json:"url" minLength:"1" doc:"An address, which may be a template, or secret:NAME"`
	HTTP         *HTTPConfig `json:"http_config,omitempty"`
	MaxAlerts    uint64      `json:"max_alerts,omitempty" doc:"How many alerts are told of at most; 0 for all"`
	Timeout      string      `json:"timeout,omitempty" doc:"How long one attempt may take"`
	Payload      any         `json:"payload,omitempty" doc:"What is posted instead; its texts are templates"`
}

// HTTPConfig says how a webhook is called.
type HTTPConfig struct {
	Authorization *struct {
		Type        string `json:"type,omitempty" doc:"Bearer unless said otherwise"`
		Credentials string `json:"credentials" pattern:"^secret:" patternDescription:"secret:NAME" doc:"secret:NAME"`
	} `json:"authorization,omitempty"`
	BasicAuth *struct {
		Username string `json:"username"`
		Password string `json:"password" pattern:"^secret:" patternDescription:"secret:NAME" doc:"secret:NAME"`
	} `json:"basic_auth,omitempty"`
	FollowRedirects *bool `json:"follow_redirects,omitempty" doc:"On unless said otherwise"`
}

// Email sends mail through this installation's mail server.
type Email struct {
	SendResolved *bool             `json:"send_resolved,omitempty" doc:"Also when alerts are resolved; off unless said otherwise"`
	To           string            `json:"to" minLength:"1" doc:"Addresses with commas between them; may be a template"`
	Headers      map[string]string `json:"headers,omitempty" doc:"Subject only; may be a template"`
	Text         string            `json:"text,omitempty" doc:"A template of the text"`
}

// InhibitRule holds alerts back while others are active.
type InhibitRule struct {
	Name           string            `json:"name,omitempty"`
	SourceMatch    map[string]string `json:"source_match,omitempty"`
	SourceMatchRE  map[string]string `json:"source_match_re,omitempty"`
	SourceMatchers []string          `json:"source_matchers,omitempty" maxItems:"100"`
	TargetMatch    map[string]string `json:"target_match,omitempty"`
	TargetMatchRE  map[string]string `json:"target_match_re,omitempty"`
	TargetMatchers []string          `json:"target_matchers,omitempty" maxItems:"100"`
	Equal          []string          `json:"equal,omitempty" maxItems:"100"`
}

// NamedInterval is a set of times that routes may name.
type NamedInterval struct {
	Name      string     `json:"name" minLength:"1" maxLength:"200"`
	Intervals []Interval `json:"time_intervals" nullable:"false" maxItems:"1000"`
}

// Interval is a time in which all of what it says holds.
type Interval struct {
	Times       []TimeRange `json:"times,omitempty"`
	Weekdays    []any       `json:"weekdays,omitempty" doc:"such as monday:friday"`
	DaysOfMonth []any       `json:"days_of_month,omitempty" doc:"such as 1:5 or -3:-1"`
	Months      []any       `json:"months,omitempty" doc:"such as january or 1:3"`
	Years       []any       `json:"years,omitempty" doc:"such as 2027 or 2027:2029"`
	Location    string      `json:"location,omitempty" doc:"A time zone; UTC unless said otherwise"`
}

// TimeRange is from a time of the day to another.
type TimeRange struct {
	Start string `json:"start_time" doc:"HH:MM"`
	End   string `json:"end_time" doc:"HH:MM"`
}
