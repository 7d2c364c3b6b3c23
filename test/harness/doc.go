// Package harness runs the built program as an operator would: in a directory
// of its own, on a free port, with a token, and kills it as an operator would
// not.
package harness
