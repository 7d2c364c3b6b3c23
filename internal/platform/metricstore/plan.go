package metricstore

import (
	"fmt"
	"time"

	"mainstay/internal/platform/metricstore/rollup"
)

// samples is the tier of what is not rolled up.
const samples = -1

// part is a stretch of a range query with where its answer comes from.
type part struct {
	tier       int // of the rollups, or samples
	expr       string
	start, end int64 // of steps, both included
	notes      []string
}

func onlySamples(parts []part) bool { return len(parts) == 1 && parts[0].tier == samples }

// tierPlan is what one tier can do for an expression.
type tierPlan struct {
	rewritten rollup.Rewritten
	able      bool
	from      int64 // of the oldest bucket
	aligned   bool  // each step is the end of a bucket
}

// plan decides for each step of a range query where it is answered from:
//
//  1. the coarsest rollups that give the value that samples would,
//  2. samples, as long as they reach back far enough,
//  3. rollups that come near, with a note that says in what they differ.
//
// Rollups answer up to the time they are complete, samples from there on.
func (a *asker) plan(expr string, start, end, step int64) []part {
	all := []part{{tier: samples, expr: expr, start: start, end: end}}
	if a.rollups == nil {
		return all
	}
	through, oldest := a.rollups.Through(), a.oldest()
	if start > through {
		return all
	}
	parsed, err := a.parser.ParseExpr(expr)
	if err != nil {
		return all
	}
	reach, ahead, ok := rollup.Reach(parsed, a.lookback)
	if !ok {
		return all
	}
	tiers := make([]tierPlan, len(a.rollups.Tiers()))
	useful := false
	for i, t := range a.rollups.Tiers() {
		tiers[i] = a.tierPlan(i, expr, t, start, step)
		useful = useful || tiers[i].able
	}
	if !useful {
		return all
	}
	at := func(t int64) int {
		return choose(tiers, t, t-reach.Milliseconds(), t+max(ahead.Milliseconds(), 0), oldest, through)
	}
	var parts []part
	for t := start; t <= end; t += step {
		tier := at(t)
		if n := len(parts); n > 0 && parts[n-1].tier == tier {
			parts[n-1].end = t
			continue
		}
		p := part{tier: tier, expr: expr, start: t, end: t}
		if tier >= 0 {
			p.expr = tiers[tier].rewritten.Expr
			p.notes = a.notes(tiers[tier], a.rollups.Tiers()[tier])
		}
		parts = append(parts, p)
	}
	return parts
}

const (
	// worthCore is how many samples, or steps, of each series are worth a core of their own.
	worthCore = 256
	// sampleEvery is how far samples are supposed to be apart.
	sampleEvery = 15 * time.Second
)

// divide cuts long parts into pieces that are answered at the same time, as
// long as there is somebody to help.
func (a *asker) divide(parts []part, step int64) []part {
	var out []part
	for _, p := range parts {
		every := sampleEvery
		if p.tier >= 0 {
			every = a.rollups.Tiers()[p.tier].Width
		}
		steps := (p.end-p.start)/step + 1
		worth := max(steps, (p.end-p.start)/every.Milliseconds()) / worthCore
		pieces := max(min(int64(a.helpers.Free())+1, worth, steps), 1)
		each := (steps + pieces - 1) / pieces * step
		for start := p.start; start <= p.end; start += each {
			piece := p
			piece.start, piece.end = start, min(start+each-step, p.end)
			out = append(out, piece)
		}
	}
	return out
}

func (a *asker) tierPlan(i int, expr string, t rollup.Tier, start, step int64) tierPlan {
	from, ok := a.rollups.Coverage(i)
	if !ok {
		return tierPlan{}
	}
	parsed, err := a.parser.ParseExpr(expr) // Rewrite changes what it is given
	if err != nil {
		return tierPlan{}
	}
	rewritten, ok := rollup.Rewrite(parsed, t.Width, a.lookback)
	width := t.Width.Milliseconds()
	return tierPlan{rewritten: rewritten, able: ok, from: from, aligned: start%width == 0 && step%width == 0}
}

// choose picks the tier for a step at t that needs what was from since to until.
func choose(tiers []tierPlan, t, since, until, oldest, through int64) int {
	complete := until <= through
	for i := len(tiers) - 1; i >= 0; i-- { // the coarsest comes last
		p := tiers[i]
		if p.able && complete && p.aligned && p.rewritten.Exact && since >= p.from {
			return i
		}
	}
	if since >= oldest {
		return samples
	}
	// Samples are gone, or go on before there were any.
	best := samples
	for i, p := range tiers {
		if !p.able || !complete || t <= p.from || p.from >= oldest {
			continue
		}
		if best == samples || (since < tiers[best].from && p.from < tiers[best].from) {
			best = i
		}
	}
	return best
}

func (a *asker) notes(p tierPlan, t rollup.Tier) []string {
	if p.rewritten.Exact && p.aligned {
		return nil
	}
	head := fmt.Sprintf("samples this old are kept as rollups of %s", t.Name)
	if len(p.rewritten.Notes) == 0 {
		return []string{head + ": values are those of the last bucket before each step"}
	}
	out := make([]string, 0, len(p.rewritten.Notes))
	for _, n := range p.rewritten.Notes {
		out = append(out, head+": "+n)
	}
	return out
}
