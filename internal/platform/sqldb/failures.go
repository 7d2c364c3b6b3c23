package sqldb

import (
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLSTATE codes, PostgreSQL documentation, appendix A.
const (
	stateUniqueViolation      = "23505"
	stateForeignKeyViolation  = "23503"
	stateNotInRepertoire      = "22021"
	stateUntranslatable       = "22P05"
	stateSerializationFailure = "40001"
	stateDeadlockDetected     = "40P01"
	stateAdminShutdown        = "57P01"
	stateCrashShutdown        = "57P02"
	stateCannotConnectNow     = "57P03"
)

// errDiscard makes database/sql throw a connection away.
var errDiscard = driver.ErrBadConn

// IsUnique says that err is a violation of a unique constraint or primary key.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == stateUniqueViolation
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// IsForeignKey says that err is a violation of a foreign key.
func IsForeignKey(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == stateForeignKeyViolation
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

// BadText says that the statement held text that PostgreSQL does not store:
// bytes that are not UTF-8, or U+0000.
func BadText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == stateNotInRepertoire || pg.Code == stateUntranslatable)
}

// Unavailable says that err means the store could not be reached or is full,
// so that the same call may succeed later.
func Unavailable(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
			return true
		}
		return false
	}
	return lostConnection(err)
}

func retryable(err error) bool { return serializationFailure(err) || lostConnection(err) }

func serializationFailure(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == stateSerializationFailure || pg.Code == stateDeadlockDetected)
}

func lostConnection(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == stateAdminShutdown || pg.Code == stateCrashShutdown || pg.Code == stateCannotConnectNow
	}
	var connect *pgconn.ConnectError
	return errors.Is(err, driver.ErrBadConn) || errors.As(err, &connect) || pgconn.SafeToRetry(err)
}
