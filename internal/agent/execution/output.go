package execution

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mainstay/internal/platform/agents/protocol"
)

// output is the bounded, numbered output of one execution, on disk as one JSON
// object a line. Readers wait on changed, which is closed and replaced at every change.
type output struct {
	limit int64
	now   func() time.Time

	mu        sync.Mutex
	file      *os.File
	chunks    []protocol.Chunk
	last      uint64
	kept      int64
	total     int64
	truncated bool
	changed   chan struct{}
}

func createOutput(path string, limit int64, now func() time.Time) (*output, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &output{limit: limit, now: now, file: file, changed: make(chan struct{})}, nil
}

// stream is one of the program's output streams.
type stream struct {
	to   *output
	name string
}

// Write never fails: the program must not notice what happens to its output.
func (s stream) Write(data []byte) (int, error) {
	s.to.add(s.name, data)
	return len(data), nil
}

func (o *output) add(name string, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.total += int64(len(data))
	if room := o.limit - o.kept; int64(len(data)) > room {
		data = data[:max(room, 0)]
	}
	if len(data) > 0 {
		o.kept += int64(len(data))
		o.append(name, data)
	}
	if o.total > o.limit && !o.truncated {
		o.truncated = true
		o.append(protocol.Note, fmt.Appendf(nil, "[output cut here: more than %d bytes]\n", o.limit))
	}
}

// append numbers the chunk, writes it and wakes readers.
func (o *output) append(name string, data []byte) {
	o.last++
	c := protocol.Chunk{Seq: o.last, Stream: name, At: o.now(), Data: append([]byte(nil), data...)}
	if o.file != nil {
		if line, err := json.Marshal(c); err == nil {
			_, _ = o.file.Write(append(line, '\n')) // a full disk costs the record, not the live view
		}
	}
	o.chunks = append(o.chunks, c)
	o.wake()
}

func (o *output) wake() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// after returns the chunks that follow seq, at most maxAnswer bytes of them,
// and a channel that is closed when there is more.
func (o *output) after(seq uint64) ([]protocol.Chunk, uint64, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bounded(o.chunks, seq), o.last, o.changed
}

// maxAnswer bounds the output in one answer, well below what the bus carries.
const maxAnswer = 256 << 10

// bounded is the run of chunks after seq that fits one answer. Chunks are
// numbered from 1 without gaps.
func bounded(chunks []protocol.Chunk, seq uint64) []protocol.Chunk {
	if seq >= uint64(len(chunks)) {
		return nil
	}
	chunks = chunks[seq:]
	size := 0
	for i, c := range chunks {
		size += len(c.Data)
		if size > maxAnswer && i > 0 {
			return chunks[:i]
		}
	}
	return chunks
}

// finish closes the file; the chunks stay until forgotten.
func (o *output) finish() (last uint64, total int64, truncated bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file != nil {
		_ = o.file.Sync()
		_ = o.file.Close()
		o.file = nil
	}
	o.wake()
	return o.last, o.total, o.truncated
}

// readOutput reads recorded chunks; a line that a crash cut short ends them.
func readOutput(path string) ([]protocol.Chunk, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var chunks []protocol.Chunk
	decoder := json.NewDecoder(bufio.NewReader(io.LimitReader(file, 4*protocol.MaxMaxOutput)))
	for {
		var c protocol.Chunk
		if decoder.Decode(&c) != nil || c.Seq != uint64(len(chunks))+1 {
			return chunks, nil
		}
		chunks = append(chunks, c)
	}
}

// pruneOutput removes the oldest output files once all together exceed the budget.
func pruneOutput(dir string, budget int64) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var total int64
	for i := len(files) - 1; i >= 0; i-- { // names begin with the time: newest last
		info, err := files[i].Info()
		if err != nil || filepath.Ext(files[i].Name()) != outputSuffix {
			continue
		}
		if total += info.Size(); total > budget {
			_ = os.Remove(filepath.Join(dir, files[i].Name()))
		}
	}
	return nil
}
