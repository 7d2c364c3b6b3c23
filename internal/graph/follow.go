package graph

import (
	"context"
	"time"

	"mainstay/internal/graph/classes"
	"mainstay/internal/graph/index"
	"mainstay/internal/platform/sqldb"
)

// followEvery is how often the store is asked whether another replica changed the graph.
const followEvery = time.Second

// committed brings a committed change into memory.
func (c *Component) committed(ch *change) {
	c.following.Lock()
	if ch.redefined && ch.catalogue != c.Catalogue() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.loadDefinitions(ctx, c.db); err != nil {
			c.log.Error("definitions were changed but cannot be read", "error", err)
		}
	}
	if ch.version == c.version+1 {
		c.index.Apply(ch.delta)
		c.resolver.forget(ch.touched, ch.redirects, ch.restated)
		c.version, c.upTo = ch.version, ch.at
		c.following.Unlock()
		return
	}
	c.following.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := c.follow(ctx); err != nil {
		c.log.Error("the index could not follow the store; it tries again", "error", err)
	}
}

func (c *Component) keepFollowing(ctx context.Context) {
	if c.db.Dialect() == sqldb.SQLite {
		return // the file belongs to this process: every change passes committed
	}
	timer := c.clock.NewTimer(followEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			if err := c.follow(ctx); err != nil && ctx.Err() == nil {
				c.log.Warn("the index could not follow the store; it tries again", "error", err)
			}
			timer.Reset(followEvery)
		}
	}
}

// follow reads what the index has not seen yet, in the order of versions.
func (c *Component) follow(ctx context.Context) error {
	c.following.Lock()
	defer c.following.Unlock()
	var version, defined, at int64
	if err := c.db.QueryRow(ctx, "SELECT version, definitions, at FROM graph_version WHERE id = 1").Scan(&version, &defined, &at); err != nil {
		return err
	}
	if defined != c.definitions.Load().version {
		if err := c.loadDefinitions(ctx, c.db); err != nil {
			return err
		}
	}
	if version <= c.version {
		return nil
	}
	feed := &feed{c: c, catalogue: c.Catalogue(), redirects: map[string]string{}}
	if err := feed.items(ctx, c.upTo, at); err != nil {
		return err
	}
	if err := feed.relations(ctx, c.version, version); err != nil {
		return err
	}
	feed.flush()
	c.resolver.forgetAll(feed.redirects)
	c.version, c.upTo = version, at
	return nil
}

// feed carries rows of the store into the index in bounded parts.
type feed struct {
	c         *Component
	catalogue *classes.Catalogue
	delta     index.Delta
	redirects map[string]string
}

const feedSize = 20_000

func (f *feed) flush() {
	f.c.index.Apply(f.delta)
	f.delta = index.Delta{}
}

// items brings what changed after one moment and up to another.
func (f *feed) items(ctx context.Context, after, upTo int64) error {
	rows, err := f.c.db.Query(ctx, "SELECT id, class, state, criticality, redundancy, survivor FROM graph_item WHERE updated_at > $1 AND updated_at <= $2 ORDER BY updated_at", after, upTo)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, class, state, redundancy, survivor string
		var criticality int64
		if err := rows.Scan(&id, &class, &state, &criticality, &redundancy, &survivor); err != nil {
			return err
		}
		f.redirects[id] = survivor
		if survivor == "" {
			delete(f.redirects, id)
		}
		f.delta.Items = append(f.delta.Items, f.c.indexed(f.catalogue, id, class, state, criticality, redundancy))
		if len(f.delta.Items) >= feedSize {
			f.flush()
		}
	}
	return rows.Err()
}

func (f *feed) relations(ctx context.Context, after, upTo int64) error {
	query := "SELECT from_item, type, to_item, grp, valid_to FROM graph_relation WHERE version > $1 AND version <= $2"
	if after == 0 {
		query += " AND valid_to = $3" // the first load needs no past
	} else {
		query += " AND valid_to <= $3 ORDER BY version, valid_from"
	}
	rows, err := f.c.db.Query(ctx, query, after, upTo, forever)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r index.Relation
		var kind string
		var until int64
		if err := rows.Scan(&r.From, &kind, &r.To, &r.Group, &until); err != nil {
			return err
		}
		r.Type, r.Removed = f.c.numbers.ofRelation(kind), until != forever
		f.delta.Relations = append(f.delta.Relations, r)
		if len(f.delta.Relations) >= feedSize {
			f.flush()
		}
	}
	return rows.Err()
}
