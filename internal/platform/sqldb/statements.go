package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// maxStatements bounds the prepared statements of one cache. A cache that is
// full drops one it does not use at the moment.
const maxStatements = 512

// statements keeps prepared statements by their text. SQLite spends more on
// preparing a short statement than on running it.
type statements struct {
	prepare func(ctx context.Context, query string) (*sql.Stmt, error)

	mu   sync.Mutex
	byID map[string]*statement
}

type statement struct {
	stmt *sql.Stmt
	uses int
}

func newStatements(prepare func(context.Context, string) (*sql.Stmt, error)) *statements {
	return &statements{prepare: prepare, byID: map[string]*statement{}}
}

// get returns the prepared form of query and a function that gives it back.
func (s *statements) get(ctx context.Context, query string) (*statement, func(), error) {
	s.mu.Lock()
	if st, ok := s.byID[query]; ok {
		st.uses++
		s.mu.Unlock()
		return st, func() { s.put(st) }, nil
	}
	s.mu.Unlock()

	stmt, err := s.prepare(ctx, rewrite(query))
	if err != nil {
		return nil, nil, err
	}
	st := &statement{stmt: stmt, uses: 1}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, raced := s.byID[query]; raced || !s.makeRoom() {
		return st, func() { st.stmt.Close() }, nil
	}
	s.byID[query] = st
	return st, func() { s.put(st) }, nil
}

func (s *statements) put(st *statement) {
	s.mu.Lock()
	st.uses--
	s.mu.Unlock()
}

// makeRoom drops an idle statement when the cache is full. The caller holds mu.
func (s *statements) makeRoom() bool {
	if len(s.byID) < maxStatements {
		return true
	}
	for query, st := range s.byID {
		if st.uses == 0 {
			delete(s.byID, query)
			st.stmt.Close()
			return true
		}
	}
	return false
}

func (s *statements) query(ctx context.Context, query string, args []any) (*Rows, error) {
	st, release, err := s.get(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := st.stmt.QueryContext(ctx, args...)
	if err != nil {
		release()
		return nil, err
	}
	return &Rows{Rows: rows, release: release}, nil
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs error
	for query, st := range s.byID {
		errs = errors.Join(errs, st.stmt.Close())
		delete(s.byID, query)
	}
	return errs
}
