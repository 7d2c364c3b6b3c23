package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
	"mainstay/internal/platform/identity"
	"mainstay/internal/wire"
)

// backupCommand asks the running installation for a backup. Who may read its
// data directory needs no token: the command makes one for the purpose.
func backupCommand() *cobra.Command {
	var flags installationFlags
	var to, passphrase string
	cmd := &cobra.Command{Use: "backup --to FILE", Short: "Write everything a running installation holds into one file", Args: cobra.NoArgs}
	flags.register(cmd)
	c, format := clientFlags(cmd), outputFlag(cmd)
	cmd.Flags().StringVar(&to, "to", "", "file to write; it must not exist")
	cmd.Flags().StringVar(&passphrase, "passphrase", os.Getenv("MAINSTAY_PASSPHRASE"), "seals the key of the secrets, which is left out without it (MAINSTAY_PASSPHRASE)")
	cmd.MarkFlagRequired("to")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c.http.Timeout = 0 // a large installation takes its time; an interrupt ends it
		if c.token == "" && os.Getenv("MAINSTAY_TOKEN") == "" {
			token, err := passingToken(cmd.Context(), flags)
			if err != nil {
				return err
			}
			c.token = token
		}
		size, err := c.download(cmd.Context(), to, passphrase)
		if err != nil {
			return err
		}
		return format.done(cmd.OutOrStdout(), map[string]any{"file": to, "bytes": size}, fmt.Sprintf("%s: %d bytes", to, size))
	}
	return cmd
}

// passingToken makes a token that is good for this one command.
func passingToken(ctx context.Context, flags installationFlags) (string, error) {
	cfg, err := flags.load()
	if err != nil {
		return "", err
	}
	store, err := wire.OpenOffline(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	defer store.Close()
	return store.CreateToken(ctx, identity.TokenRequest{User: "admin", Name: "backup", Expires: core.SystemClock{}.Now().Add(10 * time.Minute)})
}

// download writes the answer to path; a file that is not whole does not stay.
func (c *client) download(ctx context.Context, path, passphrase string) (size int64, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	body, err := json.Marshal(map[string]string{"passphrase": passphrase})
	if err != nil {
		return 0, err
	}
	response, err := c.send(ctx, http.MethodPost, "/api/v1/backup", "application/json", body)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if size, err = io.Copy(file, response.Body); err != nil {
		return 0, err
	}
	return size, file.Sync()
}

func restoreCommand() *cobra.Command {
	var flags installationFlags
	var from, passphrase string
	cmd := &cobra.Command{Use: "restore --from FILE --data DIR", Short: "Put a backup into an empty data directory", Args: cobra.NoArgs}
	flags.register(cmd)
	format := outputFlag(cmd)
	cmd.Flags().StringVar(&from, "from", "", "backup to restore")
	cmd.Flags().StringVar(&passphrase, "passphrase", os.Getenv("MAINSTAY_PASSPHRASE"), "opens the key of the secrets (MAINSTAY_PASSPHRASE)")
	cmd.MarkFlagRequired("from")
	cmd.MarkFlagRequired("data")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := flags.load()
		if err != nil {
			return err
		}
		restored, err := wire.Restore(cmd.Context(), cfg, from, passphrase, func(step string) { fmt.Fprintln(cmd.ErrOrStderr(), step) })
		if err != nil {
			return err
		}
		if !restored.Key {
			fmt.Fprintln(cmd.ErrOrStderr(), "the key of the secrets was not in the backup: put it to secret.key before you start the server")
		}
		files, created := len(restored.Manifest.Files), restored.Manifest.Created.Format(time.RFC3339)
		return format.done(cmd.OutOrStdout(), map[string]any{"files": files, "created": created, "data": cfg.Data, "secretKey": restored.Key},
			fmt.Sprintf("restored %d files of %s into %s", files, created, cfg.Data))
	}
	return cmd
}
