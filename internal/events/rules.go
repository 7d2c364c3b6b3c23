package events

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"net/url"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/inhibition"
	"mainstay/internal/events/routing"
	"mainstay/internal/platform/sqldb"
)

// rules remembers which documents the router and the inhibitions were made of.
type rules struct {
	taking  sync.Mutex // from reading documents until they are followed: who read older ones does not come last
	mu      sync.Mutex
	version uint64
	timeout time.Duration // global.resolve_timeout; 0 when no document says it
}

// resolveTimeout is how long an alert lasts that is posted without an end.
func (c *Component) resolveTimeout() time.Duration {
	c.rules.mu.Lock()
	defer c.rules.mu.Unlock()
	if c.rules.timeout > 0 {
		return c.rules.timeout
	}
	return c.config.Alerts.ResolveTimeout
}

// ruleset is what the documents say.
type ruleset struct {
	plan        *routing.Plan // nil without a document
	inhibitions []inhibition.Rule
	version     uint64
}

// readRules reads the documents of routing and inhibition.
func (c *Component) readRules(ctx context.Context) (ruleset, error) {
	var set ruleset
	hash := fnv.New64a()
	text, found, err := c.settingText(ctx, c.deps.DB, routingKind)
	if err != nil {
		return set, err
	}
	if found {
		var spec routing.Spec
		if err := json.Unmarshal([]byte(text), &spec); err != nil {
			return set, err
		}
		external, _ := url.Parse(c.deps.External())
		if set.plan, err = routing.Compile(spec, external); err != nil {
			return set, err
		}
		set.inhibitions = set.plan.Inhibitions
	}
	io.WriteString(hash, text)
	list, err := inhibitionsWhere(ctx, c.deps.DB, "name <> '' ORDER BY name")
	if err != nil {
		return set, err
	}
	for _, one := range list {
		io.WriteString(hash, "\x00"+one.name+"\x00"+one.text)
		rule, err := one.rule()
		if err != nil {
			return set, err
		}
		set.inhibitions = append(set.inhibitions, rule)
	}
	set.version = hash.Sum64()
	return set, nil
}

func (c *Component) settingText(ctx context.Context, q sqldb.Querier, kind string) (text string, found bool, err error) {
	err = q.QueryRow(ctx, "SELECT spec FROM events_setting WHERE kind = $1", kind).Scan(&text)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", false, nil
	}
	return text, err == nil, err
}

// followRules takes over what documents say if it has changed, here or in
// another process.
func (c *Component) followRules(ctx context.Context) error {
	if c.deps.DB.Dialect() == sqldb.SQLite && !c.declared.Swap(false) {
		return nil
	}
	return c.takeRules(ctx, false)
}

// takeRules routes and inhibits by the documents from now on. When they are
// as they were nothing happens, unless again is set: then the clocks of the
// groups start again, as when Alertmanager reloads its configuration.
func (c *Component) takeRules(ctx context.Context, again bool) error {
	c.rules.taking.Lock()
	defer c.rules.taking.Unlock()
	set, err := c.readRules(ctx)
	if err != nil {
		return err
	}
	c.rules.mu.Lock()
	same := c.rules.version == set.version
	c.rules.version, c.rules.timeout = set.version, 0
	if set.plan != nil {
		c.rules.timeout = set.plan.ResolveTimeout
	}
	c.rules.mu.Unlock()
	if same && !again {
		return nil
	}
	if !same {
		c.mirror.setRules(set.inhibitions)
		c.inhibition.Store(true)
		c.kick()
	}
	var alerts []*routing.Alert
	for _, a := range c.mirror.list() {
		alerts = append(alerts, &a.Alert)
	}
	c.router.Apply(set.plan, alerts)
	return nil
}

// clearedFor is how far back a start looks for alerts that ended without
// their receivers having been told, and clearedMost how many of them.
const (
	clearedFor  = 24 * time.Hour
	clearedMost = 50_000
)

// startRouting makes the groups of what is active, and of what ended lately:
// the notification log says who was told of it.
func (c *Component) startRouting(ctx context.Context) error {
	if err := c.takeRules(ctx, false); err != nil {
		c.deps.Log.Error("events: the documents of routing cannot be used; nobody is notified", "error", err)
	}
	if plan := c.router.Plan(); plan != nil {
		ended, err := alertsWhere(ctx, c.deps.DB, "latest AND NOT active AND cleared_at > $1 ORDER BY cleared_at DESC LIMIT $2", false,
			core.Micros(c.deps.Clock.Now().Add(-clearedFor)), clearedMost)
		if err != nil {
			return err
		}
		var alerts []*routing.Alert
		for _, a := range ended {
			alerts = append(alerts, &mirrorOf(a).Alert)
		}
		for _, a := range c.mirror.list() {
			alerts = append(alerts, &a.Alert)
		}
		c.router.Apply(plan, alerts)
	}
	return c.router.Start(ctx, c.deps.DB.Dialect() == sqldb.SQLite)
}

// muting answers the router.
type muting struct{ c *Component }

func (m muting) Muted(set map[string]string, at time.Time) (inhibited, silenced bool) {
	_, _, inhibited = m.c.mirror.inhibitor().By(set, at)
	return inhibited, len(m.c.suppressor.silencedBy(set, at)) > 0
}

// Confirm reads alerts again that seem to have run out: another process may
// have heard of them since, and its repeats may wait to be applied.
func (m muting) Confirm(ctx context.Context, ids []string) error {
	if m.c.deps.DB.Dialect() == sqldb.SQLite {
		return nil // the mirror has it all
	}
	if err := m.c.applyRepeats(ctx); err != nil {
		return err
	}
	for _, part := range lists(m.c.deps.DB.Dialect(), ids) {
		alerts, err := alertsWhere(ctx, m.c.deps.DB, "id IN "+part.set, false, part.args...)
		if err != nil {
			return err
		}
		m.c.seen(alerts)
	}
	return nil
}
