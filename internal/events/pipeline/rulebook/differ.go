package rulebook

import "maps"

// Change is one field that differs between two events.
type Change struct{ Field, Before, After string }

// Differences lists what differs between two events, field by field.
func Differences(a, b Event) []Change {
	var out []Change
	add := func(field, before, after string) {
		if before != after {
			out = append(out, Change{field, before, after})
		}
	}
	add("kind", string(a.Kind), string(b.Kind))
	add("severity", a.Severity.String(), b.Severity.String())
	add("key", a.Key, b.Key)
	add("title", a.Title, b.Title)
	add("description", a.Description, b.Description)
	add("url", a.URL, b.URL)
	add("team", a.Team, b.Team)
	for _, part := range []struct {
		name string
		a, b map[string]string
	}{{"labels.", a.Labels, b.Labels}, {"annotations.", a.Annotations, b.Annotations}} {
		all := maps.Clone(part.a)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, part.b)
		for _, name := range sortedKeys(all) {
			add(part.name+name, part.a[name], part.b[name])
		}
	}
	if !a.ExpiresAt.Equal(b.ExpiresAt) {
		add("expiresAt", a.ExpiresAt.Format("2006-01-02T15:04:05Z07:00"), b.ExpiresAt.Format("2006-01-02T15:04:05Z07:00"))
	}
	return out
}
