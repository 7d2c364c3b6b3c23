package jobs

import (
	"fmt"
	"strings"
)

// needs returns the indices of the steps that the i-th needs. Without a
// declaration that is the step above it: a plain list runs in order.
func (r *Runbook) needs(i int) []int {
	s := &r.Steps[i]
	if s.Needs == nil {
		if i == 0 {
			return nil
		}
		return []int{i - 1}
	}
	out := make([]int, 0, len(*s.Needs))
	for _, id := range *s.Needs {
		if j := r.step(id); j >= 0 {
			out = append(out, j)
		}
	}
	return out
}

// step returns the index of a step, or -1.
func (r *Runbook) step(id string) int {
	for i := range r.Steps {
		if r.Steps[i].ID == id {
			return i
		}
	}
	return -1
}

func (r *Runbook) validateGraph(add func(field, rule string)) {
	seen := map[string]bool{}
	for i := range r.Steps {
		s := &r.Steps[i]
		if seen[s.ID] {
			add(fmt.Sprintf("steps[%d].id", i), fmt.Sprintf("%q is used twice", s.ID))
		}
		seen[s.ID] = true
		if s.Needs == nil {
			continue
		}
		for _, id := range *s.Needs {
			if r.step(id) < 0 {
				add(fmt.Sprintf("steps[%d].needs", i), fmt.Sprintf("there is no step %q", id))
			}
		}
	}
	if cycle := r.cycle(); cycle != nil {
		add("steps", "need each other in a circle: "+strings.Join(cycle, " -> "))
	}
}

// cycle returns the ids along a circle of needs, or nil.
func (r *Runbook) cycle() []string {
	const unseen, open, done = 0, 1, 2
	mark := make([]int, len(r.Steps))
	var path []int
	var visit func(i int) []string
	visit = func(i int) []string {
		switch mark[i] {
		case done:
			return nil
		case open:
			ids := []string{r.Steps[i].ID}
			for k := len(path) - 1; k >= 0; k-- {
				ids = append(ids, r.Steps[path[k]].ID)
				if path[k] == i {
					break
				}
			}
			return ids
		}
		mark[i] = open
		path = append(path, i)
		for _, j := range r.needs(i) {
			if c := visit(j); c != nil {
				return c
			}
		}
		path = path[:len(path)-1]
		mark[i] = done
		return nil
	}
	for i := range r.Steps {
		if c := visit(i); c != nil {
			return c
		}
	}
	return nil
}
