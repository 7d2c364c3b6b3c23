//go:build !windows

package main

import "github.com/spf13/cobra"

// installationCommands run an installation or work on its data directory.
func installationCommands() []*cobra.Command {
	return []*cobra.Command{serveCommand(), logstoreCommand(), tokenCommand(), ledgerCommand(), backupCommand(), restoreCommand()}
}
