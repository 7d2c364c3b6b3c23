package ledger_test

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// serve offers the ledger's routes to a principal.
func serve(t *testing.T, l *ledger.Ledger, who *auth.Principal) *httptest.Server {
	t.Helper()
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	l.Routes(api, ledger.Visibility{ByModule: map[string]auth.Permission{"test": "things:read"}, Otherwise: "ledger:read"})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.Handler().ServeHTTP(w, r.WithContext(auth.With(r.Context(), who)))
	}))
	t.Cleanup(server.Close)
	return server
}

func principal(role, team string) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: role, Team: team})
}

func TestListShowsOnlyWhatTheCallerMaySee(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		blue, common, other := entry("made", "a"), entry("made", "b"), entry("made", "c")
		blue.Team = "blue"
		other.Module, other.Team = "elsewhere", "red"
		appendAll(t, db, l, blue, common, other)
		for who, want := range map[*auth.Principal]string{
			principal(auth.Auditor, ""):      "c b a",
			principal(auth.Auditor, "blue"):  "b a",
			principal(auth.Auditor, "green"): "b",
			principal(auth.Requester, ""):    "",
		} {
			server := serve(t, l, who)
			response, err := http.Get(server.URL + "/api/v1/ledger")
			if err != nil {
				t.Fatal(err)
			}
			var page struct{ Items []ledger.Entry }
			json.NewDecoder(response.Body).Decode(&page)
			response.Body.Close()
			var got []string
			for _, e := range page.Items {
				got = append(got, e.Subject.ID)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%v sees %v, want %s", who.Grants(), got, want)
			}
		}
	})
}

func TestStreamResumesBehindTheLastEvent(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	l := open(t, db)
	start(t, l)
	hidden := entry("made", "hidden")
	hidden.Team = "red"
	appendAll(t, db, l, entry("made", "a"), entry("made", "b"), hidden)
	server := serve(t, l, principal(auth.Auditor, "blue"))
	request, _ := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/v1/stream?type=test.", nil)
	request.Header.Set("Last-Event-ID", "1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	appendAll(t, db, l, entry("made", "c"))
	var got []string
	lines := bufio.NewScanner(response.Body)
	for len(got) < 2 && lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var e ledger.Entry
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Subject.ID)
		}
	}
	if strings.Join(got, " ") != "b c" {
		t.Fatalf("the stream showed %v", got)
	}
}

func TestStreamRefusesABadPosition(t *testing.T) {
	t.Parallel()
	l := open(t, sqldbtest.SQLite(t))
	server := serve(t, l, auth.System("test"))
	response, err := http.Get(server.URL + "/api/v1/stream?after=yesterday")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnprocessableEntity {
		t.Fatal(response.Status)
	}
}
