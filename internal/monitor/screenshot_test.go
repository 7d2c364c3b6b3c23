package monitor

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestAFailedVisitKeepsItsPicture has a browser fail, well and badly.
func TestAFailedVisitKeepsItsPicture(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		picture, state := []byte("\xff\xd8\xff\xe0 a page"), probe.Critical
		b.deps.Drivers = map[string]probe.Driver{"browser": func(_ context.Context, _ probe.Runner, _ probe.Spec, res *probe.Result) {
			res.Set(state, "step 1: no")
			if state != probe.OK {
				res.Screenshot = picture
			}
		}}
		b.start()
		check := b.check("visit", CheckSpec{Item: itemID, Interval: probe.Duration(time.Hour), Spec: probe.Spec{Browser: &probe.Browser{Steps: []probe.BrowserStep{{Name: "open", Open: "http://shop.example.com/"}}}}})
		api := b.as(auth.System("test"))
		get := func(who *auth.Principal, at string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodGet, "/api/v1/checks/visit/screenshot?at="+url.QueryEscape(at), nil)
			w := httptest.NewRecorder()
			api.api.Handler().ServeHTTP(w, r.WithContext(auth.With(r.Context(), who)))
			return w
		}
		pictures := func() (with []string, all int) {
			t.Helper()
			for _, one := range api.call("GET", "/checks/visit/results", nil, 200)["items"].([]any) {
				r := one.(map[string]any)
				all++
				if r["screenshot"] == true {
					with = append(with, r["at"].(string))
				}
			}
			return with, all
		}
		run := func(times int) {
			t.Helper()
			for range times {
				if _, err := b.c.RunNow(t.Context(), check.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		run(1)
		with, _ := pictures()
		if len(with) == 0 {
			t.Fatal("no picture is kept")
		}
		got := get(auth.System("test"), with[0])
		if got.Code != 200 || !bytes.Equal(got.Body.Bytes(), picture) || got.Header().Get("Content-Type") != "image/jpeg" || got.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%d %q %v", got.Code, got.Body, got.Header())
		}
		if got := get(auth.NewPrincipal(auth.KindUser, "r", "r", auth.BuiltinRoles(), auth.Grant{Role: auth.Requester}), with[0]); got.Code != http.StatusForbidden {
			t.Errorf("a requester sees it: %d", got.Code)
		}
		if got := get(auth.System("test"), "2026-01-01T00:00:00Z"); got.Code != http.StatusNotFound {
			t.Errorf("there is none: %d", got.Code)
		}
		run(keepScreenshots + 3)
		if with, all := pictures(); len(with) != keepScreenshots || all <= keepScreenshots {
			t.Errorf("%d pictures of %d results", len(with), all)
		}
		newest, _ := pictures()
		for _, bad := range [][]byte{[]byte("<script>"), append([]byte("\xff\xd8\xff"), make([]byte, probe.MaxScreenshot)...)} {
			picture = bad
			run(1)
		}
		state = probe.OK
		run(1)
		if with, _ := pictures(); len(with) != keepScreenshots || with[0] != newest[0] {
			t.Errorf("what is no picture was kept: %v", with)
		}
		if err := b.c.DeleteCheck(t.Context(), check.ID, ""); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.QueryRow(t.Context(), "SELECT COUNT(*) FROM monitor_screenshot").Scan(&left); err != nil || left != 0 {
			t.Errorf("%d pictures of a check that is gone: %v", left, err)
		}
	})
}
