package spool

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	segmentMagic  = "MSSPOOL1"
	segmentHeader = int64(len(segmentMagic))
	segmentSuffix = ".spool"
	frameHeader   = 8 // little-endian uint32 length, uint32 CRC-32C of length and payload
)

var (
	// errTorn says that the bytes end within a frame.
	errTorn = errors.New("spool: frame is cut off")
	// errDamaged says that the bytes are not a frame that was ever written.
	errDamaged = errors.New("spool: frame is damaged")

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// appendFrame adds the frame of payload to dst.
func appendFrame(dst, payload []byte) []byte {
	var header [frameHeader]byte
	binary.LittleEndian.PutUint32(header[:4], uint32(len(payload)))
	binary.LittleEndian.PutUint32(header[4:], checksum(header[:4], payload))
	return append(append(dst, header[:]...), payload...)
}

// nextFrame reads the frame at the start of b: its payload, which aliases b,
// and its whole length.
func nextFrame(b []byte, maxRecord int) (payload []byte, length int, err error) {
	if len(b) < frameHeader {
		return nil, 0, errTorn
	}
	size := binary.LittleEndian.Uint32(b[:4])
	if size == 0 || int64(size) > int64(maxRecord) {
		return nil, 0, errDamaged
	}
	length = frameHeader + int(size)
	if len(b) < length {
		return nil, length, errTorn
	}
	payload = b[frameHeader:length:length]
	if checksum(b[:4], payload) != binary.LittleEndian.Uint32(b[4:8]) {
		return nil, 0, errDamaged
	}
	return payload, length, nil
}

func checksum(length, payload []byte) uint32 {
	return crc32.Update(crc32.Update(0, castagnoli, length), castagnoli, payload)
}

// intactLength returns how many bytes of a segment, header included, are whole
// frames, and how many records they hold. A segment without its header is of length 0.
func intactLength(r io.ReaderAt, size int64, maxRecord int) (length, records int64, err error) {
	header := make([]byte, segmentHeader)
	if _, err := r.ReadAt(header, 0); err != nil || string(header) != segmentMagic {
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, 0, err
		}
		return 0, 0, nil
	}
	length = segmentHeader
	for length < size {
		buffer, err := readFrames(r, length, size, 1<<20, maxRecord)
		if err != nil {
			return 0, 0, err
		}
		start := length
		for {
			_, n, err := nextFrame(buffer, maxRecord)
			if err != nil {
				break
			}
			length, records, buffer = length+int64(n), records+1, buffer[n:]
		}
		if length == start {
			return length, records, nil // what follows is torn or damaged
		}
	}
	return length, records, nil
}

// readFrames reads about want bytes at offset, and at least one whole frame if
// the segment holds one there.
func readFrames(r io.ReaderAt, offset, end int64, want, maxRecord int) ([]byte, error) {
	buffer, err := readRange(r, offset, min(end, offset+int64(max(want, frameHeader))))
	if err != nil {
		return nil, err
	}
	if _, n, err := nextFrame(buffer, maxRecord); errors.Is(err, errTorn) && n > len(buffer) {
		return readRange(r, offset, min(end, offset+int64(n)))
	}
	return buffer, nil
}

func readRange(r io.ReaderAt, from, to int64) ([]byte, error) {
	buffer := make([]byte, to-from)
	n, err := r.ReadAt(buffer, from)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return buffer[:n], err
}

func segmentPath(dir string, id uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", id, segmentSuffix))
}

// segment is one file, and how much of it holds acknowledged frames.
type segment struct {
	id   uint64
	size int64
}

// listSegments finds the segment files of dir in their order.
func listSegments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []segment
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), segmentSuffix)
		if !ok || len(name) != 16 {
			continue
		}
		id, err := strconv.ParseUint(name, 16, 64)
		if err != nil {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		found = append(found, segment{id: id, size: info.Size()})
	}
	slices.SortFunc(found, func(a, b segment) int { return cmp.Compare(a.id, b.id) })
	return found, nil
}
