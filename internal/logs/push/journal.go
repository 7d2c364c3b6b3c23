package push

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

const (
	journalBatch = 1000     // records that are stored together
	journalEntry = 8 << 20  // bytes of one record
	journalField = 48 << 10 // bytes that are kept of one field
)

// serveJournal takes what systemd-journal-upload sends (systemd.io, "Journal
// Export Format"): one long request, stored as it comes. It is answered when
// all of it is durable; a sender that is cut off begins again after what its
// last answered request had.
func (c *Component) serveJournal(w http.ResponseWriter, r *http.Request, m *receivers.Meter) {
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/vnd.fdo.journal") {
		unreadable(w, m, core.Errorf(core.CodeMalformed, "the Content-Type must be application/vnd.fdo.journal"))
		return
	}
	_ = http.NewResponseController(w).EnableFullDuplex()
	var batch []entry
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := c.store(r.Context(), m, batch, size)
		batch, size = nil, 0
		return err
	}
	err := readJournal(r.Body, func(e entry, bytes int) error {
		batch = append(batch, e)
		size += bytes
		if len(batch) < journalBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	} else if core.CodeOf(err) == core.CodeMalformed {
		m.Refused(1, err.Error())
		err = errors.Join(err, flush())
	}
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, "OK.\n")
}

// readJournal reads records: lines of NAME=value, or NAME, a length of 8 bytes
// in little endian, that many bytes and a newline; an empty line ends one.
func readJournal(in io.Reader, take func(e entry, size int) error) error {
	b := bufio.NewReaderSize(in, 64<<10)
	var e entry
	size := 0
	end := func() error {
		if size == 0 {
			return nil
		}
		one, n := e, size
		e, size = entry{}, 0
		finishJournal(&one)
		return take(one, n)
	}
	for {
		line, err := readLine(b, journalEntry)
		if err == io.EOF && len(line) == 0 {
			return end()
		}
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) == 0 {
			if err := end(); err != nil {
				return err
			}
			continue
		}
		if size += len(line); size > journalEntry {
			return core.Errorf(core.CodeMalformed, "a record has more than %d bytes", journalEntry)
		}
		name, value, whole := bytes.Cut(line, []byte("="))
		if !whole {
			var length [8]byte
			if _, err := io.ReadFull(b, length[:]); err != nil {
				return core.Errorf(core.CodeMalformed, "the length of the field %.50q is cut off", name)
			}
			n := binary.LittleEndian.Uint64(length[:])
			if n > uint64(journalEntry-size) {
				return core.Errorf(core.CodeMalformed, "a record has more than %d bytes", journalEntry)
			}
			value = make([]byte, n+1)
			if _, err := io.ReadFull(b, value); err != nil || value[n] != '\n' {
				return core.Errorf(core.CodeMalformed, "the field %.50q is cut off", name)
			}
			value = value[:n]
			size += int(n)
		}
		e.add(string(name), strings.ToValidUTF8(string(value[:min(len(value), journalField)]), "\uFFFD"))
	}
}

// readLine reads to a newline, at most that many bytes.
func readLine(b *bufio.Reader, most int) ([]byte, error) {
	var out []byte
	for {
		part, err := b.ReadSlice('\n')
		out = append(out, part...)
		if len(out) > most {
			return nil, core.Errorf(core.CodeMalformed, "a line has more than %d bytes", most)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && err != io.EOF {
			return nil, core.Errorf(core.CodeMalformed, "the request was cut off: %v", err)
		}
		return bytes.TrimSuffix(out, []byte("\n")), err
	}
}

// finishJournal gives the journal's fields their usual meaning
// (systemd.journal-fields(7)).
func finishJournal(e *entry) {
	at := e.take([]string{"_SOURCE_REALTIME_TIMESTAMP"})
	if own := e.take([]string{"__REALTIME_TIMESTAMP"}); at == "" {
		at = own
	}
	e.at, e.message = moment(at), e.take([]string{"MESSAGE"})
	if level := e.take([]string{"PRIORITY"}); level != "" {
		e.add("level", levelWord(level))
	}
	for i := range e.fields {
		if name := e.fields[i].Name; strings.HasPrefix(name, "__") { // a field of two underscores is the engine's
			e.fields[i].Name = "journal." + strings.ToLower(strings.TrimLeft(name, "_"))
		}
	}
}
