package reportmail

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables; migrate them under the name "reportmail".
func Migrations() fs.FS { return migrations }

// entry is a stored ReportMail.
type entry struct {
	id, name  string
	spec      Spec
	due, sent time.Time
	problem   string
}

func (c *Component) entries(ctx context.Context, q sqldb.Querier) ([]*entry, error) {
	rows, err := q.Query(ctx, "SELECT id, name, spec, due_at, sent_at, problem FROM reportmail_mail ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*entry, error) {
		var e entry
		var spec string
		var due, sent int64
		if err := r.Scan(&e.id, &e.name, &spec, &due, &sent, &e.problem); err != nil {
			return nil, err
		}
		e.due, e.sent = core.FromMicros(due), core.FromMicros(sent)
		return &e, json.Unmarshal([]byte(spec), &e.spec)
	})
}

func (c *Component) named(ctx context.Context, q sqldb.Querier, name string) (*entry, error) {
	list, err := c.entries(ctx, q)
	for _, e := range list {
		if e.name == name {
			return e, nil
		}
	}
	return nil, err
}
