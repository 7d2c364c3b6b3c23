package e2e

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"mainstay/test/harness"
)

// flood posts numbered events, one key each, and the same numbers as log
// records, whatever happens to the server. It sends each again until it is
// acknowledged.
type flood struct {
	server *harness.Server
	stop   chan struct{}
	done   sync.WaitGroup

	posts  []int // of event n: how often it was sent, the last time with success
	failed int   // how many answers were no acknowledgement
}

const floodPause = 100 * time.Millisecond

// startFlood begins to post. A silence keeps its alerts out of situations.
func startFlood(t testing.TB, server *harness.Server) *flood {
	t.Helper()
	silence := map[string]any{"matchers": []map[string]any{{"name": "flood", "value": "yes", "isRegex": false}}, "createdBy": "test",
		"comment": "numbered", "startsAt": time.Now(), "endsAt": time.Now().Add(24 * time.Hour)}
	if err := server.Call("POST", "/alertmanager/api/v2/silences", silence, nil); err != nil {
		t.Fatal(err)
	}
	f := &flood{server: server, stop: make(chan struct{})}
	f.done.Go(f.run)
	t.Cleanup(f.end)
	return f
}

func (f *flood) end() {
	if !f.ended() {
		close(f.stop)
	}
	f.done.Wait()
}

func (f *flood) ended() bool {
	select {
	case <-f.stop:
		return true
	default:
		return false
	}
}

func (f *flood) run() {
	for n := 0; !f.ended(); n++ {
		event := map[string]any{"source": "flood", "severity": "warning", "key": fmt.Sprintf("flood:%06d", n), "title": fmt.Sprintf("Numbered %d", n),
			"labels": map[string]string{"flood": "yes"}}
		posts, ok := f.insist("/api/v1/events", event)
		if !ok {
			return
		}
		if _, ok := f.insist("/v1/logs", numberedRecord(n)); !ok {
			return
		}
		f.posts = append(f.posts, posts)
	}
}

// numberedRecord is an OTLP request with one record.
func numberedRecord(n int) map[string]any {
	text := func(s string) map[string]any { return map[string]any{"stringValue": s} }
	return map[string]any{"resourceLogs": []any{map[string]any{
		"resource": map[string]any{"attributes": []any{map[string]any{"key": "service.name", "value": text("flood")}}},
		"scopeLogs": []any{map[string]any{"logRecords": []any{map[string]any{"timeUnixNano": fmt.Sprint(time.Now().UnixNano()),
			"severityNumber": 9, "body": text(fmt.Sprintf("numbered %06d", n))}}}},
	}}}
}

// insist posts until there is an acknowledgement, or the flood is to end.
func (f *flood) insist(path string, body any) (posts int, ok bool) {
	for {
		posts++
		err := f.server.Call("POST", path, body, nil)
		if err != nil {
			f.failed++
		}
		select {
		case <-f.stop:
			return posts, err == nil
		case <-time.After(floodPause):
		}
		if err == nil {
			return posts, true
		}
	}
}

// check ends the flood and looks for everything that was acknowledged: each
// event is one alert, seen as often as it may have arrived; no record is missing.
func (f *flood) check(t testing.TB) {
	t.Helper()
	f.end()
	f.server.Eventually(30*time.Second, "everything acknowledged is there", func() error { return errorsOf(f.alerts(), f.records()) })
	t.Logf("%d events and records acknowledged, %d answers were no acknowledgement", len(f.posts), f.failed)
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *flood) alerts() error {
	seen := map[string]int{}
	for next := ""; ; {
		var page struct {
			Items []struct {
				Key   string `json:"key"`
				Count int    `json:"count"`
			}
			Next string
		}
		if err := f.server.Call("GET", "/api/v1/alerts?limit=1000&sort=id&where=source=flood&cursor="+url.QueryEscape(next), nil, &page); err != nil {
			return err
		}
		for _, alert := range page.Items {
			if seen[alert.Key] != 0 {
				return fmt.Errorf("two alerts of %s", alert.Key)
			}
			seen[alert.Key] = alert.Count
		}
		if next = page.Next; next == "" {
			break
		}
	}
	for n, posts := range f.posts {
		if count := seen[fmt.Sprintf("flood:%06d", n)]; count < 1 || count > posts {
			return fmt.Errorf("event %d was posted %d times, its alert counts %d", n, posts, count)
		}
	}
	return nil
}

// records counts each number once: a record may be written twice when its
// acknowledgement was lost.
func (f *flood) records() error {
	var answer struct {
		Items []struct {
			Different int `json:"different,string"`
		}
	}
	query := `app:="flood" | stats count_uniq(_msg) as different`
	if err := f.server.Call("GET", "/api/v1/logs/query?query="+url.QueryEscape(query), nil, &answer); err != nil {
		return err
	}
	if len(answer.Items) != 1 || answer.Items[0].Different < len(f.posts) {
		return fmt.Errorf("%+v of %d records", answer.Items, len(f.posts))
	}
	return nil
}
