package processing

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"mainstay/internal/core"
	"mainstay/internal/logs/grok"
	"mainstay/internal/logs/masking"
	"mainstay/internal/platform/expression"
	"mainstay/internal/platform/logstore"
)

// rule is one as it is applied. It does not change, but for its counts.
type rule struct {
	name     string
	spec     Spec
	order    int
	declared bool

	app, host, level, dataset, receiver []glob
	expression                          string
	steps                               []step
	counts                              *counts
}

// counts of a rule, since the start.
type counts struct {
	matched, dropped, masked, failed atomic.Int64
	fault                            atomic.Pointer[string] // why a step failed last, without anything of the record
}

// step does one thing to a record. A step that fails has not changed it.
type step interface {
	do(t *trial) error
}

// compiler has what steps need.
type compiler struct {
	language *expression.Language
	key      []byte
	known    func(dataset string) bool // nil: any may be
	names    *names
}

// compile checks a spec, and makes a rule of it. Without a compiler it is only checked.
func compile(name string, spec Spec, c *compiler) (*rule, error) {
	if c == nil {
		language, err := newLanguage()
		if err != nil {
			return nil, err
		}
		c = &compiler{language: language}
	}
	r := &rule{name: name, spec: spec, order: spec.order(name), counts: &counts{}}
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: field, Rule: rule})
		}
	}
	if w := spec.When; w != nil {
		r.app, r.host, r.dataset, r.receiver = globs(w.App), globs(w.Host), globs(w.Dataset), globs(w.Receiver)
		for _, l := range w.Level {
			r.level = append(r.level, globOf(strings.ToLower(l)))
		}
		if r.expression = w.Expression; r.expression != "" {
			fault := c.language.CheckCondition(r.expression)
			add(fault != "", "spec.when.expression", fault)
		}
	}
	add(len(spec.Steps) == 0 && !spec.Disabled && !spec.Stop, "spec.steps", "must have at least one")
	for i, s := range spec.Steps {
		field := stepField(i)
		if names := s.names(); len(names) != 1 {
			add(true, field, "must have exactly one of parse, set, rename, dropFields, drop, level, timestamp, dataset, mask")
			continue
		}
		compiled, err := c.step(s)
		var e *core.Error
		switch {
		case errors.As(err, &e):
			wrong = append(wrong, details(field+"."+s.name(), e.Details)...)
		case err != nil:
			return nil, err
		}
		r.steps = append(r.steps, compiled)
	}
	return r, core.InvalidAll(wrong)
}

func newLanguage() (*expression.Language, error) { return expression.Objects("record") }

func (c *compiler) step(s Step) (step, error) {
	switch {
	case s.Parse != nil:
		return c.parse(*s.Parse)
	case s.Set != nil:
		if fault := c.language.Check(s.Set.Value); fault != "" {
			return nil, core.Invalid("value", fault)
		}
		return setStep{c.language, *s.Set}, validField("field", s.Set.Field)
	case s.Rename != nil:
		return renameStep(*s.Rename), validField("to", s.Rename.To)
	case s.DropFields != nil:
		return dropFieldsStep(globs(s.DropFields)), nil
	case s.Drop != nil:
		if s.Drop.When != "" {
			if fault := c.language.CheckCondition(s.Drop.When); fault != "" {
				return nil, core.Invalid("when", fault)
			}
		}
		return dropStep{c.language, s.Drop.When}, nil
	case s.Level != nil:
		for from, to := range s.Level.Map {
			if levelOf(to) != to {
				return nil, core.Invalid("map", strconv.Quote(from)+" must become trace, debug, info, warn, error or fatal")
			}
		}
		return levelStep(*s.Level), nil
	case s.Timestamp != nil:
		zone, err := location(s.Timestamp.Zone)
		if err != nil {
			return nil, core.Invalid("zone", "must be the name of a time zone, such as Europe/Berlin")
		}
		return timeStep{*s.Timestamp, zone}, nil
	case s.Dataset != "":
		if c.known != nil && !c.known(s.Dataset) {
			return nil, core.InvalidAll([]core.Detail{{Field: "name", Rule: "must be that of a dataset that there is"}})
		}
		return datasetStep(s.Dataset), nil
	}
	m, err := masking.New(masking.Configuration{Detectors: s.Mask.Detectors, Own: s.Mask.Patterns, Fixed: s.Mask.Fixed}, c.key)
	if err == nil && len(s.Mask.Detectors)+len(s.Mask.Patterns)+len(s.Mask.Fields) == 0 {
		err = core.Invalid("detectors", "must name at least one, or there must be patterns or fields")
	}
	return maskStep{m, globs(s.Mask.Fields)}, err
}

func (c *compiler) parse(p Parse) (step, error) {
	if p.Between == "" {
		p.Between = " \t"
	}
	if p.Equals == "" {
		p.Equals = "="
	}
	out := parseStep{Parse: p, names: c.names}
	if (p.Format == "grok" || p.Format == "regex") == (p.Pattern == "") {
		return nil, core.Invalid("pattern", "must be set for grok and regex, and for nothing else")
	}
	switch p.Format {
	case "grok":
		var err error
		if out.grok, err = grok.Compile(p.Pattern, p.Patterns); err != nil {
			return nil, core.Invalid("pattern", err.Error())
		}
	case "regex":
		re, err := regexp.Compile(p.Pattern)
		switch {
		case err != nil:
			return nil, core.Invalid("pattern", "is not a regular expression: "+err.Error())
		case !slices.ContainsFunc(re.SubexpNames(), func(n string) bool { return n != "" }):
			return nil, core.Invalid("pattern", "names no field: (?P<user>\\w+)")
		}
		out.regex = re
	case "auto", "json", "logfmt", "pairs":
	default:
		return nil, core.Invalid("format", "must be auto, json, logfmt, pairs, grok or regex")
	}
	return out, nil
}

// validField refuses what rules may not write to.
func validField(field, name string) error {
	switch name {
	case logstore.TimeField, logstore.MessageField, logstore.StreamField, "_stream_id", logstore.ItemField, logstore.DatasetField, "time":
		return core.Invalid(field, "must not be "+name)
	}
	return nil
}
