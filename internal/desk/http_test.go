package desk_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"mainstay/internal/desk"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

func TestPeopleWorkOnAnIncident(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		olga := as("olga", auth.Operator, "")
		var inc desk.Incident
		expect(t, "create", w.call(olga, "POST", "/incidents", data{"title": "Mail is slow", "description": "It **takes** minutes<script>x</script>", "severity": "major", "item": "db"}, &inc), 201)
		expect(t, "priority", inc.Priority.String(), "P2")
		expect(t, "items", strings.Join(inc.Items, ","), "db")
		expect(t, "html", inc.DescriptionHTML, "<p>It <strong>takes</strong> minutesx</p>")
		expect(t, "by number", w.call(olga, "GET", "/incidents/inc-1", nil, &inc), 200)
		expect(t, "actions", fmt.Sprint(inc.Actions), "[assign start hold resolve]")

		var problem httpapi.Problem
		expect(t, "stale", w.call(olga, "PATCH", "/incidents/"+inc.ID, data{"title": "Other"}, &problem, "If-Match", `"99"`), 412)
		expect(t, "fresh", w.call(olga, "PATCH", "/incidents/"+inc.ID, data{"title": "Mail is very slow", "impact": "low"}, &inc, "If-Match", httpapi.ETag(inc.Version)), 200)
		expect(t, "priority", inc.Priority.String(), "P4")
		expect(t, "empty title", w.call(olga, "PATCH", "/incidents/"+inc.ID, data{"title": ""}, &problem), 422)
		expect(t, "unknown field", w.call(olga, "PATCH", "/incidents/"+inc.ID, data{"colour": "red"}, &problem), 422)
		expect(t, "unknown team", w.call(olga, "POST", "/incidents/"+inc.ID+"/assign", data{"team": "gone"}, &problem), 422)
		expect(t, "field", problem.Errors[0].Field, "team")
		expect(t, "assign", w.call(olga, "POST", "/incidents/"+inc.ID+"/assign", data{"team": "web", "assignee": "paul"}, &inc), 200)
		expect(t, "state", inc.State, desk.Assigned)
		expect(t, "not possible", w.call(olga, "POST", "/incidents/"+inc.ID+"/transition", data{"action": "close"}, &problem), 409)
		expect(t, "no reason", w.call(olga, "POST", "/incidents/"+inc.ID+"/transition", data{"action": "resolve", "reason": " "}, &problem), 422)
		expect(t, "no incident", w.call(olga, "GET", "/incidents/INC-000077", nil, &problem), 404)

		var page struct{ Items []desk.Incident }
		for query, want := range map[string]int{"where=priority<=P2": 0, "where=priority=P4": 1, "where=state=assigned,new": 1, "q=slow+mail": 1, "q=inc-1": 1, "q=INC-000002": 0, "affects=db": 1, "affects=web": 0, "where=team=team-web&sort=-number": 1} {
			page.Items = nil
			expect(t, query, w.call(olga, "GET", "/incidents?"+strings.NewReplacer("<", "%3C").Replace(query), nil, &page), 200)
			expect(t, query, len(page.Items), want)
		}
		var raw struct{ Items []map[string]any }
		expect(t, "list", w.call(olga, "GET", "/incidents", nil, &raw), 200)
		_, listed := raw.Items[0]["items"]
		expect(t, "a list says nothing of the items of an incident", listed, false)
	})
}

func TestTeamsSeeTheirOwnIncidents(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		all, web, dba := as("olga", auth.Operator, ""), as("paul", auth.Operator, "team-web"), as("rita", auth.Operator, "team-dba")
		var inc desk.Incident
		w.call(all, "POST", "/incidents", data{"title": "Of the web team", "team": "web"}, &inc)
		expect(t, "its team", w.call(web, "GET", "/incidents/"+inc.ID, nil, nil), 200)
		expect(t, "another team", w.call(dba, "GET", "/incidents/"+inc.ID, nil, nil), 404)
		expect(t, "another team acts", w.call(dba, "POST", "/incidents/"+inc.ID+"/transition", data{"action": "start"}, nil), 404)
		expect(t, "another team attaches", w.call(dba, "POST", "/incidents/"+inc.ID+"/attachments?name=x", []byte("x"), nil), 404)
		expect(t, "auditor acts", w.call(as("paul", auth.Auditor, ""), "POST", "/incidents/"+inc.ID+"/transition", data{"action": "start"}, nil), 403)
		expect(t, "opens for another team", w.call(dba, "POST", "/incidents", data{"title": "Not mine", "team": "web"}, nil), 403)
		var page struct{ Items []desk.Incident }
		w.call(dba, "GET", "/incidents", nil, &page)
		expect(t, "list", len(page.Items), 0)
		w.call(web, "GET", "/incidents", nil, &page)
		expect(t, "list", len(page.Items), 1)
	})
}

func TestRequesterSeesOnlyTheirOwnAndPublic(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		olga, rita, paul := as("olga", auth.Operator, ""), as("rita", auth.Requester, ""), as("paul", auth.Requester, "")
		var request desk.Request
		expect(t, "ask", w.call(rita, "POST", "/portal/incidents", data{"title": "My mouse is gone", "urgency": "low"}, &request), 201)
		staff, portal := "/incidents/"+request.ID, "/portal/incidents/"+request.ID
		for _, path := range []string{"/incidents", staff, staff + "/comments", staff + "/timeline", staff + "/attachments"} {
			expect(t, "requester on "+path, w.call(rita, "GET", path, nil, nil), 403)
		}
		for _, path := range []string{portal, portal + "/comments", portal + "/attachments"} {
			expect(t, "own "+path, w.call(rita, "GET", path, nil, nil), 200)
			expect(t, "foreign "+path, w.call(paul, "GET", path, nil, nil), 404)
		}
		expect(t, "foreign comment", w.call(paul, "POST", portal+"/comments", data{"body": "hello"}, nil), 404)
		w.call(olga, "POST", staff+"/comments", data{"body": "internal: is it the cat again?"}, nil)
		w.call(olga, "POST", staff+"/comments", data{"body": "We look for it.", "public": true}, nil)
		w.call(rita, "POST", portal+"/comments", data{"body": "Thank you"}, nil)
		var secret, open desk.Attachment
		w.call(olga, "POST", staff+"/attachments?name=secret.txt", []byte("secret"), &secret)
		w.call(olga, "POST", staff+"/attachments?name=open.txt&public=true", []byte("open"), &open)
		expect(t, "secret file", w.call(rita, "GET", portal+"/attachments/"+secret.ID, nil, nil), 404)
		expect(t, "open file", w.call(rita, "GET", portal+"/attachments/"+open.ID, nil, nil), 200)
		var comments struct{ Items []desk.Comment }
		w.call(rita, "GET", portal+"/comments", nil, &comments)
		expect(t, "public comments", len(comments.Items), 2)
		w.call(olga, "GET", staff+"/comments", nil, &comments)
		expect(t, "all comments", len(comments.Items), 3)

		expect(t, "resolves", w.call(rita, "POST", portal+"/transition", data{"action": "resolve", "reason": "x"}, nil), 422)
		w.call(olga, "POST", staff+"/transition", data{"action": "resolve", "reason": "It was under the desk."}, nil)
		expect(t, "reopens", w.call(rita, "POST", portal+"/transition", data{"action": "reopen", "reason": "It is not."}, &request), 200)
		expect(t, "state", request.State, desk.Unassigned)
		w.call(olga, "POST", staff+"/transition", data{"action": "resolve", "reason": "Now it is."}, nil)
		expect(t, "closes", w.call(rita, "POST", portal+"/transition", data{"action": "close"}, &request), 200)
		expect(t, "too late", w.call(rita, "POST", portal+"/transition", data{"action": "reopen"}, nil), 403)
		var inc desk.Incident
		w.call(olga, "GET", staff, nil, &inc)
		if inc.RespondedAt == nil {
			t.Error("a public comment of the staff is a response")
		}
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		var numbers []int
		for i := range 40 {
			wg.Go(func() {
				var inc desk.Incident
				w.call(as("olga", auth.Operator, ""), "POST", "/incidents", data{"title": fmt.Sprint("incident ", i)}, &inc)
				mu.Lock()
				defer mu.Unlock()
				numbers = append(numbers, int(inc.Number))
			})
		}
		wg.Wait()
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != i+1 {
				t.Fatalf("%v", numbers)
			}
		}
	})
}

func TestAttachmentsCannotHarm(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		olga := as("olga", auth.Operator, "")
		var inc desk.Incident
		w.call(olga, "POST", "/incidents", data{"title": "With files"}, &inc)
		path := "/incidents/" + inc.ID + "/attachments"
		png := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), make([]byte, 100)...)
		for _, c := range []struct {
			name, content, wantName, wantType, disposition string
		}{
			{"shot.png", string(png), "shot.png", "image/png", "inline"},
			{"page.html", "<html><script>alert(1)</script>", "page.html", "application/octet-stream", "attachment"},
			{"pic.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "pic.svg", "text/plain", "attachment"},
			{"../../etc/pass\"wd\r\nX: y", "text", "passwdX y", "text/plain", "attachment"},
			{"...", "text", "file", "text/plain", "attachment"},
		} {
			var a desk.Attachment
			expect(t, c.name, w.call(olga, "POST", path+"?name="+escape(c.name), []byte(c.content), &a), 201)
			expect(t, c.name, a.Name, c.wantName)
			expect(t, c.name, a.Type, c.wantType)
			r := httptest.NewRequest("GET", "/api/v1"+path+"/"+a.ID, nil)
			answer := httptest.NewRecorder()
			w.api.Handler().ServeHTTP(answer, r.WithContext(auth.With(r.Context(), olga)))
			if !bytes.Equal(answer.Body.Bytes(), []byte(c.content)) || answer.Header().Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(answer.Header().Get("Content-Security-Policy"), "sandbox") || !strings.HasPrefix(answer.Header().Get("Content-Disposition"), c.disposition) {
				t.Errorf("%s: %d %v", c.name, answer.Code, answer.Header())
			}
		}
		expect(t, "empty", w.call(olga, "POST", path+"?name=x", []byte(""), nil) >= 400, true)
		expect(t, "no name", w.call(olga, "POST", path, []byte("x"), nil), 422)
	})
}

func escape(name string) string {
	var out strings.Builder
	for _, b := range []byte(name) {
		fmt.Fprintf(&out, "%%%02X", b)
	}
	return out.String()
}
