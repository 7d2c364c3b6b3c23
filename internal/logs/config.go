package logs

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the intake.
type Configuration struct {
	MaxBody   int64         `yaml:"maxBody" json:"maxBody"`     // bytes of one request after decompression
	Remember  time.Duration `yaml:"remember" json:"remember"`   // how long a resource keeps its item before the graph is asked again
	Resources int           `yaml:"resources" json:"resources"` // how many resources are remembered
}

// Defaults takes up to 16 MB at once.
func Defaults() Configuration {
	return Configuration{MaxBody: 16 << 20, Remember: time.Minute, Resources: 10_000}
}

// Validate names the fields that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	if c.MaxBody < 64<<10 || c.MaxBody > 256<<20 {
		wrong = append(wrong, core.Detail{Field: "maxBody", Rule: "must be 65536 to 268435456"})
	}
	if c.Remember <= 0 {
		wrong = append(wrong, core.Detail{Field: "remember", Rule: "must be above 0"})
	}
	if c.Resources < 1 {
		wrong = append(wrong, core.Detail{Field: "resources", Rule: "must be above 0"})
	}
	return core.InvalidAll(wrong)
}
