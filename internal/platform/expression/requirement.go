package expression

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Requirement is an equality without which a condition is not true: the text
// at Path ("event.labels.job") is one of Values.
type Requirement struct {
	Path   string
	Values []string
}

// Requires lists the equalities that the condition cannot be true without. A
// caller with many conditions finds by them the few that may hold.
func (p *Program) Requires() []Requirement { return p.requires }

func requirements(e ast.Expr) []Requirement {
	if e.Kind() != ast.CallKind {
		return nil
	}
	call := e.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalAnd:
		return append(requirements(args[0]), requirements(args[1])...)
	case operators.LogicalOr:
		return either(requirements(args[0]), requirements(args[1]))
	case operators.Equals:
		for _, pair := range [][2]ast.Expr{{args[0], args[1]}, {args[1], args[0]}} {
			if path, other, ok := placeOf(pair[0]); ok {
				if value, ok := textOf(pair[1]); ok && (other == nil || *other != value) {
					return []Requirement{{path, []string{value}}}
				}
			}
		}
	case operators.In:
		path, other, ok := placeOf(args[0])
		if !ok || args[1].Kind() != ast.ListKind {
			return nil
		}
		one := Requirement{Path: path}
		for _, element := range args[1].AsList().Elements() {
			value, ok := textOf(element)
			if !ok || other != nil && *other == value {
				return nil
			}
			one.Values = append(one.Values, value)
		}
		return []Requirement{one}
	}
	return nil
}

// either keeps what both sides of an "or" say something of.
func either(a, b []Requirement) []Requirement {
	var both []Requirement
	for _, x := range a {
		for _, y := range b {
			if x.Path == y.Path {
				both = append(both, Requirement{x.Path, append(append([]string{}, x.Values...), y.Values...)})
			}
		}
	}
	return both
}

// placeOf reads a.b.c, a.b["c"] and a.b.?c.orValue("text"); the text is what
// stands for a place that is not there.
func placeOf(e ast.Expr) (path string, otherwise *string, ok bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent(), nil, true
	case ast.SelectKind:
		s := e.AsSelect()
		if s.IsTestOnly() {
			return "", nil, false
		}
		path, _, ok = placeOf(s.Operand())
		return path + "." + s.FieldName(), nil, ok
	case ast.CallKind:
		call := e.AsCall()
		args := call.Args()
		if call.FunctionName() == operators.Index && len(args) == 2 {
			name, isText := textOf(args[1])
			path, _, ok = placeOf(args[0])
			return path + "." + name, nil, ok && isText
		}
		if call.FunctionName() == "orValue" && call.IsMemberFunction() && len(args) == 1 && call.Target().Kind() == ast.CallKind {
			value, isText := textOf(args[0])
			inner := call.Target().AsCall()
			if inner.FunctionName() != operators.OptSelect || len(inner.Args()) != 2 {
				return "", nil, false
			}
			name, named := textOf(inner.Args()[1])
			path, _, ok = placeOf(inner.Args()[0])
			return path + "." + name, &value, ok && isText && named
		}
	}
	return "", nil, false
}

func textOf(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// variables notes every name and path that an expression mentions.
func variables(root ast.Expr, into map[string]bool) {
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.SelectKind {
			s := e.AsSelect()
			if path, _, ok := placeOf(s.Operand()); ok {
				into[path+"."+s.FieldName()] = true
			}
			return
		}
		if path, _, ok := placeOf(e); ok {
			into[path] = true
		}
	}))
}
