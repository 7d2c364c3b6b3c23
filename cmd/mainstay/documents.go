package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

func applyCommand() *cobra.Command {
	return sendCommand("apply", "Make the installation hold the documents of files or directories", false)
}

func diffCommand() *cobra.Command {
	return sendCommand("diff", "Tell what apply would change", true)
}

func sendCommand(use, short string, dryRun bool) *cobra.Command {
	var files []string
	cmd := &cobra.Command{Use: use + " -f FILE", Short: short, Args: cobra.NoArgs}
	c, format := clientFlags(cmd), outputFlag(cmd)
	cmd.Flags().StringSliceVarP(&files, "file", "f", nil, "YAML file, Prometheus rule file, dashboard in Grafana's format, directory of such files, or - for standard input; may be repeated")
	cmd.MarkFlagRequired("file")
	if !dryRun {
		cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only tell what would change, as diff does")
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		text, sources, err := readDocuments(cmd.InOrStdin(), files, func(name string, part []byte) ([]byte, error) {
			return c.fromGrafana(cmd.Context(), name, part, cmd.ErrOrStderr())
		})
		if err != nil {
			return err
		}
		var answer struct {
			Documents []declare.Outcome `json:"documents"`
			Failed    int               `json:"failed"`
		}
		path := "/api/v1/documents/apply"
		if dryRun {
			path += "?dryRun=true"
		}
		if err := c.call(cmd.Context(), http.MethodPost, path, "application/yaml", text, &answer); err != nil {
			return err
		}
		if err := writeOutcomes(cmd.OutOrStdout(), *format, answer.Documents, sources); err != nil {
			return err
		}
		if answer.Failed > 0 {
			return errPartly
		}
		return nil
	}
	return cmd
}

// source is a file and the first line it has in the joined text.
type source struct {
	name  string
	first int
	head  int // lines before the file's own
}

// readDocuments joins all files into one text, in order of their names. What
// Grafana exported is converted first.
func readDocuments(stdin io.Reader, files []string, convert func(name string, part []byte) ([]byte, error)) (text []byte, sources []source, err error) {
	var joined bytes.Buffer
	line := 1
	add := func(name string, part []byte) error {
		from := source{name, line, 0}
		if isGrafana(part) {
			if part, err = convert(name, part); err != nil {
				return err
			}
			from.head = bytes.Count(part, []byte("\n")) // its lines are not those of the file
		} else if document, ok := asDocument(name, part); ok {
			part, from.head = document, headLines
		} else if document, ok := asRouting(name, part, os.Stderr); ok {
			part = document
		}
		sources = append(sources, from)
		part = append(bytes.TrimRight(part, "\n"), "\n---\n"...)
		joined.Write(part)
		line += bytes.Count(part, []byte("\n"))
		return nil
	}
	for _, file := range files {
		if file == "-" {
			part, err := io.ReadAll(stdin)
			if err != nil {
				return nil, nil, err
			}
			if err := add("standard input", part); err != nil {
				return nil, nil, err
			}
			continue
		}
		paths, err := yamlFiles(file)
		if err != nil {
			return nil, nil, core.Invalid("--file", err.Error())
		}
		for _, path := range paths {
			part, err := os.ReadFile(path)
			if err != nil {
				return nil, nil, core.Invalid("--file", err.Error())
			}
			if err := add(path, part); err != nil {
				return nil, nil, err
			}
		}
	}
	return joined.Bytes(), sources, nil
}

func yamlFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var found []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(p) {
		case ".yaml", ".yml":
			found = append(found, p)
		case ".json": // of a directory, dashboards alone
			if text, err := os.ReadFile(p); err == nil && isGrafana(text) {
				found = append(found, p)
			}
		}
		return err
	})
	slices.Sort(found)
	if err == nil && len(found) == 0 {
		err = errors.New(path + " holds no .yaml file and no dashboard")
	}
	return found, err
}

// place names the file and line of an outcome.
func place(line int, sources []source) string {
	at := source{}
	for _, s := range sources {
		if s.first <= line {
			at = s
		}
	}
	return fmt.Sprintf("%s:%d", at.name, max(1, line-at.first+1-at.head))
}

func writeOutcomes(w io.Writer, format output, outcomes []declare.Outcome, sources []source) error {
	var rows [][]string
	for _, o := range outcomes {
		rows = append(rows, []string{o.String(), o.Kind, o.Name, place(o.Line, sources)})
		if o.Problem != "" && len(o.Errors) == 0 {
			rows = append(rows, []string{"", "", "  " + replaceLine(o.Problem, sources), ""})
		}
		for _, e := range o.Errors {
			rows = append(rows, []string{"", "", "  " + e.Field + ": " + e.Rule, ""})
		}
		for _, d := range o.Diff {
			rows = append(rows, []string{"", "", fmt.Sprintf("  %s: %v -> %v", d.Field, shown(d.Before), shown(d.After)), ""})
		}
	}
	if outcomes == nil {
		outcomes = []declare.Outcome{}
	}
	return format.write(w, outcomes, []string{"ACTION", "KIND", "NAME", "WHERE"}, rows)
}

var lineOf = regexp.MustCompile(`^line (\d+): `)

// replaceLine says where a problem is in the file that has it: the server knows
// only the lines of all files together.
func replaceLine(problem string, sources []source) string {
	m := lineOf.FindStringSubmatch(problem)
	if m == nil {
		return problem
	}
	line, _ := strconv.Atoi(m[1])
	return place(line, sources) + ": " + problem[len(m[0]):]
}

// widest is how much of a value a table shows; -o json has all of it.
const widest = 60

// shown writes a value as the document would have it, on one line.
func shown(v any) any {
	switch v.(type) {
	case nil:
		return "(nothing)"
	case []any, map[string]any:
		text, err := json.Marshal(v)
		if err != nil {
			return v
		}
		if long := []rune(string(text)); len(long) > widest {
			return string(long[:widest]) + " ..."
		}
		return string(text)
	}
	return v
}

func getCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "get KIND [NAME]", Short: "Show the documents of a kind, or one", Args: cobra.RangeArgs(1, 2)}
	c, format := clientFlags(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		docs, err := c.documents(cmd.Context(), args)
		if err != nil {
			return err
		}
		return writeDocuments(cmd.OutOrStdout(), *format, docs)
	}
	return cmd
}

// writeDocuments prints documents; as YAML they can be applied again.
func writeDocuments(w io.Writer, format output, docs []declare.Document) error {
	if format == "yaml" {
		return declare.Encode(w, docs)
	}
	if docs == nil {
		docs = []declare.Document{}
	}
	var rows [][]string
	for _, d := range docs {
		rows = append(rows, []string{d.Kind, d.Name})
	}
	return format.write(w, docs, []string{"KIND", "NAME"}, rows)
}

// documents returns one document (kind, name), those of a kind, or all.
func (c *client) documents(ctx context.Context, args []string) ([]declare.Document, error) {
	if len(args) == 2 {
		var doc declare.Document
		err := c.call(ctx, http.MethodGet, "/api/v1/documents/"+url.PathEscape(args[0])+"/"+url.PathEscape(args[1]), "", nil, &doc)
		return []declare.Document{doc}, err
	}
	path := "/api/v1/documents"
	if len(args) == 1 {
		path += "?kind=" + url.QueryEscape(args[0])
	}
	var list struct {
		Documents []declare.Document `json:"documents"`
	}
	err := c.call(ctx, http.MethodGet, path, "", nil, &list)
	return list.Documents, err
}

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "export [KIND ...]", Short: "Write all documents, or those of some kinds, as YAML"}
	c, format := clientFlags(cmd), outputFlag(cmd)
	*format = "yaml"
	cmd.Flag("output").DefValue = "yaml"
	ruleFiles := cmd.Flags().String("rule-files", "", "write metric rules to this directory, as rule files for Prometheus and promtool")
	cmd.RunE = func(cmd *cobra.Command, kinds []string) error {
		var all []declare.Document
		if len(kinds) == 0 {
			docs, err := c.documents(cmd.Context(), nil)
			if err != nil {
				return err
			}
			all = docs
		}
		for _, kind := range kinds {
			docs, err := c.documents(cmd.Context(), []string{kind})
			if err != nil {
				return err
			}
			all = append(all, docs...)
		}
		if *ruleFiles != "" {
			written, err := writeRuleFiles(*ruleFiles, all)
			for _, path := range written {
				fmt.Fprintln(cmd.OutOrStdout(), path)
			}
			return err
		}
		return writeDocuments(cmd.OutOrStdout(), *format, all)
	}
	return cmd
}

func deleteCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "delete KIND NAME", Short: "Delete what a document declared", Args: cobra.ExactArgs(2)}
	c, format := clientFlags(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := c.call(cmd.Context(), http.MethodDelete, "/api/v1/documents/"+url.PathEscape(args[0])+"/"+url.PathEscape(args[1]), "", nil, nil)
		if err != nil {
			return err
		}
		return format.done(cmd.OutOrStdout(), map[string]string{"action": "deleted", "kind": args[0], "name": args[1]}, "deleted "+strings.Join(args, " "))
	}
	return cmd
}
