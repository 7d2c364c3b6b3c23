package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

type thing struct {
	Name string `json:"name" minLength:"2"`
	Size int    `json:"size" minimum:"1"`
	Tags []struct {
		Key string `json:"key" minLength:"1"`
	} `json:"tags,omitempty"`
}

func api() *httpapi.API {
	a := httpapi.New("test", slog.New(slog.DiscardHandler))
	type in struct{ Body thing }
	type out struct{ Body thing }
	httpapi.Handle(a, httpapi.Route{ID: "create-thing", Method: "POST", Path: "/things", Summary: "Create", Tag: "Things", Permission: "things:write", Status: 201, MaxBody: 200},
		func(_ context.Context, i *in) (*out, error) { return &out{i.Body}, nil })
	type page struct{ Body listing.Page[thing] }
	httpapi.Handle(a, httpapi.Route{ID: "list-things", Method: "GET", Path: "/things", Summary: "List", Tag: "Things", Permission: "things:read"},
		func(_ context.Context, i *listing.Params) (*page, error) {
			return nil, core.Invalid("where."+strings.Join(i.Where, "|"), "is not a field")
		})
	httpapi.Handle(a, httpapi.Route{ID: "break", Method: "GET", Path: "/break", Summary: "Break", Tag: "Things", Permission: auth.Public},
		func(context.Context, *struct{}) (*page, error) { return nil, errors.New("the secret cause") })
	a.Mount("GET /raw", "things:read", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "raw") }))
	return a
}

func call(a *httpapi.API, p *auth.Principal, method, path, body string) (int, httpapi.Problem, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if p != nil {
		r = r.WithContext(auth.With(r.Context(), p))
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	var problem httpapi.Problem
	json.Unmarshal(w.Body.Bytes(), &problem)
	return w.Code, problem, w.Body.String()
}

func TestBadBodiesNameTheFieldAndTheRule(t *testing.T) {
	t.Parallel()
	a, who := api(), auth.System("test")
	for _, c := range []struct {
		name, body, field string
		status            int
	}{
		{"malformed", `{"name": `, "", 400},
		{"unknown field", `{"name": "ab", "size": 1, "colour": "red"}`, "colour", 422},
		{"missing field", `{"name": "ab"}`, "", 422},
		{"wrong type", `{"name": "ab", "size": "big"}`, "size", 422},
		{"rule broken", `{"name": "a", "size": 1}`, "name", 422},
		{"deep", `{"name": "ab", "size": 1, "tags": [{"key": "x"}, {"key": ""}]}`, "tags[1].key", 422},
		{"too large", `{"name": "` + strings.Repeat("x", 300) + `", "size": 1}`, "", 413},
		{"a text that no store keeps", `{"name": "a\u0000b", "size": 1}`, "body", 400},
		{"no body", ``, "", 400},
	} {
		status, problem, text := call(a, who, "POST", "/api/v1/things", c.body)
		if status != c.status || problem.Code == "" {
			t.Errorf("%s: status %d, %s", c.name, status, text)
		}
		if c.field != "" && (len(problem.Errors) == 0 || problem.Errors[0].Field != c.field || problem.Errors[0].Rule == "") {
			t.Errorf("%s: %s", c.name, text)
		}
	}
	if status, _, text := call(a, who, "POST", "/api/v1/things", `{"name": "ab", "size": 1}`); status != 201 {
		t.Errorf("a good body: %d %s", status, text)
	}
}

func TestPermissionIsAskedBeforeTheHandler(t *testing.T) {
	t.Parallel()
	a := api()
	auditor := auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Auditor})
	for _, c := range []struct {
		who          *auth.Principal
		method, path string
		want         int
	}{
		{nil, "GET", "/api/v1/things", 401},
		{nil, "GET", "/raw", 401},
		{nil, "GET", "/api/v1/break", 500},
		{auditor, "GET", "/raw", 200},
		{auditor, "POST", "/api/v1/things", 403},
	} {
		if status, _, text := call(a, c.who, c.method, c.path, ""); status != c.want {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, status, c.want, text)
		}
	}
}

func TestUnknownErrorsStayInside(t *testing.T) {
	t.Parallel()
	_, problem, text := call(api(), nil, "GET", "/api/v1/break", "")
	if problem.Detail != "internal error" || strings.Contains(text, "secret") {
		t.Fatal(text)
	}
}

func TestAnAbandonedRequestIsNoError(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for err, told := range map[error]string{
		fmt.Errorf("read the rows: %w", context.Canceled): "",
		errors.New("no such table"):                       "internal error",
	} {
		log.Reset()
		httpapi.ProblemOf(logger, err)
		if told == "" && log.Len() > 0 || !strings.Contains(log.String(), told) {
			t.Errorf("%v is logged as %q", err, log.String())
		}
	}
}

func TestListParametersAndUnknownOnes(t *testing.T) {
	t.Parallel()
	a, who := api(), auth.System("test")
	_, problem, text := call(a, who, "GET", "/api/v1/things?where=a=1,2&where=b~x&limit=5", "")
	if len(problem.Errors) != 1 || problem.Errors[0].Field != "where.a=1,2|b~x" {
		t.Errorf("repeated parameters: %s", text)
	}
	if status, _, text := call(a, who, "GET", "/api/v1/things?colour=red", ""); status != 422 {
		t.Errorf("an unknown parameter: %d %s", status, text)
	}
	for _, query := range []string{"q=%00", "q=%ff", "where=name=%00"} {
		if status, _, text := call(a, who, "GET", "/api/v1/things?"+query, ""); status != 422 {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
	if status, _, text := call(a, who, "GET", "/api/v1/things?limit=many", ""); status != 422 {
		t.Errorf("a limit that is no number: %d %s", status, text)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for header, ok := range map[string]bool{"": true, "*": true, `"7"`: true, `"6", "7"`: true, `"6"`: false, "7": false} {
		if err := httpapi.Match(header, 7); (err == nil) != ok {
			t.Errorf("If-Match %q: %v", header, err)
		}
	}
}

func TestSchemaNamesCarryTheirPackage(t *testing.T) {
	t.Parallel()
	spec, err := api().Spec()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"HttpapiTestThing", "PageHttpapiTestThing", `"x-permission":"things:write"`, "Problem"} {
		if !strings.Contains(string(spec), want) {
			t.Errorf("the document lacks %s", want)
		}
	}
}

func TestAddressesNobodyHasAreProblems(t *testing.T) {
	t.Parallel()
	a := api()
	a.Mount("/api/", auth.Public, a.Otherwise())
	if status, p, text := call(a, nil, "GET", "/api/v1/nothing", ""); status != 404 || p.Code != core.CodeNotFound {
		t.Errorf("%d %s", status, text)
	}
	if status, p, text := call(a, nil, "DELETE", "/api/v1/things", ""); status != 405 || p.Detail != "this address takes GET, POST" {
		t.Errorf("%d %s", status, text)
	}
}

func FuzzHoldsNUL(f *testing.F) {
	for _, seed := range []string{`"\u0000"`, `"\\u0000"`, `"\\\u0000"`, `{"a": ["\\", "\u0000"]}`, `"\u00000"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var in struct{ Body any }
		if json.Unmarshal([]byte(text), &in.Body) != nil {
			return
		}
		plain, err := json.Marshal(in.Body)
		if err != nil {
			return
		}
		if got, want := httpapi.HoldsNUL([]byte(text)), httpapi.HoldsNUL(plain); got != want && !strings.Contains(text, `":`) {
			t.Errorf("%s: %t, and %s: %t", text, got, plain, want)
		}
	})
}
