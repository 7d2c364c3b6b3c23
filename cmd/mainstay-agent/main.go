package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"mainstay/internal/agent/command"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/probe/browse"
	"mainstay/internal/platform/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	cmd := command.New("mainstay-agent", map[string]probe.Driver{"browser": browse.New(1, "").Run})
	cmd.Version, cmd.SilenceErrors, cmd.SilenceUsage = version.String(), true, true
	cmd.AddCommand(&cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "mainstay-agent %s (%s, %s/%s)\n", version.String(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}})
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "mainstay-agent:", err)
		os.Exit(1)
	}
}
