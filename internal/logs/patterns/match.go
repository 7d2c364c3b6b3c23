package patterns

import "strings"

// place finds the pattern of a shape that was not seen before, or makes it.
func (m *Miner) place(shape uint64) (p *pattern, fresh bool) {
	tokens := m.shorten(m.scanner.tokens)
	if len(tokens) < len(m.scanner.tokens) {
		shape = shapeOf(tokens)
		if old, known := m.shapes.get(shape); known && !old.root().gone {
			return old.root(), false
		}
		defer func() { m.shapes.put(shape, p) }()
	}
	if p = m.match(tokens); p != nil {
		learned := false
		for i := range p.pieces {
			if t := &p.pieces[i]; t.kind == value && tokens[i].kind != value {
				learned = learned || !t.learned
				t.learned = true
			}
		}
		if learned {
			m.absorb(p)
		}
		return p, false
	}
	if m.alive >= m.cfg.MaxPatterns {
		m.evict()
	}
	m.born++
	p = &pattern{id: idOf(shape), born: m.born, pieces: piecesOf(m.scanner.text, tokens)}
	if old := m.ids[p.id]; old != nil { // its shape was forgotten, its pattern not
		return old.root(), false
	}
	m.insert(p)
	m.weigh(p)
	m.weighTails(p.root())
	return p.root(), p.into == nil
}

// match finds the template with most words that takes the tokens.
func (m *Miner) match(tokens []token) *pattern {
	var bloom uint64
	for i := range tokens {
		if tokens[i].kind != value {
			bloom |= bloomOf(tokens[i].hash)
		}
	}
	var best *pattern
	for _, p := range m.lengths[len(tokens)] {
		if p.bloom&^bloom == 0 && (best == nil || p.words > best.words) && m.takes(p, tokens) {
			best = p
		}
	}
	return best
}

// takes says whether the tokens are what the template prints. A wildcard that
// was found by evidence takes any word that may be a name; of the others, which
// are values by their looks, a few may, and are found by evidence from then on.
func (m *Miner) takes(p *pattern, tokens []token) bool {
	spare := p.spare()
	for i := range p.pieces {
		t := &p.pieces[i]
		if t.hash == tokens[i].hash {
			continue
		}
		if t.kind != value || tokens[i].kind == mark || tokens[i].kind == key || m.protected(m.scanner.textOf(tokens[i]), t.learned && p.words > 2) {
			return false
		}
		if !t.learned {
			if spare--; spare < 0 {
				return false
			}
		}
	}
	return true
}

// spare is how many wildcards of a template may turn out to take words: the
// more words of its own it has, the more.
func (p *pattern) spare() int { return min(p.words/2, 2) }

// protected words are written by programs and are no names. Where it is sure
// that names stand, what only looks like a verb may be one.
func (m *Miner) protected(w string, sure bool) bool {
	if len(w) < 24 && fixed[w] {
		return true
	}
	if n := len(w); n > 4 && !sure && (strings.HasSuffix(w, "ed") || strings.HasSuffix(w, "ing")) {
		return true
	}
	if len(w) > 1 && len(w) < 24 && classes[w[0]] == upper && classes[w[1]] == letter {
		return fixed[strings.ToLower(w)]
	}
	return false
}
