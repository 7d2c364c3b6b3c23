package index

import (
	"slices"
	"sync"
)

// Flags describe an item to the algorithms.
type Flags uint8

// The flags of an item.
const (
	// BusinessFacing items are what people notice: business services, applications.
	BusinessFacing Flags = 1 << iota
	// Gone items are deleted, merged or retired: no path leads through them.
	Gone
)

// Item is what the index knows of an item.
type Item struct {
	ID          string
	Class       uint16 // a number the owner gives to the class
	Flags       Flags
	Criticality uint8          // 0 unknown, 1 low ... 4 critical
	Needs       map[string]int // how many members of each redundancy group it needs
}

// Relation is one directed relation.
type Relation struct {
	From, To string
	Type     uint8  // a number below 128 that the owner gives to the type
	Group    string // redundancy group among the dependencies of the dependent end
	Removed  bool   // the relation ended
}

// Kind says how failures travel along a relation type.
type Kind struct {
	SourceNeedsTarget bool
	TargetNeedsSource bool
}

// Delta is a set of changes that become visible together.
type Delta struct {
	Items     []Item // new or changed
	Relations []Relation
}

// edge is one end of a relation seen from the other.
type edge struct {
	node uint32
	kind uint8 // type number; the top bit marks a redundancy group
}

const grouped = 0x80

// Index is the graph in memory. See the package comment.
type Index struct {
	writer sync.Mutex // one Apply or compaction at a time
	mu     sync.RWMutex

	numbers map[key]uint32
	keys    []key
	class   []uint16
	flags   []Flags
	weight  []uint8
	kinds   [128]Kind

	out, in  adjacency // by source, by target
	needs    map[uint32]map[string]int
	groups   map[relationKey]string // groups of grouped relations
	visitors chan *visitor
}

type relationKey struct {
	from, to uint32
	kind     uint8
}

// New returns an empty index. kinds says how failures travel along each type
// number; SetKinds changes it.
func New(kinds []Kind) *Index {
	x := &Index{
		numbers: map[key]uint32{}, needs: map[uint32]map[string]int{}, groups: map[relationKey]string{},
		out: newAdjacency(), in: newAdjacency(), visitors: make(chan *visitor, 4),
	}
	copy(x.kinds[:], kinds)
	return x
}

// SetKinds replaces what is known of relation types.
func (x *Index) SetKinds(kinds []Kind) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.kinds = [128]Kind{}
	copy(x.kinds[:], kinds)
}

// SetFacing says anew, by class number, which classes the business sees.
func (x *Index) SetFacing(facing []bool) {
	x.writer.Lock()
	defer x.writer.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	for n, class := range x.class {
		x.flags[n] &^= BusinessFacing
		if int(class) < len(facing) && facing[class] {
			x.flags[n] |= BusinessFacing
		}
	}
}

// compactAt is how many changed relations the overlay holds before new arrays are built.
const compactAt = 50_000

// Apply makes the changes of a delta visible at once. Relations to items the
// index does not know are kept: the item may arrive with a later delta.
func (x *Index) Apply(d Delta) {
	x.writer.Lock()
	defer x.writer.Unlock()
	x.mu.Lock()
	for _, item := range d.Items {
		x.put(item)
	}
	for _, r := range d.Relations {
		x.relate(r)
	}
	full := x.out.changed > compactAt+len(x.out.targets)/8
	x.mu.Unlock()
	if full {
		x.compact()
	}
}

// Compact rebuilds the arrays, for example after the first load.
func (x *Index) Compact() {
	x.writer.Lock()
	defer x.writer.Unlock()
	x.compact()
}

// compact builds the new arrays beside the readers: only writers wait.
func (x *Index) compact() {
	x.mu.RLock()
	out, in := x.out.rebuilt(len(x.keys)), x.in.rebuilt(len(x.keys))
	x.mu.RUnlock()
	x.mu.Lock()
	x.out, x.in = out, in
	x.keys, x.class, x.flags, x.weight = slices.Clip(x.keys), slices.Clip(x.class), slices.Clip(x.flags), slices.Clip(x.weight)
	x.mu.Unlock()
}

func (x *Index) put(item Item) {
	n, ok := x.number(item.ID)
	if !ok {
		return
	}
	x.class[n], x.flags[n], x.weight[n] = item.Class, item.Flags, item.Criticality
	delete(x.needs, n)
	if len(item.Needs) > 0 {
		x.needs[n] = item.Needs
	}
}

// number finds or makes the number of an item.
func (x *Index) number(id string) (uint32, bool) {
	k, ok := pack(id)
	if !ok {
		return 0, false
	}
	n, ok := x.numbers[k]
	if !ok {
		n = uint32(len(x.keys))
		x.numbers[k] = n
		x.keys = append(x.keys, k)
		x.class = append(x.class, 0)
		x.flags = append(x.flags, Gone) // until put says otherwise
		x.weight = append(x.weight, 0)
	}
	return n, true
}

func (x *Index) relate(r Relation) {
	from, okFrom := x.number(r.From)
	to, okTo := x.number(r.To)
	if !okFrom || !okTo || r.Type >= grouped {
		return
	}
	k := relationKey{from, to, r.Type}
	x.remove(k)
	if r.Removed {
		return
	}
	kind := r.Type
	if r.Group != "" {
		kind |= grouped
		x.groups[k] = r.Group
	}
	x.out.add(from, edge{to, kind})
	x.in.add(to, edge{from, kind})
}

// remove takes a relation away, whether it was grouped or not.
func (x *Index) remove(k relationKey) {
	for _, kind := range [...]uint8{k.kind, k.kind | grouped} {
		if x.out.remove(k.from, edge{k.to, kind}) {
			x.in.remove(k.to, edge{k.from, kind})
		}
	}
	delete(x.groups, k)
}

// Size returns how many items and relations the index holds.
func (x *Index) Size() (items, relations int) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.keys), x.out.len()
}

// Has says whether the item exists and is not gone.
func (x *Index) Has(id string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n, ok := x.find(id)
	return ok && x.flags[n]&Gone == 0
}

func (x *Index) find(id string) (uint32, bool) {
	k, ok := pack(id)
	if !ok {
		return 0, false
	}
	n, ok := x.numbers[k]
	return n, ok
}
