package graph

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"mainstay/internal/graph/classes"
)

// Sources whose word never goes stale: people and documents say it once.
const (
	SourcePerson   = "person"
	SourceDocument = "document"
)

func lasting(source string) bool { return source == SourcePerson || source == SourceDocument }

// shown is what an item shows, chosen from what its sources say.
type shown struct {
	class, name, team, site string
	criticality             int64
	values                  values
	redundancy              string
	identities              []identity
	encoded                 string // values as JSON, when it is known
}

// show chooses. Observations are not changed; at least one is needed.
func show(catalogue *classes.Catalogue, observations []*observation) shown {
	class := pickClass(catalogue, observations)
	if len(observations) == 1 {
		return showOne(class, observations[0])
	}
	s := shown{class: class.Name, values: values{}}
	ranked := slices.Clone(observations)
	rank(class, "", ranked)
	names := map[string]bool{}
	for _, o := range ranked {
		s.team = cmp.Or(s.team, o.team)
		s.redundancy = cmp.Or(s.redundancy, o.redundancy)
		s.identities = append(s.identities, o.identities...)
		for name := range o.values {
			names[name] = true
		}
	}
	slices.SortFunc(s.identities, compareIdentity)
	s.identities = slices.Compact(s.identities)
	for name := range names {
		s.values[name] = choose(class, name, ranked).values[name]
	}
	return s.derive(class, ranked)
}

// showOne is show for an item that a single source knows.
func showOne(class *classes.Resolved, o *observation) shown {
	s := shown{class: class.Name, team: o.team, redundancy: o.redundancy, values: o.values, identities: o.identities, encoded: o.text()}
	return s.derive(class, []*observation{o})
}

// derive fills what follows from the rest.
func (s shown) derive(class *classes.Resolved, ranked []*observation) shown {
	s.name = pickName(class, ranked, s)
	s.site = s.values.str("site")
	s.criticality = criticality(s.values.str("criticality"))
	return s
}

// choose returns the observation whose value of an attribute is shown. At
// least one observation has the attribute.
func choose(class *classes.Resolved, name string, ranked []*observation) *observation {
	if len(ranked) == 1 {
		return ranked[0]
	}
	having := make([]*observation, 0, len(ranked))
	for _, o := range ranked {
		if _, ok := o.values[name]; ok {
			having = append(having, o)
		}
	}
	rank(class, name, having)
	return having[0]
}

// rank sorts observations, the one to believe first: fresh before stale, then
// by the precedence of sources, then the newest.
func rank(class *classes.Resolved, attribute string, list []*observation) {
	if len(list) < 2 {
		return
	}
	slices.SortFunc(list, func(a, b *observation) int {
		return cmp.Or(
			compareBool(a.stale, b.stale),
			cmp.Compare(class.Rank(attribute, a.source), class.Rank(attribute, b.source)),
			cmp.Compare(b.observedAt, a.observedAt),
			cmp.Compare(a.key, b.key),
		)
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// pickClass believes the best source, and lets others be more specific: what
// a scan calls a device and an agent a host is a host.
func pickClass(catalogue *classes.Catalogue, list []*observation) *classes.Resolved {
	root, _ := catalogue.Class(classes.Root)
	ranked := slices.Clone(list)
	rank(root, "class", ranked)
	best := root
	for _, o := range ranked {
		if class, ok := catalogue.Class(o.class); ok && catalogue.IsA(o.class, best.Name) {
			best = class
		}
		if o.scope == editScope && o.source == SourcePerson && o.class != "" {
			break
		}
	}
	return best
}

// pickName takes the name that the best source gives, else the first of the
// class's choices that has a value, else the class's label.
func pickName(class *classes.Resolved, ranked []*observation, s shown) string {
	named := slices.Clone(ranked)
	rank(class, "name", named)
	for _, o := range named {
		if o.name != "" {
			return o.name
		}
	}
	for _, choice := range class.NameFrom {
		if text := s.values.str(choice); text != "" {
			return text
		}
		for _, i := range s.identities {
			if i.kind == choice {
				return i.value
			}
		}
	}
	if len(s.identities) > 0 {
		return s.identities[0].value
	}
	return class.Label
}

var criticalityNames = []string{"", "low", "medium", "high", "critical"}

func criticality(name string) int64 { return int64(max(0, slices.Index(criticalityNames, name))) }

// staleAfter is how long a source's word about a class stands.
func staleAfter(catalogue *classes.Catalogue, class string) time.Duration {
	if r, ok := catalogue.Class(class); ok {
		return time.Duration(r.StaleAfter)
	}
	return 24 * time.Hour
}

// differences lists the names of values that differ.
func differences(before, after values) []string {
	var names []string
	for name, value := range after {
		if old, ok := before[name]; !ok || string(old) != string(value) {
			names = append(names, name)
		}
	}
	for name := range maps.Keys(before) {
		if _, ok := after[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
