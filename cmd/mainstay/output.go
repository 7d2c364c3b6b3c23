package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"mainstay/internal/core"
)

// output is the value of -o.
type output string

func outputFlag(cmd *cobra.Command) *output {
	o := output("table")
	cmd.Flags().VarP(&o, "output", "o", "table, json or yaml")
	return &o
}

// done prints what a command did: v as JSON or YAML, or the sentence.
func (o output) done(w io.Writer, v any, sentence string) error {
	if o == "table" {
		_, err := fmt.Fprintln(w, sentence)
		return err
	}
	return o.write(w, v, nil, nil)
}

func (o *output) String() string { return string(*o) }
func (o *output) Type() string   { return "format" }

func (o *output) Set(s string) error {
	if s != "table" && s != "json" && s != "yaml" {
		return core.Invalid("--output", "must be table, json or yaml")
	}
	*o = output(s)
	return nil
}

// write prints v as JSON or YAML, or the table.
func (o output) write(w io.Writer, v any, header []string, rows [][]string) error {
	switch o {
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(v)
	case "yaml":
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		var plain any // JSON is YAML: reading it back keeps the JSON names
		if err := yaml.Unmarshal(text, &plain); err != nil {
			return err
		}
		encoder := yaml.NewEncoder(w)
		encoder.SetIndent(2)
		if err := encoder.Encode(plain); err != nil {
			return err
		}
		return encoder.Close()
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(header, "\t"))
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}
