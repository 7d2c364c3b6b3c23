package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"mainstay/internal/agent/command"
	"mainstay/internal/core"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	if err := root().ExecuteContext(ctx); err != nil {
		complain(err)
		os.Exit(exitCode(err))
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "mainstay",
		Short:         "IT operations management on one graph",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.AddCommand(serveCommand(), command.New("agent"), logstoreCommand(),
		getCommand(), applyCommand(), diffCommand(), deleteCommand(), exportCommand(), checkCommand(),
		tokenCommand(), ledgerCommand(), backupCommand(), restoreCommand(), versionCommand())
	return cmd
}

// errPartly says that some of the work was refused and has been reported.
var errPartly = errors.New("some documents were refused")

// exitCode tells scripts what went wrong: 1 failure, 2 bad input, 3 not
// allowed, 4 not found, 5 not available.
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

func complain(err error) {
	var e *core.Error
	if !errors.As(err, &e) {
		fmt.Fprintln(os.Stderr, "mainstay:", err)
		return
	}
	fmt.Fprintln(os.Stderr, "mainstay:", e.Message)
	for _, d := range e.Details {
		fmt.Fprintf(os.Stderr, "  %s: %s\n", d.Field, d.Rule)
	}
}
