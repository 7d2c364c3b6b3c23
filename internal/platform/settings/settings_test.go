package settings_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/settings"
)

type config struct {
	Listen   string `yaml:"listen"`
	Database struct {
		DSN  string `yaml:"dsn"`
		Pool int    `yaml:"pool"`
	} `yaml:"database"`
	Keep    time.Duration `yaml:"keep"`
	Origins []string      `yaml:"origins"`
	Hidden  string        `yaml:"-"`
}

func TestFileOverDefaultsAndEnvironmentOverFile(t *testing.T) {
	t.Parallel()
	c := config{Listen: ":1", Keep: time.Hour}
	c.Database.Pool = 4
	if err := settings.ReadFile("m.yaml", []byte("listen: ':2'\ndatabase: {dsn: file}\n"), &c); err != nil {
		t.Fatal(err)
	}
	environ := []string{"PATH=/bin", "MAINSTAY_DATABASE_DSN=env: #1", "MAINSTAY_KEEP=90s", "MAINSTAY_ORIGINS=[a, b]", "MAINSTAY_TOKEN=x"}
	if err := settings.ReadEnvironment(environ, []string{"MAINSTAY_TOKEN"}, &c); err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":2" || c.Database.DSN != "env: #1" || c.Database.Pool != 4 || c.Keep != 90*time.Second || len(c.Origins) != 2 {
		t.Fatalf("%+v", c)
	}
}

func TestErrorsNameTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"listen: a\ndatabase:\n  dsm: x\n": "m.yaml, line 3: field dsm is not known",
		"keep: soon":                       "m.yaml, line 1:",
		"listen: [\n":                      "m.yaml:",
		"database: 3":                      "m.yaml, line 1:",
	} {
		if err := settings.ReadFile("m.yaml", []byte(text), &config{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, want %s", text, err, want)
		}
	}
	for variable, want := range map[string]string{
		"MAINSTAY_DATABSE_DSN=x":     "MAINSTAY_DATABSE_DSN: is not a variable",
		"MAINSTAY_DATABASE_POOL=few": "MAINSTAY_DATABASE_POOL: cannot be read as int",
		"MAINSTAY_HIDDEN=x":          "MAINSTAY_HIDDEN: is not",
	} {
		if err := settings.ReadEnvironment([]string{variable}, nil, &config{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, want %s", variable, err, want)
		}
	}
}

func TestEmptyFileAndDump(t *testing.T) {
	t.Parallel()
	c := config{Listen: ":1", Keep: 90 * time.Second}
	if err := settings.ReadFile("m.yaml", []byte("# nothing\n"), &c); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := settings.Dump(&out, c); err != nil {
		t.Fatal(err)
	}
	var again config
	if err := settings.ReadFile("dump", out.Bytes(), &again); err != nil || again.Keep != c.Keep || again.Listen != c.Listen {
		t.Fatalf("%s became %+v (%v)", out.String(), again, err)
	}
}
