// Package threetier is the example of a web shop; see README.md. Its tests
// start and stop the real servers, and check that Mainstay takes its documents.
package threetier
