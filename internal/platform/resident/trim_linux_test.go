package resident

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

func fileResident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`RssFile:\s+(\d+)`).FindSubmatch(status)
	n, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTrimGivesBackPagesAndTheProgramGoesOn(t *testing.T) {
	before := fileResident(t)
	if err := Trim(); err != nil {
		t.Fatal(err)
	}
	if after := fileResident(t); after >= before {
		t.Errorf("%d kB of the file are resident, %d before", after, before)
	}
	if got := strconv.Quote("still works"); got != `"still works"` {
		t.Error(got)
	}
}

func TestCleanRange(t *testing.T) {
	t.Parallel()
	const program = "/usr/bin/main stay"
	for line, want := range map[string]bool{
		"00400000-02000000 r-xp 00000000 fe:00 1234 /usr/bin/main stay":           true,
		"02000000-04000000 r--p 01c00000 fe:00 1234 /usr/bin/main stay":           true,
		"04000000-04100000 rw-p 03c00000 fe:00 1234 /usr/bin/main stay":           false,
		"04000000-04100000 r--s 03c00000 fe:00 1234 /usr/bin/main stay":           false,
		"04000000-04100000 r--p 03c00000 fe:00 1234 /usr/lib/other":               false,
		"04000000-04100000 r--p 03c00000 fe:00 1234 /usr/bin/main stay (deleted)": false,
		"7f00-8000 r--p 0 0:0 0": false,
		"":                       false,
	} {
		if _, _, ok := cleanRange(line, program); ok != want {
			t.Errorf("%q: %v", line, ok)
		}
	}
}
