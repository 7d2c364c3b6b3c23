package searches

import (
	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what the component is built from; all are needed.
type Dependencies struct {
	DB     *sqldb.DB
	Ledger *ledger.Ledger
	Clock  core.Clock
	IDs    *core.IDs
}

// Component keeps searches. It does nothing by itself: there is nothing to start.
type Component struct {
	deps Dependencies
}

// New makes the component.
func New(deps Dependencies) *Component { return &Component{deps} }
