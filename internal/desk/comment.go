package desk

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Comment is what someone wrote on an incident.
type Comment struct {
	ID     string       `json:"id"`
	At     time.Time    `json:"at"`
	Author ledger.Actor `json:"author"`
	Public bool         `json:"public" doc:"The requester sees it too"`
	Body   string       `json:"body" doc:"Markdown, as it was written"`
	HTML   string       `json:"html" doc:"The body as HTML that is safe to show"`
}

func (s store) addComment(ctx context.Context, tx *sqldb.Tx, incident string, c Comment) error {
	_, err := tx.Exec(ctx, "INSERT INTO desk_comment (id, incident, at, author_kind, author, author_name, public, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		c.ID, incident, core.Micros(c.At), c.Author.Kind, c.Author.ID, c.Author.Name, c.Public, c.Body)
	return err
}

// comments returns them in the order they were written.
func (s store) comments(ctx context.Context, q sqldb.Querier, incident string, publicOnly bool) ([]Comment, error) {
	where := "incident = $1"
	if publicOnly {
		where += " AND public"
	}
	rows, err := q.Query(ctx, "SELECT id, at, author_kind, author, author_name, public, body FROM desk_comment WHERE "+where+" ORDER BY id", incident)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (c Comment, err error) {
		var at int64
		err = r.Scan(&c.ID, &at, &c.Author.Kind, &c.Author.ID, &c.Author.Name, &c.Public, &c.Body)
		c.At = core.FromMicros(at)
		return c, err
	})
}
