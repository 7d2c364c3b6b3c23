package mib

import (
	"fmt"
	"strconv"
)

// File is a text that holds modules.
type File struct {
	Name string
	Text []byte
}

// The bounds of what is read.
const (
	MostBytes    = 4 << 20 // of a file
	MostFiles    = 2000
	mostProblems = 50 // of a file
	mostParts    = 128
	mostValues   = 5000 // of an enumeration
)

// Problem is what is wrong with a file.
type Problem struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// module is what a file says, before names are resolved.
type module struct {
	name        string
	file        string
	line        int
	imports     map[string]string // symbol -> module
	definitions []*definition
	byName      map[string]*definition
	types       map[string]*syntax
}

// definition is a name for an identifier.
type definition struct {
	name, macro string
	line        int
	parts       []part // of the identifier; of a TRAP-TYPE the enterprise
	trap        uint64 // the number of a TRAP-TYPE
	syntax      *syntax
	objects     []string

	module *module
	oid    string
	state  int // while it is resolved
}

// part is a component of an identifier: a name, a number, or both.
type part struct {
	name  string
	value uint64
	known bool // it has a number
}

// syntax is a type.
type syntax struct {
	name   string // of the type it is made of
	values map[int64]string
	bits   bool
	hint   string
}

// parser reads one file.
type parser struct {
	scanner
	file     string
	token    token
	problems []Problem
}

// stop is how the parser gives a definition up.
type stop struct{}

func (p *parser) advance() token {
	was := p.token
	p.token = p.next()
	return was
}

func (p *parser) is(text string) bool {
	return p.token.text == text && (p.token.kind == identifier || p.token.kind == symbol)
}

func (p *parser) fail(line int, format string, args ...any) {
	if len(p.problems) < mostProblems {
		p.problems = append(p.problems, Problem{p.file, line, fmt.Sprintf(format, args...)})
	}
}

func (p *parser) want(text string) {
	if !p.is(text) {
		p.fail(p.token.line, "%s is expected, and not %s", text, p.token.said())
		panic(stop{})
	}
	p.advance()
}

func (t token) said() string {
	if t.kind == ending {
		return "the end of the file"
	}
	if len(t.text) > 40 {
		return strconv.Quote(t.text[:40]) + "..."
	}
	return strconv.Quote(t.text)
}

// attempt runs do; what it gives up is skipped up to where the next definition
// may begin.
func (p *parser) attempt(do func()) (done bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, gave := r.(stop); !gave {
				panic(r)
			}
		}
	}()
	do()
	return true
}

// parse reads the modules of a file.
func parse(f File) ([]*module, []Problem) {
	p := &parser{scanner: scanner{rest: f.Text, line: 1}, file: f.Name}
	if len(f.Text) > MostBytes {
		p.fail(1, "the file has %d bytes, and at most %d are read", len(f.Text), MostBytes)
		return nil, p.problems
	}
	p.advance()
	var all []*module
	for p.token.kind != ending {
		if p.token.kind != identifier {
			p.fail(p.token.line, "a module is expected to begin with its name, and not with %s", p.token.said())
			break
		}
		m := &module{name: p.token.text, file: f.Name, line: p.token.line, imports: map[string]string{}, byName: map[string]*definition{}, types: map[string]*syntax{}}
		if !p.attempt(func() { p.header() }) {
			break
		}
		all = append(all, m)
		p.body(m)
	}
	if len(all) == 0 && len(p.problems) == 0 {
		p.fail(1, "the file holds no module: NAME DEFINITIONS ::= BEGIN ... END")
	}
	return all, p.problems
}

// header reads NAME DEFINITIONS ::= BEGIN.
func (p *parser) header() {
	p.advance()
	if p.is("{") {
		p.braces()
	}
	p.want("DEFINITIONS")
	for !p.is("::=") && p.token.kind == identifier { // IMPLICIT TAGS
		p.advance()
	}
	p.want("::=")
	p.want("BEGIN")
}

func (p *parser) body(m *module) {
	for {
		switch {
		case p.token.kind == ending:
			p.fail(p.token.line, "the module %s has no END", m.name)
			return
		case p.is("END"):
			p.advance()
			return
		case p.is("IMPORTS"):
			if !p.attempt(func() { p.importing(m) }) {
				p.recover()
			}
		case p.is("EXPORTS"):
			p.until(";")
		case p.token.kind == identifier:
			if !p.attempt(func() { p.define(m) }) {
				p.recover()
			}
		default:
			p.fail(p.token.line, "a definition is expected, and not %s", p.token.said())
			p.recover()
		}
	}
}

// recover skips to where a definition or the end of the module is.
func (p *parser) recover() {
	for p.token.kind != ending && !p.is("END") && !p.begins() {
		p.advance()
	}
}

// begins says that a definition begins here.
func (p *parser) begins() bool {
	if p.token.kind != identifier {
		return false
	}
	ahead := p.scanner
	switch next := ahead.next(); next.text {
	case "OBJECT":
		return next.kind == identifier && ahead.next().text == "IDENTIFIER" && ahead.next().text == "::="
	case "::=", "MACRO":
		return p.token.text[0] >= 'A' && p.token.text[0] <= 'Z'
	default:
		return next.kind == identifier && macro(next.text)
	}
}

// macro says that a word defines an identifier.
func macro(word string) bool {
	switch word {
	case "OBJECT-TYPE", "MODULE-IDENTITY", "OBJECT-IDENTITY", "NOTIFICATION-TYPE", "TRAP-TYPE", "OBJECT-GROUP", "NOTIFICATION-GROUP", "MODULE-COMPLIANCE", "AGENT-CAPABILITIES":
		return true
	}
	return false
}

func (p *parser) until(text string) {
	for p.token.kind != ending && !p.is(text) {
		p.advance()
	}
	if p.token.kind != ending {
		p.advance()
	}
}

// braces skips { ... } or ( ... ) with what is nested in it.
func (p *parser) braces() {
	depth := 0
	for p.token.kind != ending {
		switch {
		case p.is("{"), p.is("("), p.is("["):
			depth++
		case p.is("}"), p.is(")"), p.is("]"):
			depth--
		}
		p.advance()
		if depth <= 0 {
			return
		}
	}
}

func (p *parser) importing(m *module) {
	p.advance()
	var names []string
	for p.token.kind != ending && !p.is(";") {
		t := p.advance()
		switch {
		case t.kind == symbol && t.text == ",":
		case t.kind == identifier && t.text == "FROM":
			for _, name := range names {
				m.imports[name] = p.token.text
			}
			names = nil
			p.advance()
			if p.is("{") {
				p.braces()
			}
		case t.kind == identifier:
			names = append(names, t.text)
		default:
			p.fail(t.line, "IMPORTS has %s, and a ; is missing before it perhaps", t.said())
			panic(stop{})
		}
	}
	p.want(";")
}

// define reads one definition.
func (p *parser) define(m *module) {
	name := p.advance()
	if name.text[0] >= 'A' && name.text[0] <= 'Z' {
		p.defineType(m, name)
		return
	}
	d := &definition{name: name.text, line: name.line, module: m, macro: p.token.text}
	switch {
	case p.is("OBJECT"):
		p.advance()
		p.want("IDENTIFIER")
	case p.token.kind == identifier && macro(p.token.text):
		p.advance()
		p.clauses(d)
	default:
		p.fail(p.token.line, "%s is followed by %s, which defines nothing that is known", name.text, p.token.said())
		if !p.is("END") {
			p.advance() // it is no type that is defined
		}
		panic(stop{})
	}
	p.want("::=")
	if d.macro == "TRAP-TYPE" {
		d.trap = p.number()
	} else {
		d.parts = p.identifier()
	}
	if m.byName[d.name] != nil {
		p.fail(d.line, "%s is defined twice, first in line %d", d.name, m.byName[d.name].line)
		return
	}
	m.byName[d.name] = d
	m.definitions = append(m.definitions, d)
}

// clauses reads what stands between a macro's name and ::=.
func (p *parser) clauses(d *definition) {
	for !p.is("::=") {
		switch {
		case p.token.kind == ending:
			p.fail(d.line, "%s has no ::=", d.name)
			panic(stop{})
		case p.is("SYNTAX") && d.macro == "OBJECT-TYPE" && d.syntax == nil:
			p.advance()
			d.syntax = p.syntax()
		case p.is("ENTERPRISE") && d.macro == "TRAP-TYPE":
			p.advance()
			if p.is("{") {
				d.parts = p.identifier()
				break
			}
			d.parts = []part{{name: p.advance().text}}
		case p.is("OBJECTS") && d.macro == "NOTIFICATION-TYPE", p.is("VARIABLES") && d.macro == "TRAP-TYPE":
			p.advance()
			p.want("{")
			for p.token.kind != ending && !p.is("}") && len(d.objects) < mostParts {
				if t := p.advance(); t.kind == identifier {
					d.objects = append(d.objects, t.text)
				}
			}
			p.want("}")
		case p.is("{"), p.is("("), p.is("["):
			p.braces()
		default:
			p.advance()
		}
	}
}

func (p *parser) number() uint64 {
	n, err := strconv.ParseUint(p.token.text, 10, 32)
	if p.token.kind != number || err != nil {
		p.fail(p.token.line, "a number of 0 to 4294967295 is expected, and not %s", p.token.said())
		panic(stop{})
	}
	p.advance()
	return n
}

// identifier reads { parent number name(number) ... }.
func (p *parser) identifier() (parts []part) {
	line := p.token.line
	p.want("{")
	for !p.is("}") {
		if len(parts) >= mostParts {
			p.fail(line, "an identifier has at most %d parts", mostParts)
			panic(stop{})
		}
		if p.token.kind == number {
			parts = append(parts, part{value: p.number(), known: true})
			continue
		}
		if p.token.kind != identifier {
			p.fail(p.token.line, "a name or a number is expected in an identifier, and not %s", p.token.said())
			panic(stop{})
		}
		one := part{name: p.advance().text}
		if p.is(".") { // Module.name
			p.advance()
			one.name = p.advance().text
		}
		if p.is("(") {
			p.advance()
			one.value, one.known = p.number(), true
			p.want(")")
		}
		parts = append(parts, one)
	}
	p.advance()
	if len(parts) == 0 {
		p.fail(line, "an identifier has at least one part")
		panic(stop{})
	}
	return parts
}
