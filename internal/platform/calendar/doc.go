// Package calendar counts time that people agreed on: which days and hours of a
// zone count, with holidays, over changes of the clocks, and what comes again by
// an RFC 5545 rule. It is a pure calculation; documents of the kind Calendar are
// kept by the desk.
package calendar
