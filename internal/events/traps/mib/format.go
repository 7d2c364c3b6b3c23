package mib

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Integer writes a number as its module has it: by the name it has in an
// enumeration, or with the decimals that a display hint tells.
func (n *Node) Integer(value int64) string {
	plain := strconv.FormatInt(value, 10)
	if n == nil || n.syntax == nil {
		return plain
	}
	if name, ok := n.syntax.values[value]; ok && !n.syntax.bits {
		return name
	}
	switch hint := n.syntax.hint; { // RFC 2579, 3.1
	case hint == "x":
		return strconv.FormatInt(value, 16)
	case hint == "o":
		return strconv.FormatInt(value, 8)
	case hint == "b":
		return strconv.FormatInt(value, 2)
	case strings.HasPrefix(hint, "d-"):
		decimals, err := strconv.Atoi(hint[2:])
		if err != nil || decimals < 1 || decimals > 18 {
			return plain
		}
		sign, digits := "", plain
		if value < 0 {
			sign, digits = "-", plain[1:]
		}
		for len(digits) <= decimals {
			digits = "0" + digits
		}
		return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
	}
	return plain
}

// Octets writes octets as the module has them: the names of bits, or by a
// display hint. ok is false when the module does not say.
func (n *Node) Octets(value []byte) (written string, ok bool) {
	if n == nil || n.syntax == nil {
		return "", false
	}
	if n.syntax.bits {
		return n.bits(value), true
	}
	if n.syntax.hint == "" || n.syntax.name != "OCTET STRING" {
		return "", false
	}
	return hinted(n.syntax.hint, value)
}

// bits are the names of those that are set (RFC 2578, 7.1.4).
func (n *Node) bits(value []byte) string {
	var names []string
	for i := range min(len(value)*8, mostValues) {
		if value[i/8]&(0x80>>(i%8)) == 0 {
			continue
		}
		name, known := n.syntax.values[int64(i)]
		if !known {
			name = strconv.Itoa(i)
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// piece is one octet-format specification of a display hint (RFC 2579, 3.1).
type piece struct {
	repeats    bool
	length     int
	format     byte
	separator  string
	terminator string
}

func pieces(hint string) (out []piece) {
	for hint != "" {
		var p piece
		if hint[0] == '*' {
			p.repeats, hint = true, hint[1:]
		}
		n := 0
		for n < len(hint) && digit(hint[n]) {
			n++
		}
		length, err := strconv.Atoi(hint[:n])
		if err != nil || length > 65535 || n == len(hint) || !strings.ContainsRune("xdoat", rune(hint[n])) {
			return nil
		}
		p.length, p.format = length, hint[n]
		hint = hint[n+1:]
		delimits := func() string {
			if hint == "" || digit(hint[0]) || hint[0] == '*' {
				return ""
			}
			one := hint[:1]
			hint = hint[1:]
			return one
		}
		p.separator = delimits()
		if p.repeats {
			p.terminator = delimits()
		}
		if len(out) == 100 || p.length == 0 && !p.repeats && hint == "" {
			return nil // it would go on for ever
		}
		out = append(out, p)
	}
	return out
}

// hinted writes octets by a display hint, the last piece of which is used for
// all that follows.
func hinted(hint string, value []byte) (string, bool) {
	all := pieces(hint)
	if len(all) == 0 {
		return "", false
	}
	var b strings.Builder
	for i := 0; len(value) > 0; i++ {
		p := all[min(i, len(all)-1)]
		times := 1
		if p.repeats {
			times, value = int(value[0]), value[1:]
		}
		for t := 0; t < times && len(value) > 0; t++ {
			part := value[:min(p.length, len(value))]
			value = value[len(part):]
			if !p.write(&b, part) {
				return "", false
			}
			switch {
			case len(value) == 0:
			case p.terminator != "" && t == times-1:
				b.WriteString(p.terminator)
			default:
				b.WriteString(p.separator)
			}
		}
		if i > 65536 {
			return "", false
		}
	}
	return b.String(), true
}

func (p piece) write(b *strings.Builder, part []byte) bool {
	switch p.format {
	case 'a', 't':
		text := strings.TrimRight(string(part), "\x00")
		if !utf8.ValidString(text) {
			return false
		}
		b.WriteString(text)
	case 'x':
		b.WriteString(hex.EncodeToString(part))
	default:
		if len(part) > 8 {
			return false
		}
		var n uint64
		for _, octet := range part {
			n = n<<8 | uint64(octet)
		}
		b.WriteString(strconv.FormatUint(n, map[byte]int{'d': 10, 'o': 8}[p.format]))
	}
	return true
}
