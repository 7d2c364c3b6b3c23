package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Talker is what a report knows of the alerts of one key.
type Talker struct {
	Key, Title, Item, Source, Team string
	Labels                         map[string]string
	Alerts, Episodes, Events       int64
	Acted, Short, Alone, Flapping  int64           // alerts: acted on, short, over without anybody having acted, flapping now
	Lengths                        []time.Duration // of alerts that cleared, as far as looked at
	Last                           time.Time
}

// What is wrong with alerts of one key.
const (
	NeverActed = "never acted on"
	Flapping   = "flapping"
	Brief      = "over at once"
	Loud       = "loud"
)

// Bounds of what is called noise.
const (
	seldom     = 5    // alerts below which nothing is proposed
	mostly     = 0.7  // the share that a longer wait has to spare
	actedShare = 0.05 // acted on in no more than this share of cases: nobody acts on it
	handled    = 0.5  // acted on in this share of cases or more: people want to know
)

// Proposal is what would make it quieter, computed from what was seen.
type Proposal struct {
	What     string `json:"what" enum:"wait,silence,route" doc:"Wait longer before it alerts, hold it back for a time, or send it where nobody is woken"`
	Text     string `json:"text"`
	Spared   int64  `json:"spared" doc:"Alerts of the period that it would have spared"`
	Document string `json:"document,omitempty" doc:"A document to read, change and apply"`
}

// Rule says in words what Problem and Unneeded mean.
const Rule = "Noise flapped, or came at least 5 times and was acted on in less than half of the cases. " +
	"It is ranked by how often it opened without anybody acting on it."

// CandidatesSQL is the rule as a condition on grouped rows of alerts a, of which
// acted is the sum of those acted on.
func CandidatesSQL(acted string) string {
	return fmt.Sprintf("(SUM(CASE WHEN a.flapping THEN 1 ELSE 0 END) > 0 OR SUM(a.episodes) >= 3 * COUNT(*) AND SUM(a.episodes) >= %d OR SUM(a.episodes) >= %d AND %d * %s < COUNT(*))",
		2*seldom, seldom, int(1/handled), acted)
}

// Unneeded is how often it opened without anybody acting on it.
func (t *Talker) Unneeded() int64 { return max(0, t.Episodes-t.Acted) }

// Problem says what makes a talker noise; empty when it is none: it came
// seldom, or people act on it.
func (t *Talker) Problem() string {
	switch {
	case t.Flapping > 0 || t.Episodes >= 3*t.Alerts && t.Episodes >= 2*seldom: // what flaps opens once while it does
		return Flapping
	case t.Alerts < seldom && t.Episodes < seldom:
		return ""
	case float64(t.Acted) >= handled*float64(t.Alerts):
		return ""
	case float64(t.Short) >= mostly*float64(t.Alerts):
		return Brief
	case float64(t.Acted) <= actedShare*float64(t.Alerts):
		return NeverActed
	}
	return Loud
}

// waits are what a rule or a check may wait before it alerts.
func waits() []time.Duration {
	return []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute}
}

// Propose works out what would have made it quieter.
func (t *Talker) Propose(now time.Time) []Proposal {
	var list []Proposal
	problem := t.Problem()
	if problem == Flapping || problem == Brief {
		if p, ok := t.wait(); ok {
			list = append(list, p)
		}
	}
	if problem == NeverActed {
		list = append(list, t.silence(now))
	}
	return list
}

// wait is the shortest time that most of the alerts did not last.
func (t *Talker) wait() (Proposal, bool) {
	if len(t.Lengths) < seldom {
		return Proposal{}, false
	}
	for _, w := range waits() {
		n := 0
		for _, d := range t.Lengths {
			if d < w {
				n++
			}
		}
		share := float64(n) / float64(len(t.Lengths))
		if share < mostly {
			continue
		}
		text := fmt.Sprintf("Wait %s before it alerts: %d of %d were over by then.", Words(w), n, len(t.Lengths))
		p := Proposal{What: "wait", Text: text, Spared: int64(share * float64(t.Alerts))}
		if t.Source == "rule" {
			p.Text += fmt.Sprintf(" In the metric rule that is for: %s.", Words(w))
		}
		return p, true
	}
	return Proposal{}, false
}

// silence holds it back for a month, after which it is looked at again.
func (t *Talker) silence(now time.Time) Proposal {
	var matchers []string
	add := func(name, value string) {
		if value != "" {
			matchers = append(matchers, name+"="+quote(value))
		}
	}
	if t.Labels["alertname"] == "" {
		add("alertname", t.Title)
	} else {
		add("alertname", t.Labels["alertname"])
	}
	add("item", t.Item)
	add("source", t.Source)
	for _, label := range []string{"instance", "host", "job"} {
		if t.Item == "" {
			add(label, t.Labels[label])
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "kind: Silence\nname: %s\nspec:\n  matchers:\n", name(t.Title+" "+t.Item))
	for _, m := range matchers {
		fmt.Fprintf(&b, "    - %s\n", quote(m))
	}
	ends := now.Add(30 * 24 * time.Hour).UTC().Truncate(time.Hour)
	fmt.Fprintf(&b, "  endsAt: %s\n  comment: %s\n", ends.Format(time.RFC3339), quote(fmt.Sprintf("%d alerts, of which %d were acted on", t.Alerts, t.Acted)))
	return Proposal{What: "silence", Spared: t.Alerts, Document: b.String(),
		Text: fmt.Sprintf("Nobody acted on %d of %d. Hold it back for a month, or give it a lower severity.", t.Alerts-t.Acted, t.Alerts)}
}

// quote writes text as a double-quoted YAML scalar, which JSON's is.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""` // text always marshals
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

// name makes a document's name of words.
func name(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 60 {
			break
		}
	}
	return "noise-" + strings.Trim(b.String(), "-")
}

// Words writes whole minutes as documents do: 5m, not 5m0s.
func Words(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

// Noisiest are the talkers that are noise, those first that opened most often
// without anybody acting on them.
func Noisiest(list []*Talker) []*Talker {
	kept := slices.DeleteFunc(list, func(t *Talker) bool { return t.Problem() == "" })
	slices.SortFunc(kept, func(a, b *Talker) int {
		return cmp.Or(cmp.Compare(b.Unneeded(), a.Unneeded()), cmp.Compare(b.Alone, a.Alone), strings.Compare(a.Key, b.Key))
	})
	return kept
}
