package monitor

import (
	"context"
	"maps"
	"slices"

	"mainstay/internal/core"
)

// previewed bounds how many items a preview names; it counts them all.
const previewed = 20

// Covered is what a maintenance window would cover now.
type Covered struct {
	All   bool     `json:"all" doc:"everything"`
	Count int      `json:"count" doc:"items, unless it is everything"`
	Items []string `json:"items" nullable:"false" doc:"ids of the first of them"`
}

// WindowItems says what a window is about.
type WindowItems struct {
	Items      []string        `json:"items,omitempty" maxItems:"10000" doc:"ids of items"`
	Identities []core.Identity `json:"identities,omitempty" maxItems:"1000" doc:"items by what identifies them"`
	Selector   string          `json:"selector,omitempty" maxLength:"5000" doc:"selects items"`
	Below      bool            `json:"below,omitempty" doc:"also everything that these items need, however far"`
	All        bool            `json:"all,omitempty" doc:"everything"`
}

type coveredOutput struct{ Body Covered }

func (c *Component) httpPreviewWindow(ctx context.Context, in *struct{ Body WindowItems }) (*coveredOutput, error) {
	covered, err := c.covered(ctx, in.Body)
	return &coveredOutput{covered}, err
}

// covered asks the graph as a window that holds would.
func (c *Component) covered(ctx context.Context, w WindowItems) (Covered, error) {
	if w.All {
		return Covered{All: true, Items: []string{}}, nil
	}
	found := map[string]bool{}
	if w.Selector != "" || len(w.Identities) > 0 || w.Below {
		var err error
		if found, err = c.windows.ask(ctx, &WindowSpec{Items: w.Items, Selector: w.Selector, Identities: w.Identities, Below: w.Below}); err != nil {
			return Covered{}, err
		}
	}
	for _, id := range w.Items {
		found[id] = true
	}
	ids := slices.Sorted(maps.Keys(found))
	return Covered{Count: len(ids), Items: append([]string{}, ids[:min(len(ids), previewed)]...)}, nil
}
