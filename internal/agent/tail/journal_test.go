//go:build linux

package tail_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/platform/agents/protocol"
)

// journal makes entries from..to of a journal with systemd's own program.
func (w *world) journal(dir string, from, to int) {
	w.t.Helper()
	var text strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&text, "__CURSOR=s=0639;i=%x;b=1;m=1;t=1;x=%x\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=00112233445566778899aabbccddeeff\n_MACHINE_ID=ffeeddccbbaa99887766554433221100\n_HOSTNAME=db1\nPRIORITY=%d\n_PID=77\n_SYSTEMD_UNIT=shop.service\nMESSAGE=order %05d\n\n",
			i+1, i+1, 1772352000000000+i, 1000+i, 3+i%3, i)
	}
	export := filepath.Join(w.t.TempDir(), "export")
	w.do(os.WriteFile(export, []byte(text.String()), 0o600))
	out, err := exec.Command("/lib/systemd/systemd-journal-remote", "-o", filepath.Join(dir, fmt.Sprintf("made%d.journal", from)), export).CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v: %s", err, out)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.journal(w.dir, 0, 100)
	source := protocol.LogSource{Name: "journal", Journal: &protocol.LogJournal{Directory: w.dir}, FromPast: true}
	w.do(w.tail.Follow(protocol.LogSources{Sources: []protocol.LogSource{source}}))
	lines := func(from, to int) (out []string) {
		for i := from; i < to; i++ {
			out = append(out, fmt.Sprintf("order %05d", i))
		}
		return out
	}
	w.until("the past", func() bool { return len(w.lines()) >= 100 })
	w.mu.Lock()
	first := w.records[0]
	w.mu.Unlock()
	if first.T != 1772352000000000 || first.App != "shop" || first.Level != "error" || first.Fields["process.pid"] != "77" {
		t.Errorf("%+v", first)
	}
	w.expect("the past", lines(0, 100)...)
	// While it is followed, and while nobody does.
	w.journal(w.dir, 100, 150)
	w.expect("what is new", lines(100, 150)...)
	w.tail.Stop()
	w.journal(w.dir, 150, 200)
	w.begin()
	w.expect("after a restart", lines(150, 200)...)
	if s := w.tail.Status().Sources[0]; s.Error != "" || s.Refused != 0 {
		t.Errorf("%+v", s)
	}
	// Only what is as important; another source begins where the journal ends.
	w.do(w.tail.Follow(protocol.LogSources{Sources: []protocol.LogSource{{Name: "errors", Journal: &protocol.LogJournal{Directory: w.dir, Priority: "err"}}}}))
	w.looked(1)
	w.journal(w.dir, 200, 203)
	w.expect("errors", "order 00201")
	// The entry that was delivered last is none of what is asked for now.
	w.tail.Stop()
	w.journal(w.dir, 203, 208)
	w.begin()
	w.do(w.tail.Follow(protocol.LogSources{Sources: []protocol.LogSource{{Name: "errors", Journal: &protocol.LogJournal{Directory: w.dir, Priority: "err"}}}}))
	w.expect("errors", "order 00204", "order 00207")
}
