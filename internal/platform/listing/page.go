package listing

import (
	"context"
	"slices"

	"mainstay/internal/platform/sqldb"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
	Total *Total `json:"total,omitempty" doc:"How many rows all pages hold; on the first page"`
}

// Total is a bounded count.
type Total struct {
	Count  int  `json:"count"`
	Capped bool `json:"capped,omitempty" doc:"There are more than count"`
}

// Read runs the statement and makes the page. scan reads one row by calling
// its argument with the destinations of the base's columns.
func Read[T any](ctx context.Context, q sqldb.Querier, p Params, st Statement, scan func(dest func(...any) error) (T, error)) (Page[T], error) {
	page := Page[T]{Items: []T{}}
	rows, err := q.Query(ctx, st.SQL, st.Args...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	keys := make([]any, len(st.sorted))
	var last []any
	for rows.Next() {
		if len(page.Items) == st.Limit {
			page.Next = encodeCursor(last)
			break
		}
		v, err := scan(func(dest ...any) error {
			for i := range keys {
				dest = append(dest, &keys[i])
			}
			return rows.Scan(dest...)
		})
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, v)
		last = slices.Clone(keys)
	}
	if err := rows.Err(); err != nil {
		return page, err
	}
	rows.Close()
	if p.Cursor == "" {
		page.Total = &Total{Count: len(page.Items)}
		switch {
		case page.Next == "":
		case st.Known != nil:
			page.Total.Count = max(*st.Known, len(page.Items)+1)
		default:
			if err := q.QueryRow(ctx, st.CountSQL, st.countArgs...).Scan(&page.Total.Count); err != nil {
				return page, err
			}
		}
		if page.Total.Count > CountCap {
			page.Total.Count, page.Total.Capped = CountCap, true
		}
	}
	return page, nil
}

func sortedStrings(s []string) []string {
	slices.Sort(s)
	return s
}
