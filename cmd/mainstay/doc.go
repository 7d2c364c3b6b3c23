// Command mainstay is IT operations management in one program.
//
// serve runs an installation, agent what runs on a managed host. The other
// commands talk to a running installation over its API, or work on its data
// directory.
package main
