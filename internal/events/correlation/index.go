package correlation

// index enters an active alert where later alerts look for it.
func (e *Engine) index(a *Alert) {
	if !a.Active {
		return
	}
	a.sides = e.sidesOf(a)
	for _, s := range a.sides {
		put(e.ruled, s.group(), a)
	}
	if a.Item == "" {
		for _, g := range append(e.groupsOf(a), e.textGroups(a)...) {
			put(e.groups, g, a)
		}
		return
	}
	put(e.byItem, a.Item, a)
	if _, done := e.walked[a.Item]; done {
		return
	}
	around := surroundings(e.graph, a.Item)
	e.walked[a.Item] = around
	e.brokenBy[a.Item] = breakers(e.graph, a.Item, around)
	for _, need := range e.brokenBy[a.Item] {
		if e.broken[need] == nil {
			e.broken[need] = map[string]bool{}
		}
		e.broken[need][a.Item] = true
	}
	for _, other := range around {
		set := e.reach[other]
		if set == nil {
			set = map[string]bool{}
			e.reach[other] = set
		}
		set[a.Item] = true
	}
}

// unindex is the inverse of index.
func (e *Engine) unindex(a *Alert) {
	if !a.Active {
		return
	}
	for _, s := range a.sides {
		drop(e.ruled, s.group(), a)
	}
	if a.Item == "" {
		for _, g := range append(e.groupsOf(a), e.textGroups(a)...) {
			drop(e.groups, g, a)
		}
		return
	}
	drop(e.byItem, a.Item, a)
	if len(e.byItem[a.Item]) > 0 {
		return
	}
	for _, other := range e.walked[a.Item] {
		delete(e.reach[other], a.Item)
		if len(e.reach[other]) == 0 {
			delete(e.reach, other)
		}
	}
	delete(e.walked, a.Item)
	for _, need := range e.brokenBy[a.Item] {
		delete(e.broken[need], a.Item)
		if len(e.broken[need]) == 0 {
			delete(e.broken, need)
		}
	}
	delete(e.brokenBy, a.Item)
}

// groupsOf names the groups an alert without an item belongs to: its source
// with each label that is said to group.
func (e *Engine) groupsOf(a *Alert) []string {
	var groups []string
	for _, label := range e.settings.GroupBy {
		if v := a.Labels[label]; v != "" {
			groups = append(groups, a.Source+"\x00"+label+"\x00"+v)
		}
	}
	return groups
}

// itemFails says whether an item has a failing alert.
func (e *Engine) itemFails(item string) bool {
	for _, a := range e.byItem[item] {
		if a.failing() {
			return true
		}
	}
	return false
}

func put(index map[string]map[string]*Alert, key string, a *Alert) {
	set := index[key]
	if set == nil {
		set = map[string]*Alert{}
		index[key] = set
	}
	set[a.ID] = a
}

func drop(index map[string]map[string]*Alert, key string, a *Alert) {
	delete(index[key], a.ID)
	if len(index[key]) == 0 {
		delete(index, key)
	}
}
