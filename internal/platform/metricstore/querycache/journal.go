package querycache

import (
	"hash/maphash"
	"math"
	"slices"
	"sync"
)

const (
	// shards is into how many parts metrics are divided by their names: a late
	// sample costs the answers about metrics of its own part.
	shards = 256
	// grain joins notes of nearly the same time, in milliseconds.
	grain = 1000
	// maxNotes bounds the notes of one log; the oldest are then joined.
	maxNotes = 4096
)

// Journal knows which times were written to since a moment. It is safe for
// concurrent use.
type Journal struct {
	seed maphash.Seed
	mu   sync.Mutex
	seq  uint64
	all  notes
	late [shards]notes
}

// NewJournal is empty.
func NewJournal() *Journal { return &Journal{seed: maphash.MakeSeed()} }

// Seq is the number of the newest note.
func (j *Journal) Seq() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seq
}

// Shard is the part that a metric is in.
func (j *Journal) Shard(metric string) uint8 {
	return uint8(maphash.String(j.seed, metric) % shards)
}

// Note records one commit: the oldest time of any metric's samples and, by
// part, that of samples that came late. math.MaxInt64 is none.
func (j *Journal) Note(oldest int64, late map[uint8]int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	if oldest != math.MaxInt64 {
		j.all.add(j.seq, oldest)
	}
	for shard, t := range late {
		j.late[shard].add(j.seq, t)
	}
}

// Since is the oldest time that was written to after the note seq, for the
// named metrics, or for all when there are none; math.MaxInt64 when none was.
func (j *Journal) Since(seq uint64, metrics []string) int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	oldest := j.all.since(seq)
	if len(metrics) == 0 {
		for i := range j.late {
			oldest = min(oldest, j.late[i].since(seq))
		}
		return oldest
	}
	for _, m := range metrics {
		oldest = min(oldest, j.late[j.Shard(m)].since(seq))
	}
	return oldest
}

type note struct {
	seq    uint64
	oldest int64
}

// notes are suffix minima: both numbers rise, and the first note after a number
// holds the oldest time of all that came after it.
type notes []note

func (n *notes) add(seq uint64, t int64) {
	list := *n
	for len(list) > 0 && list[len(list)-1].oldest >= t {
		list = list[:len(list)-1]
	}
	if k := len(list); k > 0 && t-list[k-1].oldest < grain {
		list[k-1].seq = seq
		*n = list
		return
	}
	if len(list) >= maxNotes {
		// Join pairs: of each, the later number and the earlier time, which
		// can only call an answer old that is not.
		joined := list[:0]
		for i := 0; i+1 < len(list); i += 2 {
			joined = append(joined, note{list[i+1].seq, list[i].oldest})
		}
		list = joined
	}
	*n = append(list, note{seq, t})
}

func (n notes) since(seq uint64) int64 {
	i, _ := slices.BinarySearchFunc(n, seq+1, func(a note, want uint64) int {
		switch {
		case a.seq < want:
			return -1
		case a.seq > want:
			return 1
		}
		return 0
	})
	if i == len(n) {
		return math.MaxInt64
	}
	return n[i].oldest
}
