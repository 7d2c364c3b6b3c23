package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/platform/settings"
	"mainstay/internal/platform/version"
)

// stopWithin is how long a graceful stop may take.
const stopWithin = 30 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "mainstay-agent:", err)
		os.Exit(1)
	}
}

// configuration is the file of an agent.
type configuration struct {
	Log struct {
		Level  slog.Level `yaml:"level"`
		Format string     `yaml:"format"`
	} `yaml:"log"`
	agent.Configuration `yaml:",inline"`
}

func command() *cobra.Command {
	var config, server, token, name, data string
	cmd := &cobra.Command{Use: "mainstay-agent --server URL", Short: "Run Mainstay's agent on this host", Args: cobra.NoArgs,
		Version: version.String(), SilenceErrors: true, SilenceUsage: true}
	cmd.Flags().StringVar(&config, "config", "", "configuration file")
	cmd.Flags().StringVar(&server, "server", os.Getenv("MAINSTAY_SERVER"), "address of the installation (MAINSTAY_SERVER)")
	cmd.Flags().StringVar(&token, "enrol", "", "enrolment token, needed once (MAINSTAY_ENROL)")
	cmd.Flags().StringVar(&data, "data", "", "data directory; the policy is policy.yaml in it (default "+defaultData()+")")
	cmd.Flags().StringVar(&name, "name", "", "name of the agent; the host name when empty")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg := configuration{Configuration: agent.Defaults()}
		if config != "" {
			text, err := os.ReadFile(config)
			if err != nil {
				return err
			}
			if err := settings.ReadFile(config, text, &cfg); err != nil {
				return err
			}
		}
		cfg.Server = first(server, cfg.Server)
		cfg.Token = first(token, os.Getenv("MAINSTAY_ENROL"), cfg.Token)
		cfg.Name = first(name, cfg.Name)
		cfg.Data = first(data, cfg.Data, defaultData())
		return run(cmd.Context(), cfg)
	}
	return cmd
}

// first returns the first value that is not empty.
func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func run(ctx context.Context, cfg configuration) error {
	a, err := agent.New(cfg.Configuration, agent.Dependencies{Clock: core.SystemClock{}, Log: logger(cfg)})
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	limit, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	return a.Stop(limit)
}

func logger(cfg configuration) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.Log.Level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}
