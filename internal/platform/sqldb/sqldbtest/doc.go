// Package sqldbtest runs a test on both engines: SQLite in a temporary
// directory and a real PostgreSQL (Debian's package) that it starts on a free
// loopback port once per test binary and stops at its end.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { sqldbtest.Main(m) }
//
// MAINSTAY_TEST_POSTGRES names a running server (DSN of a superuser) to use instead.
package sqldbtest
