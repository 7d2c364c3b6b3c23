package httpapi

import (
	"reflect"
	"strings"
	"unicode"
)

// schemaNames names types in the OpenAPI document. A named type has its package
// before its name, so that two modules may use the same word:
// Page[events.Alert] is PageEventsAlert. A type without a name, such as a Body
// written in place, is named after the operation that registers it.
type schemaNames struct {
	operation     string
	input, output string // names of the operation's types, with which huma makes its hints
}

// begin is called before the types of an operation are registered.
func (n *schemaNames) begin(operation string, input, output reflect.Type) {
	n.operation, n.input, n.output = exported(operation), input.Name(), output.Name()
}

func (n *schemaNames) of(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		if rest, ok := strings.CutPrefix(hint, n.output+"Body"); ok && n.output != "" {
			return n.operation + "Response" + exported(rest)
		}
		if rest, ok := strings.CutPrefix(hint, n.input+"Body"); ok && n.input != "" {
			return n.operation + "Request" + exported(rest)
		}
		return n.operation + exported(hint)
	}
	pkg := t.PkgPath()
	base, args, generic := strings.Cut(name, "[")
	out := qualified(pkg, base)
	if generic {
		for arg := range strings.SplitSeq(strings.TrimSuffix(args, "]"), ",") {
			arg = strings.TrimLeft(arg, "*[]")
			path, last := "", arg
			if dot := strings.LastIndex(arg, "."); dot >= 0 {
				path, last = arg[:dot], arg[dot+1:]
			}
			out += qualified(path, last)
		}
	}
	return out
}

// qualified joins the last part of a package path and a name, unless the name
// begins with it already or the package is of the vocabulary.
func qualified(pkg, name string) string {
	pkg = exported(pkg[strings.LastIndex(pkg, "/")+1:])
	name = exported(name)
	switch pkg {
	case "", "Core", "Httpapi", "Listing":
		return name
	}
	if strings.HasPrefix(name, pkg) {
		return name
	}
	return pkg + name
}

// exported keeps letters and digits and begins each word with a capital.
func exported(s string) string {
	var b strings.Builder
	up := true
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
