package monitor

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// uncoveredShown bounds how many items without a check are named; all are counted.
const uncoveredShown = 200

// Coverage says which of some items no check is about.
type Coverage struct {
	Items   int      `json:"items" doc:"how many the selector matches"`
	Covered int      `json:"covered" doc:"how many of them a check is about that is switched on"`
	Missing []string `json:"missing" nullable:"false" doc:"ids of the first items without a check"`
}

type coverageOutput struct{ Body Coverage }

func (c *Component) httpCoverage(ctx context.Context, in *struct {
	Selector string `query:"selector" required:"true" maxLength:"5000" doc:"which items: class=host"`
	Kind     string `query:"kind" maxLength:"40" doc:"count checks of this kind alone"`
}) (*coverageOutput, error) {
	coverage, err := c.Coverage(ctx, in.Selector, in.Kind)
	return &coverageOutput{coverage}, err
}

// Coverage looks for items that no check, or none of a kind, is about. What
// is switched off covers nothing.
func (c *Component) Coverage(ctx context.Context, selector, kind string) (Coverage, error) {
	out := Coverage{Missing: []string{}}
	ids, err := c.deps.Items.Select(ctx, selector)
	if core.CodeOf(err) == core.CodeInvalid {
		return out, core.Invalid("selector", ruleOf(err))
	}
	if err != nil {
		return out, err
	}
	rows, err := c.deps.DB.Query(ctx, `SELECT DISTINCT t.item FROM monitor_target t JOIN monitor_check c ON c.id = t.check_id
		WHERE NOT t.disabled AND NOT c.disabled AND ($1 = '' OR c.kind = $1)`, kind)
	covered := map[string]bool{}
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var item string
		err := r.Scan(&item)
		covered[item] = true
		return struct{}{}, err
	})
	if err != nil {
		return out, err
	}
	out.Items = len(ids)
	for _, id := range ids {
		if covered[id] {
			out.Covered++
		} else if len(out.Missing) < uncoveredShown {
			out.Missing = append(out.Missing, id)
		}
	}
	return out, nil
}
