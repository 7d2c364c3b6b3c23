package monitor

import (
	"context"
	"sync"

	"mainstay/internal/platform/sqldb"
)

// alignTargets makes the stored targets of a check those of its items, and
// returns them. Targets that are gone, or disabled, end their alerts.
func (s *store) alignTargets(ctx context.Context, tx *sqldb.Tx, check *Check, items []string) ([]targetRow, error) {
	have, err := s.targetRows(ctx, tx, "check_id = $1", check.ID)
	if err != nil {
		return nil, err
	}
	if check.Spec.Selector == "" {
		return s.alignOne(ctx, tx, check, have, items[0])
	}
	wanted := map[string]bool{}
	for _, item := range items {
		wanted[item] = true
	}
	for _, row := range have {
		if !wanted[row.Item] {
			if err := s.deleteTarget(ctx, tx, check, row, "the item is not selected any more"); err != nil {
				return nil, err
			}
			continue
		}
		delete(wanted, row.Item)
		if err := s.quiet(ctx, tx, check, row); err != nil {
			return nil, err
		}
	}
	for item := range wanted {
		if err := s.insertTarget(ctx, tx, s.ids.New(), check.ID, item); err != nil {
			return nil, err
		}
	}
	return s.targetRows(ctx, tx, "check_id = $1", check.ID)
}

// alignOne keeps the one target that has the check's own id.
func (s *store) alignOne(ctx context.Context, tx *sqldb.Tx, check *Check, have []targetRow, item string) ([]targetRow, error) {
	for _, row := range have {
		if row.ID != check.ID {
			if err := s.deleteTarget(ctx, tx, check, row, "the check has one item now"); err != nil {
				return nil, err
			}
			continue
		}
		if err := s.quiet(ctx, tx, check, row); err != nil {
			return nil, err
		}
		if row.Item == item || item == "" {
			continue // an item that cannot be found now is still the item
		}
		if _, err := tx.Exec(ctx, "UPDATE monitor_target SET item = $2 WHERE id = $1", row.ID, item); err != nil {
			return nil, err
		}
	}
	if err := s.insertTarget(ctx, tx, check.ID, check.ID, item); err != nil {
		return nil, err
	}
	return s.targetRows(ctx, tx, "check_id = $1", check.ID)
}

// quiet ends the alert of a target whose check was disabled.
func (s *store) quiet(ctx context.Context, tx *sqldb.Tx, check *Check, row targetRow) error {
	if !check.Spec.Disabled || row.State.Confirmed == "" {
		return nil
	}
	return s.resetTarget(ctx, tx, check, row, "the check was disabled")
}

// marks is a set of ids that somebody will look at.
type marks struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (m *marks) add(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ids == nil {
		m.ids = map[string]bool{}
	}
	m.ids[id] = true
}

func (m *marks) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for id := range m.ids {
		out = append(out, id)
	}
	m.ids = nil
	return out
}
