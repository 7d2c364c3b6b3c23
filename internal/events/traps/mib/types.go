package mib

import "strconv"

// defineType reads what follows the name of a type.
func (p *parser) defineType(m *module, name token) {
	if p.is("MACRO") { // the language itself: it is known
		p.until("END")
		return
	}
	p.want("::=")
	if p.is("SEQUENCE") || p.is("CHOICE") {
		p.advance()
		p.braces()
		m.types[name.text] = &syntax{name: "SEQUENCE"}
		return
	}
	var s *syntax
	if p.is("TEXTUAL-CONVENTION") {
		hint := ""
		for !p.is("SYNTAX") {
			if p.token.kind == ending || p.is("::=") {
				p.fail(name.line, "the textual convention %s has no SYNTAX", name.text)
				panic(stop{})
			}
			if p.is("DISPLAY-HINT") {
				p.advance()
				hint = p.token.text
			}
			p.advance()
		}
		p.advance()
		s = p.syntax()
		s.hint = hint
	} else {
		s = p.syntax()
	}
	if m.types[name.text] == nil {
		m.types[name.text] = s
	}
}

// syntax reads a type.
func (p *parser) syntax() *syntax {
	if p.is("[") { // a tag, such as [APPLICATION 2]
		p.braces()
	}
	if p.is("IMPLICIT") {
		p.advance()
	}
	if p.token.kind != identifier {
		p.fail(p.token.line, "a type is expected, and not %s", p.token.said())
		panic(stop{})
	}
	s := &syntax{name: p.advance().text}
	switch s.name {
	case "OCTET", "OBJECT":
		p.advance() // STRING or IDENTIFIER
		s.name += " " + map[string]string{"OCTET": "STRING", "OBJECT": "IDENTIFIER"}[s.name]
	case "SEQUENCE":
		if p.is("OF") {
			p.advance()
			p.advance()
			return s
		}
	case "BITS":
		s.bits = true
	}
	if p.is(".") { // Module.Type
		p.advance()
		s.name = p.advance().text
	}
	switch {
	case p.is("{") && s.name == "SEQUENCE":
		p.braces()
	case p.is("{"):
		s.values = p.enumeration()
	case p.is("("):
		p.braces()
	}
	return s
}

// enumeration reads { name(number), ... }.
func (p *parser) enumeration() map[int64]string {
	p.want("{")
	values := map[int64]string{}
	for !p.is("}") {
		if p.token.kind == ending || len(values) >= mostValues {
			p.fail(p.token.line, "an enumeration ends with }, and has at most %d values", mostValues)
			panic(stop{})
		}
		name := p.advance()
		if name.kind == symbol && name.text == "," {
			continue
		}
		if name.kind == number && p.token.kind == identifier { // 100Mbit
			name.text += p.advance().text
		}
		p.want("(")
		sign := ""
		if p.is("-") {
			p.advance()
			sign = "-"
		}
		value := p.advance()
		n, err := strconv.ParseInt(sign+value.text, 10, 64)
		if name.kind != identifier && name.kind != number || value.kind != number || err != nil {
			p.fail(value.line, "a value of an enumeration is name(number), and not %s(%s)", name.text, value.text)
			panic(stop{})
		}
		p.want(")")
		if values[n] == "" {
			values[n] = name.text
		}
	}
	p.advance()
	return values
}
