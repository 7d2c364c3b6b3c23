package health

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/health/propagation"
	"mainstay/internal/platform/ledger"
)

const (
	rereadMost = 5000        // changed items beyond which all is read anew
	sitesEvery = time.Minute // at most so often the items of sites are read
	removeEach = time.Hour
)

// loop follows what changes.
func (c *Component) loop(ctx context.Context) {
	look, remove := c.deps.Clock.NewTimer(c.cfg.Look), c.deps.Clock.NewTimer(removeEach)
	defer look.Stop()
	defer remove.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-c.changed:
			gather := c.deps.Clock.NewTimer(c.cfg.Gather)
			select {
			case <-ctx.Done():
				gather.Stop()
				return
			case <-gather.C():
			}
			err = c.flush(ctx)
		case <-look.C():
			err = c.look(ctx)
			look.Reset(c.cfg.Look)
		case <-remove.C():
			err = c.remove(ctx)
			remove.Reset(removeEach)
		}
		if err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("service health: changes could not be followed; trying again", "error", err)
			c.soon()
		}
	}
}

// flush follows the alerts, and rules, that changed.
func (c *Component) flush(ctx context.Context) error {
	c.waiting.mu.Lock()
	items, again := slices.Collect(maps.Keys(c.waiting.items)), c.waiting.rules
	clear(c.waiting.items)
	c.waiting.rules = false
	c.waiting.mu.Unlock()
	if again {
		if err := c.rebuild(ctx); err != nil {
			c.rulesChanged()
			return err
		}
		return c.write(ctx)
	}
	c.engine.Set(c.ownOf(c.engine.Knows(items)))
	c.mu.Lock()
	now := c.deps.Clock.Now()
	for id := range c.engine.Moved() {
		c.judge(id, now)
	}
	c.mu.Unlock()
	return c.write(ctx)
}

// ownOf tells how items stand by themselves.
func (c *Component) ownOf(items []string) map[string]propagation.State {
	standings := c.deps.Alerts.Standings(items)
	out := make(map[string]propagation.State, len(items))
	for _, item := range items {
		down, degraded, err := c.rules.of(item).thresholds()
		if err != nil { // it was checked before it was kept
			down, degraded = core.Major, core.Warning
		}
		out[item] = own(standings[item], down, degraded)
	}
	return out
}

// judge decides how a root is shown. c.mu is held.
func (c *Component) judge(id string, now time.Time) {
	if _, ok := c.roots[id]; !ok {
		delete(c.shown, id)
		return
	}
	state := stateOf(c.engine.Of(id)[id].State)
	switch {
	case c.windows[id]:
		state = Planned
	case state == OK && !c.known[id]:
		state = Unknown
	}
	if before, ok := c.shown[id]; !ok || before.state != state {
		c.shown[id] = standing{state, now}
	}
}

// rebuild reads everything anew: rules, roots, and all below them.
func (c *Component) rebuild(ctx context.Context) error {
	docs, err := c.documents(ctx, c.deps.DB)
	if err != nil {
		return err
	}
	seen, err := c.deps.Ledger.Head(ctx)
	if err != nil {
		return err
	}
	sites, err := c.readSites(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.rules, c.sites, c.sitesAt, c.seen = c.rulesOf(ctx, docs), sites, c.deps.Clock.Now(), seen
	c.engine = propagation.New(c.needs)
	c.info = map[string]Item{}
	c.mu.Unlock()
	if err := c.readRoots(ctx); err != nil {
		return err
	}
	standings := c.deps.Alerts.Standings(nil)
	c.engine.Set(c.ownOf(c.engine.Knows(slices.Collect(maps.Keys(standings)))))
	c.engine.Moved()
	return c.lookAt(ctx)
}

// needs is what the engine asks: an item's needs by the graph and the rules.
// The loop alone makes the engine ask.
func (c *Component) needs(item string) []propagation.Need {
	if strings.HasPrefix(item, sitePrefix) {
		site := c.sites[item]
		var needs []propagation.Need
		if site.Item != "" {
			needs = append(needs, propagation.Need{Items: []string{site.Item}, Require: 1})
		}
		if len(site.Items) > 0 {
			needs = append(needs, c.rules.base.siteNeed(site.Items))
		}
		return needs
	}
	return c.rules.of(item).apply(c.deps.Graph.Needs(item), c.classes)
}

// classes returns the class of an item with its ancestors.
func (c *Component) classes(item string) []string {
	if known, ok := c.info[item]; ok {
		return known.Ancestors
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	found, err := c.deps.Graph.Items(ctx, []string{item})
	if err != nil {
		c.deps.Log.Warn("service health: the class of an item cannot be read", "item", item, "error", err)
		return nil
	}
	c.info[item] = found[item]
	return found[item].Ancestors
}

func (c *Component) readSites(ctx context.Context) (map[string]Site, error) {
	list, err := c.deps.Graph.Sites(ctx)
	sites := make(map[string]Site, len(list))
	for _, s := range list {
		sites[sitePrefix+s.Name] = s
	}
	return sites, err
}

// readRoots finds what is shown: services, what documents name, and sites.
func (c *Component) readRoots(ctx context.Context) error {
	services, err := c.deps.Graph.Services(ctx)
	if err != nil {
		return err
	}
	ids := append(services, slices.Collect(maps.Keys(c.rules.byItem))...)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	found, err := c.deps.Graph.Items(ctx, ids)
	if err != nil {
		return err
	}
	roots := make(map[string]root, len(ids)+len(c.sites))
	for _, id := range ids {
		if item, ok := found[id]; ok {
			roots[id] = root{id, KindService, item}
		}
	}
	for id, s := range c.sites {
		roots[id] = root{id, KindSite, Item{ID: s.Item, Name: s.Name, Class: KindSite, Label: "Site"}}
	}
	fresh := slices.Collect(maps.Keys(roots))
	c.engine.Watch(fresh...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roots = roots
	for id := range c.shown {
		if _, ok := roots[id]; !ok {
			delete(c.shown, id)
		}
	}
	return nil
}

// look follows what nobody tells at once: the graph, maintenance, checks.
func (c *Component) look(ctx context.Context) error {
	if err := c.followGraph(ctx); err != nil {
		return err
	}
	if err := c.lookAt(ctx); err != nil {
		return err
	}
	return c.write(ctx)
}

// followGraph reads from the ledger which items may need others now.
func (c *Component) followGraph(ctx context.Context) error {
	changed := map[string]bool{}
	for {
		entries, err := c.deps.Ledger.List(ctx, ledger.Query{Types: []string{"graph.", "events.healthrule."}, After: c.seen, Oldest: true, Limit: 1000})
		if err != nil {
			return err
		}
		for _, e := range entries {
			c.seen = e.Seq
			if strings.HasPrefix(e.Type, "events.healthrule.") { // here or in another process
				c.rulesChanged()
				continue
			}
			for _, item := range append(e.Related, e.Item) {
				if item != "" {
					changed[item] = true
				}
			}
		}
		if len(changed) > rereadMost {
			return c.rebuild(ctx)
		}
		if len(entries) < 1000 {
			break
		}
	}
	if len(changed) == 0 && !c.sitesStale {
		return nil
	}
	for item := range changed {
		delete(c.info, item)
	}
	before := c.engine.Size()
	if now := c.deps.Clock.Now(); now.Sub(c.sitesAt) >= sitesEvery {
		sites, err := c.readSites(ctx)
		if err != nil {
			return err
		}
		for id, s := range sites {
			if known := c.sites[id]; known.Item != s.Item || !slices.Equal(known.Items, s.Items) {
				changed[id] = true
			}
		}
		c.mu.Lock()
		c.sites, c.sitesAt, c.sitesStale = sites, now, false
		c.mu.Unlock()
	} else {
		c.sitesStale = true
	}
	c.engine.Reread(c.engine.Knows(slices.Collect(maps.Keys(changed)))...)
	if err := c.readRoots(ctx); err != nil {
		return err
	}
	if c.engine.Size() != before { // what is new stands some way already
		c.engine.Set(c.ownOf(c.engine.Knows(slices.Collect(maps.Keys(c.deps.Alerts.Standings(nil))))))
	}
	return nil
}

// lookAt asks who is worked on and what is looked at, and judges all roots.
func (c *Component) lookAt(ctx context.Context) error {
	watched, err := c.deps.Checks.Watched(ctx)
	if err != nil {
		return err
	}
	known := c.engine.Reaches(append(watched, slices.Collect(maps.Keys(c.deps.Alerts.Standings(nil)))...))
	now := c.deps.Clock.Now()
	windows := map[string]bool{}
	for id, r := range c.roots {
		if r.Item.ID == "" {
			continue
		}
		if in, _ := c.deps.Maintenance.InMaintenance(ctx, r.Item.ID, now); in {
			windows[id] = true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.windows = known, windows
	for id := range c.roots {
		c.judge(id, now)
	}
	return nil
}
