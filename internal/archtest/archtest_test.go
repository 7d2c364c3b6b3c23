package archtest

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "mainstay"

// modules are the rooms of the disciplines.
var modules = []string{"monitor", "events", "logs", "desk", "jobs", "configuration", "assets", "network", "databases", "applications", "output"}

type pkg struct {
	ImportPath string
	Dir        string
	Standard   bool
	Imports    []string
	GoFiles    []string
}

// packages lists the module's packages once for all tests.
var packages = sync.OnceValues(func() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Standard,Imports,GoFiles", "./...")
	cmd.Dir = root()
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var list []pkg
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for decoder.More() {
		var p pkg
		if err := decoder.Decode(&p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
})

func root() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return filepath.Dir(filepath.Dir(dir))
}

func load(t *testing.T) []pkg {
	t.Helper()
	list, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 5 {
		t.Fatalf("only %d packages were found", len(list))
	}
	return list
}

// layer is the first part of a package's path below internal: "core",
// "platform", "graph", a module, "wire" ...; "cmd", "test" and the like outside.
func layer(path string) string {
	path = strings.TrimPrefix(path, module+"/")
	path = strings.TrimPrefix(path, "internal/")
	first, _, _ := strings.Cut(path, "/")
	return first
}

func own(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// mayImport says which layers each layer may use besides itself.
func mayImport(from, to string) bool {
	below := map[string][]string{
		"core":     {},
		"platform": {"core"},
		"graph":    {"core", "platform"},
		"agent":    {"core", "platform"},
		"web":      {},
	}
	isModule := slices.Contains(modules, from)
	switch {
	case from == to:
		return true
	case isModule:
		return slices.Contains([]string{"core", "platform", "graph"}, to)
	case from == "wire":
		return to != "cmd" && to != "test"
	case from == "cmd", from == "test", from == "archtest", from == "examples":
		return true
	}
	return slices.Contains(below[from], to)
}

func TestLayers(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		for _, imported := range p.Imports {
			if own(imported) && !mayImport(layer(p.ImportPath), layer(imported)) {
				t.Errorf("%s imports %s: core <- platform, graph <- modules <- wire <- cmd, and a module never imports another: "+
					"declare the interface you need in deps.go, or react to the ledger", p.ImportPath, imported)
			}
		}
	}
}

func TestCoreImportsTheStandardLibraryAlone(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		if p.ImportPath != module+"/internal/core" {
			continue
		}
		for _, imported := range p.Imports {
			if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") || own(imported) {
				t.Errorf("core imports %s", imported)
			}
		}
	}
}

// TestEnginesStayBehindTheirPackages keeps what may be replaced replaceable.
func TestEnginesStayBehindTheirPackages(t *testing.T) {
	t.Parallel()
	for engine, homes := range map[string][]string{
		"github.com/VictoriaMetrics/":           {"internal/platform/logstore/engine"},
		"github.com/prometheus/prometheus/tsdb": {"internal/platform/metricstore"},
		"github.com/nats-io/nats-server/":       {"internal/platform/bus"},
		"modernc.org/sqlite":                    {"internal/platform/sqldb", "internal/platform/backup"},
		"github.com/jackc/pgx/":                 {"internal/platform/sqldb", "internal/platform/backup", "internal/platform/probe/sqlquery", "examples/"},
		"github.com/danielgtaylor/huma/":        {"internal/platform/httpapi", "internal/platform/declare"},
	} {
		for _, p := range load(t) {
			path := strings.TrimPrefix(p.ImportPath, module+"/")
			if slices.ContainsFunc(homes, func(home string) bool { return strings.HasPrefix(path, home) }) || strings.HasPrefix(path, "test/") {
				continue
			}
			for _, imported := range p.Imports {
				if strings.HasPrefix(imported, engine) {
					t.Errorf("%s imports %s: only %s may", path, imported, strings.Join(homes, ", "))
				}
			}
		}
	}
}

func TestNoCatchAllPackages(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		switch last := filepath.Base(p.ImportPath); last {
		case "utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "types", "models":
			t.Errorf("%s: name a package for what it does", p.ImportPath)
		}
	}
}

func TestEveryPackageHasOnePackageComment(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		var with []string
		set := token.NewFileSet()
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			if file.Doc != nil && strings.TrimSpace(file.Doc.Text()) != "" {
				with = append(with, name)
			}
		}
		if len(p.GoFiles) > 0 && len(with) != 1 {
			t.Errorf("%s has %d package comments (%s), must have one: what it promises", p.ImportPath, len(with), strings.Join(with, ", "))
		}
	}
}

// eachFile parses the non-test Go files below internal and cmd.
func eachFile(t *testing.T, mode parser.Mode, visit func(path string, set *token.FileSet, file *ast.File)) {
	t.Helper()
	for _, p := range load(t) {
		if l := layer(p.ImportPath); l == "test" || l == "examples" {
			continue
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			path := filepath.Join(p.Dir, name)
			file, err := parser.ParseFile(set, path, nil, mode)
			if err != nil {
				t.Fatal(err)
			}
			rel, _ := filepath.Rel(root(), path)
			visit(rel, set, file)
		}
	}
}

func TestNoInitFunctions(t *testing.T) {
	t.Parallel()
	eachFile(t, parser.SkipObjectResolution, func(path string, _ *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function: build things in wire, in order", path)
			}
		}
	})
}

func TestTheWallClockIsAskedOnlyThroughCore(t *testing.T) {
	t.Parallel()
	excused := map[string]string{
		"internal/core/":                     "it is the clock",
		"internal/platform/probe/":           "a probe measures how long a real answer takes",
		"internal/platform/logstore/engine/": "the engine has the process and its clock to itself",
		"internal/platform/bus/authorise.go": "the peer that reads the expiry has the wall clock",
		"cmd/":                               "a command line has no other clock",
	}
	eachFile(t, parser.SkipObjectResolution, func(path string, set *token.FileSet, file *ast.File) {
		for prefix := range excused {
			if strings.HasPrefix(path, prefix) {
				return
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && sel.Sel.Name == "Now" {
					t.Errorf("%s: time.Now: take a core.Clock", set.Position(n.Pos()))
				}
			}
			return true
		})
	})
}

func TestSourceFilesAreOfReadableSize(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"internal", "cmd", "web/src"} {
		filepath.WalkDir(filepath.Join(root(), dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			ext := filepath.Ext(path)
			generated := strings.Contains(path, "generated") || strings.HasSuffix(path, ".gen.ts")
			if generated || ext != ".go" && ext != ".ts" && ext != ".tsx" {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			if n := strings.Count(string(text), "\n"); n > 500 {
				t.Errorf("%s has %d lines: a file past 500 is two", path, n)
			}
			return nil
		})
	}
}

func TestLockFilesNameNoRegistry(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root(), "web", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), `"resolved"`) {
		t.Error("web/package-lock.json holds download addresses: omit-lockfile-registry-resolved=true")
	}
}
