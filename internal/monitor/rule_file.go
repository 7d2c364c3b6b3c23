package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// RuleFileSpec is a Prometheus rule file, its groups in Prometheus' own words.
type RuleFileSpec struct {
	Team     string        `json:"team,omitempty"`
	Disabled bool          `json:"disabled,omitempty"`
	Groups   []rules.Group `json:"groups" nullable:"false" maxItems:"5000" doc:"as in a Prometheus rule file"`
}

// maxFileRules bounds one rule file.
const maxFileRules = 20_000

// ruleFile is a declared rule file.
type ruleFile struct {
	id, name string
	spec     RuleFileSpec
	version  int64
}

func (s RuleFileSpec) validate(name string, cfg Configuration) error {
	f := faults(checkName(name))
	if err := (rules.File{Groups: s.Groups}).Validate("spec."); err != nil {
		f = append(f, err.(*core.Error).Details...)
	}
	count := 0
	for i, g := range s.Groups {
		count += len(g.Rules)
		f.check(g.Interval == 0 || g.Interval.Std() >= cfg.MinInterval && g.Interval.Std() <= 24*time.Hour,
			fmt.Sprintf("spec.groups[%d].interval", i), fmt.Sprintf("must be between %v and 24h", cfg.MinInterval))
	}
	f.check(count <= maxFileRules, "spec.groups", fmt.Sprintf("must have at most %d rules", maxFileRules))
	return core.InvalidAll(f)
}

// rows are the rules of the file as they are listed, by name.
func (f *ruleFile) rows() map[string]*Rule {
	out := map[string]*Rule{}
	for _, g := range f.spec.Groups {
		for i := range g.Rules {
			r := &g.Rules[i]
			ready := g.Compile(r)
			spec := RuleSpec{Team: f.spec.Team, Disabled: f.spec.Disabled, Expr: r.Expr, For: probe.Duration(r.For), KeepFiringFor: probe.Duration(r.KeepFiringFor),
				Interval: probe.Duration(g.Interval), Record: r.Record, Annotations: r.Annotations}
			if len(ready.Labels) > 0 {
				spec.Labels = map[string]string{}
				for _, l := range ready.Labels {
					spec.Labels[l.Name] = l.Value
				}
			}
			row := &Rule{Name: fmt.Sprintf("%s / %s / %s", f.name, g.Name, r.Name()), File: f.name, Group: g.Name, Spec: spec, position: i}
			for n, base := 2, row.Name; out[row.Name] != nil; n++ {
				row.Name = fmt.Sprintf("%s #%d", base, n)
			}
			out[row.Name] = row
		}
	}
	return out
}

func (s *store) ruleFiles(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*ruleFile, error) {
	rows, err := q.Query(ctx, "SELECT id, name, spec, version FROM monitor_rule_file WHERE "+where+" ORDER BY name", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*ruleFile, error) {
		var f ruleFile
		var spec string
		if err := r.Scan(&f.id, &f.name, &spec, &f.version); err != nil {
			return nil, err
		}
		return &f, json.Unmarshal([]byte(spec), &f.spec)
	})
}

// PutRuleFile declares a rule file: a new one, or a change of the one with its
// name. A rule that stays keeps what it knows of its alerts; the alerts of one
// that goes end.
func (c *Component) PutRuleFile(ctx context.Context, name string, spec RuleFileSpec) (changed bool, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		changed, err = c.applyRuleFile(ctx, tx, name, spec)
		return err
	})
	return changed, err
}

func (c *Component) applyRuleFile(ctx context.Context, tx *sqldb.Tx, name string, spec RuleFileSpec) (bool, error) {
	if err := spec.validate(name, c.cfg); err != nil {
		return false, err
	}
	list, err := c.store.ruleFiles(ctx, tx, "name = $1", name)
	if err != nil {
		return false, err
	}
	file := &ruleFile{id: c.deps.IDs.New(), name: name}
	if len(list) > 0 {
		file = list[0]
		if sameJSON(file.spec, spec) {
			return false, nil
		}
	}
	file.spec = spec
	return true, c.store.saveRuleFile(ctx, tx, file)
}

func (s *store) saveRuleFile(ctx context.Context, tx *sqldb.Tx, f *ruleFile) error {
	spec, err := json.Marshal(f.spec)
	if err != nil {
		return err
	}
	now, verb := core.Micros(s.clock.Now()), "updated"
	if f.version++; f.version == 1 {
		verb = "created"
		_, err = tx.Exec(ctx, "INSERT INTO monitor_rule_file (id, name, team, disabled, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
			f.id, f.name, f.spec.Team, f.spec.Disabled, string(spec), f.version, now, now)
	} else {
		_, err = tx.Exec(ctx, "UPDATE monitor_rule_file SET team = $2, disabled = $3, spec = $4, version = $5, updated_at = $6 WHERE id = $1",
			f.id, f.spec.Team, f.spec.Disabled, string(spec), f.version, now)
	}
	if err != nil {
		return err
	}
	if err := s.alignFile(ctx, tx, f); err != nil {
		return err
	}
	return s.note(ctx, tx, "monitor.rulefile."+verb, core.Ref{Kind: "rule-file", ID: f.id}, "", f.spec.Team, "rule file "+f.name+" "+verb)
}

// alignFile makes the rows of the file's rules those that it has.
func (s *store) alignFile(ctx context.Context, tx *sqldb.Tx, f *ruleFile) error {
	have, err := s.rulesWhere(ctx, tx, "file = $1", f.name)
	if err != nil {
		return err
	}
	wanted := f.rows()
	for _, old := range have {
		row := wanted[old.Name]
		delete(wanted, old.Name)
		switch {
		case row == nil:
			err = s.deleteRule(ctx, tx, old)
		case old.position != row.position || !sameJSON(old.Spec, row.Spec):
			old.position, old.Spec = row.position, row.Spec
			err = s.saveRule(ctx, tx, old)
		}
		if err != nil {
			return err
		}
	}
	for _, row := range wanted {
		row.ID = s.ids.New()
		if err := s.saveRule(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) deleteRuleFile(ctx context.Context, tx *sqldb.Tx, f *ruleFile) error {
	list, err := s.rulesWhere(ctx, tx, "file = $1", f.name)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := s.deleteRule(ctx, tx, r); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM monitor_rule_file WHERE id = $1", f.id); err != nil {
		return err
	}
	return s.note(ctx, tx, "monitor.rulefile.deleted", core.Ref{Kind: "rule-file", ID: f.id}, "", f.spec.Team, "rule file "+f.name+" deleted")
}

// ruleUnit is what is evaluated together, in order: the group of a file, or a
// rule that is a document of its own.
type ruleUnit struct {
	id, name    string
	file, group string
	fileID      string
	team        string
	interval    time.Duration
	limit       int
	seed        string // of its place in the interval
	rules       []unitRule
}

type unitRule struct {
	rule  *Rule
	ready *rules.Compiled
}

// single is the unit of a rule that is a document.
func single(r *Rule) *ruleUnit {
	seed := r.ID
	if _, any := rules.Selects(r.Spec.Expr); !any {
		seed = r.Spec.Expr // rules that ask the same do so at the same moment, and once
	}
	return &ruleUnit{id: r.ID, name: r.Name, team: r.Spec.Team, interval: r.Spec.interval(), seed: seed, rules: []unitRule{{r, r.compile()}}}
}

// units are the groups of the file, with the rows of their rules.
func (f *ruleFile) units(rows []*Rule) []*ruleUnit {
	type place struct {
		group    string
		position int
	}
	at := make(map[place]*Rule, len(rows))
	for _, r := range rows {
		at[place{r.Group, r.position}] = r
	}
	var out []*ruleUnit
	for i := range f.spec.Groups {
		g := &f.spec.Groups[i]
		u := &ruleUnit{id: f.id + "/" + g.Name, name: g.Name, file: f.name, group: g.Name, fileID: f.id, team: f.spec.Team, interval: g.Interval.Std(), limit: g.Limit}
		u.seed = u.id
		if u.interval == 0 {
			u.interval = defaultInterval
		}
		for j := range g.Rules {
			if row := at[place{g.Name, j}]; row != nil {
				u.rules = append(u.rules, unitRule{row, g.Compile(&g.Rules[j])})
			}
		}
		out = append(out, u)
	}
	return out
}

// ruleUnits reads everything that is evaluated; with all, what is disabled too.
func (s *store) ruleUnits(ctx context.Context, q sqldb.Querier, all bool) ([]*ruleUnit, error) {
	where := "NOT disabled"
	if all {
		where = "1 = 1"
	}
	rows, err := s.rulesWhere(ctx, q, where)
	if err != nil {
		return nil, err
	}
	files, err := s.ruleFiles(ctx, q, where)
	if err != nil {
		return nil, err
	}
	var out []*ruleUnit
	byFile := map[string][]*Rule{}
	for _, r := range rows {
		if r.File == "" {
			out = append(out, single(r))
		} else {
			byFile[r.File] = append(byFile[r.File], r)
		}
	}
	for _, f := range files {
		out = append(out, f.units(byFile[f.name])...)
	}
	return out, nil
}

// Group is the rule as a group of a Prometheus rule file.
func (s RuleSpec) Group(name string) rules.Group {
	r := rules.Rule{Record: s.Record, Expr: s.Expr, Labels: map[string]string{}, Annotations: map[string]string{}}
	maps.Copy(r.Labels, s.Labels)
	if s.Record == "" {
		r.Alert, r.For, r.KeepFiringFor = name, rules.Duration(s.For), rules.Duration(s.KeepFiringFor)
		maps.Copy(r.Annotations, s.Annotations)
		for annotation, text := range map[string]string{"summary": s.Title, "description": s.Details} {
			if text != "" {
				r.Annotations[annotation] = text
			}
		}
		if r.Labels["severity"] == "" {
			r.Labels["severity"] = s.severityOf("").String()
		}
	}
	return rules.Group{Name: name, Interval: rules.Duration(s.interval()), Rules: []rules.Rule{r}}
}
