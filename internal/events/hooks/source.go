package hooks

import (
	"maps"
	"slices"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/platform/receivers"
)

// SourceSpec is what a document of kind EventSource says.
type SourceSpec struct {
	Format       string            `json:"format" enum:"alertmanager,grafana,zabbix,nagios,cloudevents,pagerduty,sns,mail,json" doc:"What the sender speaks; json is mapped by mapping"`
	Mapping      *Mapping          `json:"mapping,omitempty" doc:"How events are made; for the formats json and mail"`
	Severity     string            `json:"severity,omitempty" enum:"info,warning,minor,major,critical" doc:"Of problems whose sender does not say; warning when absent"`
	Labels       map[string]string `json:"labels,omitempty" doc:"Added to every event, unless the sender has the label"`
	ExpiresAfter string            `json:"expiresAfter,omitempty" doc:"Ends alerts that are not repeated for so long, such as 1h"`
	Disabled     bool              `json:"disabled,omitempty" doc:"Refuses what is posted"`
}

// Source is a stored EventSource.
type Source struct {
	Name      string
	Spec      SourceSpec
	UpdatedAt time.Time

	expires  time.Duration
	severity core.Severity
}

// compile checks the spec and readies the source for deliveries.
func (s *Source) compile(m *mapper) error {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: field, Rule: rule}) }
	if s.Name == "" || len(s.Name) > 100 || !inPath(s.Name) {
		add("name", "must be 1 to 100 letters, digits, '-', '_' or '.': it is part of an address")
	}
	if _, ok := formats()[s.Spec.Format]; !ok {
		add("spec.format", "must be one of alertmanager, grafana, zabbix, nagios, cloudevents, pagerduty, sns, mail, json")
	}
	s.severity = core.Warning
	if s.Spec.Severity != "" {
		var err error
		if s.severity, err = core.ParseSeverity(s.Spec.Severity); err != nil || s.severity == core.Clear {
			add("spec.severity", "must be info, warning, minor, major or critical")
		}
	}
	if s.Spec.ExpiresAfter != "" {
		d, err := time.ParseDuration(s.Spec.ExpiresAfter)
		if err != nil || d <= 0 || d > 365*24*time.Hour {
			add("spec.expiresAfter", "must be a positive duration such as 1h")
		}
		s.expires = d
	}
	for name, value := range s.Spec.Labels {
		if name == "" || len(name) > 200 || len(value) > 4096 {
			add("spec.labels", "a name must have 1 to 200 bytes, a value at most 4096")
		}
	}
	switch {
	case s.Spec.Format == formatJSON && s.Spec.Mapping == nil:
		add("spec.mapping", "is needed for the format json")
	case s.Spec.Format != formatJSON && s.Spec.Format != formatMail && s.Spec.Mapping != nil:
		add("spec.mapping", "is only for the formats json and mail")
	case s.Spec.Mapping != nil:
		bad = append(bad, m.check(s.Spec.Mapping)...)
	}
	return core.InvalidAll(bad)
}

func inPath(name string) bool {
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.') {
			return false
		}
	}
	return name != "." && name != ".."
}

// finish gives signals what the source says of all of them.
func (s *Source) finish(signals []events.Signal, now time.Time) {
	for i := range signals {
		sg := &signals[i]
		sg.Source = s.Name
		if sg.Kind == "" {
			sg.Kind = core.Problem
		}
		if sg.Kind == core.Problem && sg.Severity == core.Clear {
			sg.Severity = s.severity
		}
		if sg.Key != "" {
			sg.Key = bounded(s.Name+":"+sg.Key, 512)
		}
		sg.Title = bounded(sg.Title, 1000)
		if len(s.Spec.Labels) > 0 {
			all := maps.Clone(s.Spec.Labels)
			maps.Copy(all, sg.Labels)
			sg.Labels = all
		}
		if s.expires > 0 && sg.Kind == core.Problem && sg.ExpiresAt.IsZero() {
			sg.ExpiresAt = now.Add(s.expires)
		}
	}
}

// listening are the sources in memory, with their meters.
type listening struct {
	registry *receivers.Registry

	mu     sync.RWMutex
	all    map[string]*Source
	meters map[string]*receivers.Meter
}

func (l *listening) get(name string) (*Source, *receivers.Meter) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.all[name], l.meters[name]
}

// set replaces what is known. Meters of sources that stay go on counting.
func (l *listening) set(list []*Source) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next, meters := map[string]*Source{}, map[string]*receivers.Meter{}
	for _, s := range list {
		next[s.Name] = s
		meter := l.meters[s.Name]
		if meter == nil || meter.Protocol != formats()[s.Spec.Format].title {
			if meter != nil {
				meter.Close()
			}
			meter = l.registry.Add(receivers.About{Name: "hook-" + s.Name, Protocol: formats()[s.Spec.Format].title, Address: hookPath + s.Name, Feeds: "events"})
		}
		meters[s.Name] = meter
	}
	for name, meter := range l.meters {
		if meters[name] == nil {
			meter.Close()
		}
	}
	l.all, l.meters = next, meters
}

func (l *listening) names() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Sorted(maps.Keys(l.all))
}
