package graph

import (
	"context"
	"encoding/json"
	"sync"

	"mainstay/internal/graph/classes"
	"mainstay/internal/graph/index"
	"mainstay/internal/platform/sqldb"
)

// definitions is the catalogue of one version of the run-time definitions.
type definitions struct {
	version   int64
	catalogue *classes.Catalogue
}

// Kinds of definitions in the store.
const (
	classDefinition    = "class"
	relationDefinition = "relation"
)

// adopt puts a catalogue in force.
func (c *Component) adopt(d *definitions) {
	c.numbers.learn(d.catalogue)
	c.index.SetKinds(c.numbers.kinds(d.catalogue))
	c.index.SetFacing(c.numbers.facing(d.catalogue))
	c.definitions.Store(d)
}

// loadDefinitions reads the run-time definitions and puts them in force.
func (c *Component) loadDefinitions(ctx context.Context, q sqldb.Querier) error {
	d, err := c.readDefinitions(ctx, q)
	if err != nil {
		return err
	}
	c.adopt(d)
	return nil
}

func (c *Component) readDefinitions(ctx context.Context, q sqldb.Querier) (*definitions, error) {
	d := &definitions{}
	if err := q.QueryRow(ctx, "SELECT definitions FROM graph_version WHERE id = 1").Scan(&d.version); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, "SELECT kind, spec FROM graph_definition WHERE kind IN ('class', 'relation') ORDER BY kind, name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var extra classes.Definitions
	for rows.Next() {
		var kind, spec string
		if err := rows.Scan(&kind, &spec); err != nil {
			return nil, err
		}
		if err := addDefinition(&extra, kind, spec); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	d.catalogue, err = c.shipped.Extend(extra)
	return d, err
}

func addDefinition(d *classes.Definitions, kind, spec string) error {
	if kind == classDefinition {
		var class classes.Class
		if err := json.Unmarshal([]byte(spec), &class); err != nil {
			return err
		}
		d.Classes = append(d.Classes, class)
		return nil
	}
	var relation classes.RelationType
	if err := json.Unmarshal([]byte(spec), &relation); err != nil {
		return err
	}
	d.RelationTypes = append(d.RelationTypes, relation)
	return nil
}

// numbers gives classes and relation types the small numbers the index keeps.
// A number once given out stays.
type numbers struct {
	mu        sync.RWMutex
	class     map[string]uint16
	className []string
	relation  map[string]uint8
	typeName  []string
}

func newNumbers() *numbers {
	return &numbers{class: map[string]uint16{}, relation: map[string]uint8{}}
}

func (n *numbers) learn(c *classes.Catalogue) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range c.Classes() {
		n.addClass(r.Name)
	}
	for _, t := range c.Relations() {
		n.addRelation(t.Name)
	}
}

func (n *numbers) addClass(name string) uint16 {
	number, ok := n.class[name]
	if !ok {
		number = uint16(len(n.className))
		n.class[name] = number
		n.className = append(n.className, name)
	}
	return number
}

func (n *numbers) addRelation(name string) uint8 {
	number, ok := n.relation[name]
	if !ok {
		number = uint8(min(len(n.typeName), 127))
		n.relation[name] = number
		n.typeName = append(n.typeName, name)
	}
	return number
}

func (n *numbers) ofClass(name string) uint16 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.addClass(name)
}

func (n *numbers) ofRelation(name string) uint8 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.addRelation(name)
}

func (n *numbers) nameOfClass(number uint16) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.className[number]
}

func (n *numbers) nameOfRelation(number uint8) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.typeName[number]
}

// facing says which numbered classes the business sees.
func (n *numbers) facing(c *classes.Catalogue) []bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	out := make([]bool, len(n.className))
	for i, name := range n.className {
		if r, ok := c.Class(name); ok {
			out[i] = r.BusinessFacing
		}
	}
	return out
}

// kinds says how failures travel along each numbered relation type.
func (n *numbers) kinds(c *classes.Catalogue) []index.Kind {
	n.mu.RLock()
	defer n.mu.RUnlock()
	out := make([]index.Kind, len(n.typeName))
	for i, name := range n.typeName {
		if t, ok := c.Relation(name); ok {
			out[i] = index.Kind{SourceNeedsTarget: t.SourceNeedsTarget(), TargetNeedsSource: t.TargetNeedsSource()}
		}
	}
	return out
}
