package command

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/platform/footprint"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/settings"
)

// stopWithin is how long a graceful stop may take.
const stopWithin = 30 * time.Second

// configuration is the file of an agent.
type configuration struct {
	Log                 settings.Log `yaml:"log"`
	agent.Configuration `yaml:",inline"`
}

// New returns the command under the name it is called by. Settings come from a
// file and from flags, which win. The drivers run the checks that need more than the
// small agent holds.
func New(use string, drivers map[string]probe.Driver) *cobra.Command {
	var config, server, token, name, data string
	cmd := &cobra.Command{Use: use + " --server URL", Short: "Run the agent of this host", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&config, "config", "", "configuration file")
	cmd.Flags().StringVar(&server, "server", os.Getenv("MAINSTAY_SERVER"), "address of the installation (MAINSTAY_SERVER)")
	cmd.Flags().StringVar(&token, "enrol", "", "enrolment token, needed once (MAINSTAY_ENROL)")
	cmd.Flags().StringVar(&data, "data", "", "data directory; the policy is policy.yaml in it (default "+defaultData()+")")
	cmd.Flags().StringVar(&name, "name", "", "name of the agent when it enrols; that of the token, or the host name, when empty")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg := configuration{Log: settings.DefaultLog(), Configuration: agent.Defaults()}
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
		cfg.Name = first(name, cfg.Name)
		cfg.Data = first(data, cfg.Data, defaultData())
		cfg.Token = first(token, os.Getenv("MAINSTAY_ENROL"), cfg.Token)
		return run(cmd.Context(), cfg, drivers)
	}
	return cmd
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func run(ctx context.Context, cfg configuration, drivers map[string]probe.Driver) error {
	if err := cfg.Log.Validate(); err != nil {
		return err
	}
	_ = footprint.Loosen() // as for TrimLater below
	a, err := agent.New(cfg.Configuration, agent.Dependencies{Clock: core.SystemClock{}, Log: cfg.Log.Logger(os.Stderr), Drivers: drivers})
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return core.Errorf(core.CodeForbidden, "%v: choose a directory of your own with --data (now %s)", err, filepath.Clean(cfg.Data))
		}
		return err
	}
	_ = footprint.TrimLater(ctx, core.SystemClock{}) // one that cannot is larger, and works
	<-ctx.Done()
	limit, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	return a.Stop(limit)
}
