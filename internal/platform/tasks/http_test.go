package tasks_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/internal/platform/tasks"
)

// call sends a request as a role.
func call(t *testing.T, h http.Handler, role, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	p := auth.NewPrincipal(auth.KindUser, "u", "Una", auth.BuiltinRoles(), auth.Grant{Role: role})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil).WithContext(auth.With(t.Context(), p)))
	return w
}

func TestDeadLettersAreListedRetriedAndDiscarded(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, nil)
		var mended atomic.Bool
		b.Handle("work", func(context.Context, tasks.Task) error {
			if mended.Load() {
				return nil
			}
			return tasks.Permanent(errors.New("out of paper"))
		})
		b.start()
		b.enqueue(tasks.Task{Kind: "work", Key: "a"}, tasks.Task{Kind: "work", Key: "b"})
		until(t, "both are dead", func() bool { return b.count("state = 'dead'") == 2 })
		api := httpapi.New("test", slog.New(slog.DiscardHandler))
		b.Routes(api)
		var page struct {
			Items []tasks.Record `json:"items"`
		}
		w := call(t, api.Handler(), auth.Auditor, "GET", "/api/v1/tasks?where=state=dead&q=paper")
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Items) != 2 || page.Items[0].Payload != nil {
			t.Fatalf("%d %s (%v)", w.Code, w.Body, err)
		}
		if w := call(t, api.Handler(), auth.Auditor, "GET", "/api/v1/tasks/depths"); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		first, second := "/api/v1/tasks/"+page.Items[0].ID, "/api/v1/tasks/"+page.Items[1].ID
		if w := call(t, api.Handler(), auth.Manager, "POST", first+"/retry"); w.Code != 403 {
			t.Errorf("a manager may retry: %d", w.Code)
		}
		if w := call(t, api.Handler(), auth.Administrator, "GET", first); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		mended.Store(true)
		if w := call(t, api.Handler(), auth.Administrator, "POST", first+"/retry"); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w := call(t, api.Handler(), auth.Administrator, "POST", second+"/discard"); w.Code != 204 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		until(t, "nothing is left", func() bool { return b.count("TRUE") == 0 })
		if w := call(t, api.Handler(), auth.Administrator, "POST", second+"/retry"); w.Code != 404 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func TestAKeyThatIsTakenAgainCannotBeRetried(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, nil)
		hold := make(chan struct{})
		b.Handle("work", func(_ context.Context, task tasks.Task) error {
			var dead bool
			if err := task.Decode(&dead); err != nil || dead {
				return tasks.Permanent(errors.Join(err, errors.New("no")))
			}
			<-hold
			return nil
		})
		b.start()
		b.enqueue(tasks.Task{ID: "first", Kind: "work", Key: "a", Args: true})
		until(t, "it is dead", func() bool { return b.count("state = 'dead'") == 1 })
		b.enqueue(tasks.Task{Kind: "work", Key: "a", Args: false})
		api := httpapi.New("test", slog.New(slog.DiscardHandler))
		b.Routes(api)
		if w := call(t, api.Handler(), auth.Administrator, "POST", "/api/v1/tasks/first/retry"); w.Code != 409 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		close(hold)
		until(t, "only the dead one is left", func() bool { return b.count("TRUE") == 1 })
	})
}
