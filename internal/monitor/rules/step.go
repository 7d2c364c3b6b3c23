package rules

import (
	"fmt"
	"slices"
	"time"
)

// Step is one evaluation of an alerting rule: what counts afterwards, and which
// fingerprints must be stored or told. It has no side effects. With grace a
// series that is missing is not taken for ended: the process has just started.
func (r *Compiled) Step(before, seen map[string]Alert, now time.Time, grace bool) (after map[string]Alert, news []string) {
	after = make(map[string]Alert, len(seen))
	for fp, a := range seen {
		old, known := before[fp]
		if known {
			a.ActiveAt, a.Firing = old.ActiveAt, old.Firing
		}
		a.Firing = now.Sub(a.ActiveAt) >= r.For // also back to pending, when "for" was made longer
		if !known || a.Firing != old.Firing || !old.GoneAt.IsZero() {
			news = append(news, fp)
		}
		after[fp] = a
	}
	for fp, old := range before {
		if _, there := seen[fp]; there {
			continue
		}
		if old.Firing {
			goneAt := old.GoneAt
			if goneAt.IsZero() {
				goneAt = now
			}
			if grace || now.Sub(goneAt) < r.Keep {
				if old.GoneAt.IsZero() && !grace {
					old.GoneAt = goneAt
					news = append(news, fp)
				}
				after[fp] = old
				continue
			}
		}
		news = append(news, fp)
	}
	slices.Sort(news)
	return after, news
}

// Within says whether the alerts are few enough for the limit.
func (r *Compiled) Within(alerts map[string]Alert) error {
	if r.Limit > 0 && len(alerts) > r.Limit {
		return fmt.Errorf("there are %d alerts, more than the limit of %d", len(alerts), r.Limit)
	}
	return nil
}

// outage is how long nothing may have been evaluated for a series that did not
// count yet to be still taken for the same.
const outage = time.Hour

// Restore gives alerts that were read after a pause the time they had: what
// nobody saw does not count towards "for". After more than an hour those that
// did not count yet begin anew. seen is when rules were last evaluated.
func (r *Compiled) Restore(alerts map[string]Alert, seen, now time.Time) map[string]Alert {
	pause := now.Sub(seen)
	if seen.IsZero() || pause <= 0 {
		return alerts
	}
	out := make(map[string]Alert, len(alerts))
	for fp, a := range alerts {
		switch {
		case a.Firing:
		case pause > outage:
			a.ActiveAt = now
		default:
			a.ActiveAt = a.ActiveAt.Add(pause)
		}
		out[fp] = a
	}
	return out
}
