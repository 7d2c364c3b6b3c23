package monitor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

const (
	pushPermission = auth.Permission("check-results:write")
	maxPingBody    = 64 << 10
	maxPushBody    = 8 << 20
)

const pushDetails = `The body is one result or a list of at most 5,000:

    {"check": "nightly-backup", "host": "db1.example", "status": "warning", "output": "slow: 3 h", "perfdata": "size=12GB"}

` + "`status` is ok, warning, critical or unknown, or 0 to 3. The check is passive; of a check of several items `item` or `host` says which one. " +
	"A result that cannot be taken is named in `refused` and the others are taken; when none can be taken the answer is a problem. " +
	"A result that is accepted is durable."

func (c *Component) outsideRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "rotate-heartbeat-address", Method: http.MethodPost, Path: "/checks/{id}/heartbeat-address", Summary: "Give a heartbeat a new address", Tag: tag, Permission: "checks:write",
		Details: "The address is a secret and is shown this once; the one before stops working."}, c.httpRotate)
	httpapi.Handle(api, httpapi.Route{ID: "list-pings", Method: http.MethodGet, Path: "/checks/{id}/pings", Summary: "List the last pings of a heartbeat", Tag: tag, Permission: "checks:read"}, c.httpPings)
	httpapi.Handle(api, httpapi.Route{ID: "push-check-results", Method: http.MethodPost, Path: "/check-results", Summary: "Push results of passive checks", Tag: tag, Permission: pushPermission, MaxBody: maxPushBody, OwnBody: true,
		Details: pushDetails}, c.httpPush)
	api.Mount("POST /api/v1/check-results/nsca", pushPermission, http.HandlerFunc(c.serveNSCA))
	for _, method := range []string{"GET ", "POST "} {
		api.Mount(method+"/api/v1/heartbeats/{token}", auth.Public, http.HandlerFunc(c.servePing))
		api.Mount(method+"/api/v1/heartbeats/{token}/{signal}", auth.Public, http.HandlerFunc(c.servePing))
	}
}

type addressOutput struct{ Body Address }

func (c *Component) httpRotate(ctx context.Context, in *struct {
	ByID
	Body struct {
		Target string `json:"target,omitempty" maxLength:"26" doc:"id of the target or item, for a check of several"`
	}
}) (*addressOutput, error) {
	check, err := c.visible(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	if check.Spec.Heartbeat == nil {
		return nil, core.Errorf(core.CodeConflict, "check %q is no heartbeat", check.Name)
	}
	target := in.Body.Target
	if target == "" && in.ID != check.ID && in.ID != check.Name {
		target = in.ID
	}
	address, err := c.RotateAddress(ctx, check, target)
	return &addressOutput{address}, err
}

type pingsOutput struct {
	Body struct {
		Items     []Ping     `json:"items" nullable:"false"`
		Addressed *time.Time `json:"addressed,omitempty" doc:"since when it has the address it has"`
	}
}

func (c *Component) httpPings(ctx context.Context, in *struct {
	ByID
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	Target string `query:"target" maxLength:"26" doc:"id of the target or item, for a check of several"`
}) (*pingsOutput, error) {
	check, row, err := c.targetOfRoute(ctx, in.ID, in.Target)
	if err != nil {
		return nil, err
	}
	out := &pingsOutput{}
	since, err := c.store.addressed(ctx, check.ID)
	if err != nil {
		return nil, err
	}
	out.Body.Addressed = core.Moment(since[row.ID])
	out.Body.Items, err = c.store.pings(ctx, row.ID, in.Limit)
	return out, err
}

type receiptOutput struct{ Body Receipt }

func (c *Component) httpPush(ctx context.Context, in *struct {
	Body json.RawMessage `doc:"One result or a list of results"`
}) (*receiptOutput, error) {
	list := []json.RawMessage{in.Body}
	if text := bytes.TrimSpace(in.Body); len(text) > 0 && text[0] == '[' {
		list = nil
		if err := json.Unmarshal(in.Body, &list); err != nil {
			return nil, core.Invalid("body", "must be one result or a list of results")
		}
	}
	receipt, err := c.Push(ctx, "api", list, mayPush(ctx))
	if err != nil {
		return nil, err
	}
	if receipt.Accepted == 0 && len(receipt.Refused) > 0 {
		var all []core.Detail
		for _, r := range receipt.Refused {
			all = append(all, core.Detail{Field: fmt.Sprintf("[%d]", r.Index), Rule: r.Message})
		}
		return nil, core.InvalidAll(all)
	}
	return &receiptOutput{receipt}, nil
}

// mayPush says whether the caller may push results for a check.
func mayPush(ctx context.Context) func(*Check) error {
	return func(check *Check) error {
		return allowed(ctx, pushPermission, check.Spec.Team, "check", check.Name)
	}
}

// serveNSCA takes lines as send_nsca does: host, check, code and output.
func (c *Component) serveNSCA(w http.ResponseWriter, r *http.Request) {
	var list []json.RawMessage
	lines := bufio.NewScanner(http.MaxBytesReader(w, r.Body, maxPushBody))
	lines.Buffer(nil, 64<<10)
	bad := []Refused{}
	var at []int // the line of each result
	for n := 0; lines.Scan(); n++ {
		if firstLine(lines.Text()) == "" {
			continue
		}
		one, err := readNSCA(lines.Text(), "host-alive")
		if err != nil {
			bad = append(bad, Refused{n, string(core.CodeOf(err)), explainError(err)})
			continue
		}
		raw, err := json.Marshal(one)
		if err != nil {
			continue
		}
		list, at = append(list, raw), append(at, n)
	}
	if lines.Err() != nil {
		httpapi.WriteProblem(w, c.deps.Log, core.Invalid("body", "must be lines of at most 64 KiB, 8 MiB together"))
		return
	}
	receipt, err := c.Push(r.Context(), sourceOf(r), list, mayPush(r.Context()))
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	for i := range receipt.Refused {
		receipt.Refused[i].Index = at[receipt.Refused[i].Index]
	}
	receipt.Refused = append(bad, receipt.Refused...)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(receipt)
}

// servePing takes a ping at a secret address: GET, HEAD or POST.
func (c *Component) servePing(w http.ResponseWriter, r *http.Request) {
	body := ""
	if r.Method == http.MethodPost {
		// What is longer is cut: that a job says much must not make it fail.
		raw, err := io.ReadAll(io.LimitReader(r.Body, maxPingBody))
		if err != nil {
			httpapi.WriteProblem(w, c.deps.Log, core.Invalid("body", "cannot be read"))
			return
		}
		body = string(raw)
	}
	if err := c.Ping(r.Context(), r.PathValue("token"), r.PathValue("signal"), body, sourceOf(r)); err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, "OK\n")
}

func sourceOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
