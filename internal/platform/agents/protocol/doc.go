// Package protocol is what an agent and its server say to each other over the
// bus. Both sides import it; it holds no state.
//
// All subjects are below agent.<id>., the only ones an agent may use:
//
//	agent.<id>.call.<method>   server -> agent: a request; the answer is a Reply
//	agent.<id>.answer.<token>  where the server waits for that answer
//	agent.<id>.up              agent -> server: a Batch of measured records; answered by a Receipt
//	agent.<id>.beat            agent -> server: a Beat; answered by a BeatReply
//	agent.<id>.inbox.>         where the agent waits for answers
package protocol
