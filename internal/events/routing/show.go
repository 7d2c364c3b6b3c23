package routing

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Group is a group as the API shows it.
type Group struct {
	Labels      map[string]string
	RouteLabels map[string]string
	Receiver    string
	MutedBy     []string
	Alerts      []*Alert
}

// Groups lists the groups whose receiver is wanted.
func (r *Router) Groups(wanted func(receiver string) bool, now time.Time) []Group {
	r.mu.Lock()
	plan := r.plan
	all := make([]*group, 0, len(r.groups))
	var out []Group
	for _, g := range r.groups {
		if wanted(g.node.receiver) {
			all = append(all, g)
			shown := Group{Labels: g.labels, RouteLabels: g.node.labels, Receiver: g.node.receiver}
			for _, a := range g.alerts {
				shown.Alerts = append(shown.Alerts, a)
			}
			out = append(out, shown)
		}
	}
	r.mu.Unlock()
	order := make([]string, len(out))
	for i := range out {
		out[i].MutedBy = plan.mutedBy(all[i].node, now)
		order[i] = labelText(out[i].Labels)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(strings.Compare(labelText(a.Labels), labelText(b.Labels)), strings.Compare(a.Receiver, b.Receiver))
	})
	return out
}

// original writes a Spec as an Alertmanager configuration file in which
// secrets are hidden, the way Alertmanager shows its own.
func original(spec Spec) string {
	text, err := json.Marshal(spec)
	var file map[string]any
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		return ""
	}
	delete(file, "templates") // files there, texts here
	receivers, _ := file["receivers"].([]any)
	for _, r := range receivers {
		one, _ := r.(map[string]any)
		webhooks, _ := one["webhook_configs"].([]any)
		for _, w := range webhooks {
			webhook, _ := w.(map[string]any)
			webhook["url"] = "<secret>"
		}
		mails, _ := one["email_configs"].([]any)
		for _, m := range mails {
			mail, _ := m.(map[string]any)
			mail["smarthost"], mail["from"] = "localhost:25", "mainstay@localhost" // the installation's own
		}
	}
	out, err := yaml.Marshal(file)
	if err != nil {
		return ""
	}
	return string(out)
}

// Known lists the receivers, by name.
func (p *Plan) Known() []Receiver {
	list := make([]Receiver, 0, len(p.Spec.Receivers))
	for _, r := range p.Spec.Receivers {
		list = append(list, Receiver{Name: r.Name, Labels: r.Labels})
	}
	return list
}
