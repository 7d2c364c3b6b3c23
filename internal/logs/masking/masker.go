package masking

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"mainstay/internal/core"
)

// The detectors.
const (
	Secrets     = "secrets"     // password=..., "token": "...", Authorization: Bearer ..., user:password@ in addresses
	PrivateKeys = "privatekeys" // PEM
	JWT         = "jwt"
	CloudKeys   = "cloudkeys" // AWS, GitHub, GitLab, Slack, Stripe, Google and the like, by their prefix
	Cards       = "cards"
	IBAN        = "iban"
	Email       = "email"
	IP          = "ip"
)

// Detectors are all there are.
func Detectors() []string {
	return []string{Secrets, PrivateKeys, JWT, CloudKeys, Cards, IBAN, Email, IP}
}

// Usual are those that are on when nothing is said: what no log should hold.
func Usual() []string { return []string{Secrets, PrivateKeys, JWT, CloudKeys, Cards, IBAN} }

// Own is a pattern that people add. With a group, only the first is masked.
type Own struct {
	Name  string `json:"name" pattern:"^[a-z][a-z0-9-]{0,30}$" doc:"as in the tag"`
	Regex string `json:"regex" minLength:"1" maxLength:"1000" doc:"RE2; with a group, only the first one is masked"`
}

// Configuration says what is masked, and how.
type Configuration struct {
	Detectors []string
	Own       []Own
	Fixed     bool // tags without a hash
}

// Masker masks.
type Masker struct {
	key    []byte
	fixed  bool
	on     map[string]bool
	starts [256]bool // bytes that something may begin with, or end a name
	own    []own
}

type own struct {
	name string
	re   *regexp.Regexp
}

// New checks the configuration. The key must not be known to who reads the
// result, if values are not to be guessed.
func New(cfg Configuration, key []byte) (*Masker, error) {
	m := &Masker{key: key, fixed: cfg.Fixed, on: map[string]bool{}}
	var wrong []core.Detail
	for _, d := range cfg.Detectors {
		if !slices.Contains(Detectors(), d) {
			wrong = append(wrong, core.Detail{Field: "detectors", Rule: "must be of " + strings.Join(Detectors(), ", ") + "; " + d + " is none"})
		}
		m.on[d] = true
	}
	for _, o := range cfg.Own {
		re, err := regexp.Compile(o.Regex)
		if err != nil {
			wrong = append(wrong, core.Detail{Field: "patterns", Rule: o.Name + " is not a regular expression: " + err.Error()})
			continue
		}
		m.own = append(m.own, own{o.Name, re})
	}
	if err := core.InvalidAll(wrong); err != nil {
		return nil, err
	}
	for detector, bytes := range map[string]string{Secrets: "=:Bb", PrivateKeys: "-", JWT: "e", CloudKeys: "AgxsrnpS", Cards: "3456", Email: "@", IP: "0123456789:abcdefABCDEF"} {
		for i := range len(bytes) {
			m.starts[bytes[i]] = m.starts[bytes[i]] || m.on[detector]
		}
	}
	if m.on[Cards] {
		m.starts['2'] = true // Mastercard
	}
	if m.on[IBAN] {
		for c := 'A'; c <= 'Z'; c++ {
			m.starts[c] = true
		}
	}
	return m, nil
}

// span is what is to be replaced.
type span struct {
	from, to int
	kind     string
}

// Mask returns the text without what is masked, and how many values were.
func (m *Masker) Mask(text string) (string, int) {
	spans := m.find(text)
	if len(m.own) > 0 {
		spans = m.findOwn(text, spans)
	}
	if len(spans) == 0 {
		return text, 0
	}
	var out strings.Builder
	out.Grow(len(text) + 16*len(spans))
	at := 0
	for _, s := range spans {
		out.WriteString(text[at:s.from])
		out.WriteString(m.Tag(s.kind, text[s.from:s.to]))
		at = s.to
	}
	out.WriteString(text[at:])
	return out.String(), len(spans)
}

// Value masks the value of a named field: all of it, when its name says that
// it is a secret.
func (m *Masker) Value(name, value string) (string, int) {
	if m.on[Secrets] && value != "" && secretName(name) && !harmless(value) {
		return m.Tag("secret", value), 1
	}
	return m.Mask(value)
}

// Tag is what stands in the place of a value.
func (m *Masker) Tag(kind, value string) string {
	if m.fixed {
		return "<" + kind + ">"
	}
	mac := hmac.New(sha256.New, m.key)
	mac.Write([]byte(value))
	sum := mac.Sum(nil)
	return "<" + kind + ":" + hex.EncodeToString(sum[:6]) + ">"
}

// findOwn adds what the people's own patterns find; what is masked already is
// not masked again.
func (m *Masker) findOwn(text string, spans []span) []span {
	for _, o := range m.own {
		for _, at := range o.re.FindAllStringSubmatchIndex(text, 100) {
			s := span{at[0], at[1], o.name}
			if len(at) > 3 && at[2] >= 0 {
				s.from, s.to = at[2], at[3]
			}
			overlaps := func(x span) bool { return x.from < s.to && s.from < x.to }
			if s.from < s.to && !isTag(text[s.from:s.to]) && !slices.ContainsFunc(spans, overlaps) {
				spans = append(spans, s)
			}
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	return spans
}

// isTag says that a text is what Tag makes.
func isTag(s string) bool {
	if len(s) < 3 || s[0] != '<' || s[len(s)-1] != '>' {
		return false
	}
	for i := 1; i < len(s)-1; i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == ':') {
			return false
		}
	}
	return true
}
