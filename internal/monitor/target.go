package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
)

// Target is a check on one item, with what is known of it.
type Target struct {
	ID        string         `json:"id"`
	Check     string         `json:"check" doc:"id of the check"`
	Name      string         `json:"name" doc:"name of the check"`
	Kind      string         `json:"kind"`
	Item      string         `json:"item,omitempty"`
	Team      string         `json:"team,omitempty"`
	Disabled  bool           `json:"disabled,omitempty"`
	Override  bool           `json:"overridden,omitempty" doc:"an override of the check fits the item"`
	Status    Status         `json:"status" enum:"pending,ok,warning,critical,unknown,unreachable"`
	Hard      bool           `json:"hard" doc:"the status is confirmed"`
	Severity  core.Severity  `json:"severity" doc:"of the confirmed fault; clear when there is none"`
	Attempt   int            `json:"attempt"`
	Flapping  bool           `json:"flapping,omitempty"`
	Since     *time.Time     `json:"since,omitempty" doc:"since when it is confirmed to be so"`
	CheckedAt *time.Time     `json:"checkedAt,omitempty"`
	NextAt    *time.Time     `json:"nextAt,omitempty"`
	Duration  probe.Duration `json:"duration"`
	Output    string         `json:"output"`
}

// target is a Target in the engine's memory.
type target struct {
	id      string
	checkID string

	// turn is held by whoever runs the target: one at a time.
	turn chan struct{}

	mu     sync.Mutex
	check  *Check
	item   string
	agent  string
	spec   probe.Spec // with the item's values in place
	state  State
	lastAt time.Time // of the last result
	labels targetLabels
	fault  string // why the spec cannot be used, "" when it can
	wants  bool   // the spec, or where it runs, depends on the item

	places   []location // where it runs, when at several
	placesAt time.Time  // when that was asked
}

// targetLabels are the series of a target, made once.
type targetLabels struct {
	up       metricstore.Labels
	duration metricstore.Labels
	perf     map[string]metricstore.Labels
}

func newTarget(row targetRow, check *Check) *target {
	t := &target{id: row.ID, checkID: check.ID, turn: make(chan struct{}, 1), state: row.State, lastAt: row.CheckedAt}
	t.assign(check, row.Item)
	return t
}

// assign gives the target its check, as it is for the item, and the item;
// labels are made anew. It says whether anything was new.
func (t *target) assign(check *Check, item string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.check != nil && t.item == item && t.check.Version == check.Version && slices.Equal(t.check.overridden, check.overridden) {
		return false
	}
	t.check, t.item = check, item
	t.spec, t.fault = check.Spec.Spec, ""
	t.agent, t.wants = check.Spec.Agent, check.Spec.wantsItem()
	t.labels = targetLabels{
		up:       metricstore.NewLabels("mainstay_check_up", "item", item, "check", check.Name),
		duration: metricstore.NewLabels("mainstay_check_duration_seconds", "item", item, "check", check.Name),
		perf:     map[string]metricstore.Labels{},
	}
	return true
}

// fill puts the item's values into the spec.
func (t *target) fill(item Item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.check.Spec.Agent == "" {
		t.agent = item.Agent
	}
	spec, err := expand(t.check.Spec.Spec, item, t.check.Spec.Parameters)
	if err != nil {
		t.fault = err.Error()
		return
	}
	t.spec, t.fault = spec, ""
	if bad := spec.Validate("spec."); len(bad) > 0 {
		t.fault = bad[0].Field + " " + bad[0].Rule
	}
}

// expand puts an item's values and the check's parameters into every text of a spec.
func expand(spec probe.Spec, item Item, parameters map[string]string) (probe.Spec, error) {
	return substitute(spec, func(name string) (string, bool) {
		if parameter, ok := strings.CutPrefix(name, "parameter."); ok {
			v, ok := parameters[parameter]
			return v, ok
		}
		return item.value(strings.TrimPrefix(name, "item."))
	})
}

// placeholder is ${item.<name>} or ${parameter.<name>}, with what stands in
// for a value that is not there after ":-".
var placeholder = regexp.MustCompile(`\$\{((?:item|parameter)\.[^}:]+)(?::(-)([^}]*))?\}`)

// substitute replaces placeholders by what value gives for the name. What was
// put in is text and nothing else: it is not looked through for placeholders,
// and does not become a reference to a secret.
func substitute(spec probe.Spec, value func(name string) (string, bool)) (probe.Spec, error) {
	raw, err := json.Marshal(spec)
	if err != nil || !bytes.Contains(raw, []byte("${item.")) && !bytes.Contains(raw, []byte("${parameter.")) {
		return spec, err
	}
	var fault error
	out, err := rewriteStrings(raw, func(s string) string {
		filled := placeholder.ReplaceAllStringFunc(s, func(found string) string {
			parts := placeholder.FindStringSubmatch(found)
			got, known := value(parts[1])
			if (!known || got == "") && parts[2] != "" {
				return parts[3]
			}
			if !known {
				what, name, _ := strings.Cut(parts[1], ".")
				fault = core.Errorf(core.CodeInvalid, "the %s has no %s", map[string]string{"item": "item", "parameter": "check"}[what], name)
			}
			return got
		})
		if isSecret(filled) && !isSecret(s) {
			fault = core.Errorf(core.CodeForbidden, "a value of the item names a secret")
		}
		return filled
	})
	if err := errors.Join(err, fault); err != nil {
		return spec, err
	}
	var filled probe.Spec
	return filled, json.Unmarshal(out, &filled)
}

// wantsItem says that what is probed, or where, depends on the item.
func (s CheckSpec) wantsItem() bool {
	if s.pushed() {
		return false
	}
	if !s.spread() && s.place() == onAgent && s.Agent == "" {
		return true
	}
	raw, err := json.Marshal(s.Spec)
	return err != nil || bytes.Contains(raw, []byte("${"))
}

func (i Item) value(name string) (string, bool) {
	switch name {
	case "id":
		return i.ID, true
	case "name":
		return i.Name, i.Name != ""
	case "class":
		return i.Class, true
	case "address":
		return i.Address, i.Address != ""
	}
	v, ok := i.Attributes[name]
	return v, ok
}

// rewriteStrings applies change to every string value of a JSON document.
func rewriteStrings(raw []byte, change func(string) string) ([]byte, error) {
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case string:
			return change(v)
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for k := range v {
				v[k] = walk(v[k])
			}
		}
		return v
	}
	return json.Marshal(walk(doc))
}

// reveal puts secrets into a copy of the spec and returns them, so that they
// can be taken out of what the probe answers.
func reveal(ctx context.Context, spec probe.Spec, secrets Secrets, check *Check) (probe.Spec, []string, error) {
	raw, err := json.Marshal(spec)
	if err != nil || !strings.Contains(string(raw), `"secret:`) {
		return spec, nil, err
	}
	if secrets == nil {
		return spec, nil, core.Errorf(core.CodeUnavailable, "there is no store of secrets")
	}
	var values []string
	var hidden error
	out, err := rewriteStrings(raw, func(s string) string {
		if !isSecret(s) {
			return s
		}
		value, err := secrets.Reveal(ctx, s, core.Ref{Kind: "check", ID: check.ID}, check.Spec.Team)
		if err != nil {
			hidden = err
			return s
		}
		values = append(values, value)
		return value
	})
	if err := errors.Join(err, hidden); err != nil {
		return spec, nil, err
	}
	var filled probe.Spec
	return filled, values, json.Unmarshal(out, &filled)
}

// isSecret says that a text stands for a secret.
func isSecret(s string) bool { return strings.HasPrefix(s, "secret:") }

// redact takes secrets out of a result's texts.
func redact(res *probe.Result, secrets []string) {
	res.Output, res.Detail = redacted(res.Output, secrets), redacted(res.Detail, secrets)
}

func redacted(text string, secrets []string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}
