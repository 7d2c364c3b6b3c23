package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"mainstay/internal/core"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/monitor/rules/ruletest"
	"mainstay/internal/platform/declare"
)

var (
	groupsKey = regexp.MustCompile(`(?m)^groups[ \t]*:`)
	otherKey  = regexp.MustCompile(`(?m)^(kind|name|spec)[ \t]*:`)
	separator = regexp.MustCompile(`(?m)^---[ \t]*(#.*)?\r?$`)
	notInName = regexp.MustCompile(`[^A-Za-z0-9._@:-]+`)
)

// headLines is how many lines asDocument puts before a rule file.
const headLines = 3

// asDocument makes a Prometheus rule file the document RuleFile that is named
// after the file; ok says that the text is one.
func asDocument(path string, text []byte) (document []byte, ok bool) {
	if !groupsKey.Match(text) || otherKey.Match(text) {
		return nil, false
	}
	marks := separator.FindAllIndex(text, -1)
	if len(marks) > 1 || len(marks) == 1 && groupsKey.Match(text[:marks[0][0]]) {
		return nil, false
	}
	text = separator.ReplaceAll(text, nil)
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name = strings.TrimLeft(notInName.ReplaceAllString(name, "-"), "._@:-")
	if name == "" {
		name = "rules"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "kind: RuleFile\nname: %q\nspec:\n", name[:min(len(name), 120)])
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			out.WriteString("  ")
		}
		out.Write(line)
	}
	return out.Bytes(), true
}

// writeRuleFiles writes the rules among documents as files for Prometheus and
// promtool: each rule file under its name, the rules that are documents of
// their own together.
func writeRuleFiles(directory string, docs []declare.Document) (written []string, err error) {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, core.Invalid("--rule-files", err.Error())
	}
	write := func(name string, file rules.File) error {
		var text bytes.Buffer
		if err := file.Encode(&text); err != nil {
			return err
		}
		path := filepath.Join(directory, strings.ReplaceAll(name, "/", "-")+".yml")
		written = append(written, path)
		return os.WriteFile(path, text.Bytes(), 0o644)
	}
	var single rules.File
	var left []string
	for _, d := range docs {
		switch d.Kind {
		case "RuleFile":
			var spec monitor.RuleFileSpec
			if err := json.Unmarshal(d.Spec, &spec); err != nil {
				return written, err
			}
			if err := write(d.Name, rules.File{Groups: spec.Groups}); err != nil {
				return written, err
			}
		case "MetricRule":
			var spec monitor.RuleSpec
			if err := json.Unmarshal(d.Spec, &spec); err != nil {
				return written, err
			}
			if spec.Items != "" {
				left = append(left, d.Name)
				continue
			}
			single.Groups = append(single.Groups, spec.Group(d.Name))
		}
	}
	if len(single.Groups) > 0 {
		err = write("metric-rules", single)
	}
	if len(left) > 0 {
		err = errors.Join(err, fmt.Errorf("a rule file cannot say spec.items: left out %s", strings.Join(left, ", ")))
	}
	return written, err
}

func testCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "test", Short: "Try what is declared before it is applied"}
	cmd.AddCommand(testRulesCommand())
	return cmd
}

func testRulesCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "rules FILE ...", Short: "Run unit tests of rule files, as promtool test rules does", Args: cobra.MinimumNArgs(1),
		Long: "Runs files in the format of \"promtool test rules\" through Mainstay's own evaluation. It needs no running installation."}
	format := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		type outcome struct {
			File string `json:"file"`
			ruletest.Outcome
		}
		all, failed := []outcome{}, 0
		var rows [][]string
		for _, file := range files {
			outcomes, err := ruletest.Run(cmd.Context(), file)
			if err != nil {
				var e *core.Error
				if errors.As(err, &e) {
					return err
				}
				return core.Invalid(file, err.Error())
			}
			for _, o := range outcomes {
				all = append(all, outcome{file, o})
				if len(o.Failed) == 0 {
					rows = append(rows, []string{"passed", o.Test, file})
					continue
				}
				failed++
				rows = append(rows, []string{"FAILED", o.Test, file})
				for _, text := range o.Failed {
					for _, line := range strings.Split(text, "\n") {
						rows = append(rows, []string{"", "  " + line, ""})
					}
				}
			}
		}
		if err := format.write(cmd.OutOrStdout(), all, []string{"RESULT", "TEST", "FILE"}, rows); err != nil {
			return err
		}
		if failed > 0 {
			return fmt.Errorf("%d of %d tests failed", failed, len(all))
		}
		return nil
	}
	return cmd
}
