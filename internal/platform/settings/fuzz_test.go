package settings_test

import (
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/settings"
)

func FuzzSettings(f *testing.F) {
	f.Add("listen: ':2'\ndatabase: {dsn: file, pool: 3}\nkeep: 1h\n")
	f.Add("listen: [\n")
	f.Add("keep: soon\ncolour: red\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		var c config
		if err := settings.ReadFile("m.yaml", []byte(text), &c); err != nil {
			if code := core.CodeOf(err); code != core.CodeInvalid && code != core.CodeMalformed || !strings.Contains(err.Error()+details(err), "m.yaml") {
				t.Errorf("%q: %v does not blame the file", text, err)
			}
		}
		settings.ReadEnvironment([]string{"MAINSTAY_KEEP=" + text, "MAINSTAY_ORIGINS=" + text, "MAINSTAY_DATABASE_POOL=" + text}, nil, &c)
	})
}

func details(err error) (all string) {
	if e, ok := err.(*core.Error); ok {
		for _, d := range e.Details {
			all += d.Field
		}
	}
	return all
}
