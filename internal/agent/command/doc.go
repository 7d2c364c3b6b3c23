// Package command is the command line of the agent: what `mainstay agent` and
// the small program mainstay-agent have in common, which is all of it.
package command
