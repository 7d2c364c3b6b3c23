package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/platform/tasks"
)

// SituationChecks stands for the checks of the situation a run is about.
const SituationChecks = "$situation"

const (
	defaultWithin = time.Minute
	verifyPause   = 2 * time.Second // between rounds
)

// verify runs the checks once; the attempt is called again until all are well
// or its time is over.
func (a *attempt) verify(ctx context.Context) (result, error) {
	if res, end := ending(a.run); end {
		return res, nil
	}
	if a.c.deps.Checks == nil {
		return failure("this installation has no checks"), nil
	}
	var checks []string
	for _, check := range a.def.Verify.Checks {
		if check == SituationChecks {
			checks = append(checks, a.run.Checks...)
		} else {
			checks = append(checks, expand(check, a.run.Parameters, asItIs))
		}
	}
	if len(checks) == 0 {
		return failure("the run is about no situation with checks, so there is nothing to verify"), nil
	}
	evidence, well := a.c.runChecks(ctx, checks)
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	res := result{state: Succeeded, message: describe(evidence), outcome: []byte(marshal(evidence))}
	if well {
		return res, nil
	}
	within := a.def.Verify.Within.or(defaultWithin)
	if left := a.step.StartedAt.Add(within).Sub(a.c.deps.Clock.Now()); left > 0 {
		return result{}, tasks.Snooze(min(left, verifyPause))
	}
	res.state, res.message = Failed, fmt.Sprintf("not well within %s: %s", within, res.message)
	return res, nil
}

// runChecks runs each check now; well says that all of them are.
func (c *Component) runChecks(ctx context.Context, checks []string) (evidence []CheckResult, well bool) {
	well = true
	for _, check := range checks {
		res, err := c.deps.Checks.RunNow(ctx, check)
		if err != nil {
			res = CheckResult{OK: false, State: "unknown", Output: err.Error()}
		}
		if res.Check == "" {
			res.Check = check
		}
		evidence = append(evidence, res)
		well = well && res.OK
	}
	return evidence, well
}

// describe is evidence in one line, what is not well first.
func describe(evidence []CheckResult) string {
	var bad, good []string
	for _, e := range evidence {
		name := e.Name
		if name == "" {
			name = e.Check
		}
		if e.OK {
			good = append(good, name+" is well")
		} else {
			bad = append(bad, fmt.Sprintf("%s: %s", name, firstLine(e.Output, e.State)))
		}
	}
	return strings.Join(append(bad, good...), "; ")
}

func firstLine(output, state string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(output), "\n")
	if line == "" {
		return state
	}
	return line
}
