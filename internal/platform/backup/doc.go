// Package backup writes everything Mainstay holds into one file while it runs,
// and puts it back into an empty place.
//
// The file is a tar archive compressed with zstd:
//
//	database/sqlite.db                  a copy made by SQLite's online backup
//	database/postgresql/schema.json     or the tables of a PostgreSQL schema,
//	database/postgresql/<table>.copy    each in COPY's text format
//	files/<name>/...                    directories such as the attachments
//	stores/<name>/...                   snapshots of the metrics and the logs
//	config/...                          configuration files
//	secret.key.age                      the key of the secrets, sealed with a passphrase
//	manifest.json                       last: size and SHA-256 of each of the above
//
// The database is one moment: a page copy under a read transaction, or one
// REPEATABLE READ transaction. Files and stores are taken after it, so whatever
// a row of the database names is there. An archive that was cut off has no
// manifest and is refused; so is one whose bytes were changed.
//
// Restore writes into a hidden directory of the target first, and moves it up
// once everything is verified and loaded; when something fails, the target is
// as empty as it was.
// A database is restored to the engine it came from.
package backup
