package agent

import (
	"context"
	"encoding/json"
	"path/filepath"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/probe"
)

// callLimit bounds the time an agent spends on one call.
const callLimit = 5 * time.Minute

type method func(ctx context.Context, in json.RawMessage) (any, error)

// methods is everything a server can ask of an agent.
func (a *Component) methods() map[string]method {
	return map[string]method{
		protocol.MethodStart: typed(func(_ context.Context, c protocol.Command) (any, error) { return a.engine.Start(c) }),
		protocol.MethodRead: typed(func(ctx context.Context, r protocol.ReadRequest) (any, error) {
			return a.engine.Read(ctx, r.Execution, r.After, r.Wait)
		}),
		protocol.MethodCancel: typed(func(_ context.Context, r protocol.CancelRequest) (any, error) {
			a.engine.Cancel(r.Execution, r.Reason)
			return struct{}{}, nil
		}),
		protocol.MethodCheck:  typed(a.check),
		protocol.MethodPolicy: func(context.Context, json.RawMessage) (any, error) { return a.policy.Summary(), nil },
		protocol.MethodLogs: typed(func(_ context.Context, sources protocol.LogSources) (any, error) {
			if err := a.tail.Follow(sources); err != nil {
				return nil, err
			}
			poke(a.beatNow) // so that it is seen at once
			return a.tail.Status(), nil
		}),
		protocol.MethodFacts: func(context.Context, json.RawMessage) (any, error) {
			poke(a.refresh)
			return struct{}{}, nil
		},
	}
}

// typed decodes the argument of a method.
func typed[T any](f func(context.Context, T) (any, error)) method {
	return func(ctx context.Context, in json.RawMessage) (any, error) {
		var argument T
		if err := json.Unmarshal(in, &argument); err != nil {
			return nil, core.Errorf(core.CodeMalformed, "the argument cannot be read: %v", err)
		}
		return f(ctx, argument)
	}
}

// check runs a check as far as the policy allows.
func (a *Component) check(ctx context.Context, spec probe.Spec) (any, error) {
	current, err := a.policy.Current()
	if err != nil {
		return nil, core.Errorf(core.CodeForbidden, "refused: %v", err)
	}
	program := ""
	if spec.Command != nil {
		program = filepath.Clean(spec.Command.Path)
	}
	if err := current.Check(spec.Kind(), program); err != nil {
		return nil, err
	}
	return probe.Runner{Drivers: a.deps.Drivers}.Run(ctx, spec), nil
}

// capabilities is what the agent can do, for the server to show and rely on.
func (a *Component) capabilities() []string {
	return []string{"checks", "commands", "facts", protocol.CapabilityLogs, "metrics"}
}
