package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/agents/protocol"
)

// assignment is what an agent is to follow.
type assignment struct {
	agent   agents.Agent
	sources protocol.LogSources
}

// differs says that the agent follows something else.
func (a assignment) differs() bool {
	return slices.Contains(a.agent.Capabilities, protocol.CapabilityLogs) && a.agent.Logs.Revision != a.sources.Revision
}

// assign works out what each agent is to follow. A selector that cannot be
// asked now is an error: nobody must stop to follow for that.
func (c *Component) assign(ctx context.Context, list []agents.Agent, declared []*source) ([]assignment, error) {
	chosen := map[string][]string{} // items by selector
	for _, s := range declared {
		if s.spec.Disabled || s.spec.Selector == "" || chosen[s.spec.Selector] != nil {
			continue
		}
		items, err := c.deps.Items.Select(ctx, s.spec.Selector)
		if err != nil {
			return nil, err
		}
		slices.Sort(items)
		chosen[s.spec.Selector] = append([]string{""}, items...)
	}
	out := make([]assignment, 0, len(list))
	for _, a := range list {
		one := assignment{agent: a}
		for _, s := range declared {
			if s.spec.Disabled {
				continue
			}
			if s.spec.Selector != "" {
				if _, found := slices.BinarySearch(chosen[s.spec.Selector], a.Item); !found || a.Item == "" {
					continue
				}
			}
			one.sources.Sources = append(one.sources.Sources, s.spec.forAgent(s.name))
		}
		one.sources.Revision = revision(one.sources.Sources)
		out = append(out, one)
	}
	return out, nil
}

// revision names a set of sources by what they say; "" is none.
func revision(list []protocol.LogSource) string {
	if len(list) == 0 {
		return ""
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
