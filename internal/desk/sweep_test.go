package desk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/internal/desk"
	"mainstay/internal/platform/auth"
)

func TestFilesThatBelongToNothingAreSwept(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		olga := as("olga", auth.Operator, "")
		var inc desk.Incident
		expect(t, "create", w.call(olga, "POST", "/incidents", data{"title": "The printer is out of paper", "impact": "low", "urgency": "medium"}, &inc), 201)
		expect(t, "attach", w.call(olga, "POST", "/incidents/"+inc.ID+"/attachments?name=a.txt", []byte("kept"), nil), 201)
		old := w.clock.Now().Add(-25 * time.Hour)
		put := func(name string, age time.Time) string {
			t.Helper()
			path := filepath.Join(w.attachments, name[:2], name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, age, age); err != nil {
				t.Fatal(err)
			}
			return path
		}
		orphan, half, young := put(strings.Repeat("ab", 32), old), put(".new-123", old), put(strings.Repeat("cd", 32), w.clock.Now())
		files, err := filepath.Glob(filepath.Join(w.attachments, "*", "*"))
		if err != nil || len(files) < 3 {
			t.Fatal(files, err)
		}
		for _, path := range files {
			if path != young {
				if err := os.Chtimes(path, old, old); err != nil {
					t.Fatal(err)
				}
			}
		}
		removed, err := w.desk.SweepFiles(t.Context())
		if err != nil || removed != 2 {
			t.Errorf("%d removed, %v", removed, err)
		}
		for _, path := range files {
			_, err := os.Stat(path)
			if gone := path == orphan || path == half; gone != os.IsNotExist(err) {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
}
