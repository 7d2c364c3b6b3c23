package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
)

// TestAnApprovedChangeHoldsAlertsBack goes the whole way: a change is drafted,
// approved by somebody else, and an alert of its item is held back until it is done.
func TestAnApprovedChangeHoldsAlertsBack(t *testing.T) {
	t.Parallel()
	s := started(t, quiet(t))
	person := func(name, role string) *auth.Principal {
		return auth.NewPrincipal(auth.KindUser, name, name, auth.BuiltinRoles(), auth.Grant{Role: role})
	}
	operator, manager := person("olga", auth.Operator), person("max", auth.Manager)
	do := func(who *auth.Principal, method, path, body string, out any) {
		t.Helper()
		status, answer := reader(t, s, who, method, "/api/v1"+path, body)
		if status/100 != 2 {
			t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
		if out != nil {
			if err := json.Unmarshal([]byte(answer), out); err != nil {
				t.Fatal(err, answer)
			}
		}
	}
	if status, answer := ask(t, s, http.MethodPost, "/api/v1/documents/apply", "kind: Item\nname: shop-database\nspec: {class: host}\n"); status/100 != 2 {
		t.Fatal(answer)
	}
	var items struct{ Items []struct{ ID, Name string } }
	do(operator, "GET", "/items?q=shop-database", "", &items)
	if len(items.Items) != 1 {
		t.Fatalf("%+v", items)
	}
	var change struct{ ID, Number, State string }
	now := time.Now().UTC()
	do(operator, "POST", "/changes", fmt.Sprintf(`{"title": "Replace the disk", "reason": "It reports errors", "items": [%q], "plannedStart": %q, "plannedEnd": %q}`,
		items.Items[0].ID, now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339)), &change)
	do(operator, "POST", "/changes/"+change.ID+"/transition", `{"action": "request"}`, nil)
	do(manager, "POST", "/changes/"+change.ID+"/decision", `{"action": "approve"}`, nil)
	var windows struct {
		Items []struct {
			ID     string
			Name   string
			Active bool
			Change struct{ ID, Number string }
		}
	}
	until(t, "the window of the change", func() (bool, string) {
		do(operator, "GET", "/maintenance", "", &windows)
		return len(windows.Items) == 1 && windows.Items[0].Active, fmt.Sprintf("%+v", windows)
	})
	if w := windows.Items[0]; w.Name != change.Number || w.Change.ID != change.ID || w.Change.Number != change.Number {
		t.Errorf("the window does not name its change: %+v", w)
	}
	if status, answer := reader(t, s, operator, "DELETE", "/api/v1/maintenance/"+windows.Items[0].ID, ""); status != http.StatusConflict || !strings.Contains(answer, change.Number) {
		t.Errorf("its window is deleted by itself: %d %s", status, answer)
	}
	do(manager, "POST", "/events", `{"source": "test", "key": "disk", "severity": "major", "title": "The disk is gone", "identities": [{"kind": "declared", "value": "shop-database"}]}`, nil)
	suppressed := func() string {
		_, answer := reader(t, s, operator, "GET", "/api/v1/alerts", "")
		var alerts struct {
			Items []struct {
				Item        string
				Suppression struct{ By, Why string }
			}
		}
		if err := json.Unmarshal([]byte(answer), &alerts); err != nil || len(alerts.Items) != 1 || alerts.Items[0].Item != items.Items[0].ID {
			return answer
		}
		return strings.TrimSpace(alerts.Items[0].Suppression.By + " " + alerts.Items[0].Suppression.Why)
	}
	until(t, "the alert is held back", func() (bool, string) {
		got := suppressed()
		return got == "maintenance "+change.Number+": Replace the disk", got
	})
	do(operator, "POST", "/changes/"+change.ID+"/transition", `{"action": "start"}`, nil)
	do(operator, "POST", "/changes/"+change.ID+"/transition", `{"action": "finish"}`, nil)
	until(t, "the alert disturbs again", func() (bool, string) { got := suppressed(); return got == "", got })
}
