package core_test

import (
	"encoding/json"
	"testing"

	"mainstay/internal/core"
)

// FuzzTexts reads references, severities and ids: what is accepted is written
// as it was read.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"item/01ARZ3NDEKTSV4RRFFQ69G5FAV", "a/b/c", "/", "x/", "critical", "unknown", "CRITICAL", "01arz3ndektsv4rrffq69g5fav", "81ARZ3NDEKTSV4RRFFQ69G5FAV"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if ref, err := core.ParseRef(text); err == nil && (ref.String() != text || ref.IsZero()) {
			t.Errorf("%q is %+v", text, ref)
		} else if err != nil && core.CodeOf(err) != core.CodeInvalid {
			t.Error(err)
		}
		if severity, err := core.ParseSeverity(text); err == nil && severity.String() != text {
			t.Errorf("%q is %s", text, severity)
		}
		if core.ValidID(text) && len(text) != 26 {
			t.Errorf("%q passes for an id", text)
		}
	})
}

// FuzzEvent reads what an agent or a module hands over as an event.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"kind": "problem", "key": "k", "severity": "major", "title": "T", "at": "2026-11-02T03:00:00Z", "identities": [{"kind": "fqdn", "value": "x"}], "labels": {"a": "b"}}`))
	f.Add([]byte(`{"severity": 3}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e core.Event
		if json.Unmarshal(data, &e) != nil {
			return
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%s cannot be written again: %v", data, err)
		}
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatalf("%s cannot be read again: %v", text, err)
		}
	})
}
