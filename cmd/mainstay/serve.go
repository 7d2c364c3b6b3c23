package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
	"mainstay/internal/platform/footprint"
	"mainstay/internal/platform/settings"
	"mainstay/internal/wire"
)

// stopWithin is how long a graceful stop may take.
const stopWithin = 30 * time.Second

// notConfiguration are the MAINSTAY_ variables that are not keys of the configuration.
var notConfiguration = []string{"MAINSTAY_CONFIG", "MAINSTAY_ADMIN_PASSWORD", "MAINSTAY_SECRET_KEY", "MAINSTAY_SERVER", "MAINSTAY_TOKEN", "MAINSTAY_ENROL", "MAINSTAY_PASSPHRASE"}

// installationFlags are the flags that say which installation is meant.
type installationFlags struct {
	config string
	data   string
	listen string
}

func (f *installationFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.config, "config", os.Getenv("MAINSTAY_CONFIG"), "configuration file (MAINSTAY_CONFIG)")
	cmd.Flags().StringVar(&f.data, "data", "", "data directory (MAINSTAY_DATA)")
}

// load reads defaults, file, environment and flags, the later ones winning.
func (f *installationFlags) load() (wire.Configuration, error) {
	cfg := wire.Defaults()
	if f.config != "" {
		text, err := os.ReadFile(f.config)
		if err != nil {
			return cfg, core.Invalid("--config", err.Error())
		}
		if err := settings.ReadFile(f.config, text, &cfg); err != nil {
			return cfg, err
		}
	}
	if err := settings.ReadEnvironment(testless(os.Environ()), notConfiguration, &cfg); err != nil {
		return cfg, err
	}
	if f.data != "" {
		cfg.Data = f.data
	}
	if f.listen != "" {
		cfg.Listen = f.listen
	}
	cfg.Auth.AdminPassword = os.Getenv("MAINSTAY_ADMIN_PASSWORD")
	cfg.Secrets.Keys = os.Getenv("MAINSTAY_SECRET_KEY")
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return cfg, err
	}
	cfg.Data = data
	cfg.Resolve()
	return cfg, cfg.Validate()
}

// open opens the store of the installation, beside or without its server.
func (f *installationFlags) open(ctx context.Context) (*wire.Offline, error) {
	cfg, err := f.load()
	if err != nil {
		return nil, err
	}
	return wire.OpenOffline(ctx, cfg, slog.New(slog.DiscardHandler))
}

// testless drops the variables of the project's own tests.
func testless(environ []string) []string {
	kept := environ[:0:0]
	for _, pair := range environ {
		if !strings.HasPrefix(pair, "MAINSTAY_TEST_") && !strings.HasPrefix(pair, "MAINSTAY_SOAK") {
			kept = append(kept, pair)
		}
	}
	return kept
}

func serveCommand() *cobra.Command {
	var flags installationFlags
	var checkConfig, dumpConfig bool
	cmd := &cobra.Command{Use: "serve", Short: "Run an installation", Args: cobra.NoArgs}
	flags.register(cmd)
	cmd.Flags().StringVar(&flags.listen, "listen", "", "address of console, API and agents (MAINSTAY_LISTEN)")
	cmd.Flags().BoolVar(&checkConfig, "check-config", false, "check the configuration and exit")
	cmd.Flags().BoolVar(&dumpConfig, "dump-config", false, "print the configuration as YAML and exit")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := flags.load()
		switch {
		case err != nil:
			return err
		case dumpConfig:
			return settings.Dump(cmd.OutOrStdout(), cfg.Redacted())
		case checkConfig:
			fmt.Fprintln(cmd.OutOrStdout(), "the configuration is good")
			return nil
		}
		return serve(cmd.Context(), cfg)
	}
	return cmd
}

func serve(ctx context.Context, cfg wire.Configuration) error {
	log := cfg.Log.Logger(os.Stderr)
	program, err := os.Executable()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := footprint.Loosen(); err != nil {
		log.Debug("the program's pages stay as large as they are", "error", err)
	}
	system, err := wire.Build(ctx, cfg, program, log)
	if err != nil {
		return explain(err)
	}
	if err := system.Start(ctx); err != nil {
		return explain(err)
	}
	greet(ctx, system, began)
	if err := footprint.TrimLater(ctx, core.SystemClock{}); err != nil {
		log.Warn("memory of the start is not given back", "error", err)
	}
	<-ctx.Done()
	log.Info("stopping")
	limit, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	return system.Stop(limit)
}

// greet prints where the console is and, on a new installation, the link that
// makes the first administrator.
func greet(ctx context.Context, system *wire.System, began time.Time) {
	address := system.URL()
	fmt.Printf("Mainstay is ready after %s: %s\n", time.Since(began).Round(time.Millisecond), address)
	link, err := system.SetupLink(ctx)
	if err != nil || link == "" {
		return
	}
	if strings.HasPrefix(link, "/") {
		link = address + link
	}
	fmt.Printf("Set the first administrator's password here, once, within a day: %s\n", link)
}

// explain adds what to do about failures an operator meets first.
func explain(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w (the data directory must belong to the user that runs mainstay)", err)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w (another program listens there: choose another address with --listen)", err)
	}
	return err
}
