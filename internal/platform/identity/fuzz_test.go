package identity

import (
	"strings"
	"testing"
)

// FuzzSecrets feeds what anyone may send as token or cookie.
func FuzzSecrets(f *testing.F) {
	f.Add(TokenPrefix + strings.Repeat("A", tokenLength-len(TokenPrefix)))
	f.Add(TokenPrefix + strings.Repeat("\n", tokenLength-len(TokenPrefix)))
	f.Add(TokenPrefix + strings.Repeat("A", tokenLength-len(TokenPrefix)-8) + strings.Repeat("\r\n", 4))
	f.Add("eyJzIjoiYSIsIm4iOiJiIiwidiI6ImMiLCJyIjoiLyJ9")
	f.Add("$argon2id$v=19$m=65536,t=1,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
	f.Fuzz(func(t *testing.T, text string) {
		if wellFormed(text) && (len(text) != tokenLength || strings.ContainsAny(text, "\r\n")) {
			t.Errorf("%q passes for a token", text)
		}
		if flow, err := decodeFlow(text); err == nil {
			again, err := flow.encode()
			if back, wrong := decodeFlow(again); err != nil || wrong != nil || back != flow {
				t.Errorf("%+v became %+v: %v %v", flow, back, err, wrong)
			}
		}
		decodeHash(text)
	})
}
