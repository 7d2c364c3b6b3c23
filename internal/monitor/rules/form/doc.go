// Package form is the language of rules for people who do not write PromQL:
// "the average over 10m of METRIC of these items is above 90 %".
//
// Write makes PromQL of a Form, Read makes the form of PromQL again, Say puts it
// into words. The PromQL is all that is kept: a rule opens as a form when, and
// only when, Write of what was read gives the same expression, so a form never
// hides a part of a rule; otherwise Read says which part it has no place for.
//
// The package is pure: no clock, no store. testdata/form.txt is the table of
// what it knows, a case a paragraph.
package form
