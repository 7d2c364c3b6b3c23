package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

// isGrafana says whether a file is a dashboard as Grafana exports it, or as its
// API answers.
func isGrafana(text []byte) bool {
	if text = bytes.TrimSpace(text); !bytes.HasPrefix(text, []byte("{")) {
		return false
	}
	type board struct {
		Panels []json.RawMessage `json:"panels"`
		Rows   []json.RawMessage `json:"rows"`
		Spec   json.RawMessage   `json:"spec"`
	}
	var v struct {
		board
		Dashboard *board `json:"dashboard"`
	}
	if json.Unmarshal(text, &v) != nil || v.Spec != nil {
		return false
	}
	if v.Dashboard != nil {
		v.board = *v.Dashboard
	}
	return len(v.Panels)+len(v.Rows) > 0
}

// fromGrafana has the installation make a document of a dashboard in Grafana's
// format, and tells people what was left out of it.
func (c *client) fromGrafana(ctx context.Context, name string, text []byte, tell io.Writer) ([]byte, error) {
	var made struct {
		declare.Document
		LeftOut []struct{ Where, What, Why string } `json:"leftOut"`
	}
	if err := c.call(ctx, http.MethodPost, "/api/v1/dashboards/import", "application/json", text, &made); err != nil {
		return nil, core.Errorf(core.CodeOf(err), "%s: %v", name, err)
	}
	for _, l := range made.LeftOut {
		fmt.Fprintf(tell, "%s: left out: %s: %s: %s\n", name, l.Where, l.What, l.Why)
	}
	var out bytes.Buffer
	err := declare.Encode(&out, []declare.Document{made.Document})
	return out.Bytes(), err
}
