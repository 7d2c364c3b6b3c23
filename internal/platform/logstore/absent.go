package logstore

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"mainstay/internal/core"
)

const (
	rangesMost   = 32                               // spans of time that one question names
	rangeGap     = time.Second                      // records that are closer are in one span
	appsMost     = 64                               // programs that one question names
	visibleAfter = 3 * time.Second                  // within which an engine that cannot be told to shows what it took
	precise      = "2006-01-02T15:04:05.000000000Z" // the engine takes it literally
)

// absent returns the lines of body that the engine does not have. It asks for
// the records of the lines' times and compares whole records, so that nothing
// of ours has to be stored with them. Of lines that are the same in everything
// as many are returned as the engine has too few.
//
// The engine writes records and the names of streams apart: one that died may
// have kept records of a new stream and not its name, and shows such records to
// nobody. One line of each such stream is returned although the engine has it,
// which names the stream again.
func (w *sender) absent(ctx context.Context, body []byte) ([]byte, error) {
	lines := readLines(body)
	if len(lines.held) == 0 {
		return body, nil
	}
	if err := w.show(ctx); err != nil {
		return nil, err
	}
	where, found := lines.filter(), false
	err := w.rows(ctx, where+" | fields "+lines.fieldList(), func(row *fastjson.Object) {
		r := lines.read(row)
		if h := lines.held[r.print]; h != nil && r.ok {
			h.n++
			found = true
		}
	})
	if err != nil {
		return nil, err
	}
	named := map[uint64]bool{}
	if found {
		by := strings.Join([]string{ItemField, AppField, DatasetField, StreamField, TimeField + ":1d"}, ", ")
		err := w.rows(ctx, where+" | stats by ("+by+") count() n", func(row *fastjson.Object) { named[lines.read(row).stream] = true })
		if err != nil {
			return nil, err
		}
	}
	return lines.rest(named), nil
}

// holding is how many of a record the engine has, and how many lines were
// compared with them.
type holding struct{ n, seen int }

// rest is what has to be sent; named are the streams whose names the engine has.
func (l *lines) rest(named map[uint64]bool) []byte {
	var out []byte
	chosen := map[uint64]int{} // of each stream, the line that would name it again
	for i, line := range l.all {
		h := l.held[line.print]
		if !line.ok || h.seen >= h.n {
			out = append(out, line.text...)
			named[line.stream] = true // it does
			continue
		}
		h.seen++
		// The one of which there are the fewest: no line is there three times for it
		// as long as another is there once.
		if best, ok := chosen[line.stream]; !ok || h.n < l.held[l.all[best].print].n {
			chosen[line.stream] = i
		}
	}
	for stream, i := range chosen {
		if !named[stream] {
			out = append(out, l.all[i].text...)
		}
	}
	return out
}

// show has the engine make searchable what it took.
func (w *sender) show(ctx context.Context) error {
	ask, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	resp, err := w.client.do(ask, http.MethodPost, "/internal/force_flush", nil, nil, nil)
	if err == nil {
		return resp.Body.Close()
	}
	if w.supervisor != nil {
		return err
	}
	timer := w.deps.Clock.NewTimer(visibleAfter)
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rows gives each row of an answer to take.
func (w *sender) rows(ctx context.Context, expr string, take func(*fastjson.Object)) error {
	ask, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	resp, err := w.client.do(ask, http.MethodPost, "/select/logsql/query", url.Values{"query": {expr}}, nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	in := bufio.NewScanner(resp.Body)
	in.Buffer(make([]byte, 64<<10), maxRow)
	var parser fastjson.Parser
	for in.Scan() {
		if len(in.Bytes()) == 0 {
			continue
		}
		value, err := parser.ParseBytes(in.Bytes())
		if err != nil || value.Type() != fastjson.TypeObject {
			return &core.Error{Code: core.CodeUnavailable, Message: "the log store broke off", Cause: fmt.Errorf("%s", clip(in.Text(), 500))}
		}
		take(value.GetObject())
	}
	return in.Err()
}

// lines are records in the engine's format, ready to be compared with what the
// engine answers.
type lines struct {
	all   []line
	held  map[uint64]*holding // by fingerprint
	seed  maphash.Seed
	names map[string]*name
	apps  map[string]struct{}
	count int // of records read: tells a name's uses in one record from those in others
}

// line is one record, of ours or of the engine's.
type line struct {
	text   []byte
	ok     bool   // it could be read
	at     int64  // nanoseconds
	print  uint64 // the same for records that are the same
	stream uint64 // the same for records of one stream and day (UTC): the engine names streams anew each day
}

// name is a field's. A record may use one twice, and the engine keeps one of its
// values: such a field counts as being there, whatever it holds.
type name struct {
	last     int
	repeated bool
}

func readLines(body []byte) *lines {
	l := &lines{held: map[uint64]*holding{}, seed: maphash.MakeSeed(), names: map[string]*name{}, apps: map[string]struct{}{}}
	var parser fastjson.Parser
	for text := range bytes.Lines(body) {
		l.all = append(l.all, line{text: text})
		if value, err := parser.ParseBytes(text); err == nil && value.Type() == fastjson.TypeObject {
			l.learn(value.GetObject())
		}
	}
	for i := range l.all {
		if value, err := parser.ParseBytes(l.all[i].text); err == nil && value.Type() == fastjson.TypeObject {
			text := l.all[i].text
			l.all[i] = l.read(value.GetObject())
			l.all[i].text = text
			l.held[l.all[i].print] = &holding{}
		}
	}
	return l
}

// learn notes a record's names, and what can narrow a question.
func (l *lines) learn(object *fastjson.Object) {
	l.count++
	app := ""
	object.Visit(func(key []byte, v *fastjson.Value) {
		known := l.names[string(key)]
		if known == nil {
			known = &name{}
			l.names[string(key)] = known
		}
		known.repeated = known.repeated || known.last == l.count
		known.last = l.count
		if string(key) == AppField {
			app = string(v.GetStringBytes())
		}
	})
	if len(l.apps) <= appsMost {
		l.apps[app] = struct{}{}
	}
}

// read takes a record's time and fingerprint: a sum over its fields, whose
// order says nothing.
func (l *lines) read(object *fastjson.Object) (out line) {
	l.count++
	var sum, stream uint64
	object.Visit(func(key []byte, v *fastjson.Value) {
		value := v.GetStringBytes()
		switch string(key) {
		case TimeField:
			at, err := time.Parse(time.RFC3339Nano, string(value))
			out.at, out.ok = at.UnixNano(), err == nil
			return
		case StreamField:
			return
		}
		if len(value) == 0 || wild(key) {
			return // the engine does not tell it from none, or cannot be asked for it
		}
		var h maphash.Hash
		h.SetSeed(l.seed)
		_, _ = h.Write(key)
		_ = h.WriteByte(0)
		if known := l.names[string(key)]; known != nil && known.repeated {
			if known.last == l.count {
				return
			}
			known.last = l.count
		} else {
			_, _ = h.Write(value)
		}
		sum += h.Sum64()
		switch string(key) {
		case ItemField, AppField, DatasetField:
			stream += h.Sum64()
		}
	})
	out.print = sum + maphash.Comparable(l.seed, out.at)
	out.stream = stream + maphash.Comparable(l.seed, out.at/int64(24*time.Hour))
	return out
}

// fieldList names what there is to compare. The stream's name is not part of
// it: the engine would leave out records whose stream has none.
func (l *lines) fieldList() string {
	list := make([]string, 0, len(l.names)+1)
	list = append(list, TimeField)
	for n := range l.names {
		if n != TimeField && !wild(n) {
			list = append(list, strconv.Quote(n))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}

// wild says that the engine takes the name for more than one, though quoted.
func wild[T []byte | string](name T) bool { return len(name) > 0 && name[len(name)-1] == '*' }

// filter matches records of the lines' times, and as few others as can be said
// in a few words.
func (l *lines) filter() string {
	times := make([]int64, 0, len(l.all))
	for _, line := range l.all {
		if line.ok {
			times = append(times, line.at)
		}
	}
	slices.Sort(times)
	var gaps []int64
	for i := 1; i < len(times); i++ {
		if gap := times[i] - times[i-1]; gap > int64(rangeGap) {
			gaps = append(gaps, gap)
		}
	}
	slices.SortFunc(gaps, func(a, b int64) int { return cmp.Compare(b, a) })
	apart := int64(rangeGap)
	if len(gaps) >= rangesMost {
		apart = gaps[rangesMost-1]
	}
	var spans []string
	for first, i := 0, 1; i <= len(times); i++ {
		if i == len(times) || times[i]-times[i-1] > apart {
			spans = append(spans, "_time:["+time.Unix(0, times[first]).UTC().Format(precise)+","+time.Unix(0, times[i-1]).UTC().Format(precise)+"]")
			first = i
		}
	}
	text := "(" + strings.Join(spans, " or ") + ")"
	if len(l.apps) <= appsMost {
		quoted := make([]string, 0, len(l.apps))
		for app := range l.apps {
			quoted = append(quoted, strconv.Quote(app))
		}
		slices.Sort(quoted)
		text += " " + AppField + ":in(" + strings.Join(quoted, ",") + ")"
	}
	return text
}
