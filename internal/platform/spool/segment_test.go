package spool

import (
	"bytes"
	"testing"
)

// FuzzSegment feeds arbitrary bytes to the reader of segments: it must not
// panic, not read past the end, and agree with itself frame by frame.
func FuzzSegment(f *testing.F) {
	whole := appendFrame(appendFrame([]byte(segmentMagic), []byte("first")), []byte("second"))
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add(append(bytes.Clone(whole), 0, 0, 0, 0, 0, 0, 0, 0))
	f.Add(append(bytes.Clone(whole), 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5))
	f.Add([]byte(segmentMagic[:4]))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		const maxRecord = 1 << 16
		length, records, err := intactLength(bytes.NewReader(content), int64(len(content)), maxRecord)
		if err != nil || length > int64(len(content)) {
			t.Fatalf("length %d of %d: %v", length, len(content), err)
		}
		if length == 0 {
			return
		}
		rest, found := content[segmentHeader:], int64(0)
		for {
			payload, n, err := nextFrame(rest, maxRecord)
			if err != nil {
				break
			}
			if again := appendFrame(nil, payload); !bytes.Equal(again, rest[:n]) {
				t.Fatalf("frame %x is written as %x", rest[:n], again)
			}
			rest, found = rest[n:], found+1
		}
		if found != records || int64(len(content)-len(rest)) != length {
			t.Fatalf("%d records in %d bytes, %d when read one by one", records, length, found)
		}
	})
}
