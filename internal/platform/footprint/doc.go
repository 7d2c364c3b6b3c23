// Package footprint gives back what only the start of a process needed: heap
// that is free, and the pages of the program file that were mapped on the way.
// A start reads most of the program once; what is needed again is mapped again
// from the page cache at the cost of a minor fault. For that to be what is
// needed and not all that lies near it, the cache is made to hold the program's
// file page by page.
package footprint
