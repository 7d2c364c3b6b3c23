// Package classes holds what the graph knows about kinds of things as data:
// the classes of items with their attributes and identification rules, the
// kinds of identifiers, and the types of relations with the way a failure
// travels along them.
//
// The data comes from the YAML files of this directory and from documents
// added at run time. A Catalogue is built from both, resolves inheritance
// once, and never changes afterwards: a new definition makes a new Catalogue.
// It is therefore safe for concurrent use without locks.
//
// The package does no I/O beyond its embedded files.
package classes
