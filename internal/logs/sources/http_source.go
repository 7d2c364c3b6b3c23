package sources

import (
	"context"
	"net/http"
	"slices"

	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// State is a source and how following it goes.
type State struct {
	Name   string     `json:"name"`
	Spec   Spec       `json:"spec"`
	Agents []Follower `json:"agents" nullable:"false" doc:"The connected agents that are to follow it"`
}

// Follower is an agent that is to follow a source.
type Follower struct {
	Agent  string                    `json:"agent" doc:"Id of the agent"`
	Name   string                    `json:"name"`
	Item   string                    `json:"item,omitempty" doc:"Id of its host"`
	Status *protocol.LogSourceStatus `json:"status,omitempty" doc:"Absent until the agent follows it"`
	Error  string                    `json:"error,omitempty" doc:"Why it does not follow it"`
}

type stateOutput struct {
	Body struct {
		Items []State `json:"items" nullable:"false"`
	}
}

const canRead = auth.Permission("agents:read")

// Routes registers what can be asked.
func (c *Component) Routes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-log-sources", Method: http.MethodGet, Path: "/logs/sources", Summary: "Log sources and how following them goes", Tag: "Logs", Permission: canRead},
		func(ctx context.Context, _ *struct{}) (*stateOutput, error) {
			out := &stateOutput{}
			var err error
			out.Body.Items, err = c.States(ctx)
			return out, err
		})
}

// States are the sources by name, with the agents that the caller may see.
func (c *Component) States(ctx context.Context) ([]State, error) {
	declared, err := c.store.all(ctx, c.deps.DB)
	if err != nil {
		return nil, err
	}
	list, err := c.deps.Agents.Connected(ctx)
	if err != nil {
		return nil, err
	}
	assigned, err := c.assign(ctx, list, declared)
	if err != nil {
		return nil, err
	}
	scope := auth.From(ctx).Scope(canRead)
	out := make([]State, 0, len(declared))
	for _, s := range declared {
		state := State{Name: s.name, Spec: s.spec, Agents: []Follower{}}
		for _, a := range assigned {
			named := func(x protocol.LogSource) bool { return x.Name == s.name }
			if !slices.ContainsFunc(a.sources.Sources, named) || !scope.All && a.agent.Team != "" && !slices.Contains(scope.Teams, a.agent.Team) {
				continue
			}
			f := Follower{Agent: a.agent.ID, Name: a.agent.Name, Item: a.agent.Item, Error: c.why(a.agent.ID)}
			for i := range a.agent.Logs.Sources {
				if a.agent.Logs.Sources[i].Name == s.name {
					f.Status = &a.agent.Logs.Sources[i]
				}
			}
			if f.Error == "" && !slices.Contains(a.agent.Capabilities, protocol.CapabilityLogs) {
				f.Error = "the agent is too old to follow logs"
			}
			state.Agents = append(state.Agents, f)
		}
		out = append(out, state)
	}
	return out, nil
}
