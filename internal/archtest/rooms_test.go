package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestRoomsHaveOnePlan: who knows one module finds the way in the next.
func TestRoomsHaveOnePlan(t *testing.T) {
	t.Parallel()
	rooms := 0
	for _, room := range append([]string{"graph"}, modules...) {
		dir := filepath.Join(root(), "internal", room)
		if _, err := os.Stat(dir); err != nil {
			continue // not built yet
		}
		rooms++
		for _, file := range []string{"doc.go", "deps.go", "config.go", "component.go"} {
			if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
				t.Errorf("internal/%s has no %s", room, file)
			}
		}
	}
	if rooms < 5 {
		t.Fatalf("only %d rooms", rooms)
	}
}

// TestNoPackageState: what a function writes to belongs to a component, of
// which a process may have several.
func TestNoPackageState(t *testing.T) {
	t.Parallel()
	variables := map[string][]string{} // by directory
	eachFile(t, parser.SkipObjectResolution, func(path string, _ *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						variables[filepath.Dir(path)] = append(variables[filepath.Dir(path)], name.Name)
					}
				}
			}
		}
	})
	eachFile(t, 0, func(path string, set *token.FileSet, file *ast.File) {
		if filepath.Base(filepath.Dir(path)) == "sqldbtest" {
			return // one server for all tests of a process
		}
		written := func(e ast.Expr) {
			for {
				index, ok := e.(*ast.IndexExpr)
				if !ok {
					break
				}
				e = index.X
			}
			name, ok := e.(*ast.Ident)
			if !ok || name.Name == "_" || !slices.Contains(variables[filepath.Dir(path)], name.Name) {
				return
			}
			if name.Obj == nil || file.Scope.Lookup(name.Name) == name.Obj { // not a local one of the same name
				t.Errorf("%s: %s is state of the package: give it to a component", set.Position(name.Pos()), name.Name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, e := range n.Lhs {
						written(e)
					}
				}
			case *ast.IncDecStmt:
				written(n.X)
			}
			return true
		})
	})
}
