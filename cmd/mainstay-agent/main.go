package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"mainstay/internal/agent/command"
	"mainstay/internal/platform/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	cmd := command.New("mainstay-agent")
	cmd.Version, cmd.SilenceErrors, cmd.SilenceUsage = version.String(), true, true
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "mainstay-agent:", err)
		os.Exit(1)
	}
}
