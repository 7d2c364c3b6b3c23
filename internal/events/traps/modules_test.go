package traps_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/events/traps"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestModulesOfVendors has one file in the directory and one that a person
// adds: a notification is called by its name, and its values read as the
// modules have them.
func TestModulesOfVendors(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		vendor, err := os.ReadFile("mib/testdata/ACME-MIB.txt")
		if err != nil {
			t.Fatal(err)
		}
		fans, err := os.ReadFile("mib/testdata/ACME-FANS-MIB.txt")
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		// Of a vendor's folder; what is hidden is not read.
		for _, folder := range []string{"acme", ".git"} {
			if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		for file, text := range map[string][]byte{"acme/ACME-MIB.txt": vendor, ".git/ACME-FANS-MIB.txt": fans, "acme/.ACME-FANS-MIB.txt.swp": fans} {
			if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w := start(t, db, func(c *traps.Configuration) { c.MIBs = dir })
		api := httpapi.New("test", nil)
		w.Routes(api)
		call := func(p *auth.Principal, method, path, body string) (int, string) {
			t.Helper()
			r := httptest.NewRequest(method, "/api/v1/mib-files"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "text/plain")
			answer := httptest.NewRecorder()
			api.Handler().ServeHTTP(answer, r.WithContext(auth.With(r.Context(), p)))
			return answer.Code, answer.Body.String()
		}
		admin := auth.System("test")
		if status, body := call(admin, "GET", "", ""); status != http.StatusOK || !strings.Contains(body, "acmeFans is imported from ACME-FANS-MIB, which is not there") || !strings.Contains(body, `"line":67`) {
			t.Errorf("%d %s", status, body)
		}
		if status, body := call(admin, "PUT", "/broken", "nothing"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "broken:1") {
			t.Errorf("%d %s", status, body)
		}
		reader := auth.NewPrincipal(auth.KindUser, "u", "Vera", auth.BuiltinRoles(), auth.Grant{Role: "viewer"})
		if status, _ := call(reader, "PUT", "/ACME-FANS-MIB", string(fans)); status != http.StatusForbidden {
			t.Errorf("who may only read adds files: %d", status)
		}
		if status, body := call(admin, "PUT", "/ACME-FANS-MIB", string(fans)); status != http.StatusOK || !strings.Contains(body, `"notifications":1`) || !strings.Contains(body, `"problems":[]`) {
			t.Fatalf("%d %s", status, body)
		}
		if _, body := call(admin, "GET", "", ""); strings.Contains(body, "not there") {
			t.Error(body)
		}
		w.send(t, "-v", "2c", "-c", "public", w.at, "4711", ".1.3.6.1.4.1.99999.0.7", ".1.3.6.1.4.1.99999.1.1.1.2.17", "i", "3", ".1.3.6.1.4.1.99999.1.1.1.3.17", "i", "715",
			".1.3.6.1.4.1.99999.1.1.1.5.17", "x", "C040", ".1.3.6.1.2.1.1.2.0", "o", ".1.3.6.1.4.1.99999.5.1")
		e := w.wait(t, 1)
		if e.Labels["trap"] != "acmeSensorFailed" || e.Labels["acmeSensorState"] != "failed" || e.Labels["acmeSensorTemperature"] != "71.5" || e.Labels["acmeSensorFlags"] != "hot,dusty,10Gbit" ||
			e.Labels["sysObjectID"] != "acmeFans" || !strings.Contains(e.Description, "acmeSensorState.17=failed") || e.Severity != core.Warning {
			t.Errorf("%+v", e)
		}
		w.send(t, "-v", "1", "-c", "public", w.at, ".1.3.6.1.4.1.99999.5.1", "192.0.2.2", "6", "3", "4711", ".1.3.6.1.4.1.99999.5.1.2.0", "s", "rear")
		if e := w.wait(t, 2); e.Labels["trap"] != "acmeFanStopped" || e.Labels["acmeFanName"] != "rear" {
			t.Errorf("%+v", e)
		}
		if status, body := call(admin, "DELETE", "/ACME-FANS-MIB", ""); status != http.StatusNoContent {
			t.Errorf("%d %s", status, body)
		}
		w.send(t, "-v", "1", "-c", "public", w.at, ".1.3.6.1.4.1.99999.5.1", "192.0.2.2", "6", "3", "4711")
		if e := w.wait(t, 3); e.Labels["trap"] != "1.3.6.1.4.1.99999.5.1.0.3" {
			t.Errorf("%+v", e)
		}
	})
}
