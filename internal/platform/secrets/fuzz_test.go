package secrets

import "testing"

func FuzzTexts(f *testing.F) {
	f.Add("secret:database@3")
	f.Add("secret:a/b.c")
	f.Add("secret:x@99999999999999999999")
	f.Add("# keys\n" + keyPrefix + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, " + keyPrefix + "x")
	f.Fuzz(func(t *testing.T, text string) {
		if name, version, err := ParseReference(text); err == nil && (!IsReference(text) || version < 0 || validateName(name) != nil) {
			t.Errorf("%q is %q, version %d", text, name, version)
		}
		if keys, err := parseKeys([]byte(text)); err == nil && len(keys) == 0 {
			t.Errorf("%q holds no key and is good", text)
		}
	})
}
