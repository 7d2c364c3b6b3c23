package classes

import (
	"maps"
	"slices"
)

// inherit completes a class with what its parent says.
func inherit(class Class, parent *Resolved) *Resolved {
	r := &Resolved{Class: class, Ancestors: append([]string{class.Name}, parent.Ancestors...)}
	r.Attributes = merge(parent.Attributes, class.Attributes)
	r.Icon = first(class.Icon, parent.Icon)
	r.Unknown = first(class.Unknown, parent.Unknown)
	r.StaleAfter = first(class.StaleAfter, parent.StaleAfter)
	r.RetireAfter = first(class.RetireAfter, parent.RetireAfter)
	r.Telemetry = slices.Concat(parent.Telemetry, class.Telemetry)
	r.BusinessFacing = class.BusinessFacing || parent.BusinessFacing
	r.NameFrom = list(class.NameFrom, parent.NameFrom)
	r.Identification = parent.Identification
	r.universal = parent.universal
	if len(class.Identification) > 0 {
		r.Identification = slices.Concat(r.universal, class.Identification)
	}
	r.Precedence.Sources = list(class.Precedence.Sources, parent.Precedence.Sources)
	r.Precedence.Attributes = merge(parent.Precedence.Attributes, class.Precedence.Attributes)
	for _, a := range parent.Relations {
		if !slices.ContainsFunc(class.Relations, func(own Allowed) bool { return own.Type == a.Type }) {
			r.Relations = append(r.Relations, a)
		}
	}
	return r
}

func first[T comparable](own, inherited T) T {
	var zero T
	if own != zero {
		return own
	}
	return inherited
}

func list[T any](own, inherited []T) []T {
	if len(own) > 0 {
		return own
	}
	return inherited
}

func merge[V any](inherited, own map[string]V) map[string]V {
	out := make(map[string]V, len(inherited)+len(own))
	maps.Copy(out, inherited)
	maps.Copy(out, own)
	return out
}
