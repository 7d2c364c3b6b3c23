package httpapi

import (
	"reflect"
	"strings"
	"unicode"
)

// schemaName names a type in the OpenAPI document: its package and name, so
// that two modules may use the same word. Page[events.Alert] is PageEventsAlert.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		return exported(hint)
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
