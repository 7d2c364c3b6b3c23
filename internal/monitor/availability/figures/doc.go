// Package figures turns states over time into what was agreed on: availability
// in the agreed hours, error minutes, outages, mean times. It is a pure
// calculation over intervals; testdata/figures.txt tells its rules in cases.
//
// The rules. Only agreed hours count. Time in maintenance does not count when
// it is excluded. What is left is divided by state: up and degraded are good
// (degraded may count as bad), down is bad, and time without knowledge is left
// out of the division unless it is said to count. Availability is good time
// divided by good and bad time. An outage is bad time without good time in
// between; closed hours, maintenance and unknown time inside do not end it, but
// do not count either.
package figures
