package push

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/logstore"
	"mainstay/test/peers"
)

// held waits until n records are there.
func (w *world) held(n int) []logstore.Record {
	w.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		w.shelf.mu.Lock()
		got := slices.Clone(w.shelf.records)
		w.shelf.mu.Unlock()
		if len(got) >= n {
			return got
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%d of %d records came", len(got), n)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// TestRsyslogSendsInBulk has Debian's rsyslog write to us as to Elasticsearch.
func TestRsyslogSendsInBulk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	const lines = 2000
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "order %05d \"paid\"\n", i)
	}
	peers.StartRsyslog(t, text.String(), "", `module(load="omelasticsearch")
template(name="document" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="programname" format="jsonf")
  property(outname="level" name="syslogseverity-text" format="jsonf")
}`, fmt.Sprintf(`action(type="omelasticsearch" server="127.0.0.1" serverport="%s" template="document" searchIndex="elasticsearch" searchType="" bulkmode="on" queue.dequeuebatchsize="200"
  action.resumeRetryCount="-1" action.resumeInterval="1")`, address.Port()))
	seen := map[string]bool{}
	for _, r := range w.held(lines) {
		if r.App == "" || r.Host == "" || r.Level == "" || r.Time.IsZero() {
			t.Fatalf("%+v", r)
		}
		seen[strings.TrimSpace(r.Message)] = true
	}
	for i := range lines {
		if message := fmt.Sprintf("order %05d \"paid\"", i); !seen[message] {
			t.Fatalf("%s did not come; %d did", message, len(seen))
		}
	}
}

// TestJournalUpload has Debian's systemd-journal-upload send a journal.
func TestJournalUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	const lines = 500
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "__CURSOR=s=0639;i=%x;b=1;m=1;t=1;x=%x\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=00112233445566778899aabbccddeeff\n_MACHINE_ID=ffeeddccbbaa99887766554433221100\n_HOSTNAME=db1\nPRIORITY=4\nSYSLOG_IDENTIFIER=shop\nMESSAGE=order %05d\n\n",
			i+1, i+1, 1772352000000000+i, 1000+i, i)
	}
	export := filepath.Join(dir, "export")
	if err := os.WriteFile(export, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(dir, "journal")
	if err := os.Mkdir(journal, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "/lib/systemd/systemd-journal-remote", "-o", filepath.Join(journal, "made.journal"), export).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.CommandContext(ctx, "/lib/systemd/systemd-journal-upload", "--url="+w.URL+"/journal", "-D", journal, "--follow=no", "--save-state="+filepath.Join(dir, "state")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := w.held(lines)
	for i, r := range got {
		if r.Message != fmt.Sprintf("order %05d", i) || r.App != "shop" || r.Host != "db1" || r.Level != "warn" || r.Item != "item-of-db1" || r.Time.UnixMicro() != int64(1772352000000000+i) {
			t.Fatalf("%d: %+v", i, r)
		}
	}
	if len(got) != lines {
		t.Errorf("%d records", len(got))
	}
}

// TestRsyslogSendsGELF has Debian's rsyslog write GELF over TCP, each message
// ended by NUL, and over UDP.
func TestRsyslogSendsGELF(t *testing.T) {
	t.Parallel()
	const lines, template = 1000, `template(name="gelf" type="list" option.jsonf="on") {
  property(outname="version" name="$.version" format="jsonf")
  property(outname="short_message" name="msg" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="timestamp" name="timereported" dateFormat="unixtimestamp" format="jsonf")
  property(outname="_app" name="programname" format="jsonf")
  property(outname="level" name="syslogseverity" format="jsonf")
}`
	c, store, list := newSockets(t, nil)
	udp, tcp, _ := c.Addresses()
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "order %05d \"paid\"\n", i)
	}
	port := func(a net.Addr) string { return a.String()[strings.LastIndexByte(a.String(), ':')+1:] }
	peers.StartRsyslog(t, text.String(), "", template, fmt.Sprintf(`{
  action(type="omfwd" target="127.0.0.1" port="%s" protocol="tcp" TCP_FrameDelimiter="0" template="gelf" queue.type="LinkedList" action.resumeRetryCount="-1")
  action(type="omfwd" target="127.0.0.1" port="%s" protocol="udp" template="gelf" queue.type="LinkedList")
}`, port(tcp), port(udp)))
	store.until(t, "GELF of rsyslog", func() bool { return state(list, "gelf-tcp").Taken >= lines && state(list, "gelf-udp").Taken >= lines })
	seen := map[string]int{}
	for _, r := range store.records {
		if r.Host == "" || r.App == "" || r.Level == "" {
			t.Fatalf("%+v", r)
		}
		seen[strings.TrimSpace(r.Message)]++
	}
	for i := range lines {
		if message := fmt.Sprintf("order %05d \"paid\"", i); seen[message] != 2 {
			t.Fatalf("%s came %d times", message, seen[message])
		}
	}
}

// TestGraypySendsGELF has Debian's graypy send in chunks, compressed and not,
// and over TCP.
func TestGraypySendsGELF(t *testing.T) {
	t.Parallel()
	c, store, _ := newSockets(t, nil)
	udp, tcp, _ := c.Addresses()
	peers.RunPython(t, `
import logging, random, string, sys, graypy
random.seed(1)
noise = lambda n: "".join(random.choice(string.ascii_letters) for _ in range(n))
for name, handler in [("packed", graypy.GELFUDPHandler("127.0.0.1", int(sys.argv[1]))), ("plain", graypy.GELFUDPHandler("127.0.0.1", int(sys.argv[1]), compress=False)), ("tcp", graypy.GELFTCPHandler("127.0.0.1", int(sys.argv[2])))]:
    log = logging.getLogger(name)
    log.addHandler(handler)
    log.error("%s short", name)
    log.error("%s long %s", name, noise(9000))
    handler.close()
`, fmt.Sprint(udp.(*net.UDPAddr).Port), fmt.Sprint(tcp.(*net.TCPAddr).Port))
	store.until(t, "graypy", func() bool { return len(store.records) >= 6 })
	sizes := map[string]int{}
	for _, m := range store.messages() {
		sizes[m[:strings.IndexByte(m, ' ')+5]] = len(m)
	}
	for message, size := range map[string]int{"packed shor": 12, "packed long": 9012, "plain shor": 11, "plain long": 9011, "tcp shor": 9, "tcp long": 9009} {
		if sizes[message] != size {
			t.Errorf("%s: %d", message, sizes[message])
		}
	}
}
