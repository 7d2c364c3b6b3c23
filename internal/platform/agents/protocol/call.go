package protocol

import (
	"encoding/json"
	"errors"

	"mainstay/internal/core"
)

// The methods every agent knows.
const (
	MethodStart  = "command.start"  // Command -> State
	MethodRead   = "command.read"   // ReadRequest -> State
	MethodCancel = "command.cancel" // CancelRequest -> State
	MethodCheck  = "check.run"      // a probe specification -> a probe result
	MethodFacts  = "facts.refresh"  // nothing -> nothing: send the whole report again
	MethodPolicy = "policy.read"    // nothing -> PolicySummary
)

// Reply is the answer to a call: a result, or a failure.
type Reply struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  *Failure        `json:"error,omitempty"`
}

// Failure is a core.Error on its way over the bus.
type Failure struct {
	Code    core.Code     `json:"code"`
	Message string        `json:"message"`
	Details []core.Detail `json:"details,omitempty"`
}

// Fail turns err into a Reply. What is not a core.Error keeps its text: both
// sides are Mainstay, and the text helps whoever reads the server's log.
func Fail(err error) Reply {
	var coded *core.Error
	if errors.As(err, &coded) {
		return Reply{Error: &Failure{Code: coded.Code, Message: coded.Message, Details: coded.Details}}
	}
	return Reply{Error: &Failure{Code: core.CodeInternal, Message: err.Error()}}
}

// Succeed turns a result into a Reply.
func Succeed(result any) Reply {
	data, err := json.Marshal(result)
	if err != nil {
		return Fail(err)
	}
	return Reply{Result: data}
}

// Open decodes the result into out, or returns the failure as a core.Error.
func (r Reply) Open(out any) error {
	if r.Error != nil {
		return &core.Error{Code: r.Error.Code, Message: r.Error.Message, Details: r.Error.Details}
	}
	if out == nil || len(r.Result) == 0 {
		return nil
	}
	return json.Unmarshal(r.Result, out)
}
