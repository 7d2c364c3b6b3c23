package monitor

import (
	"context"
	"sync"

	"mainstay/internal/platform/sqldb"
)

// inLine says that the stored targets of a check are those of its items.
func inLine(check *Check, rows []targetRow, items []string, as func(item string) *Check) bool {
	if len(rows) != len(items) {
		return false
	}
	wanted := map[string]bool{}
	for _, item := range items {
		wanted[item] = true
	}
	for _, row := range rows {
		one := check.Spec.Selector == "" && row.ID == check.ID && (items[0] == "" || items[0] == row.Item)
		if !one && (check.Spec.Selector == "" || !wanted[row.Item]) || !row.agrees(as(row.Item)) {
			return false
		}
	}
	return true
}

// agrees says that the row shows how the check is for its item.
func (t targetRow) agrees(check *Check) bool {
	return t.Disabled == check.Spec.Disabled && t.Overridden == (len(check.overridden) > 0) && (!check.Spec.Disabled || t.State.Confirmed == "")
}

// alignTargets makes the stored targets of a check those of its items, and
// returns them. Targets that are gone, or disabled, end their alerts.
func (s *store) alignTargets(ctx context.Context, tx *sqldb.Tx, check *Check, items []string, as func(item string) *Check) ([]targetRow, error) {
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
		if err := s.agree(ctx, tx, as(row.Item), row); err != nil {
			return nil, err
		}
	}
	for item := range wanted {
		if err := s.insertTarget(ctx, tx, s.ids.New(), as(item), item); err != nil {
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
		if err := s.agree(ctx, tx, check, row); err != nil {
			return nil, err
		}
		if row.Item == item || item == "" {
			continue // an item that cannot be found now is still the item
		}
		if _, err := tx.Exec(ctx, "UPDATE monitor_target SET item = $2 WHERE id = $1", row.ID, item); err != nil {
			return nil, err
		}
	}
	if err := s.insertTarget(ctx, tx, check.ID, check, item); err != nil {
		return nil, err
	}
	return s.targetRows(ctx, tx, "check_id = $1", check.ID)
}

// agree makes a target show how the check is for its item, and ends the alert
// of one that is disabled.
func (s *store) agree(ctx context.Context, tx *sqldb.Tx, check *Check, row targetRow) error {
	if row.agrees(check) {
		return nil
	}
	if _, err := tx.Exec(ctx, "UPDATE monitor_target SET disabled = $2, overridden = $3 WHERE id = $1", row.ID, check.Spec.Disabled, len(check.overridden) > 0); err != nil {
		return err
	}
	if !check.Spec.Disabled || row.State.Confirmed == "" {
		return nil
	}
	return s.resetTarget(ctx, tx, check, row, "the check was disabled")
}

// marks are checks that somebody will look at, and why.
type marks struct {
	mu  sync.Mutex
	ids map[string]*mark
}

// mark is what is new about a check: some of its items, or anything.
type mark struct {
	any   bool
	items map[string]bool
}

func (m *mark) has(item string) bool { return m.any || m.items[item] }

// add marks a check, because of some items or for any reason.
func (m *marks) add(id string, items ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ids == nil {
		m.ids = map[string]*mark{}
	}
	at := m.ids[id]
	if at == nil {
		at = &mark{items: map[string]bool{}}
		m.ids[id] = at
	}
	at.any = at.any || len(items) == 0
	for _, item := range items {
		at.items[item] = true
	}
}

func (m *marks) take() map[string]*mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.ids
	m.ids = nil
	return out
}
