package index

// visitor is the reusable memory of one walk: which nodes were seen, and from
// where. Marks carry the number of the walk, so that nothing is cleared between
// walks. A few are kept: to make and clear one for a million items takes longer
// than most walks, and a sync.Pool forgets them with every collection of garbage.
type visitor struct {
	walk  uint32
	marks []uint32
	queue []step
}

// step is one reached node of a breadth-first walk.
type step struct {
	node     uint32
	via      uint32 // position in the queue of the step that led here
	distance uint16
	kind     uint8
}

func (x *Index) visit() *visitor {
	var v *visitor
	select {
	case v = <-x.visitors:
	default:
		v = new(visitor)
	}
	if len(v.marks) < len(x.keys) {
		v.marks, v.walk = make([]uint32, len(x.keys)+len(x.keys)/8), 0
	}
	v.walk++
	if v.walk == 0 { // after 4 billion walks the marks of the first would look fresh
		clear(v.marks)
		v.walk = 1
	}
	v.queue = v.queue[:0]
	return v
}

func (x *Index) release(v *visitor) {
	select {
	case x.visitors <- v:
	default:
	}
}

// push queues a node unless it was seen.
func (v *visitor) push(s step) bool {
	if v.marks[s.node] == v.walk {
		return false
	}
	v.marks[s.node] = v.walk
	v.queue = append(v.queue, s)
	return true
}

func (v *visitor) seen(n uint32) bool { return v.marks[n] == v.walk }
