package monitor

import (
	"context"
	"encoding/json"

	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

func (c *Component) ruleFileKind() declare.Kind {
	return declare.Kind{
		Name: "RuleFile", Summary: "A Prometheus rule file: groups of alerting and recording rules", Order: 56, Resource: "checks", Spec: RuleFileSpec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			var spec RuleFileSpec
			if err := declare.Decode(raw, &spec); err != nil {
				return false, err
			}
			if err := c.teamAllowed(ctx, "checks", spec.Team, func() (string, error) {
				old, err := c.store.ruleFiles(ctx, tx, "name = $1", name)
				if len(old) == 0 {
					return spec.Team, err
				}
				return old[0].spec.Team, err
			}); err != nil {
				return false, err
			}
			return c.applyRuleFile(ctx, tx, name, spec)
		},
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			return specOf(ctx, q, "monitor_rule_file", "1 = 1", name)
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			return documents(ctx, q, "RuleFile", "monitor_rule_file")
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			list, err := c.store.ruleFiles(ctx, tx, "name = $1", name)
			if err != nil || len(list) == 0 {
				return false, err
			}
			return true, c.store.deleteRuleFile(ctx, tx, list[0])
		},
	}
}
