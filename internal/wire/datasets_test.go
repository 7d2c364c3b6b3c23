package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// reader asks as one principal.
func reader(t *testing.T, s *System, who *auth.Principal, method, path, body string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(auth.With(t.Context(), who), 20*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.api.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// otlpLogs is an export of one record of an app.
func otlpLogs(app, message string) string {
	text, _ := json.Marshal(message)
	return fmt.Sprintf(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%q}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"%d","body":{"stringValue":%s}}]}]}]}`,
		app, time.Now().UnixNano(), text)
}

// until asks until the answer is as it should be.
func until(t *testing.T, what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for {
		fine, got := ok()
		if fine {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %s", what, got)
		}
		time.Sleep(100 * time.Millisecond) // the engine offers nothing to wait on
	}
}

// TestADatasetIsReadByItsOwnAlone goes the whole way, with the real engine: a
// rule puts records into a dataset of a team, everything that shows records is
// asked by who may not read it, and what is deleted is gone.
func TestADatasetIsReadByItsOwnAlone(t *testing.T) {
	t.Parallel()
	for engine, dsn := range map[string]func() string{"sqlite": func() string { return "" }, "postgresql": func() string { return sqldbtest.DSN(t) }} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			cfg := quiet(t)
			cfg.Database.DSN = dsn()
			readByItsOwn(t, started(t, cfg))
		})
	}
}

func readByItsOwn(t *testing.T, s *System) {
	status, body := ask(t, s, "POST", "/api/v1/teams", `{"name": "Security"}`)
	var team struct{ ID string }
	if err := json.Unmarshal([]byte(body), &team); status/100 != 2 || err != nil {
		t.Fatalf("%d %s", status, body)
	}
	status, body = ask(t, s, "POST", "/api/v1/documents/apply", `kind: Dataset
name: vault
spec: {description: Who opened what, retention: 7d, access: {teams: [Security]}}
---
kind: LogProcessing
name: to-vault
spec: {when: {app: [vault]}, steps: [{dataset: vault}]}
`)
	if status != http.StatusOK || strings.Contains(body, `"failed":1`) || strings.Contains(body, `"action":"failed"`) {
		t.Fatalf("%d %s", status, body)
	}
	for i := range 5 {
		for app, message := range map[string]string{"vault": "nightingale opened by ann password=pw" + fmt.Sprint(i), "shop": "order paid"} {
			if status, body := ask(t, s, "POST", "/v1/logs", otlpLogs(app, message)); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
		}
	}
	roles := auth.BuiltinRoles()
	operator := auth.NewPrincipal(auth.KindUser, "op", "op", roles, auth.Grant{Role: auth.Operator})
	member := auth.NewPrincipal(auth.KindUser, "sec", "sec", roles, auth.Grant{Role: auth.Operator, Team: team.ID})
	other := auth.NewPrincipal(auth.KindUser, "oth", "oth", roles, auth.Grant{Role: auth.Operator, Team: "another"})
	find := func(who *auth.Principal, query string) (int, string) {
		return reader(t, s, who, "GET", "/api/v1/logs/query?query="+url.QueryEscape(query), "")
	}
	until(t, "the member does not find the records", func() (bool, string) {
		_, body := find(member, "nightingale")
		return strings.Count(body, `"_msg"`) == 5, body
	})
	until(t, "the operator does not find the others", func() (bool, string) {
		_, body := find(operator, "*")
		return strings.Count(body, "order paid") >= 5, body
	})
	if _, body := find(member, "*"); strings.Contains(body, "order paid") || strings.Contains(body, "pw0") || !strings.Contains(body, "password=<secret:") {
		t.Errorf("a member of the team sees %s", body)
	}
	if status, body := find(other, "*"); status != http.StatusForbidden {
		t.Errorf("a member of another team: %d %s", status, body)
	}
	notSeen(t, s, operator)
	// The documents of who may read are for those who may read all.
	if status, body := reader(t, s, operator, "DELETE", "/api/v1/documents/Dataset/vault", ""); status != http.StatusForbidden {
		t.Errorf("an operator deletes the dataset: %d %s", status, body)
	}
	manager := auth.NewPrincipal(auth.KindUser, "m", "m", roles, auth.Grant{Role: auth.Manager})
	for _, text := range []string{`{"kind":"Dataset","name":"vault","spec":{}}`, `{"kind":"LogRule","name":"spy","spec":{"query":"*","datasets":["vault"],"metric":{"name":"spied_total"}}}`} {
		if _, body := reader(t, s, manager, "POST", "/api/v1/documents/apply", text); !strings.Contains(body, "failed") || !strings.Contains(body, "read") {
			t.Errorf("a manager applies %s: %s", text, body)
		}
	}
	deleted(t, s, operator, member)
}

// notSeen asks everything that shows records for those of the vault.
func notSeen(t *testing.T, s *System, who *auth.Principal) {
	t.Helper()
	tries := 0
	for _, query := range []string{"*", "nightingale", "app:vault", `{dataset="vault"}`, "* | union (app:vault)", "* | stream_context before 100 after 100", "app:in(app:vault | fields app)",
		"* | join by (level) (app:vault)", `* or dataset:in("vault")`, "*) or (app:vault", "options(ignore_global_time_filter=true) app:vault"} {
		q := "?query=" + url.QueryEscape(query)
		for _, path := range []string{"/api/v1/logs/query" + q, "/api/v1/logs/query" + q + "&in=default", "/api/v1/logs/query" + q + "&in=vault", "/api/v1/logs/query" + q + "&in=default&in=vault",
			"/api/v1/logs/query" + q + "&extra_filters=*&AccountID=0", "/api/v1/logs/hits" + q + "&by=app&by=_msg", "/api/v1/logs/fields" + q, "/api/v1/logs/fields/_msg/values" + q,
			"/api/v1/logs/fields/dataset/values" + q, "/api/v1/logs/export" + q + "&format=ndjson", "/api/v1/logs/export" + q + "&format=csv&in=vault"} {
			tries++
			// What is refused names the query; what is answered must not name what it asks for.
			if status, body := reader(t, s, who, "GET", path, ""); status == http.StatusOK && (strings.Contains(body, "nightingale") || strings.Contains(body, "vault")) {
				t.Errorf("%s shows %s", path, body)
			}
		}
	}
	if status, body := reader(t, s, who, "GET", "/api/v1/logs/patterns", ""); status != http.StatusOK || strings.Contains(body, "nightingale") || !strings.Contains(body, "order paid") {
		t.Errorf("patterns: %d %s", status, body)
	}
	var all struct {
		Items []struct{ ID, Template string }
	}
	_, body := ask(t, s, "GET", "/api/v1/logs/patterns", "")
	if err := json.Unmarshal([]byte(body), &all); err != nil || !strings.Contains(body, "nightingale") {
		t.Fatalf("an administrator sees %s, %v", body, err)
	}
	for _, p := range all.Items {
		status, body := reader(t, s, who, "GET", "/api/v1/logs/patterns/"+p.ID, "")
		if hidden := strings.Contains(p.Template, "nightingale"); hidden != (status == http.StatusNotFound) {
			t.Errorf("pattern %s: %d %s", p.Template, status, body)
		}
	}
	if _, body := reader(t, s, who, "GET", "/api/v1/log-datasets", ""); strings.Contains(body, "vault") || !strings.Contains(body, "default") {
		t.Errorf("datasets: %s", body)
	}
	preview := `{"document": "kind: LogProcessing\nname: x\nspec: {steps: [{drop: {}}]}", "query": "app:vault or nightingale"}`
	if _, body := reader(t, s, who, "POST", "/api/v1/log-processing/preview", preview); strings.Contains(body, "opened by") {
		t.Errorf("a preview shows %s", body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(auth.With(ctx, who), "GET", "/api/v1/logs/tail?query="+url.QueryEscape("* or app:vault"), nil)
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() { defer close(done); s.api.Handler().ServeHTTP(w, r) }()
	_, _ = ask(t, s, "POST", "/v1/logs", otlpLogs("vault", "nightingale again"))
	<-done
	if strings.Contains(w.Body.String(), "nightingale") {
		t.Errorf("a tail shows %s", w.Body)
	}
	t.Logf("%d tries", tries)
}

// deleted has the records of the vault deleted.
func deleted(t *testing.T, s *System, operator, member *auth.Principal) {
	t.Helper()
	request := `{"filter": "ann", "datasets": ["vault"], "reason": "asked for by ann"}`
	for _, who := range []*auth.Principal{operator, member} {
		if status, body := reader(t, s, who, "POST", "/api/v1/log-deletions", request); status != http.StatusForbidden {
			t.Errorf("%s deletes: %d %s", who.Name, status, body)
		}
	}
	if status, body := ask(t, s, "POST", "/api/v1/log-deletions", `{"filter": "ann) or (*", "datasets": ["vault"], "reason": "x"}`); status != http.StatusUnprocessableEntity {
		t.Errorf("a filter that is none: %d %s", status, body)
	}
	status, body := ask(t, s, "POST", "/api/v1/log-deletions", request)
	if status/100 != 2 || !strings.Contains(body, `"found":5`) {
		t.Fatalf("%d %s", status, body)
	}
	until(t, "the deletion is not carried out", func() (bool, string) {
		_, body := ask(t, s, "GET", "/api/v1/log-deletions", "")
		return strings.Contains(body, `"state":"done"`) && strings.Contains(body, `"remained":0`) && strings.Contains(body, "asked for by ann"), body
	})
	left := func(expr string) (n int) {
		for _, err := range s.records.Query(t.Context(), logstore.Query{Expr: expr}) {
			if err != nil {
				return -1
			}
			n++
		}
		return n
	}
	until(t, "what was not to be deleted is not there", func() (bool, string) { n := left(`"order paid"`); return n == 5, fmt.Sprint(n) })
	if n := left("ann"); n != 0 {
		t.Errorf("%d of the records are there still", n)
	}
	if _, body := ask(t, s, "GET", "/api/v1/ledger?limit=50", ""); !strings.Contains(body, "logs.deletion.requested") || !strings.Contains(body, "logs.deletion.done") {
		t.Errorf("the ledger does not have it: %s", body)
	}
}
