//go:build !windows

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandsOnTheStoreItself(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "mainstay.yaml")
	if err := os.WriteFile(config, []byte("listen: 127.0.0.1:0\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code      int
		complaint string
		args      []string
	}{
		{2, "line 2: field colour is not known", []string{"serve", "--check-config", "--config", config}},
		{2, "no such file", []string{"serve", "--check-config", "--config", filepath.Join(dir, "missing.yaml")}},
		{2, `unknown command "bogus"`, []string{"token", "bogus"}},
		{2, `required flag(s)`, []string{"token", "create"}},
		{0, "", []string{"serve", "--check-config", "--data", dir}},
	} {
		if code, _, complaints := mainstay(c.args...); code != c.code || !strings.Contains(complaints, c.complaint) {
			t.Errorf("%v: %d, want %d: %s", c.args, code, c.code, complaints)
		}
	}
	t.Setenv("MAINSTAY_BOGUS", "1")
	if code, _, complaints := mainstay("serve", "--check-config", "--data", dir); code != 2 || !strings.Contains(complaints, "MAINSTAY_BOGUS: is not a variable") {
		t.Errorf("a variable nobody knows: %d %s", code, complaints)
	}
	os.Unsetenv("MAINSTAY_BOGUS")
	if code, out, complaints := mainstay("ledger", "verify", "--data", filepath.Join(dir, "data"), "-o", "json"); code == 0 && !json.Valid([]byte(out)) {
		t.Errorf("ledger verify: %s%s", out, complaints)
	}
}
