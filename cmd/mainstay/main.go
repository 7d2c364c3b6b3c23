package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"mainstay/internal/agent/command"
	"mainstay/internal/core"
	"mainstay/internal/wire"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, root(), os.Stderr))
}

// run executes the command line and returns the exit code. Data goes to
// standard output, complaints to standard error.
func run(ctx context.Context, cmd *cobra.Command, stderr io.Writer) int {
	began := false
	prepare(cmd, &began)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	complain(stderr, err)
	if !began { // cobra refused the command line
		fmt.Fprintln(stderr, "mainstay --help tells the commands, mainstay COMMAND --help their flags")
		return 2
	}
	return exitCode(err)
}

// prepare notes when a command begins its work: errors before are about the
// command line. A group of commands refuses one it does not have.
func prepare(cmd *cobra.Command, began *bool) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*began = true
			return work(cmd, args)
		}
	} else if cmd.HasParent() {
		cmd.Args = cobra.NoArgs
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, child := range cmd.Commands() {
		prepare(child, began)
	}
}

const longHelp = `IT operations management on one graph.

"mainstay serve" runs an installation. get, apply, diff, delete, export and check
speak to a running one: at --server, with --token or MAINSTAY_TOKEN.

Commands that print data take -o table, json or yaml. Data goes to standard output
and complaints to standard error.

Exit codes:
  0  done
  1  failed, or done in part: some documents were refused, the check is not ok
  2  bad input: command line, file, configuration or a field of a document
  3  not allowed: no token, or it lacks the permission
  4  not found
  5  not available now: the server does not answer or asks to come back later`

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "mainstay",
		Short:         "IT operations management on one graph",
		Long:          longHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.AddCommand(serveCommand(), command.New("agent", wire.ProbeDrivers()), logstoreCommand(),
		getCommand(), applyCommand(), diffCommand(), deleteCommand(), exportCommand(), checkCommand(), testCommand(), maintenanceCommand(),
		tokenCommand(), ledgerCommand(), backupCommand(), restoreCommand(), versionCommand())
	return cmd
}

// errPartly says that some of the work was refused and has been reported.
var errPartly = errors.New("some documents were refused")

// exitCode tells scripts what went wrong, as longHelp says.
func exitCode(err error) int {
	switch core.CodeOf(err) {
	case core.CodeInvalid, core.CodeMalformed, core.CodeTooLarge:
		return 2
	case core.CodeUnauthenticated, core.CodeForbidden:
		return 3
	case core.CodeNotFound:
		return 4
	case core.CodeUnavailable, core.CodeTooMany:
		return 5
	}
	return 1
}

func complain(w io.Writer, err error) {
	var e *core.Error
	if !errors.As(err, &e) {
		fmt.Fprintln(w, "mainstay:", err)
		return
	}
	fmt.Fprintln(w, "mainstay:", e.Message)
	for _, d := range e.Details {
		fmt.Fprintf(w, "  %s: %s\n", d.Field, d.Rule)
	}
}
