package monitor

import (
	"context"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
)

// actor is who the ledger names: the caller, or monitoring itself.
func actor(ctx context.Context) ledger.Actor {
	if p := auth.From(ctx); p != nil {
		return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return ledger.System("monitor")
}

// eventLabels are the labels of a check's events.
func eventLabels(c *Check) map[string]string {
	labels := map[string]string{"check": c.Name}
	for k, v := range c.Spec.Labels {
		labels[k] = v
	}
	return labels
}
