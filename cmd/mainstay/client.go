package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
)

// client calls the API of a running installation.
type client struct {
	server string
	token  string
	key    string // Idempotency-Key of the next call; empty: none
	http   *http.Client
}

// clientFlags adds --server and --token to cmd.
func clientFlags(cmd *cobra.Command) *client {
	c := &client{http: &http.Client{Timeout: 2 * time.Minute}}
	server := os.Getenv("MAINSTAY_SERVER")
	if server == "" {
		server = "http://localhost:8080"
	}
	cmd.Flags().StringVar(&c.server, "server", server, "address of the installation (MAINSTAY_SERVER)")
	cmd.Flags().StringVar(&c.token, "token", "", "API token (MAINSTAY_TOKEN)")
	return c
}

// send sends a request and returns the answer, or the problem it holds.
func (c *client) send(ctx context.Context, method, path, contentType string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.server, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, core.Invalid("--server", "must be an address such as http://localhost:8080")
	}
	token := c.token
	if token == "" {
		token = os.Getenv("MAINSTAY_TOKEN")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		request.Header.Set("Content-Type", contentType)
	}
	if c.key != "" {
		request.Header.Set("Idempotency-Key", c.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, core.Errorf(core.CodeUnavailable, "%s does not answer: %v", c.server, err)
	}
	if response.StatusCode >= 400 {
		defer response.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		return nil, problem(response.StatusCode, text)
	}
	return response, nil
}

// call sends a request and reads the answer into out, unless out is nil.
func (c *client) call(ctx context.Context, method, path, contentType string, body []byte, out any) error {
	response, err := c.send(ctx, method, path, contentType, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 256<<20))
	if err != nil {
		return core.Errorf(core.CodeUnavailable, "the answer of %s broke off: %v", c.server, err)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s answered with something that is not Mainstay's: %w", c.server, err)
	}
	return nil
}

// problem turns an RFC 9457 answer back into the error it was.
func problem(status int, text []byte) error {
	var p struct {
		Code   core.Code     `json:"code"`
		Detail string        `json:"detail"`
		Errors []core.Detail `json:"errors"`
	}
	if json.Unmarshal(text, &p) != nil || p.Code == "" {
		return fmt.Errorf("the server answered %d %s", status, http.StatusText(status))
	}
	return &core.Error{Code: p.Code, Message: p.Detail, Details: p.Errors}
}
