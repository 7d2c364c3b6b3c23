package tail

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"unicode/utf8"

	"mainstay/internal/platform/agents/protocol"
)

const (
	journalEntry  = 1 << 20 // bytes of one, as JSON
	journalQueued = 256
	stderrMost    = 2 << 10
)

// journalFields are what is asked for: others can be as large as a core dump.
const journalFields = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,SYSLOG_FACILITY,_SYSTEMD_UNIT,_PID,_UID,_COMM,_TRANSPORT,_BOOT_ID,MESSAGE_ID,CODE_FILE,CODE_LINE,UNIT"

// entry is one of the journal's; entries without a message are passed by.
type entry struct {
	cursor string
	record protocol.LogRecord
}

// followJournal reads what journalctl says until ctx ends. It is started again
// when it ends.
func (s *source) followJournal(ctx context.Context) {
	for wait := retryFirst; ctx.Err() == nil; wait = min(2*wait, retryMost) {
		began := s.deps.Clock.Now()
		err := s.journal(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("journalctl ended")
		}
		s.say(0, err)
		if s.deps.Clock.Now().Sub(began) > retryMost {
			wait = retryFirst
		}
		s.pause(ctx, wait)
	}
}

// journalctl is the command; every one is told where the journal is.
func (s *source) journalctl(ctx context.Context, args ...string) *exec.Cmd {
	args = append([]string{"--quiet", "--no-pager"}, args...)
	if d := s.spec.Journal.Directory; d != "" {
		args = append(args, "--directory="+d)
	}
	return exec.CommandContext(ctx, "journalctl", args...)
}

func (s *source) journal(ctx context.Context) error {
	allowed := s.deps.Journal
	if d := s.spec.Journal.Directory; d != "" {
		allowed = func() error { return s.deps.File(strings.TrimSuffix(d, "/") + "/system.journal") }
	}
	if err := allowed(); err != nil {
		return err
	}
	if err := s.findPlace(ctx); err != nil {
		return err
	}
	args := []string{"--follow", "--no-tail", "--all", "--output=json", "--output-fields=" + journalFields}
	switch {
	case s.place.Cursor != "":
		// journalctl's --after-cursor passes by the first match when the entry
		// of the cursor is none itself: entries leaves out what was delivered.
		args = append(args, "--cursor="+s.place.Cursor)
	case s.place.At != 0:
		args = append(args, fmt.Sprintf("--since=@%d.%06d", s.place.At/1e6, s.place.At%1e6))
	}
	for _, unit := range s.spec.Journal.Units {
		args = append(args, "--unit="+unit)
	}
	if s.spec.Journal.Priority != "" {
		args = append(args, "--priority="+s.spec.Journal.Priority)
	}
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := s.journalctl(run, args...)
	var said bounded
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.say(0, nil)
	came, err := s.entries(ctx, out)
	cancel()
	failed := cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if text := strings.TrimSpace(said.String()); text != "" {
		failed = errors.New("journalctl: " + text)
	}
	if !came && s.place.Cursor != "" && strings.Contains(said.String(), "cursor") {
		// The journal no longer has that entry: go on by time.
		s.place.Cursor = ""
	}
	return errors.Join(err, failed)
}

// findPlace makes the end of the journal the place where a new source begins.
func (s *source) findPlace(ctx context.Context) error {
	if s.place.Known {
		return nil
	}
	if !s.spec.FromPast {
		s.place.At = s.deps.Clock.Now().UnixMicro()
		out, err := s.journalctl(ctx, "--lines=0", "--show-cursor").Output()
		if err != nil {
			return fmt.Errorf("journalctl: %w", err)
		}
		if _, cursor, ok := strings.Cut(string(out), "-- cursor: "); ok {
			s.place.Cursor = strings.TrimSpace(cursor)
		}
	}
	s.place.Known = true
	return writeFile(s.path, s.place)
}

// entries delivers what comes until it ends. came says that something did.
func (s *source) entries(ctx context.Context, out io.Reader) (came bool, err error) {
	queue, ended := make(chan entry, journalQueued), make(chan error, 1)
	delivered := s.place.Cursor
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(queue)
		ended <- readEntries(out, func(e entry) bool {
			if e.cursor == delivered {
				return true
			}
			select {
			case queue <- e:
				return true
			case <-reading.Done():
				return false
			}
		}, s.tooLong)
	}()
	for first := range queue {
		came = true
		batch, size, last := []protocol.LogRecord(nil), 0, first
		add := func(e entry) {
			last = e
			if e.record.M != "" {
				batch, size = append(batch, e.record), size+len(e.record.M)+200
			}
		}
		add(first)
	more:
		for size < batchBytes && len(batch) < batchMost {
			select {
			case e, ok := <-queue:
				if !ok {
					break more
				}
				add(e)
			default:
				break more
			}
		}
		if len(batch) > 0 {
			if err := s.deliver(ctx, batch); err != nil {
				return came, err
			}
		}
		s.place.Cursor, s.place.At = last.cursor, last.record.T
		if err := writeFile(s.path, s.place); err != nil {
			s.say(0, err)
		}
	}
	return came, <-ended
}

func (s *source) tooLong() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Refused++
}

// readEntries reads lines of JSON until take wants no more. Lines that are too
// long, or no JSON, are passed by and counted.
func readEntries(in io.Reader, take func(entry) bool, passed func()) error {
	b := bufio.NewReaderSize(in, 64<<10)
	var line []byte
	for tooLong := false; ; {
		part, err := b.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > journalEntry; !tooLong {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		e, ok := readEntry(line)
		if !ok || tooLong {
			passed()
		} else if !take(e) {
			return nil
		}
		line, tooLong = line[:0], false
	}
}

// readEntry reads one entry as `journalctl -o json` has it (journalctl(1)):
// fields are texts, arrays of bytes when they are no UTF-8, or null.
func readEntry(line []byte) (e entry, ok bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &fields) != nil {
		return e, false
	}
	take := func(name string) string {
		text := journalText(fields[name])
		delete(fields, name)
		return text
	}
	e.cursor = take("__CURSOR")
	at, err := strconv.ParseInt(take("__REALTIME_TIMESTAMP"), 10, 64)
	if e.cursor == "" || err != nil {
		return e, false
	}
	e.record = protocol.LogRecord{T: at, M: take("MESSAGE"), App: take("SYSLOG_IDENTIFIER"), Fields: map[string]string{}}
	if n, err := strconv.Atoi(take("PRIORITY")); err == nil && n >= 0 && n < 8 {
		e.record.Level = [8]string{"fatal", "error", "error", "error", "warn", "info", "info", "debug"}[n]
	}
	if e.record.App == "" {
		if e.record.App = strings.TrimSuffix(journalText(fields["_SYSTEMD_UNIT"]), ".service"); e.record.App == "" {
			e.record.App = journalText(fields["_COMM"])
		}
	}
	for from, to := range map[string]string{"_PID": "process.pid", "_SYSTEMD_UNIT": "systemd.unit", "_COMM": "process.command", "_UID": "user.id", "UNIT": "unit"} {
		if v := take(from); v != "" {
			e.record.Fields[to] = v
		}
	}
	for name, raw := range fields {
		if v := journalText(raw); v != "" && !strings.HasPrefix(name, "__") {
			e.record.Fields["journal."+strings.ToLower(strings.TrimLeft(name, "_"))] = v
		}
	}
	return e, true
}

func journalText(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
	case raw[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	case raw[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
			return ""
		}
		if first := bytes.TrimSpace(list[0]); len(first) > 0 && first[0] == '"' { // a field that is there several times
			return journalText(list[0])
		}
		text := make([]byte, 0, len(list))
		for _, one := range list {
			n, err := strconv.ParseUint(string(bytes.TrimSpace(one)), 10, 8)
			if err != nil {
				return ""
			}
			text = append(text, byte(n))
		}
		if utf8.Valid(text) {
			return string(text)
		}
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return ""
}

// bounded keeps the beginning of what a program says.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if room := stderrMost - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
