package changes

import (
	"embed"
	"io/fs"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "changes".
func Migrations() fs.FS { return migrations }

// Component keeps changes. It does nothing by itself, so it needs no start.
type Component struct {
	cfg  Configuration
	deps Dependencies
}

// New checks the configuration.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Component{cfg: cfg, deps: deps}, nil
}

// now is the time as the store keeps it.
func (c *Component) now() time.Time { return c.deps.Clock.Now().Truncate(time.Microsecond) }
