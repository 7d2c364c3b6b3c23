package wire

import (
	"context"

	"mainstay/internal/logs/datasets"
	"mainstay/internal/logs/mining"
	"mainstay/internal/logs/processing"
	"mainstay/internal/platform/logstore"
)

// broughtRecords is the store of log records as a receiver sees it: what it
// writes is processed, and then mined, on the way.
type broughtRecords struct {
	*logstore.Store
	tap processing.Writer
}

func (b broughtRecords) Write(ctx context.Context, records []logstore.Record) (int, error) {
	return b.tap.Write(ctx, records)
}

// bringing gives the store to receivers, by their names in rules.
func (s *System) bringing(mined mining.Writer) func(receiver string) broughtRecords {
	return func(receiver string) broughtRecords {
		return broughtRecords{s.records, s.processing.Tap(receiver, mined)}
	}
}

// buildProcessing makes what says where records belong, and what is done to
// them before they are stored.
func (s *System) buildProcessing() (err error) {
	s.datasets, err = datasets.New(datasets.Dependencies{DB: s.db, Ledger: s.ledger, Store: s.records, Teams: s.auth, Keeps: s.cfg.Logs.Records.Retention,
		Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.processing, err = processing.New(processing.Dependencies{DB: s.db, Ledger: s.ledger, Keys: s.secrets, Datasets: s.datasets, Logs: s.records,
		Clock: s.clock, Log: s.log})
	return err
}
