// Package peers starts Debian's real servers for tests: PostgreSQL, nginx, Prometheus, Chromium
// and one server for each protocol that checks speak, each on loopback at a free port, in a directory of its own, stopped
// by its process id when the test ends (and when the test is killed).
//
// A server that is not installed fails the test and names the Debian package:
// a test that was skipped has proven nothing.
package peers
