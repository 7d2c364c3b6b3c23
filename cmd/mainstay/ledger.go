package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
)

func ledgerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "Work with the ledger"}
	cmd.AddCommand(ledgerVerifyCommand())
	return cmd
}

func ledgerVerifyCommand() *cobra.Command {
	var flags installationFlags
	cmd := &cobra.Command{Use: "verify", Short: "Recompute the ledger's hash chain", Args: cobra.NoArgs}
	flags.register(cmd)
	format := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		store, err := flags.open(cmd.Context())
		if err != nil {
			return err
		}
		defer store.Close()
		v, err := store.VerifyLedger(cmd.Context())
		if err != nil {
			return err
		}
		verdict := "whole"
		if !v.OK() {
			verdict = v.Problem
		}
		number := func(n int64) string { return strconv.FormatInt(n, 10) }
		if err := format.write(cmd.OutOrStdout(), v, []string{"FROM", "TO", "ENTRIES", "VERDICT"},
			[][]string{{number(v.From), number(v.To), number(v.Entries), verdict}}); err != nil {
			return err
		}
		if !v.OK() {
			return core.Errorf(core.CodeConflict, "the ledger is not whole: %s", v.Problem)
		}
		return nil
	}
	return cmd
}
