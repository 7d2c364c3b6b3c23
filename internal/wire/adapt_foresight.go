package wire

import (
	"context"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/monitor/foresight"
)

// graphForForesight says what items are called, where they are and what they need.
type graphForForesight struct{ graph *graph.Component }

func (g graphForForesight) Items(ctx context.Context, ids []string) (map[string]foresight.Item, error) {
	facts, err := g.graph.Facts(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]foresight.Item, len(facts))
	for id, f := range facts {
		item := foresight.Item{ID: f.ID, Name: f.Name, Team: f.Team}
		if site := f.Attributes["site"]; site != nil {
			item.Site = fmt.Sprint(site)
		} else if item.Site, err = g.site(ctx, f.ID); err != nil {
			return nil, err
		}
		out[id] = item
	}
	return out, nil
}

// placeHops is how many places up, from a rack to its site, are looked at.
const placeHops = 4

// site is the name of the site that an item is located in, by way of racks and rooms.
func (g graphForForesight) site(ctx context.Context, id string) (string, error) {
	for range placeHops {
		relations, err := g.graph.Relations(ctx, id, time.Time{})
		if err != nil {
			return "", err
		}
		next := ""
		for _, r := range relations {
			if r.Type != "located_in" || r.Direction != "out" {
				continue
			}
			if r.Item.Class == "site" {
				return r.Item.Name, nil
			}
			next = r.Item.ID
		}
		if next == "" {
			return "", nil
		}
		id = next
	}
	return "", nil
}

func (g graphForForesight) Needed(ctx context.Context, id string, most int) ([]string, error) {
	if facts, err := g.graph.Facts(ctx, []string{id}); err != nil || len(facts) == 0 {
		if err == nil {
			err = core.NotFound("item", id)
		}
		return nil, err
	}
	index := g.graph.Index()
	seen := map[string]bool{id: true}
	out := []string{id}
	for next := 0; next < len(out) && len(out) < most; next++ {
		for _, needed := range index.Dependencies(out[next]) {
			if !seen[needed] && len(out) < most {
				seen[needed] = true
				out = append(out, needed)
			}
		}
	}
	return out, nil
}
