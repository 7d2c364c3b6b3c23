// Package priority decides how soon a situation has to be dealt with: its impact,
// from what it reaches, and its urgency, from how severe it is, meet in a table. It
// is a pure calculation; testdata/priority.txt has it in cases.
package priority
