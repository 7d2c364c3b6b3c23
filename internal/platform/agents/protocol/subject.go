package protocol

import "strings"

// Subjects the server listens on, for all agents.
const (
	AllUp    = "agent.*.up"
	AllBeats = "agent.*.beat"
)

// CallSubject is where the agent hears calls of the method.
func CallSubject(agent, method string) string { return "agent." + agent + ".call." + method }

// CallsSubject is all calls to the agent.
func CallsSubject(agent string) string { return "agent." + agent + ".call.>" }

// AnswerSubject is where the server hears the answer to one call.
func AnswerSubject(agent, token string) string { return "agent." + agent + ".answer." + token }

// UpSubject is where the agent delivers what it measured.
func UpSubject(agent string) string { return "agent." + agent + ".up" }

// BeatSubject is where the agent says that it lives.
func BeatSubject(agent string) string { return "agent." + agent + ".beat" }

// InboxPrefix is below which the agent hears answers.
func InboxPrefix(agent string) string { return "agent." + agent + ".inbox" }

// AgentOf returns the agent a subject belongs to, or "".
func AgentOf(subject string) string {
	rest, ok := strings.CutPrefix(subject, "agent.")
	if !ok {
		return ""
	}
	agent, _, _ := strings.Cut(rest, ".")
	return agent
}

// MethodOf returns the method of a call's subject, or "".
func MethodOf(subject string) string {
	_, rest, ok := strings.Cut(strings.TrimPrefix(subject, "agent."), ".call.")
	if !ok {
		return ""
	}
	return rest
}
