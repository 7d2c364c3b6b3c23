// Package policy is the host's word on what its agent may do for the server.
//
// The policy is a YAML file on the host, read again whenever it changes. What
// it does not allow is refused; when there is no file, or it cannot be read, or
// others than its owner could write to it, nothing is allowed. The server
// cannot change it.
//
//	checks: ["*"]                       # kinds of check the agent may run
//	plugins: ["/usr/lib/nagios/plugins/*"]  # programs that checks of kind "command" may run
//	commands:
//	  - runbooks: ["restart-*"]         # for these runbooks
//	    users: ["postgres"]             # as these users (none: the agent's own)
//	    paths: ["/usr/bin/pg_ctlcluster"]   # these programs, by absolute path
//	  - runbooks: ["tidy"]
//	    scripts: true                   # any script of the runbook, by its shell
//
// Patterns are those of path.Match: "*" does not cross a "/".
package policy
