package masking

import (
	"net/netip"
	"strings"
)

// pemAt finds a private key: -----BEGIN ... PRIVATE KEY----- to its end, or to
// that of the text (RFC 7468).
func pemAt(text string, i int) (span, bool) {
	const begin = "-----BEGIN "
	if !strings.HasPrefix(text[i:], begin) {
		return span{}, false
	}
	label, rest, ok := strings.Cut(text[i+len(begin):min(len(text), i+len(begin)+80)], "-----")
	if !ok || !strings.HasSuffix(label, "PRIVATE KEY") && !strings.HasSuffix(label, "PRIVATE KEY BLOCK") {
		return span{}, false
	}
	from := i + len(begin) + len(label) + 5
	if strings.HasPrefix(rest, " <") && isTag(strings.TrimSpace(rest)) {
		return span{}, false
	}
	to := len(text)
	if end := strings.Index(text[from:], "-----END "); end >= 0 {
		to = from + end
	}
	for from < to && (text[from] == '\n' || text[from] == '\r') {
		from++
	}
	if from == to || isTag(strings.TrimSpace(text[from:to])) {
		return span{}, false
	}
	return span{from, to, "privatekey"}, true
}

func base64url(c byte) bool { return wordByte(c) && c < 0x80 || c == '-' }

// jwtAt finds header.payload.signature, of which the header is the base64 of
// {" (RFC 7519).
func jwtAt(text string, i int) (span, bool) {
	if !strings.HasPrefix(text[i:], "eyJ") {
		return span{}, false
	}
	at := i
	for part := range 3 {
		n := run(text, at, 16<<10, base64url)
		if n < 4 && !(part == 2 && n == 0) {
			return span{}, false
		}
		at += n
		if part < 2 {
			if at >= len(text) || text[at] != '.' {
				return span{}, false
			}
			at++
		}
	}
	return span{i, at, "jwt"}, true
}

// keyShapes are the prefixes by which services mark their keys, and how many
// characters follow at least and at most.
var keyShapes = [...]struct {
	prefix      string
	least, most int
	upper       bool // A to Z and digits alone
}{
	{"AKIA", 16, 16, true}, {"ASIA", 16, 16, true}, {"ABIA", 16, 16, true}, {"ACCA", 16, 16, true}, // AWS access key ids
	{"ghp_", 36, 255, false}, {"gho_", 36, 255, false}, {"ghu_", 36, 255, false}, {"ghs_", 36, 255, false}, {"ghr_", 36, 255, false}, {"github_pat_", 50, 255, false},
	{"glpat-", 20, 255, false}, {"gldt-", 20, 255, false}, {"glrt-", 20, 255, false},
	{"xoxb-", 20, 255, false}, {"xoxp-", 20, 255, false}, {"xoxa-", 20, 255, false}, {"xoxr-", 20, 255, false}, {"xoxs-", 20, 255, false}, {"xapp-", 20, 255, false},
	{"sk_live_", 20, 255, false}, {"rk_live_", 20, 255, false}, {"sk_test_", 20, 255, false}, // Stripe
	{"AIza", 35, 35, false}, // Google API
	{"npm_", 36, 36, false}, {"pypi-", 80, 255, false}, {"SG.", 40, 255, false}, {"sk-ant-", 40, 255, false}, {"sk-proj-", 40, 255, false},
}

func cloudKeyAt(text string, i int) (span, bool) {
	for k := range keyShapes {
		shape := &keyShapes[k]
		if text[i] != shape.prefix[0] || !strings.HasPrefix(text[i:], shape.prefix) {
			continue
		}
		from := i + len(shape.prefix)
		n := run(text, from, shape.most+1, func(c byte) bool {
			if shape.upper {
				return c >= 'A' && c <= 'Z' || digit(c)
			}
			return base64url(c) || shape.prefix == "SG." && c == '.'
		})
		if n < shape.least || n > shape.most || from+n < len(text) && wordByte(text[from+n]) {
			continue
		}
		return span{i, from + n, "key"}, true
	}
	return span{}, false
}

// cardAt finds the number of a payment card: with the prefix and length of an
// issuer and a right check digit (ISO/IEC 7812), in one piece or in groups.
func cardAt(text string, i int) (span, bool) {
	if i > 0 && (text[i-1] == '.' || text[i-1] == '-' || text[i-1] == '+' || text[i-1] == '/' || text[i-1] == ':' && i > 1 && digit(text[i-2])) {
		return span{}, false
	}
	var digits [20]byte
	n, to, group := 0, i, byte(0)
	for j := i; j < len(text) && n < len(digits); j++ {
		c := text[j]
		if digit(c) {
			digits[n] = c - '0'
			n, to = n+1, j+1
			continue
		}
		// Groups are separated alike throughout, by one character.
		if c != ' ' && c != '-' || group != 0 && c != group || j+1 >= len(text) || !digit(text[j+1]) || n < 4 {
			break
		}
		group = c
	}
	if to < len(text) && (wordByte(text[to]) || text[to] == '-' || text[to] == '.' && to+1 < len(text) && digit(text[to+1])) {
		return span{}, false
	}
	if !issued(digits[:n]) || !luhn(digits[:n]) {
		return span{}, false
	}
	if group != 0 && !grouped(text[i:to], group) {
		return span{}, false
	}
	return span{i, to, "card"}, true
}

// grouped says that the digits stand in fours, or as American Express has them.
func grouped(text string, by byte) bool {
	for k, part := range strings.Split(text, string(by)) {
		if len(part) != 4 && !(k > 0 && (len(part) == 6 || len(part) == 5 || len(part) == 3 || len(part) == 2)) {
			return false
		}
	}
	return true
}

// issued says whether an issuer gives out numbers of this prefix and length.
func issued(d []byte) bool {
	if len(d) < 14 {
		return false
	}
	four := int(d[0])*1000 + int(d[1])*100 + int(d[2])*10 + int(d[3])
	two := four / 100
	switch {
	case two == 34 || two == 37:
		return len(d) == 15
	case two == 36 || two == 38 || four/10 >= 300 && four/10 <= 305:
		return len(d) == 14
	case d[0] == 4, two >= 51 && two <= 55, four >= 2221 && four <= 2720, four == 6011, two == 65, four/10 >= 644 && four/10 <= 649, four >= 3528 && four <= 3589:
		return len(d) == 16
	case two == 62:
		return len(d) >= 16 && len(d) <= 19
	}
	return false
}

func luhn(d []byte) bool {
	sum, same := 0, true
	for i := range d {
		v := int(d[len(d)-1-i])
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
		same = same && d[i] == d[0]
	}
	return sum%10 == 0 && !same
}

// ibanLengths are those of the countries that use IBANs (SWIFT's registry).
var ibanLengths = map[string]int{"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24,
	"DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
	"IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
	"MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
	"SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20}

// ibanAt finds an IBAN with right check digits (ISO 13616), in one piece or in fours.
func ibanAt(text string, i int) (span, bool) {
	if i+15 > len(text) || text[i+1] < 'A' || text[i+1] > 'Z' || !digit(text[i+2]) || !digit(text[i+3]) {
		return span{}, false
	}
	length := ibanLengths[text[i:i+2]]
	if length == 0 {
		return span{}, false
	}
	var all [34]byte
	n, j := 0, i
	for ; j < len(text) && n < length; j++ {
		c := text[j]
		switch {
		case digit(c) || c >= 'A' && c <= 'Z':
			all[n] = c
			n++
		case c == ' ' && n%4 == 0:
		default:
			return span{}, false
		}
	}
	if n < length || j < len(text) && wordByte(text[j]) {
		return span{}, false
	}
	rest := 0
	for k := range n {
		c := all[(k+4)%n]
		if digit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return span{i, j, "iban"}, rest == 1
}

// emailAt finds the address around the @ at i.
func emailAt(text string, i int) (span, bool) {
	local := func(c byte) bool {
		return wordByte(c) || c == '.' || c == '+' || c == '-' || c == '%' || c == '\'' || c == '='
	}
	from := i
	for from > 0 && i-from < 64 && local(text[from-1]) {
		from--
	}
	if eq := strings.LastIndexByte(text[from:i], '='); eq >= 0 {
		from += eq + 1 // user=a@b
	}
	for from < i && (text[from] == '.' || text[from] == '\'' || text[from] == '-') {
		from++
	}
	n := run(text, i+1, 253, func(c byte) bool { return wordByte(c) && c != '_' || c == '.' || c == '-' })
	domain := strings.TrimRight(text[i+1:i+1+n], ".-")
	dot := strings.LastIndexByte(domain, '.')
	if from == i || dot < 1 || len(domain)-dot-1 < 2 || digit(domain[len(domain)-1]) || strings.Contains(domain, "..") {
		return span{}, false
	}
	return span{from, i + 1 + len(domain), "email"}, true
}

// addressAt finds an IP address. Versions look like IPv4 only with four parts.
func addressAt(text string, i int) (span, bool) {
	n := run(text, i, 46, func(c byte) bool {
		return digit(c) || c == '.' || c == ':' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
	})
	if n < 3 || i > 0 && (text[i-1] == '.' || text[i-1] == '-') {
		return span{}, false
	}
	candidate := text[i : i+n]
	// 10.0.0.1:8080 and an address at the end of a sentence.
	for _, cut := range [...]int{len(candidate), strings.LastIndexByte(candidate, ':'), len(strings.TrimRight(candidate, ".:"))} {
		if cut < 2 || cut == len(candidate) && n == 46 {
			continue
		}
		at, err := netip.ParseAddr(candidate[:cut])
		if err != nil || at.Is6() && strings.Count(candidate[:cut], ":") < 2 || at.IsUnspecified() || at.IsLoopback() {
			continue
		}
		if end := i + cut; end < len(text) && wordByte(text[end]) {
			continue
		}
		return span{i, i + cut, "ip"}, true
	}
	return span{}, false
}
