package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"mainstay/internal/platform/version"
)

func versionCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs}
	format := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		v := map[string]string{"version": version.String(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
		if *format == "table" {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "mainstay %s (%s, %s)\n", v["version"], v["go"], v["platform"])
			return err
		}
		return format.write(cmd.OutOrStdout(), v, nil, nil)
	}
	return cmd
}
