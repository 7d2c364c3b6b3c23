package events

import (
	"encoding/json"
	"testing"
	"time"

	"mainstay/internal/core"
)

// FuzzEvents feeds bytes to the reader of POST /events: whatever they are, the
// entries are accounted for and what passes the checks can be stored.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		`{"source": "a", "severity": "major", "key": "k", "title": "T"}`, `[]`, `[{}]`, `[{"labels": {"a": "\u0000"}}]`, `[1, null, "x", [[]]]`,
		`{"kind": "clear", "key": "\ud800"}`, `{"at": "2026-13-01T00:00:00Z"}`, `{"expiresAfter": "-1s", "title": "x"}`, `[{"identities": [{"kind": 1}]}]`, "[\xff]", `{"severity": 9}`,
	} {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	config := Defaults().Alerts
	f.Fuzz(func(t *testing.T, body []byte) {
		list, bad, at, err := readEvents(body, now)
		if err != nil {
			if code := core.CodeOf(err); code != core.CodeMalformed && code != core.CodeTooLarge {
				t.Fatalf("%v", err)
			}
			return
		}
		refused := 0
		for _, details := range bad {
			if len(details) > 0 {
				refused++
			}
		}
		if len(list)+refused != len(bad) || len(at) != len(list) {
			t.Fatalf("%d entries, %d read, %d refused", len(bad), len(list), refused)
		}
		for i := range list {
			storable(t, &list[i], now, config)
		}
	})
}

// FuzzAlertmanager feeds bytes to the reader of what a Prometheus posts.
func FuzzAlertmanager(f *testing.F) {
	for _, seed := range []string{
		`[{"labels": {"alertname": "A", "instance": "db:9100"}, "startsAt": "2026-11-02T03:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}]`,
		`[{"labels": {"severity": "page", "instance": "[::1]:80"}, "generatorURL": "javascript:alert(1)"}]`, `[{}]`, `[null]`, `[{"labels": null}]`, `{"a": 1}`, "[{\"labels\": {\"\xff\": \"x\"}}]",
	} {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	config := Defaults().Alerts
	f.Fuzz(func(t *testing.T, body []byte) {
		list, _, err := readAMAlerts(body, now, amRules{timeout: config.ResolveTimeout})
		if err != nil {
			return
		}
		for i := range list {
			if len(list[i].Labels) == 0 || list[i].Kind == core.Problem && !list[i].ExpiresAt.After(now) {
				t.Fatalf("%+v", list[i])
			}
			storable(t, &list[i], now, config)
		}
	})
}

// storable checks that an observation without errors has what the store needs.
func storable(t *testing.T, o *observation, now time.Time, config AlertConfiguration) {
	o.complete(now, config)
	if len(o.check("x.")) > 0 {
		return
	}
	for _, text := range []string{o.Key, o.Title, o.Description, o.Source, o.Item, jsonText(o.Labels, false), o.URL} {
		if !plain(text) {
			t.Fatalf("%q passed the checks", text)
		}
	}
	if o.At.After(now.Add(maxAhead)) || o.Key == "" && o.Kind != core.Notice {
		t.Fatalf("%+v passed the checks", o)
	}
}

// FuzzMatcher checks that a matcher that is read can be written and read again.
func FuzzMatcher(f *testing.F) {
	for _, seed := range []string{`a="b"`, `a!=b`, `a=~"x|y"`, `a!~".*"`, `=`, `a=~"("`, `"a b"="\u0041"`, `a`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMatcher(text)
		if err != nil {
			return
		}
		again, err := ParseMatcher(m.String())
		if err != nil || again.Name != m.Name || again.Value != m.Value || again.IsRegex != m.IsRegex || again.IsEqual != m.IsEqual {
			t.Fatalf("%q became %q (%v)", text, m.String(), err)
		}
	})
}

// FuzzSilence feeds bytes to the reader of silences.
func FuzzSilence(f *testing.F) {
	f.Add([]byte(`{"matchers": [{"name": "a", "value": "b", "isRegex": false}], "startsAt": "2026-11-02T03:00:00Z", "endsAt": "2026-11-02T04:00:00Z", "createdBy": "x", "comment": "y"}`))
	f.Add([]byte(`{"matchers": [{"name": "a", "value": "(", "isRegex": true}]}`))
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := readAMSilence(body)
		if err != nil || s.check(now) != nil {
			return
		}
		text := jsonText(s.Matchers, false)
		var again []Matcher
		if err := json.Unmarshal([]byte(text), &again); err != nil || len(again) != len(s.Matchers) {
			t.Fatalf("%s: %v", text, err)
		}
		matchAll(s.Matchers, nil)
	})
}

// FuzzRepeats checks that damaged rows of repeats do no harm.
func FuzzRepeats(f *testing.F) {
	f.Add("01ARZ3NDEKTSV4RRFFQ69G5FAV 3 1700000000000000 0;")
	f.Add(";; 1 ;x y z w;")
	f.Fuzz(func(t *testing.T, text string) {
		parseRepeats(text, func(repeat) {})
		written := string(appendRepeat(nil, &repeat{alert: "a", n: 2, seen: time.Unix(5, 0), expires: time.Unix(9, 0)}))
		n := 0
		parseRepeats(written, func(r repeat) {
			if r.alert == "a" && r.n == 2 && r.seen.Unix() == 5 && r.expires.Unix() == 9 {
				n++
			}
		})
		if n != 1 {
			t.Fatal(written)
		}
	})
}
