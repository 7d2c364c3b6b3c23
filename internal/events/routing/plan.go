package routing

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"

	"mainstay/internal/events/inhibition"
	"mainstay/internal/events/matching"
)

// Plan is a Spec that has been checked, ready to be used. It does not change.
type Plan struct {
	Spec           Spec
	Original       string // as a configuration file, without secrets
	ResolveTimeout time.Duration
	Inhibitions    []inhibition.Rule

	root      *node
	receivers map[string]*receiver
	times     *timeinterval.Intervener
	template  *template.Template
}

// Options are the timing and the grouping of a route.
type options struct {
	receiver       string
	groupBy        []string
	groupByAll     bool
	groupWait      time.Duration
	groupInterval  time.Duration
	repeatInterval time.Duration
	mute, active   []string
	labels         map[string]string
}

// node is a route with what it has from its parents.
type node struct {
	options
	matchers labels.Matchers
	onward   bool // continue
	key      string
	id       string // key with the positions of the routes: it tells equal ones apart
	children []*node
}

// defaultOptions are Alertmanager's (dispatch/route.go).
func defaultOptions() options {
	return options{groupWait: 30 * time.Second, groupInterval: 5 * time.Minute, repeatInterval: 4 * time.Hour}
}

// match finds the routes of an alert: the deepest that fit, and with continue
// those beside them.
func (n *node) match(set map[string]string) []*node {
	if !matching.Fits(n.matchers, set) {
		return nil
	}
	var all []*node
	for _, child := range n.children {
		found := child.match(set)
		all = append(all, found...)
		if len(found) > 0 && !child.onward {
			break
		}
	}
	if len(all) == 0 {
		return []*node{n}
	}
	return all
}

// Receivers lists the names of an alert's receivers, in the order of the routes.
func (p *Plan) Receivers(set map[string]string) []string {
	found := p.root.match(set)
	names := make([]string, len(found))
	for i, n := range found {
		names[i] = n.receiver
	}
	return names
}

// groupLabels are the labels that an alert shares with its group.
func (n *node) groupLabels(set map[string]string) map[string]string {
	if n.groupByAll {
		return set
	}
	out := make(map[string]string, len(n.groupBy))
	for _, name := range n.groupBy {
		if v, ok := set[name]; ok {
			out[name] = v
		}
	}
	return out
}

// settle gives a node its place in the tree: its key, and its children's.
func (n *node) settle(parent *node, at int) {
	n.key = n.matchers.String()
	n.id = n.key
	if parent != nil {
		n.key = parent.key + "/" + n.key
		n.id = parent.id + "/" + n.id + "/" + strconv.Itoa(at)
	}
	for i, child := range n.children {
		child.settle(n, i)
	}
}

// labelText writes labels as Prometheus does: {a="b", c="d"}.
func labelText(set map[string]string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(set)) {
		if i > 0 {
			b.WriteString(", ")
		}
		if matching.ClassicName(name) {
			b.WriteString(name)
		} else {
			b.WriteString(strconv.Quote(name))
		}
		b.WriteByte('=')
		b.WriteString(strconv.Quote(set[name]))
	}
	b.WriteByte('}')
	return b.String()
}
