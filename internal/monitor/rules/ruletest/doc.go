// Package ruletest runs the unit tests of rule files in the format of promtool
// ("promtool test rules"), through Mainstay's own evaluation and metric store.
//
// A test loads its series into an empty store, evaluates the groups in steps
// of the evaluation interval, and compares alerts and expressions with what is
// expected. Nothing outside the given directory for temporary files is written.
package ruletest
