package scraping

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"go.yaml.in/yaml/v2"

	// The kinds of service discovery that a document may use.
	_ "github.com/prometheus/prometheus/discovery/consul"
	_ "github.com/prometheus/prometheus/discovery/dns"
	_ "github.com/prometheus/prometheus/discovery/file"
	_ "github.com/prometheus/prometheus/discovery/http"
	_ "github.com/prometheus/prometheus/discovery/kubernetes"

	"mainstay/internal/core"
)

// Spec is what a Scrape document says: a scrape configuration in Prometheus'
// own words (prometheus.io, "scrape_config") beside three fields of Mainstay's.
type Spec struct {
	Description string
	Team        string
	Disabled    bool
	// Config are the fields of the scrape configuration, without job_name.
	Config map[string]any
}

// Scrape is a declared scrape configuration.
type Scrape struct {
	ID        string
	Name      string
	Spec      Spec
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// MarshalJSON writes the fields beside each other, as the document has them.
func (s Spec) MarshalJSON() ([]byte, error) {
	out := maps.Clone(s.Config)
	if out == nil {
		out = map[string]any{}
	}
	if s.Description != "" {
		out["description"] = s.Description
	}
	if s.Team != "" {
		out["team"] = s.Team
	}
	if s.Disabled {
		out["disabled"] = true
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Spec) UnmarshalJSON(text []byte) error {
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		return core.Invalid("spec", "must be a mapping")
	}
	*s = Spec{Config: raw}
	if raw == nil {
		s.Config = map[string]any{}
	}
	var bad []core.Detail
	take(s.Config, "description", &s.Description, "must be a text", &bad)
	take(s.Config, "team", &s.Team, "must be a text", &bad)
	take(s.Config, "disabled", &s.Disabled, "must be true or false", &bad)
	return core.InvalidAll(bad)
}

// take moves a field out of the map.
func take[T any](from map[string]any, name string, to *T, rule string, bad *[]core.Detail) {
	v, there := from[name]
	if !there {
		return
	}
	delete(from, name)
	got, ok := v.(T)
	if !ok {
		*bad = append(*bad, core.Detail{Field: "spec." + name, Rule: rule})
		return
	}
	*to = got
}

// Check says whether a document would be taken.
func Check(name string, raw json.RawMessage, cfg Configuration) error {
	var spec Spec
	if err := json.Unmarshal(raw, &spec); err != nil {
		return err
	}
	return spec.validate(name, cfg)
}

var nameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$`)

// validate checks a document as it is declared. Its errors name the field.
func (s Spec) validate(name string, cfg Configuration) error {
	var bad []core.Detail
	if !nameRule.MatchString(name) {
		bad = append(bad, core.Detail{Field: "name", Rule: "must be 1 to 120 letters, digits, '.', '_' or '-' and begin with a letter or digit"})
	}
	if job, there := s.Config["job_name"]; there && job != name {
		bad = append(bad, core.Detail{Field: "spec.job_name", Rule: "must be the name of the document, or left out"})
	}
	bad = append(bad, policed(s.Config, cfg)...)
	if len(bad) > 0 {
		return core.InvalidAll(bad)
	}
	_, err := s.config(name, cfg)
	return err
}

// config is the scrape configuration with the installation's limits filled in.
func (s Spec) config(name string, cfg Configuration) (*config.ScrapeConfig, error) {
	out, err := read(name, s.Config)
	if err != nil {
		return nil, atFault(name, s.Config, err)
	}
	if err := out.Validate(cfg.global()); err != nil {
		return nil, core.Invalid("spec", plainError(name, err))
	}
	if time.Duration(out.ScrapeInterval) < cfg.MinInterval {
		return nil, core.Invalid("spec.scrape_interval", "must be at least "+cfg.MinInterval.String())
	}
	return out, nil
}

// global are the installation's limits as Prometheus' global section.
func (c Configuration) global() config.GlobalConfig {
	g := config.DefaultGlobalConfig
	g.ScrapeInterval, g.ScrapeTimeout = model.Duration(c.Interval), model.Duration(c.Timeout)
	g.BodySizeLimit = units.Base2Bytes(c.BodyLimit)
	g.SampleLimit, g.TargetLimit, g.KeepDroppedTargets = c.SampleLimit, c.TargetLimit, 100
	g.LabelLimit, g.LabelNameLengthLimit, g.LabelValueLengthLimit = c.LabelLimit, c.LabelNameLength, c.LabelValueLength
	return g
}

// read has Prometheus read a configuration.
func read(name string, fields map[string]any) (*config.ScrapeConfig, error) {
	all := maps.Clone(fields)
	if all == nil {
		all = map[string]any{}
	}
	all["job_name"] = name
	// JSON is YAML, and keeps numbers and texts apart as they were written.
	text, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	out := &config.ScrapeConfig{}
	if err := yaml.UnmarshalStrict(text, out); err != nil {
		return nil, err
	}
	return out, nil
}

// atFault finds the field that an error is about: the one that cannot be read
// even alone, and of a list the element.
func atFault(name string, fields map[string]any, whole error) error {
	var bad []core.Detail
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		_, err := read(name, map[string]any{field: fields[field]})
		if err == nil {
			continue
		}
		path := "spec." + field
		if list, ok := fields[field].([]any); ok {
			for i, element := range list {
				if _, single := read(name, map[string]any{field: []any{element}}); single != nil {
					bad = append(bad, core.Detail{Field: indexed(path, i), Rule: plainError(name, single)})
				}
			}
			if len(bad) > 0 {
				continue
			}
		}
		bad = append(bad, core.Detail{Field: path, Rule: plainError(name, err)})
	}
	if len(bad) == 0 {
		bad = append(bad, core.Detail{Field: "spec", Rule: plainError(name, whole)})
	}
	return core.InvalidAll(bad)
}

var (
	yamlNoise = regexp.MustCompile(`(?m)^\s*line \d+: `)
	goTypes   = regexp.MustCompile(` in type [A-Za-z0-9_.*]+`)
)

// plainError takes out of an error what only a reader of Go code understands.
func plainError(name string, err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n")
	text = goTypes.ReplaceAllString(yamlNoise.ReplaceAllString(text, ""), "")
	text = strings.ReplaceAll(text, ` for scrape config with job name "`+name+`"`, "")
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n", "; "), "yaml: ")
}
