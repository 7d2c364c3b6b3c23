package desk

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the desk.
type Configuration struct {
	Attachments   string        `yaml:"attachments" json:"attachments"`     // directory of attached files
	MaxAttachment int64         `yaml:"maxAttachment" json:"maxAttachment"` // bytes of one file
	CloseAfter    time.Duration `yaml:"closeAfter" json:"closeAfter"`       // a resolved incident closes by itself after this; 0 never
	ScanEvery     time.Duration `yaml:"scanEvery" json:"scanEvery"`         // how often what is due is looked for
}

// Defaults closes resolved incidents after three days.
func Defaults() Configuration {
	return Configuration{MaxAttachment: 25 << 20, CloseAfter: 72 * time.Hour, ScanEvery: 10 * time.Second}
}

// Validate names the fields that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: field, Rule: rule})
		}
	}
	add(c.Attachments == "", "attachments", "must name a directory")
	add(c.MaxAttachment < 1<<10 || c.MaxAttachment > 1<<30, "maxAttachment", "must be 1024 to 1073741824")
	add(c.CloseAfter < 0, "closeAfter", "must not be negative")
	add(c.ScanEvery < time.Second, "scanEvery", "must be at least 1s")
	return core.InvalidAll(wrong)
}
