package logstore

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"mainstay/internal/core"
)

// Query is a question in LogsQL.
type Query struct {
	Expr  string
	Start time.Time // zero: from the oldest record
	End   time.Time // zero: to the newest
	Limit int       // the newest so many; 0 is no limit

	// Only restricts the answer, when it is not nil, to records of these
	// datasets, whatever Expr says. The engine applies it to the query and to
	// every query within it (extra_filters), after it has parsed both: nothing
	// in Expr can take it off. Empty and not nil, there is no answer.
	Only []string
}

// Row is one answer: the fields of a record, or what the query's pipes made of them.
type Row map[string]string

// maxRow is the longest line read from the engine.
const maxRow = 4 << 20

func (q Query) args() url.Values {
	expr := q.Expr
	if expr == "" {
		expr = "*"
	}
	args := url.Values{"query": {expr}}
	if !q.Start.IsZero() {
		args.Set("start", q.Start.UTC().Format(time.RFC3339Nano))
	}
	if !q.End.IsZero() {
		args.Set("end", q.End.UTC().Format(time.RFC3339Nano))
	}
	if q.Limit > 0 {
		args.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Only != nil {
		args.Set("extra_filters", only(q.Only))
	}
	return args
}

// only is a filter in the engine's JSON form. No dataset has the name that is
// asked for when there is none to be asked for.
func only(datasets []string) string {
	names := make([]string, len(datasets), len(datasets)+1)
	for i, name := range datasets {
		if name != Default {
			names[i] = name // records of the default dataset have no field
		}
	}
	if len(names) == 0 {
		names = append(names, "\x00 none")
	}
	text, _ := json.Marshal(map[string][]string{DatasetField: names}) // texts are always written
	return string(text)
}

// Query yields the rows, the newest first when there is a limit and in no order
// otherwise. An error ends it. Records written less than about three seconds
// ago may be missing.
func (s *Store) Query(ctx context.Context, q Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rows := s.stream(ctx, "/select/logsql/query", q.args())
		if q.Limit <= 0 {
			rows(yield)
			return
		}
		var all []Row
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			all = append(all, row)
		}
		slices.SortStableFunc(all, newestFirst)
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// newestFirst compares RFC 3339 times, which the engine writes with as many
// decimals as are needed.
func newestFirst(a, b Row) int {
	at, _ := time.Parse(time.RFC3339Nano, a[TimeField])
	bt, _ := time.Parse(time.RFC3339Nano, b[TimeField])
	return bt.Compare(at)
}

// Tail yields records as they arrive, oldest first, a few seconds late, until
// ctx ends or the caller stops. Only filters are allowed, no aggregating pipes.
// Of the query, Expr and Only count.
func (s *Store) Tail(ctx context.Context, q Query) iter.Seq2[Row, error] {
	args := Query{Expr: q.Expr, Only: q.Only}.args()
	args.Set("offset", "1s") // within which the engine makes records searchable
	return s.stream(ctx, "/select/logsql/tail", args)
}

// post asks the engine.
func (s *Store) post(ctx context.Context, path string, args url.Values) (*http.Response, error) {
	if err := s.wake(ctx); err != nil {
		return nil, err
	}
	return s.client.do(ctx, http.MethodPost, path, args, nil, nil)
}

// stream yields the JSON lines of an answer.
func (s *Store) stream(ctx context.Context, path string, args url.Values) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		resp, err := s.post(ctx, path, args)
		if err != nil {
			yield(nil, err)
			return
		}
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(make([]byte, 64<<10), maxRow)
		for lines.Scan() {
			if len(lines.Bytes()) == 0 {
				continue
			}
			row := Row{}
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				// The engine reports what goes wrong after the first row as text.
				yield(nil, &core.Error{Code: core.CodeUnavailable, Message: "the log store broke off", Cause: err, Details: []core.Detail{{Field: "query", Rule: queryFault(lines.Text())}}})
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil && ctx.Err() == nil {
			yield(nil, &core.Error{Code: core.CodeUnavailable, Message: "the log store broke off", Cause: err})
		}
	}
}

// Bucket is the number of records of one span of time.
type Bucket struct {
	At    time.Time `json:"at"`
	Count int64     `json:"count"`
}

// Series is the buckets of one combination of field values.
type Series struct {
	Fields  map[string]string `json:"fields"`
	Buckets []Bucket          `json:"buckets"`
	Total   int64             `json:"total"`
}

// Hits counts matching records per step, grouped by the given fields (the
// seven most frequent groups, and the rest together).
func (s *Store) Hits(ctx context.Context, q Query, step time.Duration, by ...string) ([]Series, error) {
	if step < time.Millisecond {
		return nil, core.Invalid("step", "must be at least 1ms")
	}
	q.Limit = 0
	args := q.args()
	args.Set("step", strconv.FormatInt(step.Milliseconds(), 10)+"ms")
	for _, field := range by {
		args.Add("field", field)
	}
	args.Set("fields_limit", "7")
	var answer struct {
		Hits []struct {
			Fields     map[string]string
			Timestamps []time.Time
			Values     []int64
			Total      int64
		}
	}
	if err := s.ask(ctx, "/select/logsql/hits", args, &answer); err != nil {
		return nil, err
	}
	out := make([]Series, 0, len(answer.Hits))
	for _, hit := range answer.Hits {
		series := Series{Fields: hit.Fields, Total: hit.Total, Buckets: make([]Bucket, 0, len(hit.Values))}
		for i, at := range hit.Timestamps {
			if i < len(hit.Values) {
				series.Buckets = append(series.Buckets, Bucket{at, hit.Values[i]})
			}
		}
		out = append(out, series)
	}
	return out, nil
}

// Count is a name or value, and how many records have it.
type Count struct {
	Value string `json:"value"`
	Hits  int64  `json:"hits"`
}

// Fields lists the names of the fields that matching records have.
func (s *Store) Fields(ctx context.Context, q Query) ([]Count, error) {
	return s.counts(ctx, "/select/logsql/field_names", q.args())
}

// Values lists the values of one field in matching records, at most q.Limit.
func (s *Store) Values(ctx context.Context, q Query, field string) ([]Count, error) {
	args := q.args()
	args.Set("field", field)
	return s.counts(ctx, "/select/logsql/field_values", args)
}

func (s *Store) counts(ctx context.Context, path string, args url.Values) ([]Count, error) {
	var answer struct{ Values []Count }
	err := s.ask(ctx, path, args, &answer)
	return answer.Values, err
}

// ask decodes one JSON answer.
func (s *Store) ask(ctx context.Context, path string, args url.Values, into any) error {
	resp, err := s.post(ctx, path, args)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<20)).Decode(into); err != nil {
		return &core.Error{Code: core.CodeUnavailable, Message: "the log store broke off", Cause: err}
	}
	return nil
}
