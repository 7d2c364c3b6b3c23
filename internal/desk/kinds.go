package desk

import (
	"context"
	"encoding/json"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// The kinds of document the desk keeps.
const (
	kindCalendar       = "Calendar"
	kindServiceLevel   = "ServiceLevel"
	kindAssignmentRule = "AssignmentRule"
)

// Kinds returns the desk's documents. A calendar named "always" and a service
// level named "standard" are there from the beginning.
func (c *Component) Kinds() []declare.Kind {
	calendar := documentKind(c, declare.Kind{Name: kindCalendar, Summary: "Which days and hours count", Order: 10, Resource: "calendars"}, ParseCalendar, nil)
	change := calendar.Apply
	calendar.Apply = func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
		before, found, err := c.store.document(ctx, tx, kindCalendar, name)
		if err != nil {
			return false, err
		}
		changed, err := change(ctx, tx, name, spec)
		if err != nil || !changed || !found {
			return changed, err
		}
		return true, c.recount(ctx, tx, name, before)
	}
	remove := calendar.Delete
	calendar.Delete = func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
		levels, err := c.store.serviceLevels(ctx, tx)
		if err != nil {
			return false, err
		}
		for _, level := range levels {
			if level.Calendar == name {
				return false, core.Errorf(core.CodeConflict, "the service level %s counts by this calendar", level.name)
			}
		}
		return remove(ctx, tx, name)
	}
	return []declare.Kind{
		calendar,
		documentKind(c, declare.Kind{Name: kindServiceLevel, Summary: "How fast incidents are answered and resolved", Order: 60, Resource: "service-levels"}, ParseServiceLevel,
			func(ctx context.Context, q sqldb.Querier, level *ServiceLevel) error {
				_, found, err := c.store.document(ctx, q, kindCalendar, level.Calendar)
				if err == nil && !found {
					err = core.Invalid("spec.calendar", "there is no such calendar")
				}
				return err
			}),
		documentKind(c, declare.Kind{Name: kindAssignmentRule, Summary: "Which team gets an incident", Order: 60, Resource: "assignment-rules"}, ParseAssignmentRule, nil),
	}
}

// recount plans the running clocks of a calendar anew after it changed.
func (c *Component) recount(ctx context.Context, tx *sqldb.Tx, name string, before json.RawMessage) error {
	old, err := ParseCalendar(before)
	if err != nil {
		return err
	}
	running, err := c.store.runningBy(ctx, tx, name)
	if err != nil {
		return err
	}
	for _, id := range running {
		ch, err := c.begin(ctx, tx, id, automatic(""))
		if err != nil {
			return err
		}
		ch.former = map[string]*Calendar{name: old}
		ch.note(Note{Kind: "clock", Summary: "The calendar " + name + " has changed; what is promised counts by it from here on"})
		if err := ch.finish(ctx); err != nil {
			return err
		}
	}
	return nil
}

// documentKind completes k with storage in desk_document. What parse returns is
// stored, so that equal specs are equal text; fits, which may be nil, checks it
// against other documents.
func documentKind[T any](c *Component, k declare.Kind, parse func(json.RawMessage) (*T, error), fits func(context.Context, sqldb.Querier, *T) error) declare.Kind {
	s := c.store
	k.Apply = func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
		value, err := parse(spec)
		if err == nil && fits != nil {
			err = fits(ctx, tx, value)
		}
		if err != nil {
			return false, err
		}
		changed, err := s.saveDocument(ctx, tx, k.Name, name, value)
		if err != nil || !changed {
			return false, err
		}
		return true, c.documentChanged(ctx, tx, k.Name, name, "changed", value)
	}
	k.Get = func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
		return s.document(ctx, q, k.Name, name)
	}
	k.List = func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
		found, err := s.documents(ctx, q, k.Name)
		out := make([]declare.Document, len(found))
		for i, n := range found {
			out[i] = declare.Document{Kind: k.Name, Name: n.name, Spec: n.spec}
		}
		return out, err
	}
	k.Delete = func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
		deleted, err := s.deleteDocument(ctx, tx, k.Name, name)
		if err != nil || !deleted {
			return false, err
		}
		return true, c.documentChanged(ctx, tx, k.Name, name, "deleted", nil)
	}
	return k
}

// documentChanged tells the ledger: desk.calendar.changed and the like.
func (c *Component) documentChanged(ctx context.Context, tx *sqldb.Tx, kind, name, verb string, spec any) error {
	actor := ledger.System("desk")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	data, err := json.Marshal(map[string]any{"kind": kind, "name": name, "spec": spec})
	if err != nil {
		return err
	}
	noun := strings.ToLower(kind)
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{
		Actor: actor, Module: "desk", Type: "desk." + noun + "." + verb, Subject: core.Ref{Kind: noun, ID: name},
		Summary: kind + " " + name + " " + verb, Data: data,
	})
	return err
}
