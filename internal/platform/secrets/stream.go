package secrets

import "io"

// Writer masks the values in what is written, also where a value is cut by the
// bounds of writes: the bytes that may be the beginning of one are held back
// until the next write, or Close, decides. Close does not close w.
func (r *Redactor) Writer(w io.Writer) io.WriteCloser {
	if r == nil || len(r.nodes) == 1 {
		return plain{w}
	}
	return &masking{redactor: r, w: w}
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// masking holds, of the bytes not yet passed on, which are part of a value.
// Overlapping values become one mask.
type masking struct {
	redactor *Redactor
	w        io.Writer
	state    int32
	held     []byte
	covered  []bool // per held byte
	inMask   bool   // the last byte passed on was masked
	out      []byte
}

// Write never passes fewer bytes on than it can; n is len(p) unless w fails.
func (m *masking) Write(p []byte) (int, error) {
	m.out = m.out[:0]
	for _, b := range p {
		m.state = m.redactor.step(m.state, b)
		n := &m.redactor.nodes[m.state]
		m.held, m.covered = append(m.held, b), append(m.covered, false)
		for i := range int(n.ends) {
			m.covered[len(m.covered)-1-i] = true
		}
		if len(m.held) > 4096 {
			m.release(int(n.depth))
		}
	}
	m.release(int(m.redactor.nodes[m.state].depth))
	if err := m.pass(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close passes on what is held back.
func (m *masking) Close() error {
	m.out = m.out[:0]
	m.release(0)
	m.state = 0
	return m.pass()
}

// release moves all but the last keep bytes from held to out.
func (m *masking) release(keep int) {
	n := len(m.held) - keep
	for i, b := range m.held[:n] {
		if !m.covered[i] {
			m.out = append(m.out, b)
		} else if !m.inMask {
			m.out = append(m.out, Mask...)
		}
		m.inMask = m.covered[i]
	}
	m.held = m.held[:copy(m.held, m.held[n:])]
	m.covered = m.covered[:copy(m.covered, m.covered[n:])]
}

func (m *masking) pass() error {
	if len(m.out) == 0 {
		return nil
	}
	_, err := m.w.Write(m.out)
	return err
}
