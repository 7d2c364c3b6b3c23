package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/sqldb"
)

// DefineClass adds or replaces a class. It says whether anything changed.
func (c *Component) DefineClass(ctx context.Context, class classes.Class) (changed bool, err error) {
	err = c.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		changed, err = c.defineClass(ctx, tx, class)
		return err
	})
	return changed, err
}

func (c *Component) defineClass(ctx context.Context, tx *sqldb.Tx, class classes.Class) (bool, error) {
	class.BuiltIn = false
	if shipped, ok := c.shipped.Class(class.Name); ok && shipped.Parent != class.Parent && class.Parent != "" {
		return false, core.Invalid("parent", fmt.Sprintf("%s ships with parent %s", class.Name, shipped.Parent))
	}
	return c.define(ctx, tx, classDefinition, class.Name, class, func(d *classes.Definitions) { d.Classes = append(d.Classes, class) })
}

// DefineRelationType adds or replaces a type of relations.
func (c *Component) DefineRelationType(ctx context.Context, kind classes.RelationType) (changed bool, err error) {
	err = c.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		changed, err = c.defineRelation(ctx, tx, kind)
		return err
	})
	return changed, err
}

func (c *Component) defineRelation(ctx context.Context, tx *sqldb.Tx, kind classes.RelationType) (bool, error) {
	kind.BuiltIn = false
	return c.define(ctx, tx, relationDefinition, kind.Name, kind, func(d *classes.Definitions) { d.RelationTypes = append(d.RelationTypes, kind) })
}

// define stores a definition after trying it: a catalogue that cannot be built
// is never stored.
func (c *Component) define(ctx context.Context, tx *sqldb.Tx, kind, name string, spec any, add func(*classes.Definitions)) (bool, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	ch, err := c.change(ctx, tx)
	if err != nil {
		return false, err
	}
	var stored string
	err = tx.QueryRow(ctx, "SELECT spec FROM graph_definition WHERE kind = $1 AND name = $2", kind, name).Scan(&stored)
	if err != nil && err != sqldb.ErrNoRows {
		return false, err
	}
	if stored == string(text) {
		return false, nil
	}
	var extra classes.Definitions
	add(&extra)
	next, err := ch.catalogue.Extend(extra)
	if err != nil {
		return false, err
	}
	if kind == classDefinition {
		if err := next.CheckSchemas(name); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(ctx, "INSERT INTO graph_definition (kind, name, spec) VALUES ($1, $2, $3) ON CONFLICT (kind, name) DO UPDATE SET spec = excluded.spec", kind, name, string(text)); err != nil {
		return false, err
	}
	return true, ch.redefine(ctx, next, "graph.definition.changed", kind, name)
}

// redefine puts a catalogue in force for the rest of the transaction, and for
// everyone after it.
func (ch *change) redefine(ctx context.Context, next *classes.Catalogue, entry, kind, name string) error {
	ch.catalogue, ch.redefined = next, true
	if _, err := ch.tx.Exec(ctx, "UPDATE graph_version SET definitions = definitions + 1 WHERE id = 1"); err != nil {
		return err
	}
	if err := ch.forgetReports(ctx); err != nil {
		return err
	}
	return ch.tellRecord(ctx, entry, core.Ref{Kind: kind, ID: name}, "Defined "+kind+" "+name)
}

// undefine removes a run-time definition; what shipped under its name is in
// force again.
func (c *Component) undefine(ctx context.Context, tx *sqldb.Tx, kind, name string) (bool, error) {
	ch, err := c.change(ctx, tx)
	if err != nil {
		return false, err
	}
	res, err := tx.Exec(ctx, "DELETE FROM graph_definition WHERE kind = $1 AND name = $2", kind, name)
	n, err := sqldb.Affected(res, err)
	if err != nil || n == 0 {
		return false, err
	}
	if err := c.unused(ctx, tx, kind, name); err != nil {
		return false, err
	}
	d, err := c.readDefinitions(ctx, tx)
	if err != nil {
		return false, err
	}
	return true, ch.redefine(ctx, d.catalogue, "graph.definition.deleted", kind, name)
}

// unused refuses to remove what is in use and did not ship.
func (c *Component) unused(ctx context.Context, tx *sqldb.Tx, kind, name string) error {
	query := "SELECT 1 FROM graph_item WHERE class = $1 AND state IN ('active', 'missing') LIMIT 1"
	_, ships := c.shipped.Class(name)
	if kind == relationDefinition {
		query = "SELECT 1 FROM graph_relation WHERE type = $1 AND valid_to > 4000000000000000000 LIMIT 1"
		_, ships = c.shipped.Relation(name)
	}
	var one int
	err := tx.QueryRow(ctx, query, name).Scan(&one)
	switch {
	case err == sqldb.ErrNoRows || err == nil && ships:
		return nil
	case err != nil:
		return err
	}
	return core.Errorf(core.CodeConflict, "the %s %s is in use", kind, name)
}

// storedDefinitions lists the run-time definitions of a kind.
func storedDefinitions(ctx context.Context, q sqldb.Querier, kind string) (names []string, specs map[string]json.RawMessage, err error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM graph_definition WHERE kind = $1", kind)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	specs = map[string]json.RawMessage{}
	for rows.Next() {
		var name, spec string
		if err := rows.Scan(&name, &spec); err != nil {
			return nil, nil, err
		}
		names = append(names, name)
		specs[name] = json.RawMessage(spec)
	}
	slices.Sort(names)
	return names, specs, rows.Err()
}
