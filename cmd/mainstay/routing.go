package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	routeKey     = regexp.MustCompile(`(?m)^route[ \t]*:`)
	receiversKey = regexp.MustCompile(`(?m)^receivers[ \t]*:`)
)

// asRouting makes an Alertmanager configuration file the document AlertRouting;
// ok says that the text is one. What it says of sending mail is left out, with
// a note: mail goes through this installation's own server. The texts of its
// template files, named relative to path, take the place of their names.
func asRouting(path string, text []byte, notes io.Writer) (document []byte, ok bool) {
	if !routeKey.Match(text) || !receiversKey.Match(text) || otherKey.Match(text) {
		return nil, false
	}
	var file map[string]any
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, false // it is reported where documents are read
	}
	note := func(format string, args ...any) {
		fmt.Fprintf(notes, "%s: "+format+"\n", append([]any{path}, args...)...)
	}
	global, _ := file["global"].(map[string]any)
	for _, name := range sortedNames(global) {
		if name != "resolve_timeout" {
			note("global.%s is not used", name)
			delete(global, name)
		}
	}
	if len(global) == 0 {
		delete(file, "global")
	}
	eachOf(file["receivers"], func(r map[string]any) {
		eachOf(r["email_configs"], func(e map[string]any) {
			for _, name := range sortedNames(e) {
				if !slices.Contains([]string{"to", "headers", "text", "send_resolved"}, name) {
					note("receiver %v: %s of email_configs is not used: mail goes through this installation's mail server", r["name"], name)
					delete(e, name)
				}
			}
		})
	})
	if rules, found := file["inhibit_rules"].([]any); found { // an empty rule is one that inhibits nothing
		file["inhibit_rules"] = slices.DeleteFunc(rules, func(r any) bool { return r == nil })
	}
	inlineTemplates(path, file, note)
	for name, value := range file {
		if value == nil {
			delete(file, name)
		}
	}
	out, err := yaml.Marshal(map[string]any{"kind": "AlertRouting", "name": "default", "spec": file})
	return out, err == nil
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func eachOf(list any, do func(map[string]any)) {
	items, _ := list.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			do(m)
		}
	}
}

// inlineTemplates reads the files that templates name.
func inlineTemplates(path string, file map[string]any, note func(string, ...any)) {
	globs, _ := file["templates"].([]any)
	var texts []string
	for _, g := range globs {
		pattern := fmt.Sprint(g)
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(filepath.Dir(path), pattern)
		}
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			note("templates: %s names no file", strings.TrimSpace(fmt.Sprint(g)))
		}
		for _, name := range found {
			text, err := os.ReadFile(name)
			if err != nil {
				note("templates: %v", err)
				continue
			}
			texts = append(texts, string(text))
		}
	}
	delete(file, "templates")
	if len(texts) > 0 {
		file["templates"] = texts
	}
}
