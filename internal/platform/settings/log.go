package settings

import (
	"io"
	"log/slog"

	"mainstay/internal/core"
)

// Log says what Mainstay writes about itself to standard error.
type Log struct {
	Level  string `yaml:"level" json:"level"`   // debug, info, warn, error
	Format string `yaml:"format" json:"format"` // text or json
}

// DefaultLog is a text log of what an operator may want to know.
func DefaultLog() Log { return Log{Level: "info", Format: "text"} }

// Validate names every field that cannot work.
func (l Log) Validate() error {
	var bad []core.Detail
	if _, err := l.level(); err != nil {
		bad = append(bad, core.Detail{Field: "log.level", Rule: "must be debug, info, warn or error"})
	}
	if l.Format != "text" && l.Format != "json" {
		bad = append(bad, core.Detail{Field: "log.format", Rule: "must be text or json"})
	}
	return core.InvalidAll(bad)
}

func (l Log) level() (level slog.Level, err error) {
	err = level.UnmarshalText([]byte(l.Level))
	return level, err
}

// Logger writes to w as configured.
func (l Log) Logger(w io.Writer) *slog.Logger {
	level, err := l.level()
	if err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
