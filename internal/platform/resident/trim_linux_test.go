package resident

import (
	"os/user"
	"strings"
	"testing"
)

// TestTheProgramGoesOnAfterTrim also calls into C, whose addresses the dynamic
// linker has filled in.
func TestTheProgramGoesOnAfterTrim(t *testing.T) {
	if err := Trim(); err != nil {
		t.Fatal(err)
	}
	if _, err := user.LookupId("0"); err != nil {
		t.Error(err)
	}
}

func TestOnlyCleanRangesOfTheProgramAreTrimmed(t *testing.T) {
	t.Parallel()
	const smaps = `00400000-02000000 r-xp 00000000 fe:00 1234 /usr/bin/main stay
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
02000000-04000000 r--p 01c00000 fe:00 1234 /usr/bin/main stay
Anonymous:             8 kB
04000000-04100000 rw-p 03c00000 fe:00 1234 /usr/bin/main stay
Anonymous:             0 kB
05000000-05100000 r--p 03c00000 fe:00 1234 /usr/bin/main stay
Anonymous:             0 kB
Swap:                  4 kB
06000000-06100000 r--p 03c00000 fe:00 1234 /usr/lib/other
07000000-07100000 r--p 03c00000 fe:00 1234 /usr/bin/main stay (deleted)
7f00-8000 rw-p 00000000 00:00 0
`
	var found []mapping
	for line := range strings.Lines(smaps) {
		found = readLine(found, line, "/usr/bin/main stay")
	}
	if len(found) != 7 {
		t.Fatalf("%+v", found)
	}
	for i, m := range found {
		if m.clean != (i == 0) {
			t.Errorf("range %d: %+v", i, m)
		}
	}
}
