package events

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

const (
	silenceKind  = "Silence"
	settingsKind = "CorrelationSettings"
	// settingsName is what the one document of its kind is called.
	settingsName = "default"
)

// Kinds are the documents of this module.
func (c *Component) Kinds() []declare.Kind {
	return append(append(c.routingKinds(), c.correlationRuleKind()), []declare.Kind{
		c.matrixKind(),
		{Name: silenceKind, Summary: "Holds back the alerts that its matchers fit, for a time", Order: 60, Resource: "alerts", Spec: SilenceSpec{},
			Apply: c.applySilence, Get: c.getSilence, List: c.listSilences, Delete: c.deleteSilence},
		{Name: settingsKind, Summary: "How alerts are put together in situations", Order: 60, Resource: "alerts", Spec: CorrelationSpec{},
			Apply: c.applySettings, Get: getSettings, List: listSettings, Delete: c.deleteSettings},
	}...)
}

// permitAll refuses a caller of some teams: what these documents do reaches
// the alerts of all.
func permitAll(ctx context.Context) error {
	if !auth.From(ctx).Scope("alerts:write").All {
		return core.Errorf(core.CodeForbidden, "this needs the permission alerts:write for all teams")
	}
	return nil
}

// CorrelationSpec changes how alerts are put together; what is left out is as
// the configuration has it.
type CorrelationSpec struct {
	Window  probe.Duration  `json:"window,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"Alerts that start no further apart may share a cause"`
	Hold    *probe.Duration `json:"hold,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"How long all is clear before a situation closes"`
	Reopen  *probe.Duration `json:"reopen,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"Until when after its end a situation opens again"`
	Changes probe.Duration  `json:"changes,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"How old a change may be that explains a fault"`
	Burst   *int            `json:"burst,omitempty" minimum:"0" maximum:"10000" doc:"Of situations that open within gather, these many are told at once; 0 for all"`
	Gather  *probe.Duration `json:"gather,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"How long the situations of a storm are gathered before they are told"`
	GroupBy []string        `json:"groupBy,omitempty" doc:"Labels that tell what alerts without an item are about"`
}

// over returns the settings with what the document says.
func (s CorrelationSpec) over(base SituationConfiguration) SituationConfiguration {
	if s.Window != 0 {
		base.Window = s.Window.Std()
	}
	if s.Hold != nil {
		base.Hold = s.Hold.Std()
	}
	if s.Reopen != nil {
		base.Reopen = s.Reopen.Std()
	}
	if s.Changes != 0 {
		base.Changes = s.Changes.Std()
	}
	if s.Burst != nil {
		base.Burst = *s.Burst
	}
	if s.Gather != nil {
		base.Gather = s.Gather.Std()
	}
	if s.GroupBy != nil {
		base.GroupBy = s.GroupBy
	}
	return base
}

func (s CorrelationSpec) validate() error {
	var bad []core.Detail
	for field, d := range map[string]*probe.Duration{"window": &s.Window, "hold": s.Hold, "reopen": s.Reopen, "changes": &s.Changes} {
		if d != nil && (*d < 0 || d.Std() > 7*24*time.Hour) {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: "must be at most 168h"})
		}
	}
	if s.Gather != nil && (*s.Gather < 0 || s.Gather.Std() > 10*time.Minute) {
		bad = append(bad, core.Detail{Field: "spec.gather", Rule: "must be at most 10m"})
	}
	if s.Burst != nil && *s.Burst < 0 {
		bad = append(bad, core.Detail{Field: "spec.burst", Rule: "must not be negative"})
	}
	for _, label := range s.GroupBy {
		if label == "" || len(label) > maxLabelName || !plain(label) {
			bad = append(bad, core.Detail{Field: "spec.groupBy", Rule: "must name labels"})
		}
	}
	return core.InvalidAll(bad)
}

func (c *Component) applySettings(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
	if name != settingsName {
		return false, core.Invalid("name", "must be "+settingsName+": there is one document of this kind")
	}
	var spec CorrelationSpec
	err := errors.Join(declare.Decode(text, &spec), permitAll(ctx))
	if err == nil {
		err = spec.validate()
	}
	if err != nil {
		return false, err
	}
	old, found, err := getSettings(ctx, tx, name)
	if err != nil || found && declare.Equal(old, text) {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO events_setting (kind, spec) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET spec = excluded.spec", settingsKind, string(text))
	if err != nil {
		return false, err
	}
	return true, c.settingsChanged(ctx, tx, "changed", text)
}

func (c *Component) deleteSettings(ctx context.Context, tx *sqldb.Tx, _ string) (bool, error) {
	if err := permitAll(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM events_setting WHERE kind = $1", settingsKind))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.settingsChanged(ctx, tx, "deleted", json.RawMessage("{}"))
}

// settingsChanged makes every process load its engine anew, with the settings.
func (c *Component) settingsChanged(ctx context.Context, tx *sqldb.Tx, verb string, spec json.RawMessage) error {
	if err := c.correlator.anew(ctx, tx); err != nil {
		return err
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actorOf(ctx), Module: module, Type: "events.settings." + verb,
		Subject: core.Ref{Kind: "setting", ID: settingsKind}, Summary: "The settings of correlation were " + verb, Data: spec})
	return err
}

func getSettings(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	var spec string
	err := q.QueryRow(ctx, "SELECT spec FROM events_setting WHERE kind = $1", settingsKind).Scan(&spec)
	if errors.Is(err, sqldb.ErrNoRows) || name != settingsName {
		return nil, false, nil
	}
	return json.RawMessage(spec), err == nil, err
}

func listSettings(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
	spec, found, err := getSettings(ctx, q, settingsName)
	if err != nil || !found {
		return nil, err
	}
	return []declare.Document{{Kind: settingsKind, Name: settingsName, Spec: spec}}, nil
}
