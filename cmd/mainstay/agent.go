package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/platform/settings"
)

// agentConfiguration is the file of an agent of its own.
type agentConfiguration struct {
	Log                 settings.Log `yaml:"log"`
	agent.Configuration `yaml:",inline"`
}

// agentCommand runs what is on a managed host. Settings come from a file and
// from flags, which win.
func agentCommand() *cobra.Command {
	var config, server, token, name string
	data := "/var/lib/mainstay-agent"
	cmd := &cobra.Command{Use: "agent --server URL", Short: "Run the agent of this host", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&config, "config", "", "configuration file")
	cmd.Flags().StringVar(&server, "server", os.Getenv("MAINSTAY_SERVER"), "address of the installation (MAINSTAY_SERVER)")
	cmd.Flags().StringVar(&token, "enrol", "", "enrolment token, needed once (MAINSTAY_ENROL)")
	cmd.Flags().StringVar(&data, "data", data, "data directory; the policy is policy.yaml in it")
	cmd.Flags().StringVar(&name, "name", "", "name of the agent; the host name when empty")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg := agentConfiguration{Log: settings.DefaultLog(), Configuration: agent.Defaults()}
		if config != "" {
			text, err := os.ReadFile(config)
			if err != nil {
				return err
			}
			if err := settings.ReadFile(config, text, &cfg); err != nil {
				return err
			}
		}
		override(&cfg.Server, server)
		override(&cfg.Name, name)
		if cfg.Data == "" || cmd.Flags().Changed("data") {
			cfg.Data = data
		}
		if token == "" {
			token = os.Getenv("MAINSTAY_ENROL")
		}
		override(&cfg.Token, token)
		return runAgent(cmd.Context(), cfg)
	}
	return cmd
}

func override(field *string, value string) {
	if value != "" {
		*field = value
	}
}

func runAgent(ctx context.Context, cfg agentConfiguration) error {
	a, err := agent.New(cfg.Configuration, agent.Dependencies{Clock: core.SystemClock{}, Log: cfg.Log.Logger(os.Stderr)})
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return core.Errorf(core.CodeForbidden, "%v: choose a directory of your own with --data (now %s)", err, filepath.Clean(cfg.Data))
		}
		return err
	}
	<-ctx.Done()
	limit, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	return a.Stop(limit)
}
