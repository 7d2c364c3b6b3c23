package wire

import (
	"context"
	"time"

	"mainstay/internal/platform/reportmail"
)

// buildReportMails makes what sends the reports of modules.
func (s *System) buildReportMails() {
	s.reportMails = reportmail.New(reportmail.Dependencies{DB: s.db, Ledger: s.ledger, Mail: s.mail, Clock: s.clock, IDs: s.ids, Log: s.log, Sources: map[string]reportmail.Source{
		"events": {Title: "Alerts and situations", Needs: "situations:read", Write: func(ctx context.Context, from, to time.Time) (string, error) {
			r, err := s.events.Report(ctx, from, to)
			if err != nil {
				return "", err
			}
			return r.Text(s.publicAddress()), nil
		}},
		// Capacity looks ahead: it is about now, whatever time has ended.
		"capacity": {Title: "Capacity", Needs: "checks:read", Write: func(ctx context.Context, _, _ time.Time) (string, error) {
			r, err := s.foresight.Capacity(ctx)
			return r.Markdown, err
		}},
	}})
}
