package oncall

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// ChannelView is a channel as lists show it.
type ChannelView struct {
	Name  string        `json:"name"`
	Type  string        `json:"type"`
	Title string        `json:"title,omitempty"`
	Team  string        `json:"team,omitempty"`
	Last  *DeliveryView `json:"last,omitempty" doc:"The last message that was sent or could not be"`
}

// PolicyView is a policy as lists show it.
type PolicyView struct {
	Name string `json:"name"`
	Spec Policy `json:"spec"`
	Open int    `json:"open" doc:"Pages under way"`
}

func (c *Component) channelRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-channels", Method: http.MethodGet, Path: "/channels", Summary: "List channels", Tag: tag, Permission: "oncall:read"},
		func(ctx context.Context, _ *struct{}) (*list[ChannelView], error) {
			docs, err := c.visible(ctx, kindChannel)
			if err != nil {
				return nil, err
			}
			var out []ChannelView
			for _, d := range docs {
				spec, err := c.channelNamed(ctx, c.deps.DB, d.Name)
				if err != nil {
					return nil, err
				}
				v := ChannelView{Name: d.Name, Type: spec.Type, Title: spec.Title, Team: d.Team}
				last, err := deliveries(ctx, c.deps.DB, "id = (SELECT MAX(d.id) FROM oncall_delivery d WHERE d.channel = $1 AND d.state IN ('sent', 'failed'))", d.Name)
				if err != nil {
					return nil, err
				}
				if len(last) > 0 {
					v.Last = &last[0]
				}
				out = append(out, v)
			}
			return listOf(out), nil
		})
	httpapi.Handle(api, httpapi.Route{ID: "test-channel", Method: http.MethodPost, Path: "/channels/{name}/test", Summary: "Send a test by a channel", Tag: tag, Permission: "oncall:write", Status: http.StatusAccepted},
		func(ctx context.Context, in *ByName) (*testOutput, error) {
			if _, err := c.see(ctx, c.deps.DB, kindChannel, in.Name, "oncall:write"); err != nil {
				return nil, err
			}
			out := &testOutput{}
			err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
				out.Body.ID, err = c.queueAs(ctx, tx, delivery{id: c.deps.IDs.New(), channel: in.Name, name: in.Name, purpose: purposeTest, title: "Test message",
					body: "This is a test. Nothing is wrong.", why: "a test by " + caller(ctx)})
				return err
			})
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-delivery", Method: http.MethodGet, Path: "/deliveries/{id}", Summary: "Read one message with its proof", Tag: tag, Permission: "oncall:read"},
		func(ctx context.Context, in *ByID) (*struct{ Body DeliveryView }, error) {
			found, err := deliveries(ctx, c.deps.DB, "id = $1", in.ID)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 || !c.maySee(ctx, found[0]) {
				return nil, core.NotFound("delivery", in.ID)
			}
			return &struct{ Body DeliveryView }{found[0]}, nil
		})
	httpapi.Handle(api, httpapi.Route{ID: "list-escalation-policies", Method: http.MethodGet, Path: "/escalation-policies", Summary: "List escalation policies, in the order they are tried", Tag: tag, Permission: "oncall:read"},
		func(ctx context.Context, _ *struct{}) (*list[PolicyView], error) {
			all, err := c.policies(ctx, c.deps.DB)
			if err != nil {
				return nil, err
			}
			scope := auth.From(ctx).Scope("oncall:read")
			var out []PolicyView
			for _, p := range all {
				if !scope.Allows(p.Team) {
					continue
				}
				v := PolicyView{Name: p.name, Spec: p.Policy}
				if err := c.deps.DB.QueryRow(ctx, "SELECT COUNT(*) FROM oncall_page WHERE policy = $1 AND state <> 'resolved'", p.name).Scan(&v.Open); err != nil {
					return nil, err
				}
				out = append(out, v)
			}
			return listOf(out), nil
		})
}

// maySee says whether the caller may see a message: their own, or one of a page
// or channel of their teams.
func (c *Component) maySee(ctx context.Context, d DeliveryView) bool {
	p := auth.From(ctx)
	if d.Person == p.ID {
		return true
	}
	team := ""
	if d.Page != "" {
		page, err := pageByID(ctx, c.deps.DB, d.Page)
		if err != nil {
			return false
		}
		team = page.Team
	} else if doc, err := documentNamed(ctx, c.deps.DB, kindChannel, d.Channel); err == nil {
		team = doc.Team
	}
	return d.Page != "" && p.Scope("oncall:read").Allows(team) || d.Person == "" && p.Scope("oncall:read").Allows(team)
}
