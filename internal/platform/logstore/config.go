package logstore

import (
	"net/url"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/spool"
)

// Configuration of one dataset.
type Configuration struct {
	Dataset   string              `yaml:"dataset" json:"dataset"` // "logs", "traces"
	Dir       string              `yaml:"dir" json:"dir"`
	URL       string              `yaml:"url" json:"url"`             // an external engine; empty runs the child
	Retention time.Duration       `yaml:"retention" json:"retention"` // at least a day
	MaxDisk   int64               `yaml:"maxDisk" json:"maxDisk"`     // bytes after which the oldest day goes; 0 is no bound
	MinFree   int64               `yaml:"minFree" json:"minFree"`     // bytes of free disk below which the child is read-only
	Memory    int64               `yaml:"memory" json:"memory"`       // bytes the child aims to stay below
	Spool     spool.Configuration `yaml:"spool" json:"spool"`
	Settle    time.Duration       `yaml:"settle" json:"settle"`     // age at which the engine has a batch on disk
	Timeout   time.Duration       `yaml:"timeout" json:"timeout"`   // of one request to the engine
	OnDemand  bool                `yaml:"onDemand" json:"onDemand"` // the child of an empty dataset starts with its first use
}

// Defaults keeps a dataset for 30 days in a child of 256 MB.
func Defaults(dataset, dir string) Configuration {
	cfg := Configuration{
		Dataset: dataset, Dir: dir, Retention: 30 * 24 * time.Hour,
		MinFree: 256 << 20, Memory: 256 << 20,
		Spool: spool.Defaults(), Settle: 10 * time.Second, Timeout: 30 * time.Second,
	}
	cfg.Spool.Sync, cfg.Spool.MaxBytes = spool.SyncInterval, 256<<20
	return cfg
}

// Validate names the fields that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: field, Rule: rule})
		}
	}
	add(c.Dataset == "", "dataset", "must be set")
	add(c.Dir == "", "dir", "must be set")
	add(c.Retention < 24*time.Hour, "retention", "must be at least 24h")
	add(c.URL == "" && c.Memory < 64<<20, "memory", "must be at least 67108864")
	add(c.MinFree < 0, "minFree", "must not be negative")
	add(c.Settle < 5*time.Second, "settle", "must be at least 5s: the engine flushes within 3")
	add(c.Timeout <= 0, "timeout", "must be above 0")
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		add(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https", "url", "must be an http or https address")
	}
	return core.InvalidAll(wrong)
}
