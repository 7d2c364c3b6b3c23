package main

import (
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
)

// checkCommand runs a check at once and tells what it found. Its exit code is
// 0 when the result is good, else 1.
func checkCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "check NAME", Short: "Run a check now", Args: cobra.ExactArgs(1)}
	c, format := clientFlags(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var result struct {
			Check    string `json:"check"`
			Item     string `json:"item,omitempty"`
			Status   string `json:"status"`
			Hard     bool   `json:"hard"`
			Duration string `json:"duration"`
			Output   string `json:"output"`
		}
		if err := c.call(cmd.Context(), http.MethodPost, "/api/v1/checks/"+url.PathEscape(args[0])+"/run", "application/json", []byte("{}"), &result); err != nil {
			return err
		}
		if err := format.write(cmd.OutOrStdout(), result, []string{"CHECK", "STATUS", "TOOK", "OUTPUT"},
			[][]string{{result.Check, result.Status, result.Duration, result.Output}}); err != nil {
			return err
		}
		if result.Status != "ok" {
			return core.Errorf(core.CodeConflict, "the check is %s", result.Status)
		}
		return nil
	}
	return cmd
}
