// Command app is the middle tier of the example: a small web shop that shows
// what a PostgreSQL table holds. It is something to watch, not part of Mainstay.
//
// It reads LISTEN (host:port) and DATABASE_URL, starts whether or not the
// database is there, and answers 503 while it is not.
package main
