package classes

// Read lets tests read files of their own.
var Read = read
