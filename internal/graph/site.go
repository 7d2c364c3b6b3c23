package graph

import (
	"context"
	"slices"

	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/sqldb"
)

// Site is a place and the items that are at it.
type Site struct {
	Name  string
	Item  string // the site as an item, if there is one
	Items []string
}

// siteClass is the class of items that are sites.
const siteClass = "site"

// sitesMost bounds the items that are read with their sites.
const sitesMost = 500_000

// Sites lists the sites that items name, or that are items themselves, each
// with what is there: what names it, and what is located in it.
func (c *Component) Sites(ctx context.Context) ([]Site, error) {
	found := map[string]*Site{}
	site := func(name string) *Site {
		if found[name] == nil {
			found[name] = &Site{Name: name}
		}
		return found[name]
	}
	rows, err := c.db.Query(ctx, "SELECT site, id FROM graph_item WHERE site <> '' AND state IN ('active', 'missing') ORDER BY id LIMIT $1", sitesMost)
	if err != nil {
		return nil, err
	}
	type place struct{ site, item string }
	scan := func(r *sqldb.Rows) (p place, err error) { return p, r.Scan(&p.site, &p.item) }
	at, err := sqldb.Collect(rows, nil, scan)
	if err != nil {
		return nil, err
	}
	for _, p := range at {
		s := site(p.site)
		s.Items = append(s.Items, p.item)
	}
	if class, ok := c.Catalogue().Class(siteClass); ok {
		if err := c.siteItems(ctx, class, site); err != nil {
			return nil, err
		}
	}
	out := make([]Site, 0, len(found))
	for _, s := range found {
		slices.Sort(s.Items)
		s.Items = slices.DeleteFunc(slices.Compact(s.Items), func(id string) bool { return id == s.Item })
		out = append(out, *s)
	}
	return out, nil
}

// siteItems adds the items that are sites, with what is located in them.
func (c *Component) siteItems(ctx context.Context, class *classes.Resolved, site func(string) *Site) error {
	args := make([]any, len(class.Descendants))
	for i, name := range class.Descendants {
		args[i] = name
	}
	rows, err := c.db.Query(ctx, "SELECT name, id FROM graph_item WHERE state IN ('active', 'missing') AND class IN "+sqldb.Values(1, len(args), 1)+" ORDER BY id", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, id string
		if err := rows.Scan(&name, &id); err != nil {
			return err
		}
		s := site(name)
		s.Item = id
		s.Items = append(s.Items, c.index.Dependents(id)...)
	}
	return rows.Err()
}
