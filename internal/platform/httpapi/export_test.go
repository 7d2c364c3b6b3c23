package httpapi

// HoldsNUL is for the fuzz target.
var HoldsNUL = holdsNUL
