package graph

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/sqldb"
)

// resolver remembers which item identities point at. What it remembers is
// dropped when an identity it rests on is given or taken.
type resolver struct {
	mu         sync.RWMutex
	size       int
	generation int64
	answers    map[string]string
	rests      map[identity][]string // answers that rest on an identity
	redirects  map[string]string     // merged item to survivor
}

func newResolver(size int) *resolver {
	return &resolver{size: size, answers: map[string]string{}, rests: map[identity][]string{}, redirects: map[string]string{}}
}

// forget drops what the touched identities bear, or everything. A redirect to
// "" is undone.
func (r *resolver) forget(touched []identity, redirects map[string]string, everything bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.generation++
	r.redirect(redirects)
	if len(r.answers) == 0 {
		return
	}
	for _, i := range touched {
		for _, question := range r.rests[i] {
			delete(r.answers, question)
		}
		delete(r.rests, i)
	}
	if everything {
		clear(r.answers)
		clear(r.rests)
	}
}

func (r *resolver) forgetAll(redirects map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.generation++
	r.redirect(redirects)
	clear(r.answers)
	clear(r.rests)
}

func (r *resolver) redirect(redirects map[string]string) {
	maps.Copy(r.redirects, redirects)
	maps.DeleteFunc(r.redirects, func(_, to string) bool { return to == "" })
}

func (r *resolver) survivor(id string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for range 100 {
		to, ok := r.redirects[id]
		if !ok {
			break
		}
		id = to
	}
	return id
}

func (r *resolver) get(question string) (answer string, ok bool, generation int64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	answer, ok = r.answers[question]
	return answer, ok, r.generation
}

// put remembers an answer unless the graph changed since it was looked up.
func (r *resolver) put(question, answer string, rests []identity, generation int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if generation != r.generation {
		return
	}
	if len(r.answers) >= r.size {
		clear(r.answers)
		clear(r.rests)
	}
	r.answers[question] = answer
	for _, i := range rests {
		r.rests[i] = append(r.rests[i], question)
	}
}

// Resolve returns the item that the identities point at: by id, by the best
// identifier that exactly one item holds, or by an item's name. Ids of merged
// items lead to the survivor. It returns "" when nothing is known, or when what
// is known is ambiguous; an error means that the store could not be asked.
func (c *Component) Resolve(ctx context.Context, identities []core.Identity) (string, error) {
	var question strings.Builder
	var wanted []core.Identity
	catalogue := c.Catalogue()
	for _, i := range identities {
		if i.Kind == "id" {
			if id := c.resolver.survivor(i.Value); c.index.Has(id) {
				return id, nil
			}
			continue
		}
		kind, ok := catalogue.Identifier(i.Kind)
		if !ok {
			continue
		}
		if i.Value = kind.Normalise(i.Value); i.Value != "" {
			wanted = append(wanted, i)
			question.WriteString(i.Class + "/" + i.Kind + "=" + i.Value + "\x00")
		}
	}
	if len(wanted) == 0 {
		return "", nil
	}
	answer, ok, generation := c.resolver.get(question.String())
	if ok {
		return answer, nil
	}
	answer, err := c.lookUp(ctx, catalogue, wanted)
	if err != nil {
		return "", err
	}
	rests := make([]identity, len(wanted))
	for n, i := range wanted {
		rests[n] = identity{i.Kind, i.Value}
	}
	c.resolver.put(question.String(), answer, rests, generation)
	return answer, nil
}

// resolveOrder is the order in which kinds of identifiers are believed when
// the class is not known.
var resolveOrder = []string{"declared", "agent_id", "cloud_id", "serial", "system_uuid", "container_id", "machine_id", "external_id",
	"engine_id", "fingerprint", "asset_tag", "mac", "url", "fqdn", "hostname", "endpoint", "email", "username", "ip", "name"}

func (c *Component) lookUp(ctx context.Context, catalogue *classes.Catalogue, wanted []core.Identity) (string, error) {
	plain := make([]identity, len(wanted))
	for n, i := range wanted {
		plain[n] = identity{i.Kind, i.Value}
	}
	held, err := holders(ctx, c.db, plain)
	if err != nil {
		return "", err
	}
	var items []string
	for _, list := range held {
		for _, h := range list {
			items = append(items, h.item)
		}
	}
	found, err := records(ctx, c.db, items)
	if err != nil {
		return "", err
	}
	for _, kind := range resolveOrder {
		for n, i := range wanted {
			if i.Kind != kind {
				continue
			}
			if item := pick(catalogue, found, held[plain[n]], i.Class); item != "" {
				return item, nil
			}
		}
	}
	return byName(ctx, c.db, catalogue, wanted)
}

// pick returns the one living holder of a class; among several, the one
// device, because a device is meant when its parts share its address or name.
func pick(catalogue *classes.Catalogue, found map[string]*record, list []holder, class string) string {
	var fits, devices []string
	for _, h := range list {
		r := found[h.item]
		if r == nil || gone(r.state) || class != "" && !catalogue.IsA(r.class, class) {
			continue
		}
		fits = append(fits, h.item)
		if h.family == "device" {
			devices = append(devices, h.item)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0]
	case len(devices) == 1:
		return devices[0]
	}
	return ""
}

// byName finds the one living item that shows a name.
func byName(ctx context.Context, q sqldb.Querier, catalogue *classes.Catalogue, wanted []core.Identity) (string, error) {
	for _, i := range wanted {
		if !slices.Contains([]string{"name", "hostname", "fqdn", "declared"}, i.Kind) {
			continue
		}
		rows, err := q.Query(ctx, "SELECT id, class FROM graph_item WHERE name = $1 AND state IN ('active', 'missing') LIMIT 50", i.Value)
		if err != nil {
			return "", err
		}
		var fits []string
		for rows.Next() {
			var id, class string
			if err := rows.Scan(&id, &class); err != nil {
				rows.Close()
				return "", err
			}
			wanted := i.Class
			if wanted == "" && (i.Kind == "hostname" || i.Kind == "fqdn") {
				wanted = "device"
			}
			if wanted == "" || catalogue.IsA(class, wanted) {
				fits = append(fits, id)
			}
		}
		if err := rows.Close(); err != nil {
			return "", err
		}
		if len(fits) == 1 {
			return fits[0], nil
		}
	}
	return "", nil
}
