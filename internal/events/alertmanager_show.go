package events

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"mainstay/internal/core"
	"mainstay/internal/events/inhibition"
	"mainstay/internal/events/matching"
	"mainstay/internal/events/routing"
	"mainstay/internal/platform/auth"
)

// amText is what of an alert's JSON (gettableAlert of the Alertmanager API)
// stays the same from list to list.
type amText struct {
	plan      *routing.Plan
	names     []string // its receivers
	fixed     []byte   // labels, annotations, fingerprint, generatorURL, startsAt
	receivers []byte
}

// amStatusOf is what holds an alert back now.
type amStatusOf struct {
	state       string
	silencedBy  []string
	inhibitedBy []string
	mutedBy     []string
}

// amAsked is what a listing asks for.
type amAsked struct {
	filter                      labels.Matchers
	receiver                    *regexp.Regexp
	receivers                   labels.Matchers
	active, silenced, inhibited bool
	muted, unprocessed          bool
}

func amFlag(query url.Values, name string) bool {
	b, err := strconv.ParseBool(query.Get(name))
	return err != nil || b // all are on unless said otherwise
}

func readAMAsked(query url.Values) (amAsked, error) {
	asked := amAsked{active: amFlag(query, "active"), silenced: amFlag(query, "silenced"), inhibited: amFlag(query, "inhibited"),
		muted: amFlag(query, "muted"), unprocessed: amFlag(query, "unprocessed")}
	var err error
	if asked.filter, err = amMatchers(query["filter"]); err != nil {
		return asked, err
	}
	if asked.receivers, err = amMatchers(query["receiver_matchers"]); err != nil {
		return asked, err
	}
	if pattern := query.Get("receiver"); pattern != "" {
		if asked.receiver, err = regexp.Compile("^(?:" + pattern + ")$"); err != nil {
			return asked, core.Errorf(core.CodeInvalid, "failed to parse receiver param: %v", err)
		}
	}
	return asked, nil
}

// amMatchers reads filters, one matcher each.
func amMatchers(list []string) (labels.Matchers, error) {
	var all labels.Matchers
	for _, text := range list {
		m, err := matching.ParseOne(text)
		if err != nil {
			return nil, core.Errorf(core.CodeInvalid, "%v", err)
		}
		all = append(all, m)
	}
	return all, nil
}

// amFits filters as Alertmanager does (api/v2, matchFilterLabels): an empty
// value asks whether the label is there.
func amFits(filter labels.Matchers, set map[string]string) bool {
	for _, m := range filter {
		value, there := set[m.Name]
		negative := m.Type == labels.MatchNotEqual || m.Type == labels.MatchNotRegexp
		if m.Value == "" && negative == there {
			continue
		}
		if !m.Matches(value) {
			return false
		}
	}
	return true
}

// wants says whether a receiver is asked for.
func (q *amAsked) wants(name string, of map[string]map[string]string) bool {
	if q.receiver != nil && !q.receiver.MatchString(name) {
		return false
	}
	return len(q.receivers) == 0 || amFits(q.receivers, of[name])
}

// amLook is one look at the alerts: what it needs is taken once.
type amLook struct {
	c       *Component
	asked   amAsked
	plan    *routing.Plan
	engine  *inhibition.Engine
	labels  map[string]map[string]string // of the receivers
	scope   auth.Scope
	now     time.Time
	openFor time.Duration
}

func (c *Component) amLook(r *http.Request) (*amLook, error) {
	asked, err := readAMAsked(r.URL.Query())
	if err != nil {
		return nil, err
	}
	look := &amLook{c: c, asked: asked, plan: c.router.Plan(), engine: c.mirror.inhibitor(), labels: map[string]map[string]string{},
		scope: auth.From(r.Context()).Scope("alerts:read"), now: c.deps.Clock.Now(), openFor: c.resolveTimeout()}
	for _, one := range c.amKnown() {
		look.labels[one.Name] = one.Labels
	}
	return look, nil
}

// text is what is kept of an alert's JSON.
func (l *amLook) text(a *mirrored) *amText {
	if t := a.text.Load(); t != nil && t.plan == l.plan {
		return t
	}
	t := &amText{plan: l.plan, names: []string{receiver}}
	if l.plan != nil {
		t.names = l.plan.Receivers(a.Labels)
	}
	t.receivers = amReceiversText(t.names)
	notes := a.Annotations
	if notes == nil {
		notes = map[string]string{}
	}
	fixed, err := json.Marshal(struct {
		Annotations  map[string]string `json:"annotations"`
		Fingerprint  string            `json:"fingerprint"`
		GeneratorURL string            `json:"generatorURL,omitempty"`
		Labels       map[string]string `json:"labels"`
		StartsAt     time.Time         `json:"startsAt"`
	}{notes, a.Fingerprint, a.URL, a.Labels, a.StartsAt})
	if err != nil {
		fixed = []byte("{}") // times of the year 10000 are refused when they come
	}
	t.fixed = bytes.TrimSuffix(fixed, []byte("}"))
	a.text.Store(t)
	return t
}

func amReceiversText(names []string) []byte {
	list := make([]amName, 0, len(names))
	for _, name := range names {
		list = append(list, amName{Name: name})
	}
	text, err := json.Marshal(list)
	if err != nil {
		return []byte("[]") // names always marshal
	}
	return text
}

// status finds what holds an alert back; shown says whether that is asked for.
func (l *amLook) status(a *mirrored) (s amStatusOf, shown bool) {
	s.silencedBy = l.c.suppressor.silencedBy(a.full, l.now)
	if id, _, held := l.engine.By(a.Labels, l.now); held {
		s.inhibitedBy = []string{l.c.mirror.fingerprintOf(id)}
	}
	if a.suppressed.By == "maintenance" {
		s.mutedBy = []string{cmp.Or(a.suppressed.Why, "maintenance")}
	}
	if s.state = "active"; len(s.silencedBy)+len(s.inhibitedBy)+len(s.mutedBy) > 0 {
		s.state = "suppressed"
	}
	return s, (l.asked.active || s.state != "active") && (l.asked.silenced || len(s.silencedBy) == 0) &&
		(l.asked.inhibited || len(s.inhibitedBy) == 0) && (l.asked.muted || len(s.mutedBy) == 0)
}

// over says whether an alert is not shown at all.
func (l *amLook) over(a *routing.Alert) bool {
	return a.Cleared || !a.EndsAt.IsZero() && a.EndsAt.Before(l.now) || !l.scope.Allows(a.Team)
}

// write appends one alert's JSON.
func (l *amLook) write(b []byte, a *mirrored, s amStatusOf) []byte {
	t := l.text(a)
	ends := a.EndsAt
	if ends.IsZero() { // it lasts until its source clears it
		ends = l.now.Add(l.openFor)
	}
	b = append(b, t.fixed...)
	b = append(b, `,"endsAt":"`...)
	b = ends.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","updatedAt":"`...)
	b = a.UpdatedAt.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","receivers":`...)
	b = append(b, t.receivers...)
	b = append(b, `,"status":{"state":"`...)
	b = append(b, s.state...)
	b = append(b, '"')
	b = appendTexts(append(b, `,"silencedBy":`...), s.silencedBy)
	b = appendTexts(append(b, `,"inhibitedBy":`...), s.inhibitedBy)
	b = appendTexts(append(b, `,"mutedBy":`...), s.mutedBy)
	return append(b, "}}"...)
}

func appendTexts(b []byte, list []string) []byte {
	if len(list) == 0 {
		return append(b, "[]"...)
	}
	if len(list) == 1 && matching.ClassicName("_"+list[0]) { // an id or a fingerprint
		return append(append(append(b, `["`...), list[0]...), `"]`...)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return append(b, "[]"...) // texts always marshal
	}
	return append(b, text...)
}

// amAlerts lists the active alerts a request asks for. The answer is written
// as it is made.
func (c *Component) amAlerts(w http.ResponseWriter, r *http.Request) (any, error) {
	look, err := c.amLook(r)
	if err != nil {
		return nil, err
	}
	type kept struct {
		alert  *mirrored
		status amStatusOf
	}
	var list []kept
	for _, a := range c.mirror.list() {
		if look.over(&a.Alert) || !amFits(look.asked.filter, a.Labels) {
			continue
		}
		if (look.asked.receiver != nil || len(look.asked.receivers) > 0) &&
			!slices.ContainsFunc(look.text(a).names, func(name string) bool { return look.asked.wants(name, look.labels) }) {
			continue
		}
		if s, shown := look.status(a); shown {
			list = append(list, kept{a, s})
		}
	}
	slices.SortFunc(list, func(a, b kept) int { return cmp.Compare(a.alert.Fingerprint, b.alert.Fingerprint) })
	amHeaders(w)
	text := append(make([]byte, 0, amChunk+4096), '[')
	for i, one := range list {
		if i > 0 {
			text = append(text, ',')
		}
		if text = look.write(text, one.alert, one.status); len(text) >= amChunk {
			if _, err := w.Write(text); err != nil {
				return nil, nil // nobody listens any more
			}
			text = text[:0]
		}
	}
	w.Write(append(text, "]\n"...))
	return nil, nil
}

// amChunk is how much of a long answer is written at once.
const amChunk = 64 << 10

// amGroup is alertGroup of the Alertmanager API.
type amGroup struct {
	Labels      map[string]string `json:"labels"`
	RouteLabels map[string]string `json:"routeLabels"`
	Receiver    amName            `json:"receiver"`
	Alerts      []json.RawMessage `json:"alerts"`
}

// amGroups lists the groups that receivers are told of; while no document
// routes alerts, a group is a situation.
func (c *Component) amGroups(_ http.ResponseWriter, r *http.Request) (any, error) {
	look, err := c.amLook(r)
	if err != nil {
		return nil, err
	}
	shown := []amGroup{}
	groups, err := c.groupsOf(r.Context(), look)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if len(g.MutedBy) > 0 && !look.asked.muted {
			continue
		}
		one := amGroup{Labels: orEmpty(g.Labels), RouteLabels: orEmpty(g.RouteLabels), Receiver: amName{Name: g.Receiver}, Alerts: []json.RawMessage{}}
		alerts := slices.SortedFunc(slices.Values(g.Alerts), func(a, b *routing.Alert) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
		for _, told := range alerts {
			a := c.mirror.get(told.ID)
			if a == nil || look.over(&a.Alert) || !amFits(look.asked.filter, a.Labels) {
				continue
			}
			if s, wanted := look.status(a); wanted {
				s.mutedBy = append(s.mutedBy, g.MutedBy...)
				one.Alerts = append(one.Alerts, look.write(nil, a, s))
			}
		}
		if len(one.Alerts) > 0 {
			shown = append(shown, one)
		}
	}
	return shown, nil
}

func orEmpty(set map[string]string) map[string]string {
	if set == nil {
		return map[string]string{}
	}
	return set
}

func (c *Component) groupsOf(ctx context.Context, look *amLook) ([]routing.Group, error) {
	wants := func(name string) bool { return look.asked.wants(name, look.labels) }
	if look.plan != nil {
		return c.router.Groups(wants, look.now), nil
	}
	if !wants(receiver) {
		return nil, nil
	}
	situations, err := c.situationsOfActive(ctx)
	if err != nil {
		return nil, err
	}
	bySituation := map[string]*routing.Group{}
	for _, a := range c.mirror.list() {
		situation := situations[a.ID]
		g := bySituation[situation]
		if g == nil {
			g = &routing.Group{Receiver: receiver, Labels: map[string]string{}}
			if bySituation[situation] = g; situation != "" {
				g.Labels["situation"] = situation
			}
		}
		g.Alerts = append(g.Alerts, &a.Alert)
	}
	var list []routing.Group
	for _, situation := range slices.Sorted(maps.Keys(bySituation)) {
		list = append(list, *bySituation[situation])
	}
	return list, nil
}

// situationsOfActive finds the situations of the active alerts, by alert.
func (c *Component) situationsOfActive(ctx context.Context) (map[string]string, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT id, situation FROM events_alert WHERE active")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var id, situation string
		if err := rows.Scan(&id, &situation); err != nil {
			return nil, err
		}
		found[id] = situation
	}
	return found, rows.Err()
}
