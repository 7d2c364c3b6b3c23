package buffer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"mainstay/internal/platform/agents/protocol"
)

// A segment is a file of frames, named by the sequence number of its first
// record in hexadecimal. A frame is
//
//	length of the body  uint32, little endian
//	CRC-32C of the body uint32
//	body: time in microseconds int64, length of kind uint8, kind, gzip of the data
type segment struct {
	path  string
	first uint64
	count uint64
	size  int64
	at    time.Time // of the first record
}

const (
	suffix      = ".segment"
	frameHeader = 8
	bodyHeader  = 9
	maxFrame    = 32 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func segmentPath(dir string, first uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", first, suffix))
}

func parseSegmentName(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok || len(digits) != 16 {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 16, 64)
	return first, err == nil && first > 0
}

// encoder builds frames. It keeps its compressor, which is most of a megabyte.
type encoder struct {
	mu   sync.Mutex
	gzip *gzip.Writer
}

func newEncoder() *encoder {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one of gzip's
	}
	return &encoder{gzip: w}
}

// frame builds one frame.
func (e *encoder) frame(at time.Time, kind string, data []byte) ([]byte, error) {
	if len(kind) > 255 {
		return nil, errors.New("the kind of a record must be short")
	}
	var out bytes.Buffer
	out.Write(make([]byte, frameHeader))
	var head [bodyHeader]byte
	binary.LittleEndian.PutUint64(head[:8], uint64(at.UnixMicro()))
	head[8] = byte(len(kind))
	out.Write(head[:])
	out.WriteString(kind)
	if err := e.compress(&out, data); err != nil {
		return nil, err
	}
	frame := out.Bytes()
	body := frame[frameHeader:]
	if len(body) > maxFrame {
		return nil, fmt.Errorf("a record of %d bytes is too large", len(body))
	}
	binary.LittleEndian.PutUint32(frame[:4], uint32(len(body)))
	binary.LittleEndian.PutUint32(frame[4:8], crc32.Checksum(body, castagnoli))
	return frame, nil
}

func (e *encoder) compress(out io.Writer, data []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gzip.Reset(out)
	if _, err := e.gzip.Write(data); err != nil {
		return err
	}
	return e.gzip.Close()
}

var errDamaged = errors.New("damaged frame")

// readBody reads one frame and checks it; io.EOF at a clean end.
func readBody(r io.Reader) ([]byte, error) {
	var head [frameHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, errDamaged
	}
	length := binary.LittleEndian.Uint32(head[:4])
	if length < bodyHeader || length > maxFrame {
		return nil, errDamaged
	}
	var body bytes.Buffer // grows with what is there, not with what the length claims
	if n, err := io.CopyN(&body, r, int64(length)); err != nil || n != int64(length) {
		return nil, errDamaged
	}
	if crc32.Checksum(body.Bytes(), castagnoli) != binary.LittleEndian.Uint32(head[4:8]) {
		return nil, errDamaged
	}
	if int(body.Bytes()[8])+bodyHeader > body.Len() {
		return nil, errDamaged
	}
	return body.Bytes(), nil
}

func bodyTime(body []byte) time.Time {
	return time.UnixMicro(int64(binary.LittleEndian.Uint64(body[:8]))).UTC()
}

// decodeBody unpacks a checked body.
func decodeBody(body []byte) (kind string, data []byte, err error) {
	kindEnd := bodyHeader + int(body[8])
	r, err := gzip.NewReader(bytes.NewReader(body[kindEnd:]))
	if err != nil {
		return "", nil, errDamaged
	}
	data, err = io.ReadAll(io.LimitReader(r, 4*maxFrame))
	if err != nil {
		return "", nil, errDamaged
	}
	return string(body[bodyHeader:kindEnd]), data, nil
}

// scan measures a segment and cuts off a damaged end. It says whether there was one.
func scan(path string, first uint64) (s segment, damaged bool, err error) {
	s = segment{path: path, first: first}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return s, false, err
	}
	defer file.Close()
	r := bufio.NewReader(file)
	for {
		body, err := readBody(r)
		if errors.Is(err, io.EOF) {
			return s, false, nil
		}
		if err != nil {
			return s, true, file.Truncate(s.size)
		}
		if s.count == 0 {
			s.at = bodyTime(body)
		}
		s.count++
		s.size += frameHeader + int64(len(body))
	}
}

// records reads from the segment, skipping what precedes seq, up to about
// budget bytes of data.
func (s segment) records(seq uint64, budget int) ([]protocol.Record, error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 64<<10)
	var out []protocol.Record
	for n := s.first; n < s.first+s.count; n++ {
		body, err := readBody(r)
		if err != nil {
			return out, err
		}
		if n < seq {
			continue
		}
		kind, data, err := decodeBody(body)
		if err != nil {
			return out, err
		}
		if budget -= len(data); budget < 0 && len(out) > 0 {
			return out, nil
		}
		out = append(out, protocol.Record{Seq: n, Kind: kind, Data: data})
	}
	return out, nil
}
