package version

import "testing"

func TestOlder(t *testing.T) {
	t.Parallel()
	// Semantic Versioning 2.0.0, 11: each is older than the next.
	ordered := []string{"0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "10.0.0"}
	for i := range ordered {
		for j := range ordered {
			if got := Older(ordered[i], ordered[j]); got != (i < j) {
				t.Errorf("Older(%s, %s) = %v", ordered[i], ordered[j], got)
			}
		}
	}
	for _, bad := range []string{"", "dev", "1.2", "1.x.3"} {
		if Older(bad, "1.0.0") || Older("1.0.0", bad) {
			t.Errorf("%q has no order", bad)
		}
	}
	if Older("1.0.0+a", "1.0.0+b") {
		t.Error("build metadata has no precedence")
	}
}

func FuzzOlder(f *testing.F) {
	f.Add("1.0.0-rc.1", "1.0.0")
	f.Fuzz(func(t *testing.T, a, b string) {
		if Older(a, b) && Older(b, a) {
			t.Fatalf("%q and %q are each older than the other", a, b)
		}
	})
}

func TestString(t *testing.T) {
	if String() == "" {
		t.Fatal("no version")
	}
}
