// Withpostgres runs a command with one PostgreSQL server for all tests it
// makes, which they find in MAINSTAY_TEST_POSTGRES.
//
//	go run ./test/withpostgres go test ./...
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"mainstay/internal/platform/sqldb/sqldbtest"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(code)
}

func run(command []string) (int, error) {
	if len(command) == 0 {
		return 2, errors.New("no command is given")
	}
	dir, err := os.MkdirTemp("", "mainstay-pg-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	server, err := sqldbtest.NewServer(dir)
	if err != nil {
		return 1, err
	}
	defer server.Stop()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "MAINSTAY_TEST_POSTGRES="+server.DSN())
	var exit *exec.ExitError
	switch err := cmd.Run(); {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1), nil
	default:
		return 1, err
	}
}
