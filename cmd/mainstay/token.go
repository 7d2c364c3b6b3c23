package main

import (
	"time"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
)

func tokenCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "token", Short: "Work with API tokens"}
	cmd.AddCommand(tokenCreateCommand())
	return cmd
}

// tokenCreateCommand works on the store itself, so that whoever may read the
// data directory can make a first token, also while the server runs.
func tokenCreateCommand() *cobra.Command {
	var flags installationFlags
	var request identity.TokenRequest
	var scopes []string
	var expires time.Duration
	cmd := &cobra.Command{Use: "create --user USER --name NAME", Short: "Make a token; its secret is the last line printed", Args: cobra.NoArgs}
	flags.register(cmd)
	format := outputFlag(cmd)
	cmd.Flags().StringVar(&request.User, "user", "", "who the token acts as")
	cmd.Flags().StringVar(&request.Name, "name", "", "what it is for")
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "permission the token is limited to, such as alerts:read; may be repeated")
	cmd.Flags().DurationVar(&expires, "expires", 0, "how long it is good; 0: until it is revoked")
	cmd.MarkFlagRequired("user")
	cmd.MarkFlagRequired("name")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for _, s := range scopes {
			request.Scopes = append(request.Scopes, auth.Permission(s))
		}
		if expires > 0 {
			request.Expires = core.SystemClock{}.Now().Add(expires)
		}
		store, err := flags.open(cmd.Context())
		if err != nil {
			return err
		}
		defer store.Close()
		secret, err := store.CreateToken(cmd.Context(), request)
		if err != nil {
			return err
		}
		return format.done(cmd.OutOrStdout(), map[string]string{"user": request.User, "name": request.Name, "secret": secret}, secret)
	}
	return cmd
}
