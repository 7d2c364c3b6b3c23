package graph_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestTables runs the cases of testdata; their form is explained in identity.txt.
func TestTables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no tables", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for n, part := range strings.Split("\n"+string(text), "\ncase ")[1:] {
			title, body, _ := strings.Cut(part, "\n")
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(file), n), func(t *testing.T) {
				t.Parallel()
				sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
					c := &tableCase{bench: setup(t, db), title: title}
					for _, block := range blocks(body) {
						c.run(block)
					}
				})
			})
		}
	}
}

// blocks groups each line with the indented ones below it.
func blocks(body string) (out [][]string) {
	for line := range strings.SplitSeq(body, "\n") {
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "  "):
			out[len(out)-1] = append(out[len(out)-1], strings.TrimSpace(line))
		default:
			out = append(out, []string{line})
		}
	}
	return out
}

type tableCase struct {
	*bench
	title string
}

var word = regexp.MustCompile(`(?:[^\s"]|"[^"]*")+`)

func words(line string) []string {
	list := word.FindAllString(line, -1)
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], `"`, "")
	}
	return list
}

func (c *tableCase) run(block []string) {
	c.t.Helper()
	head := words(block[0])
	switch head[0] {
	case "report":
		c.reportLines(head, block[1:])
	case "wait":
		d, err := time.ParseDuration(head[1])
		c.must(err)
		c.clock.Advance(d)
		c.must(c.graph.Sweep(c.ctx)) // silent sources
		c.must(c.graph.Sweep(c.ctx)) // and what has been missing for long
	case "items":
		c.equal("items", strings.Join(c.items(), "\n"), strings.Join(block[1:], "\n"))
	case "duplicates":
		page, err := c.graph.Duplicates(c.ctx, listing.Params{})
		c.must(err)
		c.equal("duplicates", fmt.Sprint(len(page.Items)), head[1])
	case "shown":
		words, err := c.graph.Explain(c.ctx, c.byName(head[1]).ID, head[2])
		c.must(err)
		c.equal("shown "+head[1]+" "+head[2], words[0].Source, head[3])
	case "resolves":
		kind, value, _ := strings.Cut(head[1], "=")
		id, err := c.graph.Resolve(c.ctx, ids(kind, value))
		c.must(err)
		got := "-"
		if id != "" {
			item, err := c.graph.Item(c.ctx, id)
			c.must(err)
			got = item.Name
		}
		c.equal(block[0], got, head[2])
	default:
		c.t.Fatalf("%s: what is %q?", c.title, block[0])
	}
}

func (c *tableCase) equal(what, got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("%s\n%s are\n%s\nwant\n%s", c.title, what, got, want)
	}
}

func (c *tableCase) reportLines(head, lines []string) {
	r := graph.Report{Source: head[1], Scope: head[2]}
	if len(head) > 4 && head[3] == "complete" {
		r.Complete = strings.Split(head[4], ",")
	}
	for _, line := range lines {
		left, right, _ := strings.Cut(line, ";")
		w := words(left)
		item := graph.ReportItem{Class: w[0], Name: w[1], Attributes: map[string]any{}}
		for _, pair := range w[2:] {
			kind, value, _ := strings.Cut(pair, "=")
			item.Identities = append(item.Identities, core.Identity{Kind: kind, Value: value})
		}
		for _, pair := range words(right) {
			name, value, _ := strings.Cut(pair, "=")
			item.Attributes[name] = value
		}
		r.Items = append(r.Items, item)
		// A parent is given by an identifier of an item of the same report.
		for i := range item.Identities {
			if item.Identities[i].Kind == "parent" {
				r.Items[0].Ref = item.Identities[i].Value
			}
		}
	}
	c.report(r)
}

func (c *tableCase) list() []graph.Item {
	page, err := c.graph.List(c.ctx, graph.ListParams{Params: listing.Params{Where: []string{"state!=merged"}}}, auth.Scope{All: true})
	c.must(err)
	return page.Items
}

func (c *tableCase) byName(name string) graph.Item {
	for _, item := range c.list() {
		if item.Name == name {
			return item
		}
	}
	c.t.Fatalf("%s: no item %s", c.title, name)
	return graph.Item{}
}

func (c *tableCase) items() (lines []string) {
	for _, item := range c.list() {
		line := []string{item.Class, item.Name, item.State}
		names := make([]string, 0, len(item.Attributes))
		for name := range item.Attributes {
			names = append(names, name)
		}
		slices.Sort(names)
		slices.Reverse(names) // model before description
		for _, name := range names {
			line = append(line, fmt.Sprintf("%s=%v", name, item.Attributes[name]))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	slices.Sort(lines)
	return lines
}

func FuzzParseReport(f *testing.F) {
	f.Add([]byte(`{"source": "agent", "items": [{"ref": "a", "class": "host", "identities": [{"kind": "ip", "value": "10.0.0.1"}], "attributes": {"cpuCount": 1}}]}`))
	f.Add([]byte(`{"source": "agent", "relations": [{"type": "runs_on", "from": "a", "to": {"kind": "fqdn", "value": "x", "class": "host"}}]}`))
	f.Add([]byte(`{"items": [1, "x", null, {"class": 5}], "relations": [{"to": []}]} trailing`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, places, problems, err := graph.ParseReport(data)
		if err != nil {
			if core.CodeOf(err) != core.CodeMalformed {
				t.Fatalf("an unreadable report is %s", core.CodeOf(err))
			}
			return
		}
		if len(r.Items) != len(places.Items) || len(r.Relations) != len(places.Relations) {
			t.Fatal("an entry has no place")
		}
		for _, p := range problems {
			if p.Field == "" || p.Rule == "" {
				t.Fatalf("a problem without field or rule: %+v", p)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	})
}
