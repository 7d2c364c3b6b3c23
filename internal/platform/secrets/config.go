package secrets

import "mainstay/internal/core"

// Configuration says where the keys are and what is kept.
type Configuration struct {
	KeyFile  string `yaml:"keyFile" json:"keyFile"`   // created when missing
	Keys     string `yaml:"-" json:"-"`               // MAINSTAY_SECRET_KEY: wins over KeyFile
	Versions int    `yaml:"versions" json:"versions"` // kept of each secret
}

// Defaults keep the last five versions of a secret.
func Defaults() Configuration { return Configuration{Versions: 5} }

// Validate checks the configuration.
func (c Configuration) Validate() error {
	var details []core.Detail
	if c.KeyFile == "" && c.Keys == "" {
		details = append(details, core.Detail{Field: "secrets.keyFile", Rule: "must name a file"})
	}
	if c.Versions < 1 || c.Versions > 100 {
		details = append(details, core.Detail{Field: "secrets.versions", Rule: "must be from 1 to 100"})
	}
	return core.InvalidAll(details)
}
