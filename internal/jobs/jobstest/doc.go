// Package jobstest offers stand-ins for what the jobs module needs of others:
// an agent that records every execution it begins, hosts, checks, secrets and
// guards that tests set. All are safe for concurrent use.
package jobstest
