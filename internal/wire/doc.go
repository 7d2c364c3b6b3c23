// Package wire builds the installation: it opens the stores, makes every
// component with the interfaces it asks for, starts them in order and stops
// them in reverse.
//
// It is the only package that knows several modules. An adapter between two of
// them is in adapt_<consumer>.go; it translates and decides nothing.
package wire
