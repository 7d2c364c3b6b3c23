package sources

import (
	"context"
	"net/http"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents"
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
	type listIn struct {
		Agent string `query:"agent" maxLength:"64" doc:"Only what this agent is to follow, connected or not"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-sources", Method: http.MethodGet, Path: "/logs/sources", Summary: "Log sources and how following them goes", Tag: "Logs", Permission: canRead},
		func(ctx context.Context, in *listIn) (*stateOutput, error) {
			out := &stateOutput{}
			var err error
			if in.Agent != "" {
				out.Body.Items, err = c.StatesOf(ctx, in.Agent)
			} else {
				out.Body.Items, err = c.States(ctx)
			}
			return out, err
		})
}

// States are the sources by name, with the connected agents that the caller may see.
func (c *Component) States(ctx context.Context) ([]State, error) {
	list, err := c.deps.Agents.Connected(ctx)
	if err != nil {
		return nil, err
	}
	return c.states(ctx, slices.DeleteFunc(list, func(a agents.Agent) bool { return !visible(ctx, a) }), true)
}

// StatesOf are the sources that one agent is to follow; of one that is away, as
// it told last.
func (c *Component) StatesOf(ctx context.Context, agent string) ([]State, error) {
	a, err := c.deps.Agents.Agent(ctx, agent)
	if err != nil {
		return nil, err
	}
	if !visible(ctx, a) {
		return nil, core.NotFound("agent", agent)
	}
	return c.states(ctx, []agents.Agent{a}, false)
}

// visible says whether the caller may see the agent: it is common, or of a team of the caller's.
func visible(ctx context.Context, a agents.Agent) bool {
	scope := auth.From(ctx).Scope(canRead)
	return scope.All || a.Team == "" || slices.Contains(scope.Teams, a.Team)
}

// states are the sources by name with those of the agents that are to follow
// them; also those that nobody is to, when unfollowed ones are asked for.
func (c *Component) states(ctx context.Context, list []agents.Agent, unfollowed bool) ([]State, error) {
	declared, err := c.store.all(ctx, c.deps.DB)
	if err != nil {
		return nil, err
	}
	assigned, err := c.assign(ctx, list, declared)
	if err != nil {
		return nil, err
	}
	out := make([]State, 0, len(declared))
	for _, s := range declared {
		state := State{Name: s.name, Spec: s.spec, Agents: []Follower{}}
		for _, a := range assigned {
			if slices.ContainsFunc(a.sources.Sources, func(x protocol.LogSource) bool { return x.Name == s.name }) {
				state.Agents = append(state.Agents, c.follower(a.agent, s.name))
			}
		}
		if unfollowed || len(state.Agents) > 0 {
			out = append(out, state)
		}
	}
	return out, nil
}

func (c *Component) follower(a agents.Agent, source string) Follower {
	f := Follower{Agent: a.ID, Name: a.Name, Item: a.Item, Error: c.why(a.ID)}
	for i := range a.Logs.Sources {
		if a.Logs.Sources[i].Name == source {
			f.Status = &a.Logs.Sources[i]
		}
	}
	if f.Error == "" && !slices.Contains(a.Capabilities, protocol.CapabilityLogs) {
		f.Error = "the agent is too old to follow logs"
	}
	return f
}
