package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"mainstay/internal/platform/footprint"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/logstore/engine"
)

// logstoreCommand is what serve starts for each dataset. It ends with its
// standard input, which is its parent's lifeline, and not by the signals a
// terminal or a service manager sends to both at once: the parent still writes
// to it while it stops. With --listen it is the engine of others, and ends by
// signals.
func logstoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "logstore",
		Short:              "Run the log engine of one dataset (started by serve)",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := logstore.ParseChildArgs(args)
			if err != nil {
				return err
			}
			if cfg.Listen != "" {
				_ = footprint.Loosen() // one that cannot is larger, and works
				return engine.Run(cmd.Context(), cfg, nil)
			}
			signal.Ignore(syscall.SIGINT, syscall.SIGTERM)
			return engine.Run(context.WithoutCancel(cmd.Context()), cfg, os.Stdin)
		},
	}
}
