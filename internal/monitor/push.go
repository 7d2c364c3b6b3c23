package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// PushedResult is a result that somebody else found, for a passive check.
type PushedResult struct {
	Check    string         `json:"check" maxLength:"120" doc:"name or id of a passive check, or the id of one of its targets"`
	Item     string         `json:"item,omitempty" maxLength:"26" doc:"id of the item, for a check of several; or give host"`
	Host     string         `json:"host,omitempty" maxLength:"255" doc:"name of the item instead of its id: a host name, address or declared name"`
	Status   string         `json:"status" doc:"ok, warning, critical or unknown, or 0 to 3 as plugins end"`
	Output   string         `json:"output,omitempty" doc:"one line; what follows a | is read as performance data"`
	Detail   string         `json:"detail,omitempty"`
	Perfdata string         `json:"perfdata,omitempty" doc:"'label'=value[unit];warn;crit;min;max ..."`
	Metrics  []probe.Metric `json:"metrics,omitempty"`
	Duration probe.Duration `json:"duration,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m"`
}

// Refused says which of several results was not taken, and why.
type Refused struct {
	Index   int    `json:"index"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Receipt is what became of pushed results.
type Receipt struct {
	Accepted int       `json:"accepted"`
	Refused  []Refused `json:"refused" nullable:"false"`
}

const maxPushed = 5000

// pusher finds the targets of one batch.
type pusher struct {
	c      *Component
	checks map[string]*Check
	rows   map[string][]targetRow
	hosts  map[string]string
	allow  func(*Check) error
}

// Push takes results for passive checks. A result that cannot be taken is
// named and the others go on. allow says whether the caller may push for a check.
func (c *Component) Push(ctx context.Context, source string, list []json.RawMessage, allow func(*Check) error) (Receipt, error) {
	receipt := Receipt{Refused: []Refused{}}
	if len(list) > maxPushed {
		return receipt, core.Invalid("results", fmt.Sprintf("must be at most %d", maxPushed))
	}
	p := &pusher{c: c, checks: map[string]*Check{}, rows: map[string][]targetRow{}, hosts: map[string]string{}, allow: allow}
	var pings []ping
	for i, raw := range list {
		one, err := p.read(ctx, raw)
		switch core.CodeOf(err) {
		case "":
			one.Source = source
			pings = append(pings, one)
		case core.CodeInternal, core.CodeUnavailable:
			return receipt, err
		default:
			receipt.Refused = append(receipt.Refused, Refused{i, string(core.CodeOf(err)), explainError(err)})
		}
	}
	if err := c.keepPings(ctx, pings); err != nil {
		return receipt, err
	}
	receipt.Accepted = len(pings)
	return receipt, nil
}

// explainError is the message of an error with the field it is about.
func explainError(err error) string {
	if e, ok := err.(*core.Error); ok && len(e.Details) > 0 {
		return strings.TrimSpace(e.Details[0].Field + " " + e.Details[0].Rule)
	}
	return message(err)
}

func (p *pusher) read(ctx context.Context, raw json.RawMessage) (ping, error) {
	var r PushedResult
	if err := json.Unmarshal(raw, &r); err != nil {
		return ping{}, core.Invalid("result", "cannot be read: "+err.Error())
	}
	res, err := r.result()
	if err != nil {
		return ping{}, err
	}
	row, err := p.target(ctx, &r)
	if err != nil {
		return ping{}, err
	}
	return ping{Ping: Ping{ID: p.c.deps.IDs.New(), Target: row.ID, At: core.FromMicros(core.Micros(p.c.deps.Clock.Now())), Signal: signalResult,
		Output: res.Output, Detail: res.Detail, Duration: res.Duration}, State: res.State, Metrics: res.Metrics}, nil
}

// result reads what was found.
func (r *PushedResult) result() (probe.Result, error) {
	res := probe.Result{Detail: r.Detail, Duration: r.Duration, Metrics: r.Metrics}
	state, err := probe.ParseState(strings.ToLower(r.Status))
	if err != nil {
		code, err := strconv.Atoi(r.Status)
		if err != nil || code < 0 || code > 3 {
			return res, core.Invalid("status", "must be ok, warning, critical or unknown, or 0 to 3")
		}
		state = probe.State(code)
	}
	if r.Duration < 0 {
		return res, core.Invalid("duration", "must not be negative")
	}
	res.State = state
	output, after, _ := strings.Cut(r.Output, "|")
	res.Output = strings.TrimSpace(output)
	for _, text := range []string{after, r.Perfdata} {
		measured, err := probe.ParsePerfdata(text)
		if err != nil && res.Detail == "" {
			res.Detail = err.Error()
		}
		res.Metrics = append(res.Metrics, measured...)
	}
	if res.Output == "" {
		res.Output = "pushed: " + state.String()
	}
	res.Bound()
	return res, nil
}

func (p *pusher) target(ctx context.Context, r *PushedResult) (targetRow, error) {
	if r.Check == "" {
		return targetRow{}, core.Invalid("check", "must name a passive check")
	}
	check, known := p.checks[r.Check]
	if !known {
		var err error
		if check, err = p.c.store.checkBy(ctx, p.c.deps.DB, r.Check); err != nil {
			return targetRow{}, err
		}
		if err := p.allow(check); err != nil {
			return targetRow{}, err
		}
		if p.rows[check.ID] == nil {
			if p.rows[check.ID], err = p.c.store.targetRows(ctx, p.c.deps.DB, "check_id = $1", check.ID); err != nil {
				return targetRow{}, err
			}
		}
		p.checks[r.Check] = check
	}
	if check.Spec.Passive == nil {
		return targetRow{}, core.Invalid("check", "is not passive: nobody may push results for it")
	}
	ref := r.Item
	switch {
	case r.Host != "":
		item, err := p.host(ctx, r.Host)
		if err != nil {
			return targetRow{}, err
		}
		ref = item
	case ref == "" && r.Check != check.ID && r.Check != check.Name:
		ref = r.Check
	}
	return oneOf(p.rows[check.ID], ref)
}

// host finds the item that somebody calls by a name.
func (p *pusher) host(ctx context.Context, name string) (string, error) {
	if id := p.hosts[name]; id != "" {
		return id, nil
	}
	for _, kind := range []string{"fqdn", "hostname", "declared", "ip"} {
		id, err := p.c.deps.Items.ItemOf(ctx, []core.Identity{{Kind: kind, Value: name}})
		if err == nil {
			p.hosts[name] = id
			return id, nil
		}
		if code := core.CodeOf(err); code != core.CodeNotFound && code != core.CodeConflict {
			return "", err
		}
	}
	return "", core.Invalid("host", fmt.Sprintf("%q is no item", name))
}

// readNSCA reads a line as send_nsca takes it: host, check, code and output,
// with tabs between, or host, code and output for the check of the host itself.
func readNSCA(line, hostCheck string) (PushedResult, error) {
	parts := strings.SplitN(strings.TrimRight(line, "\r\n"), "\t", 4)
	if len(parts) == 3 {
		parts = []string{parts[0], hostCheck, parts[1], parts[2]}
	}
	if len(parts) != 4 {
		return PushedResult{}, core.Invalid("line", "must be host, check, code and output with tabs between")
	}
	if parts[0] == "" || parts[1] == "" {
		return PushedResult{}, core.Invalid("line", "must name a host and a check")
	}
	output, detail, _ := strings.Cut(parts[3], `\n`)
	return PushedResult{Host: parts[0], Check: parts[1], Status: strings.TrimSpace(parts[2]), Output: output, Detail: strings.ReplaceAll(detail, `\n`, "\n")}, nil
}
