package mib

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Node is what an identifier is called.
type Node struct {
	Name   string
	Module string
	Object bool // it has values

	syntax *syntax // with what its type is made of
}

// Module is what a file was found to hold.
type Module struct {
	Name          string `json:"name"`
	File          string `json:"file"`
	Objects       int    `json:"objects" doc:"Identifiers that have values"`
	Notifications int    `json:"notifications" doc:"Notifications and traps"`
}

// Set is modules that were read together.
type Set struct {
	nodes   map[string]*Node // by identifier, without a leading dot
	modules []Module
}

// Modules are those that were read, by name.
func (s *Set) Modules() []Module { return s.modules }

// Exact is what the identifier itself is called; nil when that is not known.
func (s *Set) Exact(oid string) *Node { return s.nodes[oid] }

// Object finds the object that an identifier is a value of, and what of the
// identifier tells the instance.
func (s *Set) Object(oid string) (node *Node, instance string) {
	for head := oid; head != ""; {
		if n := s.nodes[head]; n != nil && n.Object {
			return n, strings.TrimPrefix(oid[len(head):], ".")
		}
		cut := strings.LastIndexByte(head, '.')
		if cut < 0 {
			break
		}
		head = head[:cut]
	}
	return nil, ""
}

// compiler resolves names between modules.
type compiler struct {
	modules  map[string]*module
	all      []*module
	roots    map[string]string
	standard map[string]*syntax
	anywhere map[string]*definition // by name, when just one module defines it
	problems []Problem
}

// Compile reads files. Of a module that two files hold, the first in the order
// given counts. The set has all that could be understood, whatever the problems.
func Compile(files []File) (*Set, []Problem) {
	c := &compiler{modules: map[string]*module{}, roots: roots(), standard: conventions(), anywhere: map[string]*definition{}}
	for i, f := range files {
		if i == MostFiles {
			c.problems = append(c.problems, Problem{f.Name, 1, "at most " + strconv.Itoa(MostFiles) + " files are read"})
			break
		}
		found, problems := parse(f)
		c.problems = append(c.problems, problems...)
		for _, m := range found {
			if other := c.modules[m.name]; other != nil {
				c.problems = append(c.problems, Problem{f.Name, m.line, "the module " + m.name + " is in " + other.file + ", too, and is left out here"})
				continue
			}
			c.modules[m.name] = m
			c.all = append(c.all, m)
		}
	}
	twice := map[string]bool{}
	for _, m := range c.all {
		for _, d := range m.definitions {
			if c.anywhere[d.name] != nil {
				twice[d.name] = true
			}
			c.anywhere[d.name] = d
		}
	}
	for name := range twice {
		delete(c.anywhere, name)
	}
	return c.set(), c.ordered()
}

// ordered are the problems by file and line, with a bound for each file.
func (c *compiler) ordered() []Problem {
	slices.SortStableFunc(c.problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	n, file := 0, ""
	return slices.DeleteFunc(c.problems, func(p Problem) bool {
		if p.File != file {
			file, n = p.File, 0
		}
		n++
		return n > mostProblems
	})
}

func (c *compiler) set() *Set {
	s := &Set{nodes: map[string]*Node{}}
	for _, m := range c.all {
		about := Module{Name: m.name, File: m.file}
		for _, d := range m.definitions {
			oid, ok := c.resolve(d, 0)
			if !ok {
				continue
			}
			n := &Node{Name: d.name, Module: m.name}
			switch d.macro {
			case "OBJECT-TYPE":
				about.Objects++
				n.syntax = c.made(m, d.syntax, 0)
				n.Object = n.syntax == nil || n.syntax.name != "SEQUENCE"
			case "NOTIFICATION-TYPE", "TRAP-TYPE":
				about.Notifications++
			}
			if known := s.nodes[oid]; known == nil || !known.Object && d.macro != "OBJECT" {
				s.nodes[oid] = n
			}
		}
		s.modules = append(s.modules, about)
	}
	slices.SortFunc(s.modules, func(a, b Module) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// The states of a definition while it is resolved.
const (
	untouched = iota
	resolving
	resolved
	unknown
)

const mostDepth = 256

// resolve finds the identifier of a definition.
func (c *compiler) resolve(d *definition, depth int) (string, bool) {
	switch d.state {
	case resolved:
		return d.oid, true
	case unknown:
		return "", false
	case resolving:
		c.fail(d, "%s is defined by itself", d.name)
		return "", false
	}
	if depth > mostDepth {
		c.fail(d, "%s is nested too deeply", d.name)
		return "", false
	}
	d.state = resolving
	oid, ok := c.spell(d, depth)
	if !ok {
		d.state = unknown
		return "", false
	}
	if d.macro == "TRAP-TYPE" { // RFC 3584, 3.1
		if oid == "1.3.6.1.2.1.11" { // the traps of SNMP itself, RFC 1215
			oid = "1.3.6.1.6.3.1.1.5." + strconv.FormatUint(d.trap+1, 10)
		} else {
			oid += ".0." + strconv.FormatUint(d.trap, 10)
		}
	}
	d.state, d.oid = resolved, oid
	return oid, true
}

func (c *compiler) spell(d *definition, depth int) (string, bool) {
	var b strings.Builder
	for i, part := range d.parts {
		switch {
		case i == 0 && part.name != "":
			oid, why := c.lookup(d, part, depth)
			if why != "" {
				c.fail(d, "%s: %s", d.name, why)
				return "", false
			}
			b.WriteString(oid)
		case !part.known: // { enterprises acme products }: the whole of it is the last name's
			oid, why := c.lookup(d, part, depth)
			if why != "" {
				c.fail(d, "%s: %s", d.name, why)
				return "", false
			}
			b.Reset()
			b.WriteString(oid)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(strconv.FormatUint(part.value, 10))
		}
		if b.Len() > 2000 {
			c.fail(d, "the identifier of %s is too long", d.name)
			return "", false
		}
	}
	return b.String(), true
}

// lookup finds what a name in an identifier stands for.
func (c *compiler) lookup(d *definition, p part, depth int) (oid, why string) {
	of := func(found *definition) (string, string) {
		oid, ok := c.resolve(found, depth+1)
		if !ok {
			return "", p.name + ", which it is under, is not known itself"
		}
		return oid, ""
	}
	if found := d.module.byName[p.name]; found != nil && found != d {
		return of(found)
	}
	from := d.module.imports[p.name]
	if other := c.modules[from]; other != nil {
		if found := other.byName[p.name]; found != nil {
			return of(found)
		}
	}
	if oid, ok := c.roots[p.name]; ok {
		return oid, ""
	}
	if p.known {
		return strconv.FormatUint(p.value, 10), ""
	}
	if found := c.anywhere[p.name]; found != nil && found != d { // files forget imports, and modules change their names
		return of(found)
	}
	switch {
	case from == "":
		return "", p.name + " is neither defined nor imported"
	case c.modules[from] == nil:
		return "", p.name + " is imported from " + from + ", which is not there"
	}
	return "", p.name + " is imported from " + from + ", which does not define it"
}

func (c *compiler) fail(d *definition, format string, args ...any) {
	p := parser{file: d.module.file}
	p.fail(d.line, format, args...)
	c.problems = append(c.problems, p.problems...)
}

// typeOf finds a type by name, as a module sees it.
func (c *compiler) typeOf(m *module, name string) *syntax {
	if s := m.types[name]; s != nil {
		return s
	}
	if other := c.modules[m.imports[name]]; other != nil && other.types[name] != nil {
		return other.types[name]
	}
	return c.standard[name]
}

// made is a type with what it takes from the types it is made of.
func (c *compiler) made(m *module, s *syntax, depth int) *syntax {
	if s == nil || depth > 16 {
		return s
	}
	base := c.typeOf(m, s.name)
	if base == nil || base == s {
		return s
	}
	home := m
	if m.types[s.name] == nil {
		if other := c.modules[m.imports[s.name]]; other != nil {
			home = other
		}
	}
	under := c.made(home, base, depth+1)
	out := *s
	out.name, out.bits = under.name, s.bits || under.bits
	if out.values == nil {
		out.values = under.values
	}
	if out.hint == "" {
		out.hint = under.hint
	}
	return &out
}
