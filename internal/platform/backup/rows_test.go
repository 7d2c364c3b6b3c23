package backup_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"mainstay/internal/platform/sqldb"
)

// rows returns every row of every table as text, sorted.
func rows(t *testing.T, db *sqldb.DB) []string {
	t.Helper()
	var all []string
	for _, table := range column(t, db, map[sqldb.Dialect]string{
		sqldb.SQLite:     `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
		sqldb.PostgreSQL: `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`,
	}) {
		found, err := db.Query(context.Background(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		names, err := found.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for found.Next() {
			values := make([]any, len(names))
			to := make([]any, len(names))
			for i := range values {
				to[i] = &values[i]
			}
			if err := found.Scan(to...); err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprintf("%s %v %#v", table, names, values))
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		found.Close()
	}
	slices.Sort(all)
	return all
}

// shape returns columns, constraints and indexes as text, sorted.
func shape(t *testing.T, db *sqldb.DB) []string {
	t.Helper()
	return column(t, db, map[sqldb.Dialect]string{
		sqldb.SQLite: `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master`,
		sqldb.PostgreSQL: `SELECT concat_ws(' ', table_name, column_name, ordinal_position, column_default, is_nullable, data_type, collation_name,
				is_identity, identity_generation, is_generated, generation_expression)
			FROM information_schema.columns WHERE table_schema = current_schema()
			UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
			UNION ALL SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = current_schema()
			UNION ALL SELECT concat_ws(' ', sequencename, data_type, last_value) FROM pg_sequences WHERE schemaname = current_schema()`,
	})
}

func column(t *testing.T, db *sqldb.DB, query map[sqldb.Dialect]string) []string {
	t.Helper()
	found, err := db.Query(context.Background(), query[db.Dialect()])
	all, err := sqldb.Collect(found, err, func(r *sqldb.Rows) (s string, err error) { err = r.Scan(&s); return s, err })
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func compare(t *testing.T, before, after []string) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%d before, %d after", len(before), len(after))
	}
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			t.Fatalf("before: %s\nafter:  %s", before[i], after[i])
		}
	}
}
