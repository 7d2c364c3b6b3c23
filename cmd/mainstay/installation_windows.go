package main

import "github.com/spf13/cobra"

// installationCommands are none: on Windows Mainstay is an agent and a client.
func installationCommands() []*cobra.Command { return nil }
