// Package sqlquery runs sql probes: it holds the drivers of the databases, which
// are too large for the small agent.
//
// A query runs in a read-only transaction that is always rolled back, over one
// connection that is closed afterwards; at most maxRows rows are read. It keeps no
// state and is safe for concurrent use.
package sqlquery

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"mainstay/internal/platform/probe"
)

// Bounds of what is read of a result.
const (
	maxRows   = 10_000
	shownRows = 20
)

// Drivers are those of this package, for a probe.Runner.
func Drivers() map[string]probe.Driver { return map[string]probe.Driver{"sql": Run} }

// Run runs the sql probe of spec.
func Run(ctx context.Context, r probe.Runner, spec probe.Spec, res *probe.Result) {
	s := spec.SQL
	address := s.Endpoint()
	db, err := open(r, s, address)
	if err != nil {
		res.Set(probe.Unknown, "%s: %s", address, probe.Why(err))
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	start := time.Now()
	conn, err := db.Conn(ctx)
	if err != nil {
		res.Failed(address, fault(ctx, err))
		return
	}
	defer conn.Close()
	res.Measure("connect", "seconds", time.Since(start).Seconds())
	start = time.Now()
	got, err := query(ctx, conn, s)
	took := time.Since(start)
	if err != nil {
		res.Failed(address+": the query failed", fault(ctx, err))
		return
	}
	res.Measure("time", "seconds", took.Seconds())
	res.Measure("rows", "", float64(got.rows))
	res.Set(probe.OK, "%s: %s in %v", address, got.summary(), took.Round(time.Microsecond))
	got.judge(s, res)
	s.Latency.Judge(res, "the query", took)
}

// open makes a pool that dials through the runner; nothing is connected yet.
func open(r probe.Runner, s *probe.SQL, address string) (*sql.DB, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var secure *tls.Config
	if s.TLS == "verify" || s.TLS == "unverified" {
		secure = s.Peer().Config(host)
	}
	if s.Driver == "mysql" {
		config := mysql.NewConfig()
		config.Net, config.Addr, config.User, config.Passwd, config.DBName = "tcp", address, s.User, s.Password, s.Database
		config.DialFunc = r.Dial
		config.TLS, config.Logger = secure, quiet{}
		config.AllowNativePasswords, config.CheckConnLiveness = true, false
		config.InterpolateParams = true
		connector, err := mysql.NewConnector(config)
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(connector), nil
	}
	// The text keeps settings of the process's environment and home out.
	config, err := pgx.ParseConfig("host=localhost user=x password=x dbname=x sslmode=disable passfile=/dev/null")
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	config.Host, config.Port, config.User, config.Password, config.Database = host, uint16(number), s.User, s.Password, s.Database
	if s.Database == "" {
		config.Database = s.User
	}
	config.TLSConfig, config.Fallbacks = secure, nil
	config.DialFunc = r.Dial
	// The dialler resolves, so that every address it tries is asked for.
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	config.RuntimeParams = map[string]string{"application_name": "mainstay-check", "default_transaction_read_only": "on"}
	config.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	return stdlib.OpenDB(*config), nil
}

// quiet is a logger of a library that would write to standard error.
type quiet struct{}

func (quiet) Print(...any) {}

// reading is how statements begin that change nothing. MariaDB ends a read-only
// transaction when a statement defines something, and then runs that.
var reading = regexp.MustCompile(`(?i)^[\s(]*(SELECT|WITH|SHOW|DESC|DESCRIBE|EXPLAIN|VALUES|TABLE)\b`)

// answer is what a query returned: how many rows, and the first of them as text.
type answer struct {
	rows    int
	columns []string
	shown   [][]string
	null    bool // the first value is NULL
}

func query(ctx context.Context, conn *sql.Conn, s *probe.SQL) (got answer, err error) {
	text := s.Query
	if text == "" {
		text = "SELECT 1"
	}
	if s.Driver == "mysql" && !reading.MatchString(text) {
		return got, errors.New("it must read: begin with SELECT, WITH, SHOW, DESCRIBE, EXPLAIN, VALUES or TABLE")
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return got, err
	}
	defer tx.Rollback()
	arguments := make([]any, len(s.Arguments))
	for i, a := range s.Arguments {
		arguments[i] = a
	}
	rows, err := tx.QueryContext(ctx, text, arguments...)
	if err != nil {
		return got, err
	}
	defer rows.Close()
	if got.columns, err = rows.Columns(); err != nil {
		return got, err
	}
	for rows.Next() {
		if got.rows++; got.rows > maxRows {
			return got, fmt.Errorf("it returns more than %d rows", maxRows)
		}
		if len(got.shown) < shownRows {
			line, err := scan(rows, len(got.columns))
			if err != nil {
				return got, err
			}
			if got.rows == 1 {
				got.null = len(line) > 0 && !line[0].Valid
			}
			texts := make([]string, len(line))
			for i, v := range line {
				texts[i] = v.String
			}
			got.shown = append(got.shown, texts)
		}
	}
	return got, rows.Err()
}

func scan(rows *sql.Rows, columns int) ([]sql.NullString, error) {
	line, into := make([]sql.NullString, columns), make([]any, columns)
	for i := range line {
		into[i] = &line[i]
	}
	return line, rows.Scan(into...)
}

func (a answer) summary() string {
	if a.rows == 1 && len(a.columns) == 1 && !a.null {
		return short(a.shown[0][0])
	}
	if a.rows == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", a.rows)
}

func short(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return s
}

func (a answer) judge(s *probe.SQL, res *probe.Result) {
	lines := []string{strings.Join(a.columns, " | ")}
	for _, row := range a.shown {
		lines = append(lines, strings.Join(row, " | "))
	}
	res.Detail = strings.Join(lines, "\n")
	s.Rows.Judge(res, "rows", a.rows)
	first, has := "", a.rows > 0 && len(a.columns) > 0 && !a.null
	if has {
		first = a.shown[0][0]
	}
	value, err := strconv.ParseFloat(first, 64)
	if err == nil {
		res.Measure("value", "", value)
	}
	switch {
	case s.Value == nil:
	case !has:
		res.Worsen(probe.Unknown, "there is no value to compare")
	case err != nil:
		res.Worsen(probe.Unknown, "%s is not a number", short(first))
	default:
		s.Value.Judge(res, "the value", value)
	}
	if s.Expect != "" && (!has || !regexp.MustCompile(s.Expect).MatchString(first)) {
		res.Worsen(probe.Critical, "the value does not match %s", s.Expect)
	}
}

// fault takes off what a library says around what the database said.
func fault(ctx context.Context, err error) error {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &pg):
		return errors.New(pg.Message)
	case errors.As(err, &my):
		return errors.New(my.Message)
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return errors.Unwrap(connect)
	}
	return err
}
