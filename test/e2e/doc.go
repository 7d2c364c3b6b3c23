// Package e2e runs the shipped example against the built program with real
// servers: a real fault becomes one incident with the right cause, is repaired,
// verified and closed; also when the program is killed on the way, and as a
// person sees it in the browser.
package e2e
