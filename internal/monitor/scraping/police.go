package scraping

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"mainstay/internal/core"
)

// secretPrefix begins a reference to a sealed secret.
const secretPrefix = "secret:"

// isSecret says whether a field of Prometheus' configuration holds a secret.
func isSecret(field string) bool {
	switch field {
	case "password", "credentials", "bearer_token", "client_secret", "token", "secrets", "key", "client_certificate_key":
		return true
	}
	return false
}

// isFile says whether a field names files of the server.
func isFile(field string) bool {
	return strings.HasSuffix(field, "_file") || field == "files"
}

// refused are fields that have no place in a document.
func refused(field string) string {
	switch field {
	case "scrape_failure_log_file":
		return "is not offered: the last error of each target is shown with it"
	case "proxy_from_environment":
		return "is not offered: name the proxy with proxy_url"
	}
	return ""
}

// policed returns what a document may not say though Prometheus would read it:
// secrets in plain text, and files outside the directories kept for them.
func policed(fields map[string]any, cfg Configuration) []core.Detail {
	var bad []core.Detail
	walk("spec", "", fields, func(path, field string, v string) string {
		switch {
		case refused(field) != "":
			bad = append(bad, core.Detail{Field: path, Rule: refused(field)})
		case isSecret(field) && v != "" && !strings.HasPrefix(v, secretPrefix):
			bad = append(bad, core.Detail{Field: path, Rule: `must refer to a secret, such as "secret:exporter-password"`})
		case isFile(field) && v != "" && !cfg.holds(v):
			bad = append(bad, core.Detail{Field: path, Rule: "must be an absolute path in " + cfg.places()})
		}
		return v
	})
	return bad
}

func (c Configuration) places() string {
	if len(c.Directories) == 0 {
		return "one of scraping.directories, and the configuration names none"
	}
	return strings.Join(c.Directories, " or ")
}

// holds says whether a path, which may be a pattern, lies in a directory for files.
// Links are followed, so that none leads out of it.
func (c Configuration) holds(path string) bool {
	if !filepath.IsAbs(path) {
		return false
	}
	return slices.ContainsFunc(c.Directories, func(dir string) bool {
		if !within(dir, filepath.Clean(path)) {
			return false
		}
		real, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return true // not there yet, or a pattern of directories
		}
		home, err := filepath.EvalSymlinks(dir)
		return err == nil && (real == home || within(home, real))
	})
}

func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// revealed is the configuration with its secrets in place of their references.
func revealed(ctx context.Context, fields map[string]any, reveal func(ctx context.Context, reference string) (string, error)) (map[string]any, error) {
	var failure error
	out := walk("spec", "", fields, func(path, field, v string) string {
		if !isSecret(field) || !strings.HasPrefix(v, secretPrefix) {
			return v
		}
		plain, err := reveal(ctx, v)
		if err != nil && failure == nil {
			failure = fmt.Errorf("%s: %w", path, err)
		}
		return plain
	})
	return out.(map[string]any), failure
}

// walk rebuilds a value with each text replaced by what change makes of it.
// field is the name of the nearest mapping's key.
func walk(path, field string, v any, change func(path, field, text string) string) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if k == "labels" || k == "params" { // names of these are the user's own
				out[k] = v[k]
				continue
			}
			out[k] = walk(path+"."+k, k, v[k], change)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = walk(indexed(path, i), field, v[i], change)
		}
		return out
	case string:
		return change(path, field, v)
	case bool:
		if v && refused(field) != "" {
			change(path, field, "")
		}
	}
	return v
}

func indexed(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
