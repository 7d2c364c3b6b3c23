package scraping

import (
	"fmt"
	"path/filepath"
	"time"

	"mainstay/internal/core"
)

// Configuration of scraping. The limits hold for every document that does not
// name its own.
type Configuration struct {
	// Interval and Timeout of a scrape.
	Interval time.Duration `yaml:"interval" json:"interval"`
	Timeout  time.Duration `yaml:"timeout" json:"timeout"`
	// MinInterval is the shortest interval a document may ask for.
	MinInterval time.Duration `yaml:"minInterval" json:"minInterval"`
	// BodyLimit is the largest answer of a target in bytes, after decompression.
	BodyLimit int64 `yaml:"bodyLimit" json:"bodyLimit"`
	// SampleLimit is how many samples one scrape may give.
	SampleLimit uint `yaml:"sampleLimit" json:"sampleLimit"`
	// TargetLimit is how many targets one document may have.
	TargetLimit uint `yaml:"targetLimit" json:"targetLimit"`
	// LabelLimit, LabelNameLength and LabelValueLength bound the labels of a sample.
	LabelLimit       uint `yaml:"labelLimit" json:"labelLimit"`
	LabelNameLength  uint `yaml:"labelNameLength" json:"labelNameLength"`
	LabelValueLength uint `yaml:"labelValueLength" json:"labelValueLength"`
	// Settle is how long discoveries are collected before the targets change.
	Settle time.Duration `yaml:"settle" json:"settle"`
	// Directories are where files that documents name may lie: targets of
	// file_sd_configs, certificates, keys. Anyone who may write a document could
	// otherwise have any file of the server read and sent away.
	Directories []string `yaml:"directories" json:"directories"`
}

// Defaults contain a target that goes wrong and let large exporters through.
func Defaults() Configuration {
	return Configuration{
		Interval: 30 * time.Second, Timeout: 10 * time.Second, MinInterval: time.Second,
		BodyLimit: 32 << 20, SampleLimit: 100_000, TargetLimit: 10_000,
		LabelLimit: 64, LabelNameLength: 256, LabelValueLength: 2048,
		Settle:      5 * time.Second,
		Directories: []string{"/etc/mainstay/scrape"},
	}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	fail(c.MinInterval >= 10*time.Millisecond, "minInterval", "must be at least 10ms")
	fail(c.Interval >= c.MinInterval, "interval", "must not be shorter than minInterval")
	fail(c.Timeout > 0 && c.Timeout <= c.Interval, "timeout", "must be positive and not longer than the interval")
	fail(c.BodyLimit > 0, "bodyLimit", "must be positive")
	fail(c.SampleLimit > 0, "sampleLimit", "must be positive")
	fail(c.TargetLimit > 0, "targetLimit", "must be positive")
	fail(c.LabelLimit > 0, "labelLimit", "must be positive")
	fail(c.LabelNameLength > 0, "labelNameLength", "must be positive")
	fail(c.LabelValueLength > 0, "labelValueLength", "must be positive")
	fail(c.Settle > 0, "settle", "must be positive")
	for i, dir := range c.Directories {
		fail(filepath.IsAbs(dir) && filepath.Clean(dir) != "/", fmt.Sprintf("directories[%d]", i), "must be an absolute path below the root")
	}
	return core.InvalidAll(bad)
}
