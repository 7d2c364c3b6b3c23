package events

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/learning"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// keep stores what was learned since the last time.
func (k *correlator) keep(ctx context.Context) error {
	k.mu.Lock()
	idle := k.memory == nil
	if !idle {
		idle = true
		for _, book := range k.memory.Books() {
			idle = idle && book.Changed().Empty()
		}
	}
	k.mu.Unlock()
	if idle {
		return nil
	}
	return k.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return k.within(ctx, tx, func(time.Time) (causes, error) { return causes{}, saveMemory(ctx, tx, k.memory) })
	})
}

// anew makes every process load its engine again. What was learned here is
// stored first, when the engine here is the one that learns.
func (k *correlator) anew(ctx context.Context, tx *sqldb.Tx) error {
	err := k.within(ctx, tx, func(time.Time) (causes, error) { return causes{}, saveMemory(ctx, tx, k.memory) })
	if err == nil {
		_, err = tx.Exec(ctx, "UPDATE events_correlator SET version = '' WHERE id = 1")
	}
	return err
}

// LearnedPair is what was learned of two things or two sorts of alerts.
type LearnedPair struct {
	Book     string    `json:"book" enum:"things,kinds" doc:"Things are items and alerts without one; kinds are sorts of alerts"`
	A        string    `json:"a"`
	B        string    `json:"b"`
	NameA    string    `json:"nameA"`
	NameB    string    `json:"nameB"`
	ItemA    string    `json:"itemA,omitempty"`
	ItemB    string    `json:"itemB,omitempty"`
	Together float64   `json:"together" doc:"Cases that both had, older ones counting less"`
	Cases    float64   `json:"cases" doc:"Cases of the rarer of the two"`
	Apart    float64   `json:"apart" doc:"What people said against it, in cases"`
	AtLeast  float64   `json:"atLeast" doc:"The share of common cases is at least this, with 97.5 % certainty"`
	Chance   float64   `json:"chance" doc:"The share that chance alone would bring"`
	Strength string    `json:"strength" enum:"strong,evidence,weak,ignored" doc:"Strong ones join alerts anywhere; evidence joins those whose items need the same"`
	Last     time.Time `json:"last"`
	By       string    `json:"by,omitempty" doc:"Who had it ignored"`
}

// Learned is what was learned of what comes together.
type Learned struct {
	Items  []LearnedPair `json:"items" nullable:"false" doc:"The strongest first"`
	Things int           `json:"things" doc:"Items and alerts of which cases are counted"`
	Kinds  int           `json:"kinds" doc:"Sorts of alerts of which cases are counted"`
	Pairs  int           `json:"pairs" doc:"Pairs that are counted, most of them too weak to be shown"`
}

// learnedMost bounds how many pairs of a book are shown.
const learnedMost = 500

// Learned lists what was learned, as far as the caller may see it.
func (c *Component) Learned(ctx context.Context) (Learned, error) {
	out := Learned{Items: []LearnedPair{}}
	err := c.correlator.withMemory(ctx, func(m *learning.Memory) {
		now := c.deps.Clock.Now()
		for _, name := range []string{"things", "kinds"} {
			book := m.Books()[name]
			things, pairs := book.Size()
			if name == "things" {
				out.Things = things
			} else {
				out.Kinds = things
			}
			out.Pairs += pairs
			for _, s := range book.All(now, learnedMost) {
				if name == "kinds" || c.maySeeThing(ctx, s.A) && c.maySeeThing(ctx, s.B) {
					out.Items = append(out.Items, c.shownPair(name, s))
				}
			}
		}
	})
	return out, err
}

// withMemory shows the memory as it is: the one at work here, or that of the
// process whose it is, as stored.
func (k *correlator) withMemory(ctx context.Context, look func(*learning.Memory)) error {
	var version string
	if err := k.c.deps.DB.QueryRow(ctx, "SELECT version FROM events_correlator WHERE id = 1").Scan(&version); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.memory != nil && version == k.version && version != "" {
		look(k.memory)
		return nil
	}
	m, err := loadMemory(ctx, k.c.deps.DB, learning.Defaults(k.c.config.Situations.Window))
	if err == nil {
		look(m)
	}
	return err
}

// maySeeThing says whether the caller may see the team that a thing belongs to.
func (c *Component) maySeeThing(ctx context.Context, thing string) bool {
	scope := auth.From(ctx).Scope("situations:read")
	if item, ok := strings.CutPrefix(thing, "item/"); ok {
		return scope.Allows(c.deps.Items.Team(item))
	}
	return scope.All
}

func (c *Component) shownPair(book string, s learning.Strength) LearnedPair {
	p := LearnedPair{Book: book, A: s.A, B: s.B, NameA: s.TitleA, NameB: s.TitleB, Together: s.Together, Cases: s.Cases, Apart: s.Apart,
		AtLeast: s.Lower, Chance: s.Chance, Last: s.Last, By: s.Barred}
	for _, one := range []struct {
		thing      string
		item, name *string
	}{{s.A, &p.ItemA, &p.NameA}, {s.B, &p.ItemB, &p.NameB}} {
		if item, ok := strings.CutPrefix(one.thing, "item/"); ok {
			*one.item, *one.name = item, c.deps.Graph.Name(item)
		}
		if *one.name == "" {
			*one.name = one.thing
		}
	}
	switch {
	case s.Barred != "":
		p.Strength = "ignored"
	case s.Strong():
		p.Strength = "strong"
	case s.Evidence():
		p.Strength = "evidence"
	default:
		p.Strength = "weak"
	}
	return p
}

// What a person decides about something learned.
const (
	forgetPair  = "forget"
	ignorePair  = "ignore"
	restorePair = "restore"
)

// DecideLearned has a pair forgotten, ignored, or no longer ignored.
func (c *Component) DecideLearned(ctx context.Context, what, book, a, b string) error {
	if !auth.From(ctx).Scope("situations:act").All {
		return core.Errorf(core.CodeForbidden, "this needs the permission situations:act for all teams: it changes what is put together for everybody")
	}
	actor := actorOf(ctx)
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
			memory := c.correlator.memory
			of := memory.Books()[book]
			if of == nil {
				return causes{}, core.Invalid("book", "must be things or kinds")
			}
			known, ok := of.Strength(a, b, now)
			if !ok {
				return causes{}, core.NotFound("pair", a+" and "+b)
			}
			switch what {
			case forgetPair:
				of.Forget(a, b)
			case ignorePair:
				of.Bar(a, b, actor.Name, now)
			case restorePair:
				of.Bar(a, b, "", now)
			default:
				return causes{}, core.Invalid("action", "must be forget, ignore or restore")
			}
			if err := saveMemory(ctx, tx, memory); err != nil {
				return causes{}, err
			}
			return causes{actor: actor}, c.tellLearned(ctx, tx, actor, what, c.shownPair(book, known))
		})
	})
}

func (c *Component) tellLearned(ctx context.Context, tx *sqldb.Tx, actor ledger.Actor, what string, p LearnedPair) error {
	words := map[string]string{forgetPair: "was forgotten", ignorePair: "is ignored from now on", restorePair: "counts again"}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: module, Type: "events.learned." + what,
		Subject: core.Ref{Kind: "setting", ID: "learned"}, Item: p.ItemA, Related: related(p.ItemB),
		Summary: "That " + p.NameA + " and " + p.NameB + " come together " + words[what], Data: data})
	return err
}

func related(item string) []string {
	if item == "" {
		return nil
	}
	return []string{item}
}
